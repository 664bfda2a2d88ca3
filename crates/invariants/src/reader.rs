//! What one reader may be shown, by numbers alone. It holds no text, so that a gateway can keep one
//! for each of its readers and ask it about every frame.

use convene_proto::{
    event::EventBody,
    id::MessageId,
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use crate::Violation;

/// An event's place in a log, and which log that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub epoch: Epoch,
    pub seq: Seq,
    pub eid: Eid,
}

impl From<&Position> for Mark {
    fn from(position: &Position) -> Self {
        Self {
            epoch: position.epoch,
            seq: position.seq,
            eid: position.eid,
        }
    }
}

/// What an event does to the text under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    None,
    /// This message streams from now on.
    Begins(&'a MessageId),
    /// This message is whole, or taken back.
    Ends(&'a MessageId),
    /// The message that streams is, whichever that is.
    EndsUnderWay,
}

impl<'a> Change<'a> {
    /// What an event that says this does.
    #[must_use]
    pub fn of(body: &'a EventBody) -> Self {
        match body {
            EventBody::MessageStarted { message, .. } => Self::Begins(message),
            EventBody::MessageCompleted { message, .. } => Self::Ends(&message.id),
            EventBody::MessageRetracted { message, .. } => Self::Ends(message),
            _ => Self::None,
        }
    }
}

/// Where a reader stands, judged by what it was shown. After a violation it stands where it stood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reader {
    mark: Option<Mark>,
    text: Option<TextPosition>,
    /// Whether a text may have begun, and shown nothing yet, before what this reader has seen.
    before: bool,
    /// Whether it was said from where it goes on.
    live: bool,
}

impl Reader {
    /// A reader that has seen everything up to this position, or nothing.
    #[must_use]
    pub fn new(after: Option<&Position>) -> Self {
        let text = after.and_then(|position| position.text.clone());
        Self {
            mark: after.map(Mark::from),
            before: after.is_some() && text.is_none(),
            text,
            live: false,
        }
    }

    /// The last event that was shown.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// How far the text under way was shown.
    #[must_use]
    pub fn text_shown(&self) -> Option<&TextPosition> {
        self.text.as_ref()
    }

    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.mark.map(|mark| at(mark, self.text.clone()))
    }

    /// The connection is gone: it must be said anew from where it goes on.
    pub fn detach(&mut self) {
        self.live = false;
    }

    /// `resumed`: it goes on from here.
    ///
    /// # Errors
    /// If it stands elsewhere.
    pub fn resumed(&mut self, position: &Position) -> Result<(), Violation> {
        if self.mark != Some(Mark::from(position)) || !self.agrees(position) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.live = true;
        Ok(())
    }

    /// `snapshot` (or `reset`, which may lead back): the reader forgets what it was shown, and stands
    /// here. `text` is the text under way as the state has it, `whole` says that the state has all
    /// events.
    ///
    /// # Errors
    /// If a snapshot is older than what was shown before.
    pub fn replaced(
        &mut self,
        mark: Mark,
        text: Option<TextPosition>,
        whole: bool,
        is_reset: bool,
    ) -> Result<(), Violation> {
        let leads_back = |known: &Mark| known.epoch == mark.epoch && known.seq > mark.seq;
        if !is_reset && self.mark.as_ref().is_some_and(leads_back) {
            return Err(Violation::BadState("it is older than what was known"));
        }
        *self = Self {
            mark: Some(mark),
            before: !whole && text.is_none(),
            text,
            live: true,
        };
        Ok(())
    }

    /// An event. `prev` is the tag of the event in front of it, where that is known.
    ///
    /// # Errors
    /// If it is not the next one.
    pub fn event(
        &mut self,
        mark: Mark,
        prev: Option<Eid>,
        change: Change<'_>,
    ) -> Result<(), Violation> {
        let known = self.standing()?;
        let expected = known.seq.next();
        if mark.seq < expected {
            return Err(Violation::Duplicate(mark.seq));
        }
        if mark.seq > expected {
            return Err(Violation::Hole {
                expected,
                got: mark.seq,
            });
        }
        if mark.epoch != known.epoch || prev.is_some_and(|prev| prev != known.eid) {
            return Err(Violation::OtherLog(mark.seq));
        }
        self.text = match (change, self.text.take()) {
            (Change::Begins(message), _) => Some(beginning(message)),
            (Change::Ends(message), text) => text.filter(|text| text.message != *message),
            (Change::EndsUnderWay, _) => None,
            (Change::None, text) => text,
        };
        let ends = matches!(change, Change::Ends(_) | Change::EndsUnderWay);
        self.before &= self.text.is_none() && !ends;
        self.mark = Some(mark);
        Ok(())
    }

    /// Text of a part, from one byte to another.
    ///
    /// # Errors
    /// If these are not the next bytes.
    pub fn text(
        &mut self,
        message: &MessageId,
        part: u16,
        from: u64,
        to: u64,
    ) -> Result<(), Violation> {
        self.standing()?;
        let (known, offset) = match &self.text {
            Some(text) if text.message == *message => (text.part, text.offset),
            None if self.before => (0, 0),
            _ => return Err(Violation::StrayText(message.clone())),
        };
        let expected = match part {
            part if part == known => offset,
            part if known.checked_add(1) == Some(part) => 0,
            _ => return Err(Violation::StrayText(message.clone())),
        };
        let got = from;
        if got < expected {
            return Err(Violation::RepeatedText {
                message: message.clone(),
                expected,
                got,
            });
        }
        if got > expected {
            return Err(Violation::MissingText {
                message: message.clone(),
                expected,
                got,
            });
        }
        let text = self.text.get_or_insert_with(|| beginning(message));
        (text.part, text.offset) = (part, to);
        self.before = false;
        Ok(())
    }

    /// Whether a position says of the text under way what was shown of it. One that stands before
    /// its first byte may leave it out.
    #[must_use]
    pub fn agrees(&self, position: &Position) -> bool {
        match (&position.text, &self.text) {
            (None, None) => true,
            (None, Some(text)) => text.part == 0 && text.offset == 0,
            (Some(said), Some(text)) => said == text,
            (Some(_), None) => false,
        }
    }

    fn standing(&self) -> Result<Mark, Violation> {
        self.mark.filter(|_| self.live).ok_or(Violation::Unasked)
    }
}

fn beginning(message: &MessageId) -> TextPosition {
    TextPosition {
        message: message.clone(),
        part: 0,
        offset: 0,
    }
}

fn at(mark: Mark, text: Option<TextPosition>) -> Position {
    Position {
        epoch: mark.epoch,
        seq: mark.seq,
        eid: mark.eid,
        text,
    }
}
