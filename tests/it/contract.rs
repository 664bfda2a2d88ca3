//! What the documents describe is there, and is as they describe it. Every other test checks that
//! what it happens to say and hear is in the documents: see [`Witness`].

use std::collections::BTreeSet;

use convene_client::{
    EventStream, NewConversation, NewParticipant, Options, RawSocket, Rest, message,
    proto::{
        event::{EventBody, Role as InConversation},
        frame::{ClientFrame, NewAct, NewEvent, ServerFrame},
        id::{ConversationId, MessageId},
        position::{Epoch, Position, Seq},
    },
};

use crate::{
    dead_letters,
    harness::{Kind, Role, Stack, Witness, on_both},
    people::{PATIENCE, Person},
};

on_both! {
    async fn everything_that_is_documented_is_there(stack: Stack) {
        let mut stack = stack;
        let url = stack.gateway(0).url();
        let mut ada = Person::beginning(&stack, &url, "ada").await;
        let id = ada.conversation().clone();
        every_operation(&stack, &url, &id).await;
        let said = ada.says("/echo hello").await;
        ada.answer_to(said).await;
        every_frame(&mut stack, &url, &id).await;
        drop(ada);

        let seen = stack.gateway(0).witness().unwrap().seen();
        let mut unseen: BTreeSet<_> = Witness::everything().difference(&seen).cloned().collect();
        // They need something to have failed for good.
        for operation in dead_letters::OPERATIONS {
            unseen.remove(operation);
        }
        assert_eq!(unseen, BTreeSet::new());
    }
}

/// A press of what the guide offers on request.
async fn offered(ada: &Rest, id: &ConversationId) -> NewAct {
    let mut events = ada.events(id, None).await.unwrap();
    ada.say(id, &message("/card")).await.unwrap();
    loop {
        let received = events.next().await.unwrap().unwrap();
        if let ServerFrame::Event { event, .. } = received.frame
            && let EventBody::MessageCompleted { message, .. } = event.body
            && message.parts.iter().any(|part| part.offer().is_some())
        {
            return NewAct {
                seq: event.seq,
                message: Some(message.id),
                action: "take".parse().unwrap(),
                ..absent()
            };
        }
    }
}

/// A press of what is nowhere.
fn absent() -> NewAct {
    NewAct {
        id: MessageId::random(),
        seq: Seq(1),
        message: None,
        action: "none".parse().unwrap(),
        value: None,
        policy: None,
        timezone: None,
    }
}

async fn every_operation(stack: &Stack, url: &str, id: &ConversationId) {
    let rest = |user: &str| Rest::new(&Options::new(url, stack.token(user, Role::User))).unwrap();
    let ada = rest("ada");
    let guest = Rest::guest(url, "Guest").await.unwrap();
    let guest = Rest::new(&Options::new(url, guest.token)).unwrap();
    guest.renew().await.unwrap();
    guest.me().await.unwrap();
    ada.agents().await.unwrap();
    let conversation = NewConversation {
        title: Some("Tea".into()),
        ..NewConversation::default()
    };
    ada.create(&conversation).await.unwrap();
    let first = ada.conversations(None, 1).await.unwrap();
    ada.conversations(first.next.as_deref(), 1).await.unwrap();
    ada.conversation(id).await.unwrap();
    ada.rename(id, "Coffee").await.unwrap();
    let bob = NewParticipant {
        id: "user:bob".parse().unwrap(),
        name: None,
        role: Some(InConversation::Owner),
    };
    ada.add(id, &bob).await.unwrap();
    let invite = ada.invite(id).await.unwrap();
    guest.invitation(&invite.invite).await.unwrap();
    guest.join(&invite.invite).await.unwrap();
    rest("bob").remove(id, &bob.id).await.unwrap();

    ada.act(id, &offered(&ada, id).await).await.unwrap();
    let sent = ada.say(id, &message("/stream 5000 at 100")).await.unwrap();
    let mut events: EventStream = ada.events(id, None).await.unwrap();
    while !matches!(
        events.next().await.unwrap().unwrap().frame,
        ServerFrame::Delta { .. }
    ) {}
    ada.cancel(id, None).await.unwrap();
    ada.typing(id).await.unwrap();
    ada.read(id, sent.seq).await.unwrap();
    ada.messages(id, None, 10).await.unwrap();
    ada.history_after(id, Seq(1), 10).await.unwrap();
    let admin = Options::new(url, stack.token("root", Role::Admin));
    let nobody = "nobody".parse().unwrap();
    let admin = Rest::new(&admin).unwrap();
    let happened = NewEvent {
        id: MessageId::random(),
        name: "payment_received".parse().unwrap(),
        data: serde_json::Value::Null,
    };
    admin.tell(id, &happened).await.unwrap();
    admin.revoke_tokens_of(&nobody, None).await.unwrap();
}

