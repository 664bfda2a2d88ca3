//! What a feed knows of its log: the last events, one after the other, and the text under way.

use std::collections::{BTreeMap, VecDeque};

use convene_proto::{
    event::{EventBody, Kind},
    id::{ConversationId, MessageId, ParticipantId},
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use convene_runtime::lies::{Lie, told};

use super::{
    feed::{Cursor, Entry, Next, Taken, leaver},
    live_text::LiveText,
    promises::Change,
    wire::Encoded,
};

/// How many recent events are kept for readers; who is further behind reads the log.
pub(super) const WINDOW: usize = 128;
/// And how many bytes of them.
const WINDOW_BYTES: usize = 256 * 1024;
/// How many events may wait for an earlier one; more are dropped, and read from the log.
const EARLY: usize = 256;

#[derive(Debug)]
struct Recent {
    seq: Seq,
    eid: Eid,
    prev: Eid,
    change: Change,
    leaver: Option<ParticipantId>,
    frame: Encoded,
    /// The text position inside `frame`.
    text: Option<TextPosition>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Known {
    epoch: Epoch,
    head: Seq,
    eid: Eid,
    /// Consecutive, the last of them being the head.
    window: VecDeque<Recent>,
    window_bytes: usize,
    /// What streams. It begins and ends with an event: text of any other message is late.
    text: Option<LiveText>,
    early: BTreeMap<Seq, Entry>,
    /// The furthest event that was heard of.
    heard: Seq,
    /// Something does not fit: this may not be the log any more.
    doubted: bool,
    /// Something came that is too old to tell whether it fits: the log is asked, and no reader waits.
    unsure: bool,
    /// A text of which something is missing here.
    wanted: Option<(MessageId, u16)>,
}

impl Known {
    pub(super) fn new(at: &Position, text: Option<LiveText>) -> Self {
        Self {
            epoch: at.epoch,
            head: at.seq,
            eid: at.eid,
            window: VecDeque::new(),
            window_bytes: 0,
            text,
            early: BTreeMap::new(),
            heard: at.seq,
            doubted: false,
            unsure: false,
            wanted: None,
        }
    }

    pub(super) fn is_of(&self, epoch: Epoch) -> bool {
        self.epoch == epoch
    }

    /// Where it ends.
    pub(super) fn end(&self) -> Position {
        Position {
            epoch: self.epoch,
            seq: self.head,
            eid: self.eid,
            text: self.text.as_ref().map(LiveText::end),
        }
    }

    pub(super) fn is_behind(&self) -> bool {
        self.doubted || self.unsure || self.heard > self.head || self.wanted.is_some()
    }

    /// Something does not fit what is known: the log decides.
    pub(super) fn doubt(&mut self) -> Taken {
        self.doubted = true;
        Taken::Gap
    }

    /// The log has the event that was the last one here, and so all before it; and it ended at
    /// `head` after `heard` was heard of.
    /// Answers whether that was in doubt, and readers waited for it.
    pub(super) fn trust(&mut self, heard: Seq, head: Seq) -> bool {
        if self.heard == heard {
            self.heard = head.max(self.head);
        }
        self.unsure = false;
        std::mem::take(&mut self.doubted)
    }

    pub(super) fn heard(&self) -> Seq {
        self.heard
    }

    pub(super) fn verdict(&self, otherwise: Taken) -> Taken {
        if self.is_behind() {
            Taken::Gap
        } else {
            otherwise
        }
    }

    /// Hears from the log where it stood a moment ago.
    pub(super) fn hear(&mut self, log: &Position) -> Taken {
        let fits = self.epoch == log.epoch
            && (log.seq > self.head || self.eid_at(log.seq) == Some(log.eid));
        if !fits {
            return self.doubt();
        }
        let text = log.text.as_ref();
        let text = text.map(|text| (&text.message, text.part, text.offset));
        self.hear_head(log.seq, text)
    }

    pub(super) fn hear_head(&mut self, head: Seq, text: Option<(&MessageId, u16, u64)>) -> Taken {
        self.heard = self.heard.max(head);
        if let Some((message, part, length)) = text {
            let missing = match &self.text {
                Some(live) if live.is_of(message) => live.lacks(part, length),
                // Its beginning is missing, too; or else it is over.
                _ => head > self.head,
            };
            if missing {
                self.wanted = Some((message.clone(), part));
            }
        }
        self.verdict(Taken::Nothing)
    }

    /// The tag of the event at this number, where that is known.
    fn eid_at(&self, seq: Seq) -> Option<Eid> {
        if seq == self.head {
            return Some(self.eid);
        }
        self.recent(seq.next()).map(|next| next.prev)
    }

    fn recent(&self, seq: Seq) -> Option<&Recent> {
        let back = usize::try_from(self.head.0.checked_sub(seq.0)?).ok()?;
        let index = self.window.len().checked_sub(back.checked_add(1)?)?;
        self.window.get(index)
    }

    pub(super) fn take_event(&mut self, conversation: &ConversationId, entry: Entry) -> Taken {
        if entry.seq <= self.head {
            return self.hear_of_old(entry.seq, entry.eid);
        }
        self.heard = self.heard.max(entry.seq);
        if entry.seq > self.head.next() && !told(Lie::GapsShown) {
            if self.early.len() < EARLY {
                self.early.insert(entry.seq, entry);
            }
            return Taken::Gap;
        }
        let mut next = Some(entry);
        while let Some(entry) = next {
            if entry.prev != self.eid && !told(Lie::GapsShown) {
                return self.doubt();
            }
            self.push(conversation, &entry);
            next = self.early.remove(&self.head.next());
        }
        self.early = self.early.split_off(&self.head.next());
        self.verdict(Taken::Advanced)
    }

    /// An event that is not after the head comes again, or is of another log. A client that sends an
    /// old message once more has it come again, which must stop nobody.
    fn hear_of_old(&mut self, seq: Seq, eid: Eid) -> Taken {
        match self.eid_at(seq) {
            Some(known) if known != eid => return self.doubt(),
            Some(_) => {}
            None => self.unsure |= self.head.0 - seq.0 < WINDOW as u64,
        }
        self.verdict(Taken::Nothing)
    }

    /// Takes in some that follow each other. `advanced`: readers have something new already.
    pub(super) fn take_events(
        &mut self,
        conversation: &ConversationId,
        entries: impl IntoIterator<Item = Entry>,
        mut advanced: bool,
    ) -> Taken {
        // With the first of them may come others that waited for it, and then the last is known.
        for entry in entries {
            advanced |= self.take_event(conversation, entry) != Taken::Nothing;
        }
        self.verdict(if advanced {
            Taken::Advanced
        } else {
            Taken::Nothing
        })
    }

    fn push(&mut self, conversation: &ConversationId, entry: &Entry) {
        let kind = EventBody::kind(&entry.body).unwrap_or(Kind::Other);
        let change = Change::with(kind, &entry.body);
        self.text.take_if(|live| change.ends(live.message()));
        self.wanted.take_if(|(message, _)| change.ends(message));
        if let Some(live) = &mut self.text {
            live.event_came();
        }
        self.head = entry.seq;
        self.eid = entry.eid;
        let text = self.text.as_ref().map(LiveText::end);
        let text = text.filter(|text| (text.part, text.offset) != (0, 0));
        if let Change::Begins(message) = &change {
            self.text = Some(LiveText::new(message.clone(), 0, 0, String::new()));
        }
        let position = Position {
            epoch: self.epoch,
            seq: entry.seq,
            eid: entry.eid,
            text,
        };
        let Some(frame) = Encoded::event(conversation, &position, entry, change.clone()) else {
            // Not an object: no writer of ours makes that. Readers find it missing and read on.
            tracing::error!(%conversation, seq = %entry.seq, "event has a damaged body");
            self.window.clear();
            self.window_bytes = 0;
            return;
        };
        self.window_bytes += frame.bytes();
        self.window.push_back(Recent {
            seq: entry.seq,
            eid: entry.eid,
            prev: entry.prev,
            change,
            leaver: leaver(kind, &entry.body),
            frame,
            text: position.text,
        });
        let most = if told(Lie::SlowReadersSkip) {
            4
        } else {
            WINDOW
        };
        while self.window.len() > most
            || (self.window_bytes > WINDOW_BYTES && self.window.len() > 1)
        {
            if let Some(old) = self.window.pop_front() {
                self.window_bytes -= old.frame.bytes();
            }
        }
    }

    pub(super) fn take_delta(
        &mut self,
        head: Seq,
        message: &MessageId,
        part: u16,
        offset: u64,
        text: &str,
    ) -> Taken {
        if head > self.head {
            self.heard = self.heard.max(head);
            self.wanted = Some((message.clone(), part));
            return Taken::Gap;
        }
        let taken = match &mut self.text {
            Some(live) if live.is_of(message) => live.take(part, offset, text),
            _ => Taken::Nothing,
        };
        if taken == Taken::Gap {
            self.wanted = Some((message.clone(), part));
        }
        self.verdict(taken)
    }

    pub(super) fn text_wanted(&mut self) -> Option<TextPosition> {
        let (message, part) = self.wanted.take()?;
        let live = self.text.as_ref().filter(|live| live.is_of(&message))?;
        live.end_of(part)
    }

    pub(super) fn next(&mut self, conversation: &ConversationId, cursor: &mut Cursor) -> Next {
        if self.doubted {
            // What is here may be of a log that is gone.
            return Next::Idle;
        }
        if cursor.epoch != self.epoch {
            return Next::Lost;
        }
        if cursor.seq < self.head {
            return self.next_event(cursor);
        }
        if cursor.seq > self.head {
            return Next::Idle;
        }
        if cursor.eid != self.eid {
            return Next::Lost;
        }
        match &mut self.text {
            Some(live) => live.next(conversation, cursor),
            None => Next::Idle,
        }
    }

    fn next_event(&self, cursor: &mut Cursor) -> Next {
        let next = if told(Lie::GapsShown) {
            self.window.iter().find(|recent| recent.seq > cursor.seq)
        } else {
            self.recent(cursor.seq.next())
        };
        let Some(recent) = next else {
            if told(Lie::SlowReadersSkip)
                && let Some(oldest) = self.window.front()
            {
                cursor.pass(Seq(oldest.seq.0 - 1), oldest.prev, &Change::EndsUnderWay);
            }
            return Next::EventsBehind;
        };
        if recent.prev != cursor.eid && !told(Lie::GapsShown) {
            return Next::Lost;
        }
        cursor.pass(recent.seq, recent.eid, &recent.change);
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
