//! Where a reader stands in a conversation, and the check that every frame goes on from there.

use convene_proto::{
    event::{Event, EventBody, Message, Part},
    frame::{ServerFrame, State},
    id::MessageId,
    position::{Position, Seq, TextPosition},
};

/// How a server broke its word that every client sees a prefix of the log: each event once, in
/// order, and each byte of text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    #[error("a frame before `resumed`, `snapshot` or `reset`")]
    Unasked,
    #[error("event {0} came again")]
    Duplicate(Seq),
    #[error("event {expected} is missing: {got} came")]
    Hole { expected: Seq, got: Seq },
    #[error("text of {message} came again: byte {got}, where {expected} was next")]
    RepeatedText {
        message: MessageId,
        expected: u64,
        got: u64,
    },
    #[error("text of {message} is missing: byte {got} came, where {expected} was next")]
    MissingText {
        message: MessageId,
        expected: u64,
        got: u64,
    },
    #[error("text of {0}, which is not being written")]
    StrayText(MessageId),
    #[error("the whole text of {0} is not what had streamed")]
    OtherText(MessageId),
    #[error("the position {got} came with a frame that leads elsewhere")]
    WrongPosition { got: Position },
    #[error("a snapshot that does not hold together: {0}")]
    BadState(&'static str),
}

/// Where a reader stands. It takes frames of one conversation, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cursor {
    position: Option<Position>,
    text: Option<Text>,
    /// Whether a text may have begun, and shown nothing yet, before what this reader has seen.
    before: bool,
    /// Whether the server has said from where it goes on.
    live: bool,
}

/// The part being written, as far as this reader has seen it.
#[derive(Debug, Clone, PartialEq)]
struct Text {
    message: MessageId,
    part: u16,
    /// Bytes before what was seen.
    start: u64,
    seen: String,
}

impl Text {
    fn begin(message: MessageId) -> Self {
        Self {
            message,
            part: 0,
            start: 0,
            seen: String::new(),
        }
    }

    fn end(&self) -> u64 {
        self.start + self.seen.len() as u64
    }

    fn position(&self) -> TextPosition {
        TextPosition {
            message: self.message.clone(),
            part: self.part,
            offset: self.end(),
        }
    }
}

impl Cursor {
    /// A reader that has seen everything up to this position, or nothing.
    #[must_use]
    pub fn new(position: Option<Position>) -> Self {
        let text = position
            .as_ref()
            .and_then(|position| position.text.as_ref());
        let text = text.map(|text| Text {
            part: text.part,
            start: text.offset,
            ..Text::begin(text.message.clone())
        });
        let before = position.is_some() && text.is_none();
        Self {
            position,
            text,
            before,
            live: false,
        }
    }

