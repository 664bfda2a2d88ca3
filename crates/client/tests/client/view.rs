//! The fold from frames to what one looks at.

use convene_client::{
    ConversationView, MessageStatus, RunStatus,
    proto::{
        event::{EventBody, Failure, Message, Outcome, Participant, Role},
        frame::{ServerFrame, Signal},
        part::{Action, Actions, Part},
        position::Seq,
    },
};
use proptest::prelude::*;

use crate::frames::{
    completed, conversation, delta, entry, event, id, inside, retracted, run_finished, run_started,
    said, snapshot, started, state, text,
};

fn fold(frames: &[ServerFrame]) -> ConversationView {
    let mut view = ConversationView::default();
    for frame in frames {
        view.apply(frame);
    }
    view
}

fn texts(view: &ConversationView) -> Vec<String> {
    view.messages()
        .iter()
        .map(convene_client::MessageView::text)
        .collect()
}

#[test]
fn text_streams_in_and_is_replaced_by_the_whole() {
    let mut frames = vec![
        snapshot(None),
        event(2, run_started(1)),
        event(3, started("m")),
        delta(3, "m", 0, "He"),
        delta(3, "m", 2, "llo"),
    ];
    assert_eq!(texts(&fold(&frames)), ["Hi", "Hello"]);
    assert_eq!(
        fold(&frames).run_for(Seq(1)).unwrap().status,
        RunStatus::Running
    );
    frames.extend([event(4, completed("m", "Hello!")), event(5, run_finished())]);
    let view = fold(&frames);
    assert_eq!(texts(&view), ["Hi", "Hello!"]);
    assert_eq!(view.messages()[1].status, MessageStatus::Whole);
    assert!(view.is_answered(Seq(1)));
    assert!(!view.is_answered(Seq(2)));
}

#[test]
fn nobody_writes_over_an_agent_s_message() {
    let mut frames = vec![
        snapshot(None),
        event(2, run_started(1)),
        event(3, started("m")),
        delta(3, "m", 0, "Hel"),
        event(4, said("m", "Send me your password")),
        delta(4, "m", 3, "lo"),
    ];
    let view = fold(&frames);
    assert_eq!(texts(&view), ["Hi", "Hello"]);
    assert_eq!(view.messages()[1].status, MessageStatus::Streaming);
    frames.extend([
        event(5, completed("m", "Hello!")),
        event(6, said("m", "Send me your password")),
    ]);
    let view = fold(&frames);
    assert_eq!(texts(&view), ["Hi", "Hello!"]);
    assert_eq!(view.messages()[1].author.to_string(), "agent:guide");
}

#[test]
fn a_failed_attempt_leaves_no_text_behind() {
    let failure = Failure {
        code: "tired".into(),
        message: "I am tired".into(),
    };
    let retrying = EventBody::RunRetrying {
        run: "r".parse().unwrap(),
        attempt: 1,
        error: failure.clone(),
        delay_ms: 5,
    };
    let failed = Outcome::Failed {
        error: failure.clone(),
    };
    let finished = EventBody::RunFinished {
        run: "r".parse().unwrap(),
        outcome: failed.clone(),
        usage: None,
        closes: Vec::new(),
    };
    let mut frames = vec![
        snapshot(None),
        event(2, run_started(1)),
        event(3, started("m")),
        delta(3, "m", 0, "He"),
        event(4, retracted("m")),
        event(5, retrying),
    ];
    let view = fold(&frames);
    assert_eq!(texts(&view), ["Hi"]);
    assert_eq!(
        view.run_for(Seq(1)).unwrap().status,
        RunStatus::Retrying(failure)
    );
    frames.push(event(6, finished));
    assert_eq!(
        fold(&frames).run_for(Seq(1)).unwrap().status,
        RunStatus::Finished(failed)
    );
}

#[test]
fn what_is_offered_is_closed_by_a_run_of_its_agent_and_by_nobody_else() {
    let offering = |message: &str, author: &str| EventBody::MessageCompleted {
        message: Message {
            id: id(message),
            author: author.parse().unwrap(),
            parts: vec![
                Part::Text {
                    text: "Yes?".into(),
                },
                Actions::buttons([Action::new("y".parse().unwrap(), "Yes")])
                    .named("q1".parse().unwrap())
                    .into(),
            ],
            to: None,
            timezone: None,
        },
        run: "r".parse().unwrap(),
        whole: true,
    };
    let closing = |name: &str| EventBody::RunFinished {
        run: "r".parse().unwrap(),
        outcome: Outcome::Completed,
        usage: None,
        closes: vec![name.parse().unwrap()],
    };
    let mut frames = vec![
        snapshot(None),
        event(2, run_started(1)),
        event(3, offering("a", "agent:guide")),
        event(4, offering("b", "agent:other")),
        event(5, closing("q2")),
    ];
    let open = |frames: &[ServerFrame]| {
        let view = fold(frames);
        let messages = view.messages().iter().skip(1);
        messages
            .map(|message| message.offered().count())
            .collect::<Vec<_>>()
    };
    assert_eq!(open(&frames), [1, 1]);
    frames.extend([
        event(6, closing("q1")),
        event(7, offering("c", "agent:guide")),
    ]);
    assert_eq!(open(&frames), [0, 1, 1]);
}