async fn every_frame(stack: &mut Stack, url: &str, id: &ConversationId) {
    let mut socket = RawSocket::open(url, None, PATIENCE).await.unwrap();
    let mut other = RawSocket::open(url, Some(&stack.token("ada", Role::User)), PATIENCE)
        .await
        .unwrap();
    let conversation = || id.clone();
    let token = stack.token("ada", Role::User);
    let subscribe = |request, after| ClientFrame::Subscribe {
        request,
        conversation: conversation(),
        after,
    };
    let says = [
        ClientFrame::Hello { request: 1, token },
        subscribe(2, None),
        ClientFrame::Send {
            request: 3,
            conversation: conversation(),
            message: message("/stream 300 at 100"),
            traceparent: None,
        },
        ClientFrame::Act {
            request: 4,
            conversation: conversation(),
            act: absent(),
            traceparent: None,
        },
        ClientFrame::Ping { request: 4 },
    ];
    for frame in says {
        socket.send(&frame).await.unwrap();
    }
    let mut position = None;
    hear(&mut socket, |frame| {
        if let ServerFrame::Delta { position: at, .. } = frame {
            position = Some(at.clone());
        }
        position.is_some()
    })
    .await;
    let unknown = Position {
        epoch: Epoch(7),
        ..position.clone().unwrap()
    };
    for frame in [
        ClientFrame::Cancel {
            request: 5,
            conversation: conversation(),
            run: None,
        },
        subscribe(6, position),
        subscribe(7, Some(unknown)),
        ClientFrame::Cancel {
            request: 8,
            conversation: conversation(),
            run: Some("none".parse().unwrap()),
        },
    ] {
        socket.send(&frame).await.unwrap();
    }
    hear(&mut socket, |frame| {
        matches!(
            frame,
            ServerFrame::Error {
                request: Some(8),
                ..
            }
        )
    })
    .await;
    other
        .send(&ClientFrame::Typing {
            conversation: conversation(),
        })
        .await
        .unwrap();
    other
        .send(&ClientFrame::Read {
            conversation: conversation(),
            seq: Seq(1),
        })
        .await
        .unwrap();
    hear(&mut socket, |frame| {
        matches!(frame, ServerFrame::Signal { .. })
    })
    .await;
    let unsubscribe = ClientFrame::Unsubscribe {
        request: 9,
        conversation: conversation(),
    };
    socket.send(&unsubscribe).await.unwrap();
    hear(&mut socket, |frame| {
        matches!(frame, ServerFrame::Accepted { request: 9, .. })
    })
    .await;
    let bob = NewParticipant {
        id: "user:bob".parse().unwrap(),
        name: None,
        role: None,
    };
    let options = Options::new(url, stack.token("ada", Role::User));
    let ada = Rest::new(&options).unwrap();
    ada.add(id, &bob).await.unwrap();
    let mut taken_out = RawSocket::open(url, Some(&stack.token("bob", Role::User)), PATIENCE)
        .await
        .unwrap();
    taken_out.send(&subscribe(1, None)).await.unwrap();
    hear(&mut taken_out, |frame| {
        matches!(frame, ServerFrame::Snapshot { .. })
    })
    .await;
    ada.remove(id, &bob.id).await.unwrap();
    hear(&mut taken_out, |frame| {
        matches!(frame, ServerFrame::Ended { .. })
    })
    .await;
    let drained = hear(&mut socket, |frame| {
        matches!(frame, ServerFrame::Drain { .. })
    });
    tokio::join!(drained, stack.terminate(Kind::Gateway, 0));
}