    /// What to give as `after`.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// The connection is gone: the server must say anew from where it goes on.
    pub fn detach(&mut self) {
        self.live = false;
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
            } => {
                let older =
                    |known: &Position| known.epoch == position.epoch && known.seq > position.seq;
                if self.position.as_ref().is_some_and(older) {
                    return Err(Violation::BadState("it is older than what was known"));
                }
                self.replace(position, state)
            }
            ServerFrame::Reset {
                position, state, ..
            } => self.replace(position, state),
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
            } => self.delta(position, message, *part, *offset, text),
            _ => Ok(()),
        }
    }

    fn resume(&mut self, position: &Position) -> Result<(), Violation> {
        if self.position.as_ref() != Some(position) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.live = true;
        Ok(())
    }

    fn replace(&mut self, position: &Position, state: &State) -> Result<(), Violation> {
        let pairs = state.events.iter().zip(state.events.iter().skip(1));
        if pairs
            .into_iter()
            .any(|(one, next)| one.seq.next() != next.seq)
        {
            return Err(Violation::BadState("its events are not in a row"));
        }
        if let Some(last) = state.events.last()
            && (last.seq, last.eid) != (position.seq, position.eid)
        {
            return Err(Violation::BadState(
                "its position is not that of its last event",
            ));
        }
        let begun = state
            .events
            .iter()
            .fold(None, |text, event| after(text, &event.body));
        let text = match &state.streaming {
            Some(streaming) => Some(Text {
                part: streaming.part,
                seen: streaming.text.clone(),
                ..Text::begin(streaming.message.clone())
            }),
            None => begun,
        };
        if !agree(position, text.as_ref()) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        let cut = state.events.first().is_none_or(|first| first.seq > Seq(1));
        let before = cut && text.is_none();
        *self = Self {
            position: Some(position.clone()),
            text,
            before,
            live: true,
        };
        Ok(())
    }

    fn event(&mut self, position: &Position, event: &Event) -> Result<(), Violation> {
        let known = self.standing()?;
        let expected = known.seq.next();
        if event.seq < expected {
            return Err(Violation::Duplicate(event.seq));
        }
        if event.seq > expected {
            return Err(Violation::Hole {
                expected,
                got: event.seq,
            });
        }
        if let (EventBody::MessageCompleted { message, .. }, Some(text)) = (&event.body, &self.text)
            && text.message == message.id
            && !holds(message, text)
        {
            return Err(Violation::OtherText(message.id.clone()));
        }
        let text = after(self.text.clone(), &event.body);
        let before = self.before && text.is_none() && !ends_text(&event.body);
        let goes_on = position.epoch == known.epoch
            && (position.seq, position.eid) == (event.seq, event.eid)
            && agree(position, text.as_ref());
        if !goes_on {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.position = Some(position.clone());
        self.text = text;
        self.before = before;
        Ok(())
    }

    fn delta(
        &mut self,
        position: &Position,
        message: &MessageId,
        part: u16,
        offset: u64,
        piece: &str,
    ) -> Result<(), Violation> {
        let known = self.standing()?;
        let mut text = match &self.text {
            Some(text) if text.message == *message => text.clone(),
            None if self.before => Text::begin(message.clone()),
            _ => return Err(Violation::StrayText(message.clone())),
        };
        if text.part.checked_add(1) == Some(part) {
            text = Text {
                part,
                ..Text::begin(message.clone())
            };
        }
        let (expected, got, message) = (text.end(), offset, message.clone());
        if text.part != part {
            return Err(Violation::StrayText(message));
        }
        if got < expected {
            return Err(Violation::RepeatedText {
                message,
                expected,
                got,
            });
        }
        if got > expected {
            return Err(Violation::MissingText {
                message,
                expected,
                got,
            });
        }
        text.seen.push_str(piece);
        let stands =
            (position.epoch, position.seq, position.eid) == (known.epoch, known.seq, known.eid);
        if !stands || position.text.as_ref() != Some(&text.position()) {
            return Err(Violation::WrongPosition {
                got: position.clone(),
            });
        }
        self.position = Some(position.clone());
        self.text = Some(text);
        self.before = false;
        Ok(())
    }

    fn standing(&self) -> Result<&Position, Violation> {
        self.position
            .as_ref()
            .filter(|_| self.live)
            .ok_or(Violation::Unasked)
    }
}

/// The text under way once this has happened.
fn after(text: Option<Text>, body: &EventBody) -> Option<Text> {
    let ended = match body {
        EventBody::MessageStarted { message, .. } => return Some(Text::begin(message.clone())),
        EventBody::MessageCompleted { message, .. } => &message.id,
        EventBody::MessageRetracted { message, .. } => message,
        _ => return text,
    };
    text.filter(|text| text.message != *ended)
}

fn ends_text(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::MessageCompleted { .. } | EventBody::MessageRetracted { .. }
    )
}

/// Whether a position says of the text under way what was seen of it. One that stands before its
/// first byte may leave it out.
fn agree(position: &Position, text: Option<&Text>) -> bool {
    match (&position.text, text) {
        (None, None) => true,
        (None, Some(text)) => text.part == 0 && text.end() == 0,
        (Some(said), Some(text)) => *said == text.position(),
        (Some(_), None) => false,
    }
}

/// Whether the whole message has what was seen of it, where it was seen.
fn holds(message: &Message, text: &Text) -> bool {
    let whole = match message.parts.get(usize::from(text.part)) {
        Some(Part::Text { text }) => text.as_str(),
        None => "",
    };
    let start = usize::try_from(text.start).unwrap_or(usize::MAX);
    whole
        .get(start..)
        .is_some_and(|rest| rest.starts_with(&text.seen))
}
