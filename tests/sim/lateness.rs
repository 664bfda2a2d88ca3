//! How late timers ring once it is calm: a sweep each second finds what is due, and a worker is free.

use std::collections::BTreeMap;

use convene_invariants::{Broken, Invariant::NoLostWakeUp};
use convene_proto::{
    event::{Event, EventBody},
    id::ConversationId,
    timer::Rings,
};

/// A sweep's second, and as much for what it takes to ring and to claim.
const LATEST_MS: u64 = 2_000;

/// Timers of this log that rang too late, of those that were due from this moment on. One that had to wait for a run is
/// not judged: it rings when that is over.
pub(crate) fn of(conversation: &ConversationId, log: &[Event], from: u64) -> Vec<Broken> {
    let mut due = BTreeMap::new();
    // When a run was under way last.
    let (mut running, mut ran_until) = (false, 0);
    let mut found = Vec::new();
    for event in log {
        match &event.body {
            EventBody::TimerSet {
                name,
                rings: Some(rings),
                ..
            } => {
                let at = match rings {
                    Rings::AfterMs(wait) => event.at + wait,
                    Rings::AtMs(at) => *at,
                };
                due.insert(name.clone(), at);
            }
            EventBody::TimerFired { name, .. } => {
                let due = due.remove(name).unwrap_or(event.at);
                let waited = running || ran_until > due;
                let late = event.at.saturating_sub(due);
                if due >= from && !waited && late > LATEST_MS {
                    let what = format!("timer {name} rings at {}, {late} ms late", event.seq);
                    found.push(Broken::new(NoLostWakeUp, conversation, what));
                }
            }
            EventBody::RunStarted { .. } => running = true,
            EventBody::RunFinished { .. } => (running, ran_until) = (false, event.at),
            _ => {}
        }
    }
    found
}
