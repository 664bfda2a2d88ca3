//! A server's frame, read no further than a reader must who counts and checks.
//!
//! The generator shares its machine with others: to read every frame whole costs several times as
//! much as this.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields of all kinds of frames together.
#[derive(Debug, Deserialize)]
pub(super) struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(default)]
    pub(super) request: Option<u64>,
    #[serde(default, borrow)]
    pub(super) conversation: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) position: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) event: Option<Event<'a>>,
    /// A delta's message, or what an error says.
    #[serde(default, borrow)]
    pub(super) message: Cow<'a, str>,
    #[serde(default)]
    pub(super) part: u16,
    #[serde(default)]
    pub(super) offset: u64,
    #[serde(default, borrow)]
    pub(super) text: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) code: Cow<'a, str>,
    #[serde(default, borrow)]
    pub(super) state: Option<&'a RawValue>,
}

/// The fields of all kinds of events together, as far as they matter here.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    pub(super) seq: u64,
    #[serde(borrow)]
    pub(super) eid: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    /// A message's id, or the whole of it: this depends on the kind.
    #[serde(default, borrow)]
    message: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) run: Cow<'a, str>,
    #[serde(default)]
    pub(super) inputs: Vec<u64>,
    #[serde(default, borrow)]
    pub(super) outcome: Cow<'a, str>,
}

/// A whole message.
#[derive(Debug, Deserialize)]
pub(super) struct Whole<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    parts: Vec<Part<'a>>,
}

#[derive(Debug, Deserialize)]
struct Part<'a> {
    #[serde(default, borrow)]
    text: Cow<'a, str>,
}

impl<'a> Frame<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl<'a> Event<'a> {
    /// The message that is named, of events that only name it.
    pub(super) fn named(&self) -> &'a str {
        self.message
            .map_or("", |message| message.get().trim_matches('"'))
    }

    /// The message, of events that bring it.
    pub(super) fn whole(&self) -> Option<Whole<'a>> {
        serde_json::from_str(self.message?.get()).ok()
    }
}

impl Whole<'_> {
    /// The text of a part; nothing where there is none.
    pub(super) fn part(&self, index: u16) -> &str {
        self.parts
            .get(usize::from(index))
            .map_or("", |part| &part.text)
    }
}

/// The events of a snapshot, and the text under way.
#[derive(Debug, Deserialize)]
pub(super) struct State<'a> {
    #[serde(borrow)]
    pub(super) events: Vec<Event<'a>>,
    #[serde(default, borrow)]
    pub(super) streaming: Option<Streaming<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Streaming<'a> {
    #[serde(borrow)]
    pub(super) message: Cow<'a, str>,
    pub(super) part: u16,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
}

impl<'a> State<'a> {
    pub(super) fn read(state: Option<&'a RawValue>) -> Option<Self> {
        serde_json::from_str(state?.get()).ok()
    }
}

#[cfg(test)]
mod tests {
    use convene_client::proto::{
        event::{Event as Whole, EventBody, Message, Part},
        frame::ServerFrame,
        position::{Eid, Position, Seq},
    };

    use super::*;

    #[test]
    fn a_frame_of_the_wire_is_read_as_far_as_it_matters() {
        let position: Position = "00000001:4:0000000000000002".parse().unwrap();
        let event = ServerFrame::Event {
            conversation: "c".parse().unwrap(),
            position,
            event: Whole {
                seq: Seq(4),
                eid: Eid(2),
                at: 7,
                body: EventBody::MessageCompleted {
                    message: Message {
                        id: "m1".parse().unwrap(),
                        author: "agent:guide".parse().unwrap(),
                        parts: vec![Part::Text {
                            text: "one\n\"two\" ".into(),
                        }],
                        to: None,
                        timezone: None,
                    },
                    run: "r1".parse().unwrap(),
                    whole: true,
                },
            },
        };
        let text = serde_json::to_string(&event).unwrap();
        let frame = Frame::read(&text).unwrap();
        let event = frame.event.unwrap();
        assert_eq!((&*frame.kind, &*frame.conversation), ("event", "c"));
        assert_eq!((event.seq, &*event.run), (4, "r1"));
        let whole = event.whole().unwrap();
        assert_eq!((&*whole.id, whole.part(0)), ("m1", "one\n\"two\" "));
        let started = r#"{"seq":5,"eid":"0000000000000003","type":"message.started","message":"m2","run":"r1"}"#;
        assert_eq!(
            serde_json::from_str::<Event<'_>>(started).unwrap().named(),
            "m2"
        );
    }
}
