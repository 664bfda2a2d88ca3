//! Where a reader stands in a conversation, and the check that every frame goes on from there.

use convene_proto::{
    event::{Event, EventBody, Message, Part},
    frame::{ServerFrame, State},
    id::MessageId,
    position::{Position, Seq, TextPosition},
};

use crate::{Change, Mark, Reader, Violation};

/// Where a reader stands. It takes frames of one conversation, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cursor {
    reader: Reader,
    /// As it was given.
    position: Option<Position>,
    seen: Seen,
}

/// The text of the part under way, as far as this reader has seen it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Seen {
    /// Bytes before what was seen.
    start: u64,
    text: String,
}

impl Cursor {
    /// A reader that has seen everything up to this position, or nothing.
    #[must_use]
    pub fn new(position: Option<Position>) -> Self {
        let text = position
            .as_ref()
            .and_then(|position| position.text.as_ref());
        Self {
            reader: Reader::new(position.as_ref()),
            seen: Seen {
                start: text.map_or(0, |text| text.offset),
                text: String::new(),
            },
            position,
        }
    }

    /// What to give as `after`.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// The connection is gone: the server must say anew from where it goes on.
    pub fn detach(&mut self) {
        self.reader.detach();
    }

    /// Takes in a frame. After a violation the cursor stands where it stood.
    ///
    /// # Errors
    /// If the frame does not go on from here.
    pub fn take(&mut self, frame: &ServerFrame) -> Result<(), Violation> {
        match frame {
            ServerFrame::Resumed { position, .. } => self.resume(position),
            ServerFrame::Snapshot {
                position, state, ..
            } => self.replace(position, state, false),
            ServerFrame::Reset {
                position, state, ..
            } => self.replace(position, state, true),
            ServerFrame::Event {
                position, event, ..
            } => self.event(position, event),
            ServerFrame::Delta {
                position,
                message,
                part,
                offset,
                text,
                ..
            } => self.delta(position, (message, *part, *offset), text),
            _ => Ok(()),
        }
    }

    fn resume(&mut self, position: &Position) -> Result<(), Violation> {
        if self.position.as_ref() != Some(position) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.reader.resumed(position)
    }

    fn replace(
        &mut self,
        position: &Position,
        state: &State,
        is_reset: bool,
    ) -> Result<(), Violation> {
        let mut pairs = state.events.iter().zip(state.events.iter().skip(1));
        if pairs.any(|(one, next)| one.seq.next() != next.seq) {
            return Err(Violation::BadState("its events are not in a row"));
        }
        if let Some(last) = state.events.last()
            && (last.seq, last.eid) != (position.seq, position.eid)
        {
            return Err(Violation::BadState(
                "its position is not that of its last event",
            ));
        }
        let mut begun = None;
        for event in &state.events {
            begun = match Change::of(&event.body) {
                Change::Begins(message) => Some(message),
                Change::Ends(message) => begun.filter(|begun| *begun != message),
                Change::EndsUnderWay => None,
                Change::None => begun,
            };
        }
        let streaming = state.streaming.as_ref();
        let (message, part) = streaming.map_or((begun, 0), |text| (Some(&text.message), text.part));
        let seen = streaming.map_or("", |text| text.text.as_str());
        let text = message.map(|message| TextPosition {
            message: message.clone(),
            part,
            offset: seen.len() as u64,
        });
        let whole = state
            .events
            .first()
            .is_some_and(|first| first.seq == Seq(1));
        let mut next = self.reader.clone();
        next.replaced(Mark::from(position), text, whole, is_reset)?;
        if !next.agrees(position) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.stand(next, position);
        self.seen = Seen {
            start: 0,
            text: seen.to_owned(),
        };
        Ok(())
    }

    fn event(&mut self, position: &Position, event: &Event) -> Result<(), Violation> {
        let wrong = || Violation::WrongPosition {
            got: position.clone(),
        };
        let mut next = self.reader.clone();
        let mark = Mark {
            epoch: position.epoch,
            seq: event.seq,
            eid: event.eid,
        };
        match next.event(mark, None, Change::of(&event.body)) {
            Err(Violation::OtherLog(_)) => return Err(wrong()),
            done => done?,
        }
        if let (EventBody::MessageCompleted { message, .. }, Some(text)) =
            (&event.body, self.reader.text_shown())
            && text.message == message.id
            && !self.seen.is_in(message, text.part)
        {
            return Err(Violation::OtherText(message.id.clone()));
        }
        if Mark::from(position) != mark || !next.agrees(position) {
            return Err(wrong());
        }
        if next.text_shown() != self.reader.text_shown() {
            self.seen = Seen::default();
        }
        self.stand(next, position);
        Ok(())
    }

    fn delta(
        &mut self,
        position: &Position,
        (message, part, offset): (&MessageId, u16, u64),
        piece: &str,
    ) -> Result<(), Violation> {
        let mut next = self.reader.clone();
        next.text(message, part, offset, offset + piece.len() as u64)?;
        if next.position().as_ref() != Some(position) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        let part_before = self.reader.text_shown().map(|text| text.part);
        if part_before.is_some_and(|before| before != part) {
            self.seen = Seen::default();
        }
        self.seen.text.push_str(piece);
        self.stand(next, position);
        Ok(())
    }

    fn stand(&mut self, reader: Reader, position: &Position) {
        self.reader = reader;
        self.position = Some(position.clone());
    }
}

impl Seen {
    /// Whether the whole message has what was seen of it, where it was seen.
    fn is_in(&self, message: &Message, part: u16) -> bool {
        let whole = match message.parts.get(usize::from(part)) {
            Some(Part::Text { text }) => text.as_str(),
            _ => "",
        };
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        whole
            .get(start..)
            .is_some_and(|rest| rest.starts_with(&self.text))
    }
}
