//! The text of the message that is being written, as far as this gateway has it.

use std::{cmp::Ordering, collections::VecDeque};

use convene_proto::{
    id::{ConversationId, MessageId},
    position::{Position, TextPosition},
};

use super::{
    feed::{Cursor, Next, Taken},
    wire::Encoded,
};

/// Pending pieces merge into one frame, up to this many bytes.
const FRAME_BYTES: usize = 16 * 1024;
/// Frames of these many places are kept, for the readers who stand there, too.
const SHARED: usize = 8;
/// What is kept of a long text; who is further behind reads the log.
const KEPT_BYTES: usize = 256 * 1024;

/// See the module.
#[derive(Debug)]
pub(crate) struct LiveText {
    message: MessageId,
    part: u16,
    /// The offset of the first byte that is here.
    start: u64,
    text: String,
    /// Frames that reach from some offset to the present end. Readers that keep up share them.
    frames: VecDeque<(u64, Encoded, u64)>,
}

impl LiveText {
    pub(crate) fn new(message: MessageId, part: u16, start: u64, text: String) -> Self {
        Self {
            message,
            part,
            start,
            text,
            frames: VecDeque::new(),
        }
    }

    pub(crate) fn message(&self) -> &MessageId {
        &self.message
    }

    pub(crate) fn is_of(&self, message: &MessageId) -> bool {
        self.message == *message
    }

    /// Where the text ends.
    pub(crate) fn end(&self) -> TextPosition {
        self.at(self.part, self.length())
    }

    fn at(&self, part: u16, offset: u64) -> TextPosition {
        TextPosition {
            message: self.message.clone(),
            part,
            offset,
        }
    }

    fn length(&self) -> u64 {
        self.start + self.text.len() as u64
    }

    /// Whether something of a part that is this long is not here.
    pub(crate) fn lacks(&self, part: u16, length: u64) -> bool {
        part > self.part || (part == self.part && length > self.length())
    }

    /// Where what is here of this part ends; nothing where the part is over.
    pub(crate) fn end_of(&self, part: u16) -> Option<TextPosition> {
        match part.cmp(&self.part) {
            Ordering::Less => None,
            Ordering::Equal => Some(self.end()),
            Ordering::Greater => Some(self.at(part, 0)),
        }
    }

    /// Adds a piece. One that overlaps what is here adds what is new; one that begins a later part
    /// takes the place of this.
    pub(crate) fn take(&mut self, part: u16, offset: u64, piece: &str) -> Taken {
        match part.cmp(&self.part) {
            Ordering::Less => return Taken::Nothing,
            Ordering::Greater if offset == 0 => {
                *self = Self::new(self.message.clone(), part, 0, piece.to_owned());
                return Taken::Advanced;
            }
            Ordering::Greater => return Taken::Gap,
            Ordering::Equal => {}
        }
        let end = self.length();
        if offset > end {
            return Taken::Gap;
        }
        let known = usize::try_from(end - offset).unwrap_or(usize::MAX);
        match piece.get(known..) {
            Some("") => Taken::Nothing,
            Some(new) => {
                self.text.push_str(new);
                self.frames.clear();
                self.shed();
                Taken::Advanced
            }
            // Shorter than what is here, or cut inside a character: we have it or will read it.
            None => Taken::Nothing,
        }
    }

    fn shed(&mut self) {
        if self.text.len() <= 2 * KEPT_BYTES {
            return;
        }
        let cut = ceil_boundary(&self.text, self.text.len() - KEPT_BYTES);
        self.text.drain(..cut);
        self.start += cut as u64;
    }

    /// The next piece for a reader whose events are up to date.
    pub(crate) fn next(&mut self, conversation: &ConversationId, cursor: &mut Cursor) -> Next {
        let from = match &cursor.text {
            Some(at) if at.message == self.message && at.part == self.part => at.offset,
            // Still inside an earlier part: its rest comes first.
            Some(at) if at.message == self.message && at.part < self.part => {
                return Next::TextBehind { over: true };
            }
            // Has read of a later part than has come here.
            Some(at) if at.message == self.message => return Next::Idle,
            _ => 0,
        };
        if from >= self.length() {
            return Next::Idle;
        }
        let begin = from
            .checked_sub(self.start)
            .and_then(|begin| usize::try_from(begin).ok())
            .filter(|begin| self.text.is_char_boundary(*begin));
        let Some(begin) = begin else {
            self.place(cursor, from);
            return Next::TextBehind { over: false };
        };
        if let Some((_, frame, end)) = self.frames.iter().find(|(start, ..)| *start == from) {
            self.place(cursor, *end);
            // The frame's position names the event before it, which all who are here share.
            return Next::Frame(frame.clone());
        }
        let piece = &self.text[begin..];
        let piece = &piece[..ceil_boundary(piece, piece.len().min(FRAME_BYTES))];
        let end = from + piece.len() as u64;
        let position = Position {
            epoch: cursor.epoch,
            seq: cursor.seq,
            eid: cursor.eid,
            text: Some(self.at(self.part, end)),
        };
        let Some(frame) = Encoded::delta(conversation, &position, from, piece) else {
            return Next::Idle;
        };
        cursor.text = position.text;
        if self.frames.len() == SHARED {
            self.frames.pop_front();
        }
        self.frames.push_back((from, frame.clone(), end));
        Next::Frame(frame)
    }

    /// Has a reader stand there. Most stand in this text already: its name, which all of them share,
    /// is not counted up and down for each frame.
    fn place(&self, cursor: &mut Cursor, offset: u64) {
        match &mut cursor.text {
            Some(at) if at.message == self.message => (at.part, at.offset) = (self.part, offset),
            text => *text = Some(self.at(self.part, offset)),
        }
    }

    /// The log went on: frames made before name an older event.
    pub(crate) fn event_came(&mut self) {
        self.frames.clear();
    }
}

fn ceil_boundary(text: &str, mut index: usize) -> usize {
    while index < text.len() && !text.is_char_boundary(index) {
        index += 1;
    }
    index
}
