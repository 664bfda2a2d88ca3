//! Forms of bad token, at each of the doors: none opens any, and all are refused in the same words.

mod forms;

use convene_client::{
    Error, Incoming, Options, RawSocket, Rest,
    proto::{
        error::{CloseCode, ErrorCode},
        frame::{ClientFrame, ServerFrame},
        id::ConversationId,
    },
};
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use reqwest::StatusCode;
use serde_json::Value;

use self::forms::{forms, said};
use crate::{
    issuer::{UNPUBLISHED, claims, key, publish, sign, stack_of},
    people::PATIENCE,
};

fn code_of(refused: Error) -> ErrorCode {
    match refused {
        Error::Refused(problem) => problem.code,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_of_bad_token_opens_any_door() {
    let (issuer, url) = publish().await;
    let stack = stack_of(url).await;
    let published = issuer.keys.lock().unwrap().clone();
    let url = stack.gateway(0).url();
    let somewhere = ConversationId::random();
    let good = said(&claims().to_string());
    assert!(
        Rest::new(&Options::new(&url, good))
            .unwrap()
            .me()
            .await
            .is_ok()
    );
    let asked = issuer.watched();
    let forms = forms(&published);
    assert!(forms.len() >= 25);
    let mut wrong = Vec::new();
    for (what, token, expected) in forms {
        let rest = Rest::new(&Options::new(&url, token.clone())).unwrap();
        let mut answers = vec![("rest", rest.me().await.map(drop).map_err(code_of))];
        let stream = rest.events(&somewhere, None).await;
        answers.push(("event stream", stream.map(drop).map_err(code_of)));
        // To name none is no offence: then the first frame must.
        if !token.is_empty() {
            let socket = RawSocket::open(&url, Some(&token), PATIENCE).await;
            answers.push(("socket", socket.map(drop).map_err(code_of)));
        }
        answers.push(("hello", hello(&url, token.clone()).await));
        let http = reqwest::Client::new().get(format!("{url}/v1/me"));
        let cookie = http.header("cookie", format!("a=b; convene_token={token}"));
        let answer = cookie.send().await.unwrap();
        let is_ok = answer.status() == StatusCode::OK;
        let problem: Value = answer.json().await.unwrap();
        let code = problem["code"].as_str().and_then(ErrorCode::parse);
        answers.push(("cookie", if is_ok { Ok(()) } else { Err(code.unwrap()) }));
        for (door, answer) in answers {
            if answer != Err(expected) {
                wrong.push(format!("{what}, {door}: {answer:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    asked.seldom();
}

/// In the first frame.
async fn hello(url: &str, token: String) -> Result<(), ErrorCode> {
    let mut socket = RawSocket::open(url, None, PATIENCE).await.unwrap();
    let frame = ClientFrame::Hello { request: 1, token };
    socket.send(&frame).await.unwrap();
    let code = match socket.next_frame(PATIENCE).await.unwrap() {
        ServerFrame::Error { problem, .. } => problem.code,
        ServerFrame::Welcome { .. } => return Ok(()),
        other => panic!("{other:?}"),
    };
    let close = match code {
        ErrorCode::TokenExpired => CloseCode::TokenExpired,
        _ => CloseCode::Unauthenticated,
    };
    match socket.next(PATIENCE).await.unwrap() {
        Incoming::Closed { code, .. } => assert_eq!(code, close as u16),
        other => panic!("{other:?}"),
    }
    Err(code)
}

/// Thousands at once, each naming a key of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_keys_is_not_passed_on_to_the_issuer() {
    let (issuer, url) = publish().await;
    let stack = stack_of(url).await;
    let direct = stack.gateway(0).health_url();
    let good = said(&claims().to_string());
    let rest = |token: &str| Rest::new(&Options::new(&direct, token)).unwrap();
    assert!(rest(&good).me().await.is_ok());
    let asked = issuer.watched();
    let http = reqwest::Client::new();
    let foreign = key(Algorithm::EdDSA, UNPUBLISHED);
    for round in 0..20 {
        let asking = (0..100).map(|number| {
            let kid = format!("k{round}-{number}");
            let token = sign(Some(&kid), Algorithm::EdDSA, &foreign, &claims());
            let url = format!("{direct}/v1/me");
            http.get(url).bearer_auth(token).send()
        });
        for answer in join_all(asking).await {
            assert_eq!(answer.unwrap().status(), StatusCode::UNAUTHORIZED);
        }
        assert!(rest(&good).me().await.is_ok());
    }
    asked.seldom();
}
