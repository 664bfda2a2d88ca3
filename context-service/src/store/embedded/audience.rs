//! Subscribing, in the same step as reading what was missed; leaving; auditing.

use std::{cmp::Ordering, time::Duration};

use convene_proto::{
    id::{ConversationId, Inbox, ParticipantId},
    position::{Eid, Position, Seq, TextPosition},
};

use super::{
    log,
    records::{self, State, Streaming},
    step::Step,
};
use crate::store::{
    Entry, Error, MOST_HERE, Place, Recent, Result, ResumeKind, Standing, StreamingText, Subscribe,
    Subscribed, Unsubscribe, Unsubscribed,
};

impl Step<'_, '_> {
    pub(super) fn subscribe(&mut self, subscribe: Subscribe) -> Result<Subscribed> {
        let id = &subscribe.conversation;
        let state = self.state(id)?.ok_or(Error::NotFound)?;
        let member = records::member(&self.tables.members, id, &subscribe.viewer)?;
        member.ok_or(Error::NotFound)?;

        let after = subscribe.after.as_ref();
        let kind = match after {
            Some(after) => self.resume(id, &state, after, subscribe.tail)?,
            None => ResumeKind::Snapshot,
        };
        let missed = match after.filter(|_| kind == ResumeKind::Resumed) {
            Some(after) => self.missed(id, &state, after)?,
            None => None,
        };
        let (kind, entries) = match (kind, missed) {
            (ResumeKind::Resumed, Some(missed)) => (kind, missed),
            (ResumeKind::Reset, _) => (kind, self.snapshot(id, &state, subscribe.tail)?),
            _ => (
                ResumeKind::Snapshot,
                self.snapshot(id, &state, subscribe.tail)?,
            ),
        };
        let resumed = after.filter(|_| kind == ResumeKind::Resumed);
        let inside = resumed.and_then(|after| after.text.as_ref());
        let streaming = match &state.streaming {
            Some(streaming) => Some(self.streaming(id, streaming, inside)?),
            None => None,
        };
        let until = self.after(subscribe.ttl);
        self.memory
            .listen(id, &subscribe.inbox, [subscribe.viewer], until);
        Ok(Subscribed {
            kind,
            epoch: state.epoch,
            conversation: self.seen(id, &state)?,
            entries,
            head_eid: state.head_eid,
            streaming,
            here: self.memory.here(id, self.now),
            audience: self.memory.audience(id, self.now),
            place: Place(until),
        })
    }

    /// How a reader who stands there can go on.
    fn resume(
        &self,
        id: &ConversationId,
        state: &State,
        after: &Position,
        tail: usize,
    ) -> Result<ResumeKind> {
        if after.epoch != state.epoch || after.seq > state.head {
            return Ok(ResumeKind::Reset);
        }
        let eid = match after.seq {
            Seq(0) if state.first == Seq(1) => Some(Eid(0)),
            seq => self.entry(id, seq)?.map(|entry| entry.eid),
        };
        let beside_text = match (&after.text, &state.streaming) {
            (Some(text), Some(streaming)) => {
                is_past(text, streaming) || self.splits(id, streaming, text)?
            }
            _ => false,
        };
        if eid.is_some_and(|eid| eid != after.eid) || beside_text {
            return Ok(ResumeKind::Reset);
        }
        let missed = usize::try_from(state.head.0 - after.seq.0).unwrap_or(usize::MAX);
        Ok(if eid.is_none() || missed > tail {
            ResumeKind::Snapshot
        } else {
            ResumeKind::Resumed
        })
    }

    /// Whether somebody claims to stand in the middle of a character.
    fn splits(
        &self,
        id: &ConversationId,
        streaming: &Streaming,
        text: &TextPosition,
    ) -> Result<bool> {
        if text.message != streaming.message || text.part != streaming.part {
            return Ok(false);
        }
        let rest = self.rest(id, streaming, text.offset)?;
        Ok(rest.first().is_some_and(|byte| byte & 0xC0 == 0x80))
    }