/// Reads until a frame is as wished for.
async fn hear(socket: &mut RawSocket, mut wish: impl FnMut(&ServerFrame) -> bool) {
    while !wish(&socket.next_frame(PATIENCE).await.unwrap()) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_in_one_form() {
    let stack = Stack::embedded().await;
    let url = stack.gateway(0).url();
    let http = reqwest::Client::new();
    for (method, path, status) in [
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/me", 405),
        ("GET", "/v1/join", 405),
        ("GET", "/v1/ws", 400),
        ("GET", "/v1/me", 401),
        ("POST", "/v1/auth/guest", 400),
    ] {
        let request = http.request(method.parse().unwrap(), format!("{url}{path}"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert!(problem["message"].is_string(), "{method} {path}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_taken_is_told_what_is_wrong_with_it() {
    let stack = Stack::embedded().await;
    let url = format!("{}/v1/auth/guest", stack.gateway(0).url());
    let http = reqwest::Client::new();
    for (content_type, body, told) in [
        (
            "text/plain",
            r#"{"name":"Ada"}"#,
            "content-type: application/json",
        ),
        (
            "application/json",
            r#"{"name":"#,
            "the body is no JSON: name: EOF",
        ),
        (
            "application/json",
            r#"{"name":7}"#,
            "(GET /v1/openapi.json has it): name: ",
        ),
        ("application/json", "{}", "missing field `name`"),
        (
            "application/json",
            "[]",
            "has it): invalid type: a list, expected a JSON object at line 1",
        ),
    ] {
        let request = http.post(&url).header("content-type", content_type);
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        let message = problem["message"].as_str().unwrap();
        assert!(message.contains(told), "{body}: {message}");
        for ours in ["deserialize", "struct"] {
            assert!(!message.contains(ours), "{body}: {message}");
        }
    }
}

/// Neither does a query or a path speak of our insides.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_or_a_path_that_cannot_be_taken_is_told_which_part_of_it() {
    let stack = Stack::embedded().await;
    let http = reqwest::Client::new();
    let token = stack.token("ada", Role::User);
    for (path, told) in [
        (
            "conversations?limit=many",
            "`limit` in the query takes a whole number",
        ),
        (
            "conversations?limit=99999999999",
            "`limit` in the query is too large",
        ),
        (
            "conversations?limt=3",
            "unknown field `limt`, expected `limit` or `after`",
        ),
        ("conversations/a%20b/history", "a conversation id"),
        ("conversations/%FF/history", "`conversation` in the path"),
        (
            "conversations/c-1/events?after=x",
            "`after` in the query cannot be what it is: ",
        ),
    ] {
        let url = format!("{}/v1/{path}", stack.gateway(0).url());
        let answer = http.get(url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "bad_request", "{path}: {problem}");
        let message = problem["message"].as_str().unwrap();
        assert!(message.contains(told), "{path}: {message}");
        for ours in ["deserialize", "Invalid URL", "digit"] {
            assert!(!message.contains(ours), "{path}: {message}");
        }
    }
}

/// What has no names fills nothing: whoever tells it is told so at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_s_data_is_an_object() {
    let stack = Stack::embedded().await;
    let url = format!("{}/v1/conversations/c-1/events", stack.gateway(0).url());
    let http = reqwest::Client::new();
    for data in ["[1]", "7", r#""AB1234""#, "true"] {
        let body = format!(r#"{{"id":"e-1","name":"paid","data":{data}}}"#);
        let request = http
            .post(&url)
            .bearer_auth(stack.token("shop", Role::Operator));
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{data}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "bad_request", "{data}: {problem}");
        let message = problem["message"].as_str().unwrap();
        assert!(
            message.contains("`data` of an event is an object"),
            "{message}"
        );
    }
}
