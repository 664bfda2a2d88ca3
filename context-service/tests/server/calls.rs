//! What a call may ask, and what it is told when it may not or cannot be.

use std::sync::atomic::Ordering::SeqCst;

use convene_context_service::Options;
use convene_proto::{context::*, error::ErrorCode};
use tonic::Status;

use crate::{Setup, fake::CONVERSATIONS};

fn code(refused: Result<impl Sized, Status>) -> (ErrorCode, String) {
    let status = refused.err().unwrap();
    (ErrorCode::of(&status), status.message().to_owned())
}

fn person() -> Participant {
    Participant {
        id: "user:ada".into(),
        name: "Ada".into(),
        role: "owner".into(),
    }
}

fn submit() -> SubmitRequest {
    SubmitRequest {
        conversation: "c1".into(),
        author: "user:ada".into(),
        message: "m1".into(),
        body: br#"{"type":"message.created"}"#.to_vec().into(),
        ..SubmitRequest::default()
    }
}

#[tokio::test]
async fn wrong_fields_are_named_and_never_reach_the_store() {
    let mut setup = Setup::new(Options::default());
    let client = &mut setup.client;
    let mut refusals = Vec::new();

    for (field, request) in [
        (
            "conversation",
            SubmitRequest {
                conversation: "a b".into(),
                ..submit()
            },
        ),
        (
            "author",
            SubmitRequest {
                author: "ada".into(),
                ..submit()
            },
        ),
        (
            "message",
            SubmitRequest {
                message: String::new(),
                ..submit()
            },
        ),
        (
            "message",
            SubmitRequest {
                message: convene_proto::id::MessageId::of_agent().into(),
                ..submit()
            },
        ),
        (
            "body",
            SubmitRequest {
                body: "[]".into(),
                ..submit()
            },
        ),
        (
            "body",
            SubmitRequest {
                outside: true,
                ..submit()
            },
        ),
        (
            "body",
            SubmitRequest {
                body:
                    r#"{"type":"event.happened","event":{"id":"m1","name":"paid","by":"user:bob"}}"#
                        .into(),
                outside: true,
                ..submit()
            },
        ),
        (
            "agent",
            SubmitRequest {
                agent: "a b".into(),
                ..submit()
            },
        ),
        (
            "policy",
            SubmitRequest {
                policy: "shout".into(),
                ..submit()
            },
        ),
    ] {
        refusals.push((field, code(client.submit(request).await)));
    }
    for (field, participants) in [
        ("participants", vec![]),
        ("participants", vec![person(), person()]),
        (
            "participant.role",
            vec![Participant {
                role: "king".into(),
                ..person()
            }],
        ),
        (
            "participant.name",
            vec![Participant {
                name: " ".into(),
                ..person()
            }],
        ),
    ] {
        let request = CreateConversationRequest {
            conversation: "c1".into(),
            participants,
            ..CreateConversationRequest::default()
        };
        refusals.push((field, code(client.create_conversation(request).await)));
    }
    for limit in [0, 1001] {
        let request = ReadEventsRequest {
            conversation: "c1".into(),
            limit,
            ..ReadEventsRequest::default()
        };
        refusals.push(("limit", code(client.read_events(request).await)));
    }
    let request = RenameConversationRequest {
        conversation: "c1".into(),
        title: "x".into(),
        ..RenameConversationRequest::default()
    };
    refusals.push(("viewer", code(client.rename_conversation(request).await)));

    for (field, (code, message)) in refusals {
        assert_eq!(code, ErrorCode::BadRequest, "{message}");
        assert!(
            message.contains(&format!("`{field}`")),
            "{field}: {message}"
        );
    }
    assert_eq!(setup.store.steps.load(SeqCst), 0);
}

#[tokio::test]
async fn what_is_known_of_an_event_may_look_like_a_press_and_a_message_may_not() {
    let mut setup = Setup::new(Options::default());
    let told = SubmitRequest {
        body: r#"{"type":"event.happened","event":{"id":"m1","name":"seen","by":"user:ada","data":{"type":"act"}}}"#.into(),
        outside: true,
        ..submit()
    };
    let (refused, message) = code(setup.client.submit(told).await);
    assert_ne!(refused, ErrorCode::BadRequest, "{message}");
    assert_eq!(setup.store.steps.load(SeqCst), 1);
    let pressed = SubmitRequest {
        body: r#"{"type":"message.created","message":{"parts":[{"type":"act"}]}}"#.into(),
        ..submit()
    };
    let (refused, message) = code(setup.client.submit(pressed).await);
    assert_eq!(refused, ErrorCode::BadRequest, "{message}");
    assert_eq!(setup.store.steps.load(SeqCst), 1);
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_its_limit() {
    let mut setup = Setup::new(Options::default());
    let body = format!(r#"{{"type":"{}"}}"#, "x".repeat(1 << 20));
    let request = SubmitRequest {
        body: body.into(),
        ..submit()
    };
    let (code, message) = code(setup.client.submit(request).await);
    assert_eq!(code, ErrorCode::TooLarge);
    assert!(
        message.contains("`body`") && message.contains("1048576"),
        "{message}"
    );
    assert_eq!(setup.store.steps.load(SeqCst), 0);
}

#[tokio::test]
async fn the_stores_refusals_arrive_by_code_and_its_insides_stay_here() {
    let options = Options {
        deadline_ms: 50,
        ..Options::default()
    };
    let mut setup = Setup::new(options);
    for (conversation, expected, secret) in [
        ("c1", ErrorCode::NotFound, "\0"),
        ("away", ErrorCode::Unavailable, "10.0.0.7"),
        ("damaged", ErrorCode::Internal, "17"),
        ("slow", ErrorCode::Unavailable, "\0"),
    ] {
        let request = GetConversationRequest {
            conversation: conversation.into(),
            viewer: "user:ada".into(),
        };
        let (code, message) = code(setup.client.get_conversation(request).await);
        assert_eq!(code, expected, "{conversation}");
        assert!(!message.contains(secret), "{message}");
    }
}

#[tokio::test]
async fn a_list_of_large_conversations_is_read_to_its_end() {
    let mut setup = Setup::new(Options::default());
    let (mut read, mut after) = (Vec::new(), String::new());
    loop {
        let request = ListConversationsRequest {
            viewer: "user:ada".into(),
            limit: 100,
            after,
        };
        let reply = setup.client.list_conversations(request).await;
        let page = reply.unwrap().into_inner();
        assert!(!page.conversations.is_empty());
        read.extend(page.conversations.into_iter().map(|one| one.id));
        after = page.next;
        if after.is_empty() {
            break;
        }
    }
    let all: Vec<_> = (1..=CONVERSATIONS).map(|n| format!("c{n}")).collect();
    assert_eq!(read, all);
}
