//! Invitations: damaged ones let nobody in, and what is one is nothing else.

use proptest::prelude::*;
use serde_json::json;

use crate::door::{Answer, CONVERSATION, SECRET, ada, ask, bearer, request, send};

fn invitation() -> String {
    let made = ask(
        "POST",
        &format!("/v1/conversations/{CONVERSATION}/invites"),
        b"",
    )
    .json();
    made["invite"].as_str().unwrap().to_owned()
}

/// Somebody who is in no conversation follows it.
fn join(invite: &str) -> Answer {
    let guest = send(&request(
        "POST",
        "/v1/auth/guest",
        &[("Accept", "*/*")],
        br#"{"name":"Eve"}"#,
    ));
    let token = guest.json()["token"].as_str().unwrap().to_owned();
    let body = json!({ "invite": invite }).to_string();
    send(&request(
        "POST",
        "/v1/join",
        &[("Authorization", &bearer(&token))],
        body.as_bytes(),
    ))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_damaged_invitation_lets_nobody_in(
        at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9._-]", cut: bool,
    ) {
        let good = invitation();
        let mut bad = good.clone();
        let at = at.index(bad.len());
        if cut { bad.truncate(at) } else { bad.replace_range(at..=at, &letter) }
        prop_assume!(bad != good);
        join(&bad).expect_refusal(403);
    }

    #[test]
    fn no_text_is_an_invitation(text in "\\PC{0,200}") {
        join(&text).expect_refusal(403);
    }
}

#[test]
fn an_invitation_is_no_token_and_a_token_no_invitation() {
    let invite = invitation();
    join(&ada()).expect_refusal(403);
    send(&request(
        "GET",
        "/v1/me",
        &[("Authorization", &bearer(&invite))],
        b"",
    ))
    .expect_refusal(401);
    assert_eq!(join(&invite).status, 200);
}

/// One that is signed as ours are.
fn signed(conversation: &str, epoch: &str) -> String {
    let claims = json!({
        "conversation": conversation, "epoch": epoch, "head": u64::MAX, "by": "Eve",
        "exp": 9_999_999_999u64, "aud": "convene:invitation",
    });
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

#[test]
fn an_invitation_to_nowhere_leads_nowhere() {
    join(&signed("nowhere", "00000001")).expect_refusal(404);
}

#[test]
fn an_invitation_to_a_log_that_is_no_more_lets_nobody_into_the_next() {
    for epoch in ["00000000", "00000001"] {
        join(&signed(CONVERSATION, epoch)).expect_refusal(403);
    }
}
