//! One conversation as this gateway has it: the log's recent end, in order, the text under way,
//! and what is true for a moment. Readers take from it at their own pace; a reader is a cursor and
//! costs nothing more.
//!
//! Nothing here waits or does I/O. Letters are hints: where one does not fit what is known, the
//! feed says [`Taken::Gap`] and the hub reads the log, which alone decides whether something is
//! missing or this is not the log any more.

use convene_proto::{
    event::{EventBody, Kind},
    frame::Signal,
    id::{ConversationId, MessageId, ParticipantId},
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use super::{known::Known, live_text::LiveText, moments::Moments, promises::Change, wire::Encoded};

/// An event as it arrives.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) seq: Seq,
    pub(crate) eid: Eid,
    /// The tag of the event in front.
    pub(crate) prev: Eid,
    pub(crate) at: u64,
    pub(crate) body: bytes::Bytes,
}

/// What taking something in has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Taken {
    /// Known already, or about nothing that is shown.
    Nothing,
    /// Readers have something new.
    Advanced,
    /// The log is not the one that this feed knew: it begins anew.
    Lost,
    /// Something is missing, or in doubt: the log has to be read.
    Gap,
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
    /// The text at the cursor is not here: read it from the log. `over`: another part has begun.
    TextBehind {
        over: bool,
    },
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
    pub(crate) moments: u64,
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

    /// Moves past an event.
    pub(crate) fn pass(&mut self, seq: Seq, eid: Eid, change: &Change) {
        self.seq = seq;
        self.eid = eid;
        if self
            .text
            .as_ref()
            .is_some_and(|text| change.ends(&text.message))
        {
            self.text = None;
        }
    }
}

/// Where a feed stands, to be held against what the log says later.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    generation: u64,
    /// The end of what is known, and of the text under way.
    pub(crate) at: Position,
    heard: Seq,
    moments: u64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Feed {
    conversation: ConversationId,
    /// Counts how often the log was lost: cursors of earlier generations are void.
    generation: u64,
    known: Option<Known>,
    /// Something came before the log had said where it stands.
    missed: bool,
    moments: Moments,
}