    /// All that a reader who stands there has missed; `None` where it is too much.
    fn missed(
        &self,
        id: &ConversationId,
        state: &State,
        after: &Position,
    ) -> Result<Option<Vec<Entry>>> {
        let span = (after.seq.next(), state.head);
        let missed = log::oldest(&self.tables.log, id, span, self.limits.page_bytes)?;
        let last = missed.last().map_or(after.seq, |entry| entry.seq);
        Ok(Some(missed).filter(|_| last == state.head))
    }

    fn snapshot(&self, id: &ConversationId, state: &State, tail: usize) -> Result<Vec<Entry>> {
        let (wanted, bytes) = (Recent::last(tail), self.limits.page_bytes);
        log::recent(&self.tables.log, id, state.head, wanted, bytes)
    }

    /// The part under way: whole, or from where the reader stands in it.
    fn streaming(
        &self,
        id: &ConversationId,
        streaming: &Streaming,
        inside: Option<&TextPosition>,
    ) -> Result<StreamingText> {
        let here =
            inside.filter(|text| text.message == streaming.message && text.part == streaming.part);
        let offset = here.map_or(0, |text| text.offset);
        Ok(StreamingText {
            message: streaming.message.clone(),
            part: streaming.part,
            offset,
            text: self.rest(id, streaming, offset)?,
        })
    }

    pub(super) fn unsubscribe(&mut self, unsubscribe: &Unsubscribe) -> Unsubscribed {
        let (id, inbox) = (&unsubscribe.conversation, &unsubscribe.inbox);
        let place = unsubscribe.place.map_or(u64::MAX, |place| place.0);
        if let Some(viewer) = &unsubscribe.viewer {
            self.memory.leave(id, (inbox, place), viewer);
        }
        if unsubscribe.last {
            self.memory.unlisten(id, (inbox, place));
        }
        let here = self.memory.here(id, self.now);
        let viewer = unsubscribe.viewer.as_ref();
        Unsubscribed {
            audience: self.memory.audience(id, self.now),
            gone: viewer.is_some_and(|viewer| !here.contains(viewer)),
        }
    }

    pub(super) fn audit(
        &mut self,
        inbox: &Inbox,
        ttl: Duration,
        conversations: Vec<(ConversationId, Vec<ParticipantId>)>,
    ) -> Vec<Result<Option<Standing>>> {
        let until = self.after(ttl);
        conversations
            .into_iter()
            .map(|(id, viewers)| self.standing(&id, inbox, viewers, until))
            .collect()
    }

    fn standing(
        &mut self,
        id: &ConversationId,
        inbox: &Inbox,
        viewers: Vec<ParticipantId>,
        until: u64,
    ) -> Result<Option<Standing>> {
        let Some(state) = self.state(id)? else {
            return Ok(None);
        };
        let mut admitted = Vec::with_capacity(viewers.len());
        for viewer in viewers {
            if records::member(&self.tables.members, id, &viewer)?.is_some() {
                admitted.push(viewer);
            }
        }
        self.memory.listen(id, inbox, admitted, until);
        let here = self.memory.here(id, self.now);
        Ok(Some(Standing {
            epoch: state.epoch,
            head: state.head,
            eid: state.head_eid,
            streaming: state
                .streaming
                .map(|text| (text.message, text.part, text.length)),
            here: (here.len() <= MOST_HERE).then_some(here),
            place: Place(until),
        }))
    }
}

/// Whether somebody has seen more of the text under way than there is.
fn is_past(text: &TextPosition, streaming: &Streaming) -> bool {
    text.message == streaming.message
        && match text.part.cmp(&streaming.part) {
            Ordering::Less => false,
            Ordering::Equal => text.offset > streaming.length,
            Ordering::Greater => true,
        }
}
