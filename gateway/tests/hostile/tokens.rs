//! Tokens: damaged, cut off, of other algorithms, with odd claims, huge.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use convene_runtime::clock::now_ms;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::door::{Answer, CONVERSATION, SECRET, ada, bearer, request, send};

fn me(token: &str) -> Answer {
    send(&request(
        "GET",
        "/v1/me",
        &[("Authorization", &bearer(token))],
        b"",
    ))
}

fn signed(alg: Algorithm, secret: &str, claims: &Value) -> String {
    encode(
        &Header::new(alg),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

fn good() -> Value {
    json!({ "sub": "ada", "exp": now_ms() / 1000 + 3600 })
}

/// A change to a token.
#[derive(Debug, Clone)]
enum Damage {
    Cut(prop::sample::Index),
    Put(prop::sample::Index, char),
    Insert(prop::sample::Index, char),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    let letter =
        || prop::char::ranges(vec!['a'..='z', 'A'..='Z', '0'..='9', '-'..='.', '_'..='_'].into());
    prop_oneof![
        place().prop_map(Damage::Cut),
        (place(), letter()).prop_map(|(at, c)| Damage::Put(at, c)),
        (place(), letter()).prop_map(|(at, c)| Damage::Insert(at, c)),
        (place(), place()).prop_map(|(a, b)| Damage::Swap(a, b)),
    ]
}

fn damaged(token: &str, damage: &Damage) -> String {
    let mut letters: Vec<char> = token.chars().collect();
    match damage {
        Damage::Cut(at) => letters.truncate(at.index(letters.len())),
        Damage::Put(at, c) => {
            let at = at.index(letters.len());
            letters[at] = *c;
        }
        Damage::Insert(at, c) => letters.insert(at.index(letters.len()), *c),
        Damage::Swap(a, b) => letters.swap(a.index(token.len()), b.index(token.len())),
    }
    letters.into_iter().collect()
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "[a-z]{200,300}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..3).prop_map(Value::from)
    })
}

proptest! {
    #[test]
    fn a_damaged_token_lets_nobody_in(changes in prop::collection::vec(damage(), 1..4)) {
        let token = ada();
        let other = changes.iter().fold(token.clone(), |token, change| {
            if token.is_empty() { token } else { damaged(&token, change) }
        });
        prop_assume!(other != token);
        me(&other).expect_refusal(401);
    }

    #[test]
    fn no_text_is_a_token(text in "[ -~]{0,200}") {
        me(&text).expect_refusal(401);
    }

    #[test]
    fn a_header_of_the_bearer_s_own_making_opens_nothing(
        alg in "none|None|NONE|HS256|HS384|RS256|PS512|ES256|ES384|EdDSA|\\PC{0,8}",
        extra in odd(), name in "kid|jwk|jku|x5u|x5c|crit|b64|typ|cty|zip",
        signature in "[A-Za-z0-9_-]{0,86}",
    ) {
        let mut header = json!({ "alg": alg });
        header[name] = extra;
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        me(&format!("{}.{}.{signature}", part(&header), part(&good()))).expect_refusal(401);
    }

    #[test]
    fn odd_claims_are_read_or_refused(
        name in "sub|exp|nbf|iat|iss|aud|name|role|guest|jti|\\PC{0,8}", value in odd(),
    ) {
        let mut claims = good();
        claims[name] = value;
        let token = signed(Algorithm::HS256, SECRET, &claims);
        let answer = me(&token);
        prop_assert!(matches!(answer.status, 200 | 401), "{:?}", answer);
        for (method, target) in [
            ("GET", format!("/v1/conversations/{CONVERSATION}/events")),
            ("POST", "/v1/auth/renew".to_owned()),
        ] {
            send(&request(method, &target, &[("Authorization", &bearer(&token))], b"")).expect_words();
        }
    }
}

#[test]
fn the_algorithm_is_ours_to_choose() {
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        me(&signed(alg, SECRET, &good())).expect_refusal(401);
    }
    me(&signed(
        Algorithm::HS256,
        "another secret of the same length, more or less",
        &good(),
    ))
    .expect_refusal(401);
    assert_eq!(me(&signed(Algorithm::HS256, SECRET, &good())).status, 200);
}

#[test]
fn a_huge_token_is_refused_unread() {
    for kilobytes in [8, 9, 16, 40, 60] {
        let mut claims = good();
        claims["name"] = "x".repeat(kilobytes * 1024).into();
        me(&signed(Algorithm::HS256, SECRET, &claims)).expect_refusal(401);
    }
    let beyond = me(&"x".repeat(200 * 1024));
    assert_eq!(beyond.status, 431, "{beyond:?}");
}
