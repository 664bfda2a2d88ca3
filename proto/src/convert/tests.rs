//! What goes over gRPC comes back as it was, and what is none is refused.

use proptest::prelude::*;

use super::push_event_json;
use crate::{
    bus, context,
    error::ErrorCode,
    event::{
        Conversation, Event, EventBody, Message, Outcome, Part, Participant, Role, TurnPolicy,
    },
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

fn said(text: String) -> EventBody {
    EventBody::MessageCreated {
        message: Message {
            id: "m1".parse().unwrap(),
            author: "user:ada".parse().unwrap(),
            parts: vec![Part::Text { text }],
            to: None,
            timezone: None,
        },
    }
}

proptest! {
    #[test]
    fn a_rendered_event_is_what_serde_would_write(seq: u64, eid: u64, at: u64, text in "\\PC{0,40}") {
        let bodies = [
            said(text),
            EventBody::RunFinished {
                run: "r1".parse().unwrap(),
                outcome: Outcome::Cancelled,
                usage: None,
                closes: Vec::new(),
            },
        ];
        for body in bodies {
            let entry = bus::Entry { seq, eid, prev: 0, at, body: body.encode().unwrap() };
            let event = Event { seq: Seq(seq), eid: Eid(eid), at, body };
            prop_assert_eq!(entry.event_json().unwrap(), serde_json::to_string(&event).unwrap());
        }
    }

    #[test]
    fn positions_survive_grpc(
        epoch: u32, seq: u64, eid: u64, inside in proptest::option::of((any::<u16>(), any::<u64>()))
    ) {
        let position = Position {
            epoch: Epoch(epoch),
            seq: Seq(seq),
            eid: Eid(eid),
            text: inside.map(|(part, offset)| TextPosition { message: "m1".parse().unwrap(), part, offset }),
        };
        prop_assert_eq!(Position::try_from(context::Position::from(position.clone())), Ok(position));
    }
}

#[test]
fn bodies_that_would_break_the_json_around_them_are_refused() {
    let mut json = "kept".to_owned();
    for bad in [
        &b""[..],
        b"{}",
        b"[1]",
        b"{\"a\":1",
        b"null",
        b"{\"\xff\":1}",
    ] {
        let error = push_event_json(&mut json, Seq(1), Eid(1), 1, bad).unwrap_err();
        assert_eq!(error.field(), "body");
    }
    assert_eq!(json, "kept");
}

#[test]
fn conversations_survive_grpc() {
    let conversation = Conversation {
        id: "c1".parse().unwrap(),
        title: None,
        agent: Some("guide".parse().unwrap()),
        policy: TurnPolicy::Interrupt,
        participants: vec![Participant {
            id: "user:ada".parse().unwrap(),
            name: "Ada".into(),
            role: Role::Operator,
        }],
        created_at: 1,
        updated_at: 2,
        head: Seq(3),
        first: Seq(1),
    };
    let message = context::Conversation::from(conversation.clone());
    assert_eq!(Conversation::try_from(message.clone()), Ok(conversation));

    let mut wrong = message;
    wrong.participants[0].role = "king".into();
    let error = Conversation::try_from(wrong).unwrap_err();
    assert_eq!(error.field(), "participant.role");
    assert_eq!(ErrorCode::of(&error.bad_request()), ErrorCode::BadRequest);
    assert_eq!(ErrorCode::of(&error.internal()), ErrorCode::Internal);
}

#[test]
fn roles_and_policies_are_written_as_in_json() {
    for &role in Role::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        assert_eq!(role.as_str().parse(), Ok(role));
    }
    for &policy in TurnPolicy::ALL {
        assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
        assert_eq!(policy.as_str().parse(), Ok(policy));
    }
    assert!(TurnPolicy::parse("").is_none());
}
