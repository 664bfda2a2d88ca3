//! Who may come in, and what they may see.

use convene_client::{
    Error, Incoming, NewParticipant, Options, RawSocket, Rest, RunStatus, message,
    proto::{
        error::{CloseCode, ErrorCode},
        event::{Outcome, Role as InConversation},
        frame::{ClientFrame, NewMessage, ServerFrame},
        id::ConversationId,
        position::Seq,
    },
};
use convene_runtime::clock::now_ms;

use crate::{
    harness::{Claims, Role, Stack, on_both},
    people::{PATIENCE, Person},
};

fn rest(stack: &Stack, token: String) -> Rest {
    Rest::new(&Options::new(stack.gateway(1).url(), token)).unwrap()
}

fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> ErrorCode {
    match answer {
        Err(Error::Refused(problem)) => problem.code,
        other => panic!("not refused: {other:?}"),
    }
}

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
    async fn a_stranger_neither_reads_nor_writes(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let input = ada.says("/echo private").await;
        ada.answer_to(input).await;
        let id = ada.conversation().clone();
        for role in [Role::User, Role::Operator, Role::Admin] {
            let eve = rest(&stack, stack.token("eve", role));
            assert_eq!(code(eve.conversation(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.say(&id, &message("hi")).await), ErrorCode::NotFound);
            assert_eq!(code(eve.messages(&id, None, 10).await), ErrorCode::NotFound);
            assert_eq!(code(eve.history_after(&id, Seq(0), 10).await), ErrorCode::NotFound);
            assert_eq!(code(eve.cancel(&id, None).await), ErrorCode::NotFound);
            assert_eq!(code(eve.typing(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.read(&id, Seq(1)).await), ErrorCode::NotFound);
            assert_eq!(code(eve.rename(&id, "mine").await), ErrorCode::NotFound);
            assert_eq!(code(eve.invite(&id).await), ErrorCode::NotFound);
            assert_eq!(code(eve.events(&id, None).await.map(drop)), ErrorCode::NotFound);
            assert!(eve.conversations(None, 10).await.unwrap().conversations.is_empty());

            let mut socket = RawSocket::open(
                &stack.gateway(1).url(), Some(&stack.token("eve", role)), PATIENCE,
            ).await.unwrap();
            socket.send(&ClientFrame::Subscribe { request: 7, conversation: id.clone(), after: None })
                .await.unwrap();
            loop {
                match socket.next_frame(PATIENCE).await.unwrap() {
                    ServerFrame::Welcome { .. } => {}
                    ServerFrame::Error { request, problem } => {
                        assert_eq!((request, problem.code), (Some(7), ErrorCode::NotFound));
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    async fn agents_answer_where_they_are_and_nowhere_else(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let to = |agent: &str| NewMessage {
            to: Some(vec![agent.parse().unwrap()]),
            ..message("/echo you")
        };
        let rest = ada.client.rest();
        assert_eq!(code(rest.say(&id, &to("agent:stranger")).await), ErrorCode::NoSuchParticipant);
        let refused = ada.client.send(&id, to("agent:stranger")).await;
        assert_eq!(code(refused), ErrorCode::NoSuchParticipant);
        let asked = ada.client.send(&id, to("agent:guide")).await.unwrap();
        assert_eq!(ada.answer_to(asked).await, "you");

        // It is taken out in mid-answer: what it has said stays, and it says no more.
        let long = ada.says("/stream 5000 at 20").await;
        ada.some_answer(long, 10).await;
        let rest = ada.client.rest();
        rest.remove(&id, &"agent:guide".parse().unwrap()).await.unwrap();
        ada.until("its run has ended", |view| view.is_answered(long)).await;
        let status = &ada.view().run_for(long).unwrap().status;
        assert_eq!(*status, RunStatus::Finished(Outcome::Cancelled));
        assert_eq!(ada.view().conversation().unwrap().agent, None);
        let asked = ada.client.send(&id, to("agent:guide")).await;
        assert_eq!(code(asked), ErrorCode::NoSuchParticipant);
        ada.says("anybody there?").await;
    }

    async fn who_is_taken_out_reads_no_further(stack: Stack) {
        let mut ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let bob = ada.invites(&stack, &stack.gateway(1).url(), "bob").await;
        let id = ada.conversation().clone();
        let mut socket = RawSocket::open(
            &stack.gateway(1).url(), Some(&stack.token("bob", Role::User)), PATIENCE,
        ).await.unwrap();
        socket.send(&ClientFrame::Subscribe { request: 1, conversation: id.clone(), after: None })
            .await.unwrap();
        while !matches!(socket.next_frame(PATIENCE).await.unwrap(), ServerFrame::Snapshot { .. }) {}
        ada.client.rest().remove(&id, &"user:bob".parse().unwrap()).await.unwrap();
        let secret = ada.says("/echo secret").await;
        ada.answer_to(secret).await;
        socket.send(&ClientFrame::Ping { request: 2 }).await.unwrap();
        let mut told = false;
        loop {
            match socket.next_frame(PATIENCE).await.unwrap() {
                ServerFrame::Event { event, .. } => {
                    assert!(event.seq < secret, "bob read {event:?}");
                    told |= serde_json::to_string(&event).unwrap().contains("participant.left");
                }
                ServerFrame::Delta { .. } => panic!("bob read on"),
                ServerFrame::Pong { .. } => break,
                _ => {}
            }
        }
        assert!(told, "bob was not told");
        assert_eq!(code(bob.client.rest().conversation(&id).await), ErrorCode::NotFound);
    }

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

    async fn an_invitation_says_what_it_invites_to_and_nobody_joins_by_reading_it(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        ada.rename(&id, "Release on Friday").await.unwrap();
        let made = ada.invite(&id).await.unwrap();
        let before = ada.conversation(&id).await.unwrap();

        let bob = rest(&stack, stack.token("bob", Role::User));
        let invitation = bob.invitation(&made.invite).await.unwrap();
        assert_eq!(invitation.conversation, id);
        assert_eq!(invitation.title.as_deref(), Some("Release on Friday"));
        assert_eq!(invitation.by, "ada");
        assert_eq!(invitation.participants, before.participants.len());
        assert_eq!(invitation.expires_at, made.expires_at);
        assert!(!invitation.joined);
        assert_eq!(ada.conversation(&id).await.unwrap(), before);
        assert_eq!(code(bob.conversation(&id).await), ErrorCode::NotFound);

        bob.join(&made.invite).await.unwrap();
        assert!(bob.invitation(&made.invite).await.unwrap().joined);
        let damaged = &made.invite[..made.invite.len() - 1];
        assert_eq!(code(bob.invitation(damaged).await), ErrorCode::Forbidden);
        let nobody = rest(&stack, "x".to_owned());
        assert_eq!(code(nobody.invitation(&made.invite).await), ErrorCode::Unauthenticated);
    }

    async fn who_was_taken_out_does_not_come_back_by_an_old_invitation(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        let invite = ada.invite(&id).await.unwrap().invite;
        let bob = rest(&stack, stack.token("bob", Role::User));
        bob.join(&invite).await.unwrap();
        let user: convene_client::proto::id::ParticipantId = "user:bob".parse().unwrap();

        // Who leaves may come back.
        bob.remove(&id, &user).await.unwrap();
        bob.join(&invite).await.unwrap();

        ada.remove(&id, &user).await.unwrap();
        assert_eq!(code(bob.join(&invite).await), ErrorCode::Forbidden);
        // Nor do they go on reading what it is called and how many are in it.
        assert_eq!(code(bob.invitation(&invite).await), ErrorCode::Forbidden);
        assert!(ada.invitation(&invite).await.unwrap().joined);
        let again = Rest::guest(&stack.gateway(1).url(), "Bob").await.unwrap();
        let again = rest(&stack, again.token);
        assert_eq!(code(again.join(&invite).await), ErrorCode::Forbidden);
        assert_eq!(code(again.invitation(&invite).await), ErrorCode::Forbidden);
        assert_eq!(code(bob.conversation(&id).await), ErrorCode::NotFound);

        let fresh = ada.invite(&id).await.unwrap().invite;
        assert!(!bob.invitation(&fresh).await.unwrap().joined);
        bob.join(&fresh).await.unwrap();
    }

    async fn roles_are_not_lost_by_joining_nor_are_conversations_by_leaving(stack: Stack) {
        let ada = Person::beginning(&stack, &stack.gateway(0).url(), "ada").await;
        let id = ada.conversation().clone();
        let ada = ada.client.rest();
        let user = |name: &str| format!("user:{name}").parse().unwrap();
        let bring = |name: &str, role| NewParticipant { id: user(name), name: None, role };
        let invite = ada.invite(&id).await.unwrap().invite;
        ada.join(&invite).await.unwrap();
        ada.add(&id, &bring("ada", None)).await.unwrap();
        let olga = rest(&stack, stack.token("ada", Role::Operator));
        olga.add(&id, &bring("ada", None)).await.unwrap();
        let roles = async || -> Vec<_> {
            let known = ada.conversation(&id).await.unwrap().participants;
            let people = known.into_iter().filter(|one| one.role != InConversation::Agent);
            people.map(|one| (one.id.to_string(), one.name, one.role)).collect()
        };
        let owner = |id: &str, name: &str| (id.to_owned(), name.to_owned(), InConversation::Owner);
        assert_eq!(roles().await, [owner("user:ada", "ada")]);

        let bob = rest(&stack, stack.token("bob", Role::User));
        bob.join(&invite).await.unwrap();
        let crown = bring("bob", Some(InConversation::Owner));
        assert_eq!(code(bob.add(&id, &crown).await), ErrorCode::Forbidden);
        assert_eq!(code(ada.remove(&id, &user("ada")).await), ErrorCode::LastOwner);
        ada.add(&id, &crown).await.unwrap();
        assert_eq!(roles().await, [owner("user:ada", "ada"), owner("user:bob", "bob")]);
        ada.remove(&id, &user("ada")).await.unwrap();
        assert_eq!(code(ada.conversation(&id).await), ErrorCode::NotFound);
        bob.remove(&id, &user("bob")).await.unwrap();
    }

    async fn a_moment_is_answered_by_nothing_though_it_is_refused(stack: Stack) {
        let token = stack.token("eve", Role::User);
        let mut socket = RawSocket::open(&stack.gateway(0).url(), Some(&token), PATIENCE).await.unwrap();
        assert!(matches!(socket.next_frame(PATIENCE).await.unwrap(), ServerFrame::Welcome { .. }));
        let nowhere = ConversationId::random();
        for frame in [
            ClientFrame::Typing { conversation: nowhere.clone() },
            ClientFrame::Read { conversation: nowhere, seq: Seq(1) },
            ClientFrame::Ping { request: 1 },
        ] {
            socket.send(&frame).await.unwrap();
        }
        let answer = socket.next_frame(PATIENCE).await.unwrap();
        assert!(matches!(answer, ServerFrame::Pong { request: 1 }), "{answer:?}");
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
