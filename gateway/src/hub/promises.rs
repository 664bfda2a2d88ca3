//! What each reader is shown, held against what readers are promised, by the automaton that the tests
//! use as well: so that a broken promise is counted where it happens. It looks at numbers that
//! were there when a frame was made, and at nobody's words.

use convene_invariants::{Mark, Reader, Violation};
use convene_proto::{
    event::{EventBody, Kind},
    id::MessageId,
    position::{Eid, Position, TextPosition},
};

use super::wire::Encoded;

/// What an event does to the text under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// This message streams from now on.
    Begins(MessageId),
    /// What streams is whole: only that is ever completed.
    EndsUnderWay,
    /// This message is taken back. It was perhaps whole before: then what streams goes on.
    Ends(MessageId),
}

impl Change {
    pub(super) fn with(kind: Kind, body: &[u8]) -> Self {
        match kind {
            Kind::MessageCompleted => Self::EndsUnderWay,
            Kind::MessageStarted | Kind::MessageRetracted => match EventBody::decode(body) {
                Ok(EventBody::MessageStarted { message, .. }) => Self::Begins(message),
                Ok(EventBody::MessageRetracted { message, .. }) => Self::Ends(message),
                _ => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }

    /// Whether the text of this message, which is under way, ends.
    pub(super) fn ends(&self, message: &MessageId) -> bool {
        match self {
            Self::Nothing | Self::Begins(_) => false,
            Self::EndsUnderWay => true,
            Self::Ends(ended) => ended == message,
        }
    }
}

/// What a frame shows.
#[derive(Debug)]
pub(crate) enum Shown {
    Resumed(Position),
    State {
        at: Position,
        text: Option<TextPosition>,
        /// It has all events of the log.
        whole: bool,
        is_reset: bool,
    },
    Event {
        mark: Mark,
        prev: Eid,
        change: Change,
    },
    Text {
        message: MessageId,
        part: u16,
        from: u64,
        to: u64,
    },
}

/// Watches over one reader.
#[derive(Debug)]
pub(crate) struct Watch {
    /// None after a broken promise, until the reader begins anew.
    reader: Option<Reader>,
}

impl Watch {
    /// Over a reader who says that they stand there.
    pub(super) fn over(after: Option<&Position>) -> Self {
        Self {
            reader: Some(Reader::new(after)),
        }
    }

    /// Looks at what the reader is about to be shown, for promises that it breaks.
    pub(super) fn see(&mut self, frames: &[Encoded]) -> Vec<Violation> {
        let shown = frames.iter().filter_map(|frame| frame.shown.as_deref());
        shown.filter_map(|shown| self.look(shown).err()).collect()
    }

    fn look(&mut self, shown: &Shown) -> Result<(), Violation> {
        let reader = match (&mut self.reader, shown) {
            (Some(reader), _) => reader,
            (none, Shown::Resumed(at)) => none.insert(Reader::new(Some(at))),
            (none, Shown::State { .. }) => none.insert(Reader::default()),
            _ => return Ok(()),
        };
        let looked = match shown {
            Shown::Resumed(at) => reader.resumed(at),
            Shown::State {
                at,
                text,
                whole,
                is_reset,
            } => reader.replaced(Mark::from(at), text.clone(), *whole, *is_reset),
            Shown::Event { mark, prev, change } => {
                let change = match change {
                    Change::Nothing => convene_invariants::Change::None,
                    Change::Begins(message) => convene_invariants::Change::Begins(message),
                    Change::EndsUnderWay => convene_invariants::Change::EndsUnderWay,
                    Change::Ends(message) => convene_invariants::Change::Ends(message),
                };
                reader.event(*mark, Some(*prev), change)
            }
            Shown::Text {
                message,
                part,
                from,
                to,
            } => reader.text(message, *part, *from, *to),
        };
        if looked.is_err() {
            self.reader = None;
        }
        looked
    }
}

#[cfg(test)]
mod tests {
    use convene_proto::{
        id::ConversationId,
        position::{Epoch, Seq},
    };

    use super::{super::feed::Entry, *};

    fn at(seq: u64) -> Position {
        Position {
            epoch: Epoch(1),
            seq: Seq(seq),
            eid: Eid(seq),
            text: None,
        }
    }

    fn event(seq: u64) -> Encoded {
        let conversation: ConversationId = "c".parse().unwrap();
        let entry = Entry {
            seq: Seq(seq),
            eid: Eid(seq),
            prev: Eid(seq - 1),
            at: 1,
            body: r#"{"type":"x.new"}"#.into(),
        };
        Encoded::event(&conversation, &at(seq), &entry, Change::Nothing).unwrap()
    }

    fn resumed(seq: u64) -> Encoded {
        Encoded::of(&convene_proto::frame::ServerFrame::Resumed {
            request: None,
            conversation: "c".parse().unwrap(),
            position: at(seq),
            here: Vec::new(),
        })
    }

    #[test]
    fn a_hole_is_found_once_and_what_follows_is_judged_when_the_reader_begins_anew() {
        let mut watch = Watch::over(Some(&at(3)));
        assert_eq!(watch.see(&[resumed(3), event(4), event(5)]), []);
        let hole = Violation::Hole {
            expected: Seq(6),
            got: Seq(7),
        };
        assert_eq!(watch.see(&[event(7), event(9)]), [hole]);
        assert_eq!(watch.see(&[resumed(9), event(10)]), []);
        assert_eq!(watch.see(&[event(10)]), [Violation::Duplicate(Seq(10))]);
    }

    #[test]
    fn what_is_taken_back_ends_its_own_text_alone() {
        let body = br#"{"type":"message.retracted","message":"m","run":"r"}"#;
        let change = Change::with(Kind::MessageRetracted, body);
        assert!(change.ends(&"m".parse().unwrap()));
        assert!(!change.ends(&"other".parse().unwrap()));
    }
}