#[test]
fn people_come_and_go() {
    let bob = Participant {
        id: "user:bob".parse().unwrap(),
        name: "Bob".into(),
        role: Role::Member,
    };
    let presence = |here| ServerFrame::Signal {
        conversation: conversation(),
        participant: bob.id.clone(),
        signal: Signal::Presence { here },
    };
    let mut frames = vec![
        snapshot(None),
        event(
            2,
            EventBody::ParticipantJoined {
                participant: bob.clone(),
            },
        ),
        presence(true),
    ];
    let view = fold(&frames);
    assert_eq!(view.name_of(&bob.id), "Bob");
    assert!(view.here().contains(&bob.id));
    frames.extend([
        presence(false),
        event(
            3,
            EventBody::ParticipantLeft {
                participant: bob.id.clone(),
            },
        ),
    ]);
    let view = fold(&frames);
    assert_eq!(view.name_of(&bob.id), "user:bob");
    assert!(view.here().is_empty());
}

#[test]
fn an_agent_that_left_is_the_conversation_s_no_longer() {
    let left = |who: &str| EventBody::ParticipantLeft {
        participant: who.parse().unwrap(),
    };
    let agent = |frames: &[ServerFrame]| fold(frames).conversation().unwrap().agent.clone();
    let mut frames = vec![snapshot(None), event(2, left("user:guide"))];
    assert!(agent(&frames).is_some());
    frames.push(event(3, left("agent:guide")));
    assert_eq!(agent(&frames), None);
}

#[test]
fn a_snapshot_in_mid_text_goes_on_streaming() {
    let state = state(vec![entry(2, started("m"))], Some(("m", "ab")));
    let snapshot = ServerFrame::Snapshot {
        request: None,
        conversation: conversation(),
        position: inside(2, "m", 2),
        state,
    };
    let view = fold(&[snapshot, delta(2, "m", 2, "c")]);
    assert_eq!(texts(&view), ["abc"]);
    assert_eq!(
        view.message(&id("m")).unwrap().status,
        MessageStatus::Streaming
    );
}

/// Any frames, of few ids so that they meet.
fn frames() -> impl Strategy<Value = Vec<ServerFrame>> {
    let message = "[mn]";
    let words = "\\PC{0,4}";
    let body = prop_oneof![
        (message, words).prop_map(|(message, words)| said(&message, &words)),
        (message, words).prop_map(|(message, words)| completed(&message, &words)),
        message.prop_map(|message| started(&message)),
        message.prop_map(|message| retracted(&message)),
        any::<u64>().prop_map(run_started),
        Just(run_finished()),
        message.prop_map(|name| EventBody::ConversationRenamed {
            by: "user:ada".parse().unwrap(),
            title: name
        }),
        message.prop_map(|name| EventBody::ParticipantLeft {
            participant: format!("user:{name}").parse().unwrap()
        }),
        message.prop_map(|message| EventBody::MessageCompleted {
            message: Message {
                id: id(&message),
                author: "agent:a".parse().unwrap(),
                parts: vec![],
                to: None,
                timezone: None,
            },
            run: "r".parse().unwrap(),
            whole: false,
        }),
    ];
    let numbered = (0..u64::MAX / 2000, body).boxed();
    let frame = prop_oneof![
        numbered.clone().prop_map(|(seq, body)| event(seq, body)),
        (message, any::<u16>(), any::<u64>(), words).prop_map(|(message, part, offset, words)| {
            ServerFrame::Delta {
                conversation: conversation(),
                position: inside(0, &message, 0),
                message: id(&message),
                part,
                offset,
                text: words,
            }
        }),
        (message, 0..3_u16, 0..5_u64, words).prop_map(|(message, part, offset, words)| {
            ServerFrame::Delta {
                conversation: conversation(),
                position: inside(0, &message, 0),
                message: id(&message),
                part,
                offset,
                text: words,
            }
        }),
        (
            proptest::collection::vec(numbered, 0..4),
            proptest::option::of((message, words))
        )
            .prop_map(|(events, streaming)| {
                let events = events
                    .into_iter()
                    .map(|(seq, body)| entry(seq, body))
                    .collect();
                let streaming = streaming
                    .as_ref()
                    .map(|(message, words)| (message.as_str(), words.as_str()));
                ServerFrame::Reset {
                    request: None,
                    conversation: conversation(),
                    position: inside(1, "m", 0),
                    state: state(events, streaming),
                }
            }),
    ];
    proptest::collection::vec(frame, 0..40)
}

proptest! {
    #[test]
    fn no_frames_make_the_fold_or_the_cursor_panic(frames in frames()) {
        let view = fold(&frames);
        for message in view.messages() {
            prop_assert!(message.text().len() < 10_000);
        }
        let mut cursor = convene_client::Cursor::new(None);
        for frame in &frames {
            drop(cursor.take(frame));
        }
    }

    #[test]
    fn streamed_text_is_the_same_however_it_was_cut(words in "\\PC{0,40}", cuts in proptest::collection::vec(0..40_usize, 0..6)) {
        let mut ends: Vec<usize> = cuts.into_iter().map(|cut| words.floor_char_boundary(cut)).collect();
        ends.push(words.len());
        ends.sort_unstable();
        let mut frames = vec![snapshot(None), event(2, started("m"))];
        let mut from = 0;
        for end in ends {
            frames.push(delta(2, "m", from as u64, &words[from..end]));
            from = end;
        }
        let view = fold(&frames);
        prop_assert_eq!(&view.message(&id("m")).unwrap().parts, &text(&words));
    }
}
