//! What the bus counts.

use std::time::Duration;

use convene_proto::id::Pool;
use convene_runtime::metrics::{Calls, Counter, Gauge, KeyValue, meter};

use crate::{Error, Result};

/// Why a letter never came out of an inbox.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LetterLoss {
    /// There was no room to send it in time.
    NoRoom,
    /// The connection went while it was on its way out.
    Unsent,
    /// The inbox was full, and it was the oldest.
    InboxFull,
    /// It could not be decoded.
    Unreadable,
}

impl LetterLoss {
    const fn name(self) -> &'static str {
        match self {
            Self::NoRoom => "no_room",
            Self::Unsent => "unsent",
            Self::InboxFull => "inbox_full",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The counters of one bus. Clones count into the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    calls: Calls,
    connections: Counter<u64>,
    repeated: Counter<u64>,
    stale: Counter<u64>,
    lost: Counter<u64>,
    dead: Gauge<u64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            calls: Calls::new("convene.bus"),
            connections: meter()
                .u64_counter("convene.bus.connections")
                .with_description("Connections made to the broker")
                .build(),
            repeated: meter()
                .u64_counter("convene.bus.publishes.repeated")
                .with_description("Publishes made again, because the broker had not confirmed them")
                .build(),
            stale: meter()
                .u64_counter("convene.bus.acks.stale")
                .with_description("Settlements whose connection was gone: the doorbell comes again")
                .build(),
            lost: meter()
                .u64_counter("convene.bus.letters.lost")
                .with_description("Letters that did not reach an inbox, by reason")
                .build(),
            dead: meter()
                .u64_gauge("convene.bus.dead_letters")
                .with_description("Dead letters that wait in this process, by pool")
                .build(),
        }
    }

    pub(crate) fn rung(&self, outcome: &Result<()>, took: Duration) {
        let outcome = match outcome {
            Ok(()) => "ok",
            Err(Error::Unavailable(_)) => "unavailable",
            Err(Error::Refused(_)) => "refused",
            Err(Error::Closed) => "closed",
        };
        self.calls.record("ring", outcome, took);
    }

    pub(crate) fn connected(&self) {
        self.connections.add(1, &[]);
    }

    pub(crate) fn published_again(&self) {
        self.repeated.add(1, &[]);
    }

    pub(crate) fn settled_too_late(&self) {
        self.stale.add(1, &[]);
    }

    pub(crate) fn dead_letters(&self, pool: &Pool, waiting: usize) {
        let waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
        let pool = KeyValue::new("pool", pool.to_string());
        self.dead.record(waiting, &[pool]);
    }

    pub(crate) fn letter_lost(&self, why: LetterLoss) {
        self.lost.add(1, &[KeyValue::new("reason", why.name())]);
    }
}
