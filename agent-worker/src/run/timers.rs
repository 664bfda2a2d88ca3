//! What a run does about its agent's timers, as the log takes it.

use convene_agent::{AgentName, Rings, RunId, TimerChange, TimerName};
use convene_proto::{
    context::{Effect, NewEntry, Timer, timer},
    convert::Invalid,
    event::EventBody,
    position::Eid,
};
use tokio::time::Instant;

use super::pen::TimerChanges;

/// The entries that carry the changes out.
pub(super) fn entries(
    (agent, run): (&AgentName, &RunId),
    changes: &TimerChanges,
) -> Result<Vec<NewEntry>, Invalid> {
    // What is taken back makes room.
    let (cleared, set): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|(_, (change, _))| matches!(change, TimerChange::Clear));
    cleared
        .into_iter()
        .chain(set)
        .filter_map(|(name, (change, since))| match change {
            TimerChange::Set(rings) => Some(set_timer((agent, run), name, *rings, *since)),
            TimerChange::Clear => Some(clear_timer((agent, run), name)),
            TimerChange::Undo => None,
        })
        .collect()
}

fn set_timer(
    (agent, run): (&AgentName, &RunId),
    name: &TimerName,
    rings: Rings,
    since: Instant,
) -> Result<NewEntry, Invalid> {
    // It counts from when the agent set it.
    let left = |wait: u64| {
        let gone = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        wait.saturating_sub(gone)
    };
    let (rings, when) = match rings {
        Rings::AfterMs(wait) => {
            let wait = left(wait);
            (Rings::AfterMs(wait), timer::Rings::AfterMs(wait))
        }
        Rings::AtMs(at) => (rings, timer::Rings::AtMs(at)),
    };
    let set = EventBody::TimerSet {
        agent: agent.clone(),
        run: run.clone(),
        name: name.clone(),
        rings: Some(rings),
    };
    let fired = EventBody::TimerFired {
        agent: agent.clone(),
        run: run.clone(),
        name: name.clone(),
    };
    Ok(NewEntry {
        eid: Eid::random().0,
        body: set.encode()?,
        effect: Effect::SetTimer.into(),
        timer: Some(Timer {
            name: name.to_string(),
            rings: Some(when),
            eid: Eid::random().0,
            body: fired.encode()?,
        }),
        ..NewEntry::default()
    })
}

fn clear_timer((agent, run): (&AgentName, &RunId), name: &TimerName) -> Result<NewEntry, Invalid> {
    let cleared = EventBody::TimerCleared {
        agent: agent.clone(),
        run: run.clone(),
        name: name.clone(),
    };
    Ok(NewEntry {
        eid: Eid::random().0,
        body: cleared.encode()?,
        effect: Effect::ClearTimer.into(),
        timer: Some(Timer {
            name: name.to_string(),
            ..Timer::default()
        }),
        ..NewEntry::default()
    })
}
