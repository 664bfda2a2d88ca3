//! The log: events in, events out, and what retention drops.

use bytes::Bytes;
use convene_proto::{
    id::{ConversationId, MessageId},
    position::{Eid, Seq},
};
use redb::{AccessGuard, ReadableTable, StorageError};

use super::{
    error::unreadable,
    records::State,
    step::{Step, Weight},
    tables::{LogKey, LogValue},
};
use crate::store::{Entry, NewEntry, Recent, Result, TRIMMED};

type Row<'r> = (AccessGuard<'r, LogKey>, AccessGuard<'r, LogValue>);

/// The first events from one number on up to another, both included: as many as there is room for.
pub(super) fn oldest(
    log: &impl ReadableTable<LogKey, LogValue>,
    id: &ConversationId,
    (from, to): (Seq, Seq),
    bytes: usize,
) -> Result<Vec<Entry>> {
    if from > to {
        return Ok(Vec::new());
    }
    let rows = log.range((id.as_str(), from.0)..=(id.as_str(), to.0))?;
    fitting(rows, bytes)
}

/// The last ones, oldest first.
pub(super) fn newest(
    log: &impl ReadableTable<LogKey, LogValue>,
    id: &ConversationId,
    (from, to): (Seq, Seq),
    bytes: usize,
) -> Result<Vec<Entry>> {
    if from > to {
        return Ok(Vec::new());
    }
    let rows = log.range((id.as_str(), from.0)..=(id.as_str(), to.0))?;
    let mut found = fitting(rows.rev(), bytes)?;
    found.reverse();
    Ok(found)
}

/// The end of the log, as much of it as is wanted and there is room for, oldest first.
pub(super) fn recent(
    log: &impl ReadableTable<LogKey, LogValue>,
    id: &ConversationId,
    head: Seq,
    wanted: Recent,
    bytes: usize,
) -> Result<Vec<Entry>> {
    let count = u64::try_from(wanted.events).unwrap_or(u64::MAX);
    let from = Seq(head.0.saturating_sub(count).saturating_add(1));
    newest(log, id, (from.max(wanted.from), head), bytes)
}

/// As many rows as have no more than so many bytes of bodies together; at least one.
fn fitting<'r>(
    rows: impl Iterator<Item = std::result::Result<Row<'r>, StorageError>>,
    mut room: usize,
) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for row in rows {
        let (key, value) = row?;
        let value = value.value();
        let size = value.4.len();
        if size > room && !found.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        found.push(decode(Seq(key.value().1), value));
    }
    Ok(found)
}

fn decode(seq: Seq, (eid, prev, at, _, body): (u64, u64, u64, &str, &[u8])) -> Entry {
    Entry {
        seq,
        eid: Eid(eid),
        prev: Eid(prev),
        at,
        body: Bytes::copy_from_slice(body),
    }
}

impl Step<'_, '_> {
    pub(super) fn entry(&self, id: &ConversationId, seq: Seq) -> Result<Option<Entry>> {
        let found = self.tables.log.get((id.as_str(), seq.0))?;
        Ok(found.map(|value| decode(seq, value.value())))
    }

    /// The event at the head.
    pub(super) fn head(&self, id: &ConversationId, state: &State) -> Result<Entry> {
        self.entry(id, state.head)?
            .ok_or_else(|| unreadable("the log's head"))
    }

    /// Writes the next event; `message` is the id of a person's message. The state is yet to be
    /// kept.
    pub(super) fn push(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        new: NewEntry,
        message: Option<&MessageId>,
    ) -> Result<Entry> {
        let entry = Entry {
            seq: state.head.next(),
            eid: new.eid,
            prev: state.head_eid,
            at: self.now.max(state.updated_at),
            body: new.body,
        };
        self.weigh(Weight::Durable);
        let message = message.map_or("", MessageId::as_str);
        let value = (
            entry.eid.0,
            entry.prev.0,
            entry.at,
            message,
            &entry.body[..],
        );
        self.tables.log.insert((id.as_str(), entry.seq.0), value)?;
        state.head = entry.seq;
        state.head_eid = entry.eid;
        state.updated_at = entry.at;
        self.trim(id, state)?;
        Ok(entry)
    }

    /// Drops the oldest events over the limit, a few at a time, up to the oldest that still waits.
    /// Their messages' ids are forgotten with them.
    fn trim(&mut self, id: &ConversationId, state: &mut State) -> Result<()> {
        let over = (state.head.0 + 1).saturating_sub(self.limits.retention.max(1));
        let keep_from = Seq(over.min(state.first.0 + TRIMMED));
        if keep_from <= state.first {
            return Ok(());
        }
        let keep_from = match self.oldest_input(id)? {
            Some(waiting) => keep_from.min(waiting),
            None => keep_from,
        };
        while state.first < keep_from {
            let message = match self.tables.log.remove((id.as_str(), state.first.0))? {
                Some(dropped) => dropped.value().3.to_owned(),
                None => String::new(),
            };
            if !message.is_empty() {
                self.tables
                    .messages
                    .remove((id.as_str(), message.as_str()))?;
            }
            state.first = state.first.next();
        }
        Ok(())
    }
}
