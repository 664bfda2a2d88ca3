//! One conversation as this gateway has it: the log's recent end, in order, and the text under
//! way. Readers take from it at their own pace; a reader is a cursor and costs nothing more.
//!
//! Nothing here waits or does I/O. What arrives out of order waits in `early`; what is missing is
//! reported as [`Taken::Gap`], for the hub to read from the log.

use std::collections::{BTreeMap, VecDeque};

use convene_proto::{
    event::{EventBody, Kind},
    id::{ConversationId, MessageId, ParticipantId},
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use super::{live_text::LiveText, wire::Encoded};

/// How many recent events a feed keeps for its readers; who is further behind reads the log.
const WINDOW: usize = 128;
/// And how many bytes of them.
const WINDOW_BYTES: usize = 256 * 1024;
/// How many events may wait for an earlier one; more are dropped, and read from the log.
const EARLY: usize = 256;
/// How many moments (typing, presence) a reader may be behind before it misses some.
const SIGNALS: usize = 32;

/// An event as it arrives.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) seq: Seq,
    pub(crate) eid: Eid,
    pub(crate) at: u64,
    pub(crate) body: bytes::Bytes,
}

/// What taking something in has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Readers have something new.
    Advanced,
    /// Known already, or about nothing that is shown.
    Nothing,
    /// Something before it is missing.
    Gap,
    /// The log is not the one that this feed knows: it begins anew.
    Lost,
}

/// What a reader finds at its cursor.
#[derive(Debug)]
pub(crate) enum Next {
    Frame(Encoded),
    /// A frame that says that this participant has left: to them it is the last.
    Farewell(Encoded, ParticipantId),
    /// Nothing yet.
    Idle,
    /// The events after the cursor are no longer here: read them from the log.
    EventsBehind,
    /// The text at the cursor is not here: read it from the log.
    TextBehind,
    /// The log is not the one that the cursor is about: subscribe again.
    Lost,
}

/// Where a reader stands.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    pub(crate) generation: u64,
    pub(crate) epoch: Epoch,
    pub(crate) seq: Seq,
    pub(crate) eid: Eid,
    pub(crate) text: Option<TextPosition>,
    pub(crate) signals: u64,
}

impl Cursor {
    pub(crate) fn position(&self) -> Position {
        Position {
            epoch: self.epoch,
            seq: self.seq,
            eid: self.eid,
            text: self.text.clone(),
        }
    }
}

#[derive(Debug)]
struct Recent {
    seq: Seq,
    eid: Eid,
    ends_text: bool,
    leaver: Option<ParticipantId>,
    frame: Encoded,
    /// The text position inside `frame`.
    text: Option<TextPosition>,
}

