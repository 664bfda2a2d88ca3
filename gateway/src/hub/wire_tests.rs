//! Frames that are put together from JSON are what they would have been whole.

use convene_proto::{
    event::{Event, EventBody},
    frame::ServerFrame,
    id::ConversationId,
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use super::{feed::Entry, promises::Change, wire::Encoded};
use crate::notes::Sight;

fn position(text: Option<(&str, u64)>) -> Position {
    Position {
        epoch: Epoch(1),
        seq: Seq(2),
        eid: Eid(3),
        text: text.map(|(message, offset)| TextPosition {
            message: message.parse().unwrap(),
            part: 0,
            offset,
        }),
    }
}

fn decode(frame: &Encoded) -> ServerFrame {
    serde_json::from_str(&frame.json).unwrap()
}

#[test]
fn spliced_frames_are_what_serde_would_have_made() {
    let body = EventBody::ConversationRenamed {
        by: "user:a\u{7f}b"
            .parse()
            .unwrap_or("user:ab".parse().unwrap()),
        title: r#"a "title","position":"x" \ é"#.into(),
    };
    let conversation: ConversationId = "c".parse().unwrap();
    let encoded = serde_json::to_vec(&body).unwrap();
    let entry = Entry {
        seq: Seq(2),
        eid: Eid(3),
        prev: Eid(2),
        at: 9,
        body: encoded.into(),
    };
    let frame = Encoded::event(&conversation, &position(None), &entry, Change::Nothing).unwrap();
    let event = Event {
        seq: Seq(2),
        eid: Eid(3),
        at: 9,
        body,
    };
    for (frame, at) in [
        (frame.clone(), position(None)),
        (
            frame.at(&position(Some(("m", 77)))),
            position(Some(("m", 77))),
        ),
    ] {
        assert_eq!(
            decode(&frame),
            ServerFrame::Event {
                conversation: conversation.clone(),
                position: at,
                event: event.clone(),
            }
        );
    }
}

#[test]
fn what_agents_note_is_in_frames_for_those_who_see_it() {
    let entry = |seq: u64, body: &str| Entry {
        seq: Seq(seq),
        eid: Eid(seq),
        prev: Eid(seq - 1),
        at: 9,
        body: body.to_owned().into_bytes().into(),
    };
    let (renamed, noted) = (
        entry(
            1,
            r#"{"type":"conversation.renamed","by":"user:a","title":"t"}"#,
        ),
        entry(
            2,
            r#"{"type":"agent.noted","agent":"shop","run":"r","attempt":1,"note":{"name":"n","value":"secret"}}"#,
        ),
    );
    let conversation: ConversationId = "c".parse().unwrap();
    let state = |entries: &[Entry]| {
        let frame = serde_json::json!({
            "type": "snapshot",
            "conversation": "c",
            "position": position(None),
            "state": {
                "conversation": {
                    "id": "c", "policy": "enqueue", "participants": [],
                    "created_at": 0, "updated_at": 0, "head": 2, "first": 1,
                },
                "events": [],
                "here": [],
            },
        });
        Encoded::state(&serde_json::from_value(frame).unwrap(), entries).unwrap()
    };
    let event =
        |entry| Encoded::event(&conversation, &position(None), entry, Change::Nothing).unwrap();
    let later = position(Some(("m", 77)));
    for shows in [
        event(&noted),
        event(&noted).at(&later),
        state(&[renamed.clone(), noted.clone()]),
    ] {
        let everything = shows.json_for(|| Sight::Everything);
        let without = shows.json_for(|| Sight::WithoutNotes);
        assert!(everything.contains("secret") && !without.contains("secret"));
        for json in [everything, without] {
            serde_json::from_str::<ServerFrame>(json).unwrap();
        }
        assert_eq!(shows.bytes(), everything.len() + without.len());
    }
    let moved = event(&noted).at(&later);
    for sight in [Sight::Everything, Sight::WithoutNotes] {
        let frame = serde_json::from_str(moved.json_for(|| sight)).unwrap();
        assert!(matches!(frame, ServerFrame::Event { position, .. } if position == later));
    }
    for hides_nothing in [event(&renamed), state(&[renamed])] {
        let unasked = || unreachable!("nothing is hidden");
        assert_eq!(*hides_nothing.json_for(unasked), hides_nothing.json);
    }
}

#[test]
fn deltas_escape_their_text() {
    let text = "a \"quote\"\n\u{1}é";
    let at = position(Some(("m", 20)));
    let frame = Encoded::delta(&"c".parse().unwrap(), &at, 7, text).unwrap();
    assert_eq!(
        decode(&frame),
        ServerFrame::Delta {
            conversation: "c".parse().unwrap(),
            position: at,
            message: "m".parse().unwrap(),
            part: 0,
            offset: 7,
            text: text.into(),
        }
    );
}