impl Feed {
    pub(crate) fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            generation: 0,
            known: None,
            missed: false,
            moments: Moments::default(),
        }
    }

    /// Takes in what the log said of itself to a reader: the feed begins with the first of these.
    /// `text` is what streams, if anything does.
    pub(crate) fn begin(
        &mut self,
        at: &Position,
        text: impl FnOnce() -> Option<LiveText>,
    ) -> Taken {
        if let Some(known) = &mut self.known {
            return known.hear(at);
        }
        let mut known = Known::new(at, text());
        let missed = std::mem::take(&mut self.missed);
        if missed {
            known.doubt();
        }
        self.known = Some(known);
        if missed { Taken::Gap } else { Taken::Advanced }
    }

    /// Forgets the log: every reader has to subscribe again.
    pub(crate) fn forget(&mut self) -> Taken {
        self.known = None;
        self.generation += 1;
        Taken::Lost
    }

    pub(crate) fn standing(&self) -> Option<Standing> {
        self.known.as_ref().map(|known| Standing {
            generation: self.generation,
            at: known.end(),
            heard: known.heard(),
            moments: self.moments.end(),
        })
    }

    /// How many moments there have been, to be held against what the store says later.
    pub(crate) fn moment(&self) -> u64 {
        self.moments.end()
    }

    /// Whether the log has to be read.
    pub(crate) fn is_behind(&self) -> bool {
        self.known.as_ref().is_some_and(Known::is_behind)
    }

    /// The text of which something is missing, and where what is here ends.
    pub(crate) fn text_wanted(&mut self) -> Option<TextPosition> {
        self.known.as_mut()?.text_wanted()
    }

    pub(crate) fn take_event(&mut self, epoch: Epoch, entry: Entry) -> Taken {
        match &mut self.known {
            Some(known) if known.is_of(epoch) => known.take_event(&self.conversation, entry),
            Some(known) => known.doubt(),
            None => self.miss(),
        }
    }

    /// Takes in what the log told a reader of its end.
    pub(crate) fn take_events(&mut self, epoch: Epoch, entries: Vec<Entry>) -> Taken {
        match &mut self.known {
            Some(known) if known.is_of(epoch) => {
                known.take_events(&self.conversation, entries, false)
            }
            Some(known) => known.doubt(),
            None => self.miss(),
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
        match &mut self.known {
            Some(known) if known.is_of(epoch) => {
                known.take_delta(head, message, part, offset, text)
            }
            Some(known) => known.doubt(),
            None => self.miss(),
        }
    }

    /// Hears from a letter where the log stands, and how long the text under way is.
    pub(crate) fn hear_head(
        &mut self,
        epoch: Epoch,
        head: Seq,
        text: Option<(&MessageId, u16, u64)>,
    ) -> Taken {
        match &mut self.known {
            Some(known) if known.is_of(epoch) => known.hear_head(head, text),
            Some(known) => known.doubt(),
            None => self.miss(),
        }
    }

    /// Hears from the log, asked when the feed stood at `before`, where it stands.
    pub(crate) fn hear_log(&mut self, before: &Standing, log: &Position) -> Taken {
        match &mut self.known {
            Some(known) if self.generation == before.generation => {
                if is_rewound(&before.at, log) {
                    self.forget()
                } else {
                    known.hear(log)
                }
            }
            _ => Taken::Nothing,
        }
    }

    /// Takes in a page of the log, asked for when the feed stood at `before`, that begins with the
    /// event there: its tag says whether this is still the same log. `head` is the log's.
    pub(crate) fn take_page(
        &mut self,
        before: &Standing,
        epoch: Epoch,
        head: Seq,
        page: Vec<Entry>,
    ) -> Taken {
        let Some(known) = self
            .known
            .as_mut()
            .filter(|_| self.generation == before.generation)
        else {
            return Taken::Nothing;
        };
        let at = &before.at;
        let same = at.epoch == epoch
            && (at.seq == Seq(0)
                || page
                    .first()
                    .is_some_and(|first| (first.seq, first.eid) == (at.seq, at.eid)));
        if !same {
            return self.forget();
        }
        let advanced = known.trust(before.heard, head);
        known.take_events(&self.conversation, page, advanced)
    }

    /// Hears from the store that the conversation is no more, asked at `before`.
    pub(crate) fn hear_of_end(&mut self, before: &Standing) -> Taken {
        if self.generation == before.generation {
            self.forget()
        } else {
            Taken::Nothing
        }
    }

    /// Hears who is here, asked at moment `since`.
    pub(crate) fn hear_here(&mut self, here: &[ParticipantId], since: u64) -> Taken {
        if self.moments.compare(&self.conversation, here, since) {
            Taken::Advanced
        } else {
            Taken::Nothing
        }
    }

    pub(crate) fn here(&self) -> Vec<ParticipantId> {
        self.moments.here()
    }

    /// Shows a moment to every reader.
    pub(crate) fn show(&mut self, participant: ParticipantId, signal: Signal) -> Taken {
        self.moments.show(&self.conversation, participant, signal);
        Taken::Advanced
    }

    /// A cursor at the log's state that a reader was just told.
    pub(crate) fn cursor(&self, at: Position) -> Cursor {
        Cursor {
            generation: self.generation,
            epoch: at.epoch,
            seq: at.seq,
            eid: at.eid,
            text: at.text,
            moments: self.moments.end(),
        }
    }

    /// The next frame for a reader, and moves its cursor past it.
    pub(crate) fn next(&mut self, cursor: &mut Cursor) -> Next {
        if cursor.generation != self.generation {
            return Next::Lost;
        }
        if let Some(known) = &mut self.known {
            match known.next(&self.conversation, cursor) {
                Next::Idle => {}
                other => return other,
            }
        }
        match self.moments.next(cursor.moments) {
            Some((number, frame)) => {
                cursor.moments = number;
                Next::Frame(frame.clone())
            }
            None => Next::Idle,
        }
    }

    fn miss(&mut self) -> Taken {
        self.missed = true;
        Taken::Nothing
    }
}

impl Standing {
    pub(crate) fn moment(&self) -> u64 {
        self.moments
    }
}

/// Whether a log that was known to reach `before` cannot be the one that stands at `log` later.
fn is_rewound(before: &Position, log: &Position) -> bool {
    let shorter_text = || match (&before.text, &log.text) {
        (Some(before), Some(log)) => {
            (&before.message, before.part) == (&log.message, log.part) && log.offset < before.offset
        }
        _ => false,
    };
    log.epoch != before.epoch
        || log.seq < before.seq
        || (log.seq == before.seq && log.eid != before.eid)
        || shorter_text()
}

/// Who leaves the conversation with this event.
pub(super) fn leaver(kind: Kind, body: &[u8]) -> Option<ParticipantId> {
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

#[cfg(test)]
#[path = "rewind_tests.rs"]
mod rewind_tests;