/// What is known of the log.
#[derive(Debug)]
struct Known {
    epoch: Epoch,
    head: Seq,
    eid: Eid,
    /// Consecutive, the last of them being the head.
    window: VecDeque<Recent>,
    window_bytes: usize,
    text: Option<LiveText>,
    /// The message whose text ended last: a late delta of it is no gap.
    closed: Option<MessageId>,
    early: BTreeMap<Seq, Entry>,
    /// A text that streams, of which something is missing here.
    wanted: Option<(MessageId, u16)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Feed {
    conversation: ConversationId,
    /// Counts how often the log was lost: cursors of earlier generations are void.
    generation: u64,
    known: Option<Known>,
    signals: VecDeque<Encoded>,
    /// How many signals there have ever been.
    signals_end: u64,
}

impl Feed {
    pub(crate) fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            generation: 0,
            known: None,
            signals: VecDeque::new(),
            signals_end: 0,
        }
    }

    /// Takes in what the log said of itself: the feed begins with the first of these.
    pub(crate) fn begin(
        &mut self,
        epoch: Epoch,
        head: Seq,
        eid: Eid,
        text: Option<LiveText>,
    ) -> Taken {
        match &self.known {
            Some(known) if known.epoch != epoch => self.forget(),
            Some(known) if known.head == head && known.eid != eid => self.forget(),
            Some(known) if known.head < head => return Taken::Gap,
            Some(_) => return Taken::Nothing,
            None => {}
        }
        self.known = Some(Known {
            epoch,
            head,
            eid,
            window: VecDeque::new(),
            window_bytes: 0,
            text,
            closed: None,
            early: BTreeMap::new(),
            wanted: None,
        });
        Taken::Advanced
    }

    /// Forgets the log: every reader has to subscribe again.
    pub(crate) fn forget(&mut self) {
        self.known = None;
        self.generation += 1;
    }

    /// Where the feed stands: what to read the log from, to mend a gap.
    pub(crate) fn standing(&self) -> Option<(Epoch, Seq, Eid)> {
        self.known
            .as_ref()
            .map(|known| (known.epoch, known.head, known.eid))
    }

    /// The text of which something is missing, and where what is here ends.
    pub(crate) fn text_wanted(&mut self) -> Option<TextPosition> {
        let known = self.known.as_mut()?;
        let (message, part) = known.wanted.take()?;
        let offset = known.text_length(&message, part);
        Some(TextPosition {
            message,
            part,
            offset,
        })
    }

    pub(crate) fn take_event(&mut self, epoch: Epoch, entry: Entry) -> Taken {
        let Some(known) = &mut self.known else {
            return Taken::Nothing;
        };
        if known.epoch != epoch {
            self.forget();
            return Taken::Lost;
        }
        if entry.seq <= known.head {
            return match known.recent(entry.seq) {
                Some(recent) if recent.eid != entry.eid => {
                    self.forget();
                    Taken::Lost
                }
                _ => Taken::Nothing,
            };
        }
        if entry.seq > known.head.next() {
            if known.early.len() < EARLY {
                known.early.insert(entry.seq, entry);
            }
            return Taken::Gap;
        }
        known.push(&self.conversation, &entry);
        while let Some(entry) = known.early.remove(&known.head.next()) {
            known.push(&self.conversation, &entry);
        }
        known.early = known.early.split_off(&known.head.next());
        if known.early.is_empty() {
            Taken::Advanced
        } else {
            Taken::Gap
        }
    }

    /// Takes a piece of text. `head` is the log's last event when it was written.
    pub(crate) fn take_delta(
        &mut self,
        epoch: Epoch,
        head: Seq,
        message: &MessageId,
        part: u16,
        offset: u64,
        text: &str,
    ) -> Taken {
        let Some(known) = &mut self.known else {
            return Taken::Nothing;
        };
        if known.epoch != epoch {
            self.forget();
            return Taken::Lost;
        }
        if known.closed.as_ref() == Some(message) {
            return Taken::Nothing;
        }
        let taken = if head > known.head {
            Taken::Gap
        } else {
            known.take_text(message, part, offset, text)
        };
        if taken == Taken::Gap {
            known.wanted = Some((message.clone(), part));
        }
        taken
    }

    /// Hears where the log stands; a text length of a message that is not under way here counts
    /// as a gap.
    pub(crate) fn hear_head(
        &mut self,
        epoch: Epoch,
        head: Seq,
        text: Option<(&MessageId, u16, u64)>,
    ) -> Taken {
        let Some(known) = &mut self.known else {
            return Taken::Nothing;
        };
        if known.epoch != epoch {
            self.forget();
            return Taken::Lost;
        }
        let behind = text.filter(|(message, part, length)| {
            known.closed.as_ref() != Some(*message) && *length > known.text_length(message, *part)
        });
        if let Some((message, part, _)) = behind {
            known.wanted = Some((message.clone(), part));
        }
        if head > known.head || behind.is_some() {
            Taken::Gap
        } else {
            Taken::Nothing
        }
    }

    /// Shows a moment to every reader that keeps up.
    pub(crate) fn show(&mut self, signal: Encoded) {
        if self.signals.len() == SIGNALS {
            self.signals.pop_front();
        }
        self.signals.push_back(signal);
        self.signals_end += 1;
    }

    /// A cursor at the log's state that a reader was just told.
    pub(crate) fn cursor(&self, at: Position) -> Cursor {
        Cursor {
            generation: self.generation,
            epoch: at.epoch,
            seq: at.seq,
            eid: at.eid,
            text: at.text,
            signals: self.signals_end,
        }
    }

    /// The next frame for a reader, and moves its cursor past it.
    pub(crate) fn next(&mut self, cursor: &mut Cursor) -> Next {
        let Some(known) = &mut self.known else {
            return if cursor.generation == self.generation {
                Next::Idle
            } else {
                Next::Lost
            };
        };
        if cursor.generation != self.generation || cursor.epoch != known.epoch {
            return Next::Lost;
        }
        if cursor.seq < known.head {
            return known.next_event(cursor);
        }
        if cursor.seq == known.head
            && let Some(live) = &mut known.text
        {
            match live.next(&self.conversation, cursor) {
                Next::Idle => {}
                other => return other,
            }
        }
        let begin = self.signals_end - self.signals.len() as u64;
        if cursor.signals < self.signals_end {
            let at = cursor.signals.max(begin);
            cursor.signals = at + 1;
            if let Some(signal) = usize::try_from(at - begin)
                .ok()
                .and_then(|index| self.signals.get(index))
            {
                return Next::Frame(signal.clone());
            }
        }
        Next::Idle
    }
}

