//! Events as the log holds them, and pages of them.

use bytes::Bytes;
use convene_proto::position::{Eid, Epoch, Seq};

/// An event as the log holds it; the body is JSON, byte for byte as its writer made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: Seq,
    pub eid: Eid,
    /// The `eid` of the event in front; zero for the first. So each event vouches for the whole
    /// log before it.
    pub prev: Eid,
    /// Milliseconds since 1970 (UTC), by the store's clock.
    pub at: u64,
    pub body: Bytes,
}

/// An event to be written; the store gives it `seq` and `at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    pub eid: Eid,
    pub body: Bytes,
}

/// Which events to read; `limit` is 1 to 1000.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    /// The oldest ones after this number.
    After { seq: Seq, limit: usize },
    /// The newest ones before this number.
    Before { seq: Seq, limit: usize },
}

/// Events, oldest first.
#[derive(Debug, Clone)]
pub struct Events {
    pub epoch: Epoch,
    pub entries: Vec<Entry>,
    pub head: Seq,
    pub first: Seq,
}

/// The end of the log, as much of it as is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// At most so many events; fewer may come, where their bodies are large.
    pub events: usize,
    /// None before this one.
    pub from: Seq,
}

impl Recent {
    /// The last so many.
    #[must_use]
    pub const fn last(events: usize) -> Self {
        Self {
            events,
            from: Seq(0),
        }
    }
}
