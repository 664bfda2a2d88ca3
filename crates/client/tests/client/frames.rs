//! A small conversation, as frames.

use convene_client::proto::{
    event::{Conversation, Event, EventBody, Message, Outcome, Part, TurnPolicy},
    frame::{RequestId, ServerFrame, State, Streaming},
    id::{ConversationId, MessageId},
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

pub(crate) fn conversation() -> ConversationId {
    "c".parse().unwrap()
}

pub(crate) fn id(text: &str) -> MessageId {
    text.parse().unwrap()
}

/// The position behind the event of this number.
pub(crate) fn at(seq: u64) -> Position {
    Position {
        epoch: Epoch(7),
        seq: Seq(seq),
        eid: Eid(seq * 1000),
        text: None,
    }
}

/// And so many bytes into a text.
pub(crate) fn inside(seq: u64, message: &str, offset: u64) -> Position {
    Position {
        text: Some(TextPosition {
            message: id(message),
            part: 0,
            offset,
        }),
        ..at(seq)
    }
}

pub(crate) fn entry(seq: u64, body: EventBody) -> Event {
    Event {
        seq: Seq(seq),
        eid: Eid(seq * 1000),
        at: seq,
        body,
    }
}

pub(crate) fn event(seq: u64, body: EventBody) -> ServerFrame {
    ServerFrame::Event {
        conversation: conversation(),
        position: at(seq),
        event: entry(seq, body),
    }
}

pub(crate) fn text(text: &str) -> Vec<Part> {
    vec![Part::Text { text: text.into() }]
}

pub(crate) fn said(message: &str, words: &str) -> EventBody {
    EventBody::MessageCreated {
        message: Message {
            id: id(message),
            author: "user:ada".parse().unwrap(),
            parts: text(words),
            to: None,
            timezone: None,
        },
    }
}

pub(crate) fn run_started(input: u64) -> EventBody {
    EventBody::RunStarted {
        run: "r".parse().unwrap(),
        agent: "guide".parse().unwrap(),
        attempt: 1,
        inputs: vec![Seq(input)],
    }
}

pub(crate) fn run_finished() -> EventBody {
    EventBody::RunFinished {
        run: "r".parse().unwrap(),
        outcome: Outcome::Completed,
        usage: None,
        closes: Vec::new(),
    }
}

pub(crate) fn started(message: &str) -> EventBody {
    EventBody::MessageStarted {
        message: id(message),
        author: "agent:guide".parse().unwrap(),
        run: "r".parse().unwrap(),
    }
}

pub(crate) fn retracted(message: &str) -> EventBody {
    EventBody::MessageRetracted {
        message: id(message),
        run: "r".parse().unwrap(),
    }
}

pub(crate) fn completed(message: &str, words: &str) -> EventBody {
    EventBody::MessageCompleted {
        message: Message {
            id: id(message),
            author: "agent:guide".parse().unwrap(),
            parts: text(words),
            to: None,
            timezone: None,
        },
        run: "r".parse().unwrap(),
        whole: true,
    }
}

pub(crate) fn delta(seq: u64, message: &str, offset: u64, words: &str) -> ServerFrame {
    ServerFrame::Delta {
        conversation: conversation(),
        position: inside(seq, message, offset + words.len() as u64),
        message: id(message),
        part: 0,
        offset,
        text: words.into(),
    }
}

pub(crate) fn state(events: Vec<Event>, streaming: Option<(&str, &str)>) -> State {
    State {
        conversation: Conversation {
            id: conversation(),
            title: None,
            agent: Some("guide".parse().unwrap()),
            policy: TurnPolicy::Enqueue,
            participants: vec![],
            created_at: 1,
            updated_at: 1,
            head: events.last().map_or(Seq(0), |event| event.seq),
            first: Seq(1),
        },
        events,
        streaming: streaming.map(|(message, words)| Streaming {
            message: id(message),
            part: 0,
            text: words.into(),
        }),
        here: vec![],
    }
}

/// A snapshot of a conversation in which Ada has said hi, once.
pub(crate) fn snapshot(request: Option<RequestId>) -> ServerFrame {
    ServerFrame::Snapshot {
        request,
        conversation: conversation(),
        position: at(1),
        state: state(vec![entry(1, said("hi", "Hi"))], None),
    }
}

pub(crate) fn resumed(request: RequestId, position: Position) -> ServerFrame {
    ServerFrame::Resumed {
        request: Some(request),
        conversation: conversation(),
        position,
        here: Vec::new(),
    }
}
