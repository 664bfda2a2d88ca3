//! What is refused at the door: bad and old tokens, damaged frames, foreign pages, floods.

use convene_client::{
    Error, Incoming, Options, RawSocket, Rest, message,
    proto::{
        error::{CloseCode, ErrorCode},
        frame::{ClientFrame, ServerFrame},
        id::ConversationId,
    },
};
use convene_runtime::clock::now_ms;

use crate::{
    access::{code, rest},
    harness::{Claims, Role, Stack, on_both},
    people::{PATIENCE, Person},
};

fn claims(user: &str, seconds: u64) -> Claims {
    Claims {
        sub: user.parse().unwrap(),
        exp: now_ms() / 1000 + seconds,
        name: None,
        role: Role::User,
        iss: None,
        aud: None,
    }
}

/// Waits for the server's close, and returns its code.
async fn closed(socket: &mut RawSocket) -> u16 {
    loop {
        if let Incoming::Closed { code, .. } = socket.next(PATIENCE).await.unwrap() {
            return code;
        }
    }
}

on_both! {
    async fn forged_and_expired_tokens_are_refused(stack: Stack) {
        let url = stack.gateway(0).url();
        let good = stack.token("ada", Role::User);
        let (head, signature) = good.rsplit_once('.').unwrap();
        let other: String = signature.chars().rev().collect();
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZGEiLCJleHAiOjk5OTk5OTk5OTl9.";
        let forged = [format!("{head}.{other}"), unsigned.to_owned(), "x".to_owned(),
            "a.b.c".to_owned(), "x".repeat(10_000)];
        for token in forged {
            assert_eq!(code(rest(&stack, token.clone()).me().await), ErrorCode::Unauthenticated, "{token}");
            let socket = RawSocket::open(&url, Some(&token), PATIENCE).await;
            assert_eq!(code(socket), ErrorCode::Unauthenticated);
        }
        let old = stack.sign(&Claims { exp: now_ms() / 1000 - 60, ..claims("ada", 0) });
        assert_eq!(code(rest(&stack, old.clone()).me().await), ErrorCode::TokenExpired);
        assert_eq!(code(RawSocket::open(&url, Some(&old), PATIENCE).await), ErrorCode::TokenExpired);

        let mut socket = RawSocket::open(&url, None, PATIENCE).await.unwrap();
        socket.send(&ClientFrame::Ping { request: 1 }).await.unwrap();
        assert_eq!(closed(&mut socket).await, CloseCode::Unauthenticated as u16);
    }

    async fn an_expired_token_closes_its_socket_unless_renewed(stack: Stack) {
        let url = stack.gateway(0).url();
        let short = claims("ada", 3);
        let expires = short.exp;
        let short = stack.sign(&short);
        let mut left = RawSocket::open(&url, Some(&short), PATIENCE).await.unwrap();
        let mut renewed = RawSocket::open(&url, Some(&short), PATIENCE).await.unwrap();
        let token = stack.token("ada", Role::User);
        renewed.send(&ClientFrame::Hello { request: 1, token }).await.unwrap();
        assert_eq!(closed(&mut left).await, CloseCode::TokenExpired as u16);
        let late = now_ms().saturating_sub(expires * 1000);
        assert!(late < 3000, "closed {late} ms late: a second is promised, and two are for a busy machine");
        renewed.send(&ClientFrame::Ping { request: 2 }).await.unwrap();
        loop {
            match renewed.next_frame(PATIENCE).await.unwrap() {
                ServerFrame::Pong { request: 2 } => break,
                ServerFrame::Welcome { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        let eve = stack.token("eve", Role::User);
        renewed.send(&ClientFrame::Hello { request: 3, token: eve }).await.unwrap();
        let ServerFrame::Error { problem, .. } = renewed.next_frame(PATIENCE).await.unwrap() else {
            panic!("somebody else's token was taken");
        };
        assert_eq!(problem.code, ErrorCode::Forbidden);
    }

    async fn a_guest_stays_who_they_are_with_a_fresh_token(stack: Stack) {
        let url = stack.gateway(0).url();
        let came = Rest::guest(&url, "Gwen").await.unwrap();
        let first = rest(&stack, came.token.clone());
        let again = first.renew().await.unwrap();
        assert_eq!((&again.participant, &again.name), (&came.participant, &came.name));
        assert!(again.expires_at >= came.expires_at);
        let renewed = rest(&stack, again.token.clone());
        assert_eq!(renewed.me().await.unwrap().participant, came.participant);
        assert_eq!(renewed.renew().await.unwrap().participant, came.participant);

        // Over a live socket, too.
        let mut socket = RawSocket::open(&url, Some(&came.token), PATIENCE).await.unwrap();
        socket.send(&ClientFrame::Hello { request: 1, token: again.token }).await.unwrap();
        for _ in 0..2 {
            let ServerFrame::Welcome { participant, .. } = socket.next_frame(PATIENCE).await.unwrap() else {
                panic!("the fresh token was not taken");
            };
            assert_eq!(participant, came.participant);
        }

        // Nobody else's token is renewed, whatever it says of itself.
        let other = rest(&stack, stack.token("guest-1", Role::User));
        assert_eq!(code(other.renew().await), ErrorCode::Forbidden);
        let stranger = rest(&stack, "x".to_owned());
        assert_eq!(code(stranger.renew().await), ErrorCode::Unauthenticated);
    }

    async fn damaged_frames_are_answered_in_words(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let token = stack.token("ada", Role::User);
        let url = stack.gateway(0).url();
        let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
        assert!(matches!(socket.next_frame(PATIENCE).await.unwrap(), ServerFrame::Welcome { .. }));
        let id = ada.conversation().clone();
        for (frame, says) in [
            (r#"{"type":"sing","request":1}"#.to_owned(), "sing"),
            (r#"{"type":"ping","request":2,"loud":true}"#.to_owned(), "loud"),
            (format!(r#"{{"type":"subscribe","request":3,"conversation":"{id}","after":"1:2"}}"#), "position"),
            (r#"{"type":"subscribe","request":4,"conversation":"a b"}"#.to_owned(), "conversation id"),
            (format!(r#"{{"type":"send","request":5,"conversation":"{id}","message":{{"id":"m","parts":[]}}}}"#), "parts"),
            (format!(r#"{{"type":"send","request":6,"conversation":"{id}","message":{{"id":"m","parts":[{{"type":"text","text":" "}}]}}}}"#), "say something"),
            (format!(r#"{{"type":"send","request":7,"conversation":"{id}","message":{{"id":"agent-m","parts":[{{"type":"text","text":"hi"}}]}}}}"#), "agent-"),
        ] {
            socket.send_text(frame.clone()).await.unwrap();
            let ServerFrame::Error { request, problem } = socket.next_frame(PATIENCE).await.unwrap() else {
                panic!("{frame} was taken");
            };
            assert!(request.is_some(), "{frame}");
            assert_eq!(problem.code, ErrorCode::BadRequest, "{frame}");
            assert!(problem.message.contains(says), "{frame}: {}", problem.message);
        }
        let large = format!(r#"{{"type":"ping","request":8,"pad":"{}"}}"#, "x".repeat(70_000));
        socket.send_text(large).await.unwrap();
        let ServerFrame::Error { request: Some(8), problem } = socket.next_frame(PATIENCE).await.unwrap() else {
            panic!("a frame of 70 KB was taken");
        };
        assert_eq!(problem.code, ErrorCode::TooLarge);
        socket.send_text("not json").await.unwrap();
        assert_eq!(closed(&mut socket).await, CloseCode::Protocol as u16);
        let long = message("x".repeat(40_000));
        let refused = ada.client.rest().say(&id, &long).await;
        assert_eq!(code(refused), ErrorCode::TooLarge);
        let still = ada.says("/echo still here").await;
        assert_eq!(ada.answer_to(still).await, "still here");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_that_may_begin_later_says_so_as_a_stream() {
    let settings = [("gateway.connections_per_user", "1".to_owned())];
    let stack = Stack::embedded_with(&settings).await;
    let url = stack.gateway(0).url();
    let token = stack.token("ada", Role::User);
    let rest = Rest::new(&Options::new(&url, &token)).unwrap();
    let mut socket = RawSocket::open(&url, Some(&token), PATIENCE).await.unwrap();
    socket.next_frame(PATIENCE).await.unwrap();
    let id = ConversationId::random();
    let mut stream = rest.events(&id, None).await.unwrap();
    let received = stream.next().await.unwrap().unwrap();
    assert_eq!((received.name.as_str(), received.id), ("ended", None));
    match received.frame {
        ServerFrame::Ended {
            conversation,
            problem,
        } => {
            assert_eq!(conversation, id);
            assert_eq!(problem.code, ErrorCode::RateLimited);
            assert!(problem.retryable);
        }
        other => panic!("{other:?}"),
    }
    assert!(stream.next().await.unwrap().is_none());
    // What no time will change is refused as ever.
    drop(socket);
    let begun = std::time::Instant::now();
    while let Ok(mut stream) = rest.events(&id, None).await {
        assert!(begun.elapsed() < PATIENCE, "the place stays taken");
        while stream.next().await.unwrap().is_some() {}
    }
    assert_eq!(
        code(rest.events(&id, None).await.map(drop)),
        ErrorCode::NotFound
    );
    let nobody = Rest::new(&Options::new(&url, "no token")).unwrap();
    assert_eq!(
        code(nobody.events(&id, None).await.map(drop)),
        ErrorCode::Unauthenticated
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_pages_guests_and_floods_are_refused_where_settings_say_so() {
    let settings = [
        ("auth.guests", "false".to_owned()),
        ("gateway.requests_per_second", "5".to_owned()),
        ("gateway.request_burst", "5".to_owned()),
        (
            "gateway.origins",
            r#"["https://chat.example.org"]"#.to_owned(),
        ),
    ];
    let stack = Stack::embedded_with(&settings).await;
    let (url, direct) = (stack.gateway(0).url(), stack.gateway(0).health_url());
    assert_eq!(code(Rest::guest(&url, "Ada").await), ErrorCode::Forbidden);

    let http = reqwest::Client::new();
    let token = stack.token("ada", Role::User);
    for (origin, status) in [
        (None, 101),
        (Some("https://chat.example.org"), 101),
        (Some("https://evil.example.org"), 403),
        (Some("null"), 403),
    ] {
        let mut request = http
            .get(format!("{url}/v1/ws"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("cookie", format!("convene_token={token}"));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{origin:?}");
    }

    let rest = Rest::new(&Options::new(url, stack.token("bob", Role::User))).unwrap();
    let mut refused = 0;
    for _ in 0..20 {
        match rest.me().await {
            Ok(_) => {}
            Err(Error::Refused(problem)) => {
                assert_eq!(problem.code, ErrorCode::RateLimited);
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0, "a flood was not refused");

    // Frames that cannot be read are no way around it.
    let token = stack.token("eve", Role::User);
    let mut socket = RawSocket::open(&direct, Some(&token), PATIENCE)
        .await
        .unwrap();
    socket.next_frame(PATIENCE).await.unwrap();
    for request in 1..=20 {
        let unread = format!(r#"{{"type":"nonsense","request":{request}}}"#);
        socket.send_text(unread).await.unwrap();
    }
    let mut codes = Vec::new();
    while codes.len() < 20 {
        match socket.next_frame(PATIENCE).await.unwrap() {
            ServerFrame::Error { problem, .. } => codes.push(problem.code),
            other => panic!("{other:?}"),
        }
    }
    for code in [ErrorCode::BadRequest, ErrorCode::RateLimited] {
        assert!(codes.contains(&code), "no {code:?} in {codes:?}");
    }
}