impl Known {
    fn recent(&self, seq: Seq) -> Option<&Recent> {
        let back = usize::try_from(self.head.0.checked_sub(seq.0)?).ok()?;
        let index = self.window.len().checked_sub(back + 1)?;
        self.window.get(index)
    }

    fn push(&mut self, conversation: &ConversationId, entry: &Entry) {
        let kind = EventBody::kind(&entry.body);
        let ends_text = kind.is_some_and(Kind::ends_text);
        let leaver = kind.and_then(|kind| leaver(kind, &entry.body));
        if ends_text && let Some(live) = self.text.take() {
            self.closed = Some(live.end().message);
            self.wanted = None;
        }
        if let Some(live) = &mut self.text {
            live.event_came();
        }
        self.head = entry.seq;
        self.eid = entry.eid;
        let text = self.text.as_ref().map(LiveText::end);
        let position = Position {
            epoch: self.epoch,
            seq: entry.seq,
            eid: entry.eid,
            text: text.clone(),
        };
        let frame = Encoded::event(
            conversation,
            &position,
            entry.seq,
            entry.eid,
            entry.at,
            &entry.body,
        );
        let Some(frame) = frame else {
            // Not an object: no writer of ours makes that. Readers find it missing and read on.
            tracing::error!(%conversation, seq = %entry.seq, "event has a damaged body");
            self.window.clear();
            self.window_bytes = 0;
            return;
        };
        self.window_bytes += frame.json.len();
        self.window.push_back(Recent {
            seq: entry.seq,
            eid: entry.eid,
            ends_text,
            leaver,
            frame,
            text,
        });
        while self.window.len() > WINDOW
            || (self.window_bytes > WINDOW_BYTES && self.window.len() > 1)
        {
            if let Some(old) = self.window.pop_front() {
                self.window_bytes -= old.frame.json.len();
            }
        }
    }

    /// How much of a text is here.
    fn text_length(&self, message: &MessageId, part: u16) -> u64 {
        match &self.text {
            Some(live) if live.is(message, part) => live.end().offset,
            _ => 0,
        }
    }

    fn take_text(&mut self, message: &MessageId, part: u16, offset: u64, text: &str) -> Taken {
        match &mut self.text {
            Some(live) if live.is(message, part) => live.take(offset, text),
            // A new message, or the next part of this one.
            _ if offset == 0 => {
                self.text = Some(LiveText::new(message.clone(), part, 0, text.to_owned()));
                Taken::Advanced
            }
            _ => Taken::Gap,
        }
    }

    fn next_event(&self, cursor: &mut Cursor) -> Next {
        let Some(recent) = self.recent(cursor.seq.next()) else {
            return Next::EventsBehind;
        };
        let text = if recent.ends_text {
            None
        } else {
            cursor.text.clone()
        };
        cursor.seq = recent.seq;
        cursor.eid = recent.eid;
        cursor.text = text;
        let frame = if cursor.text == recent.text {
            recent.frame.clone()
        } else {
            recent.frame.at(&cursor.position())
        };
        match &recent.leaver {
            Some(leaver) => Next::Farewell(frame, leaver.clone()),
            None => Next::Frame(frame),
        }
    }
}

fn leaver(kind: Kind, body: &[u8]) -> Option<ParticipantId> {
    if kind != Kind::ParticipantLeft {
        return None;
    }
    match EventBody::decode(body) {
        Ok(EventBody::ParticipantLeft { participant }) => Some(participant),
        _ => None,
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
