//! The timers of a log: each rings once for each time it was set, not before its time, and never after it
//! was cleared.

use std::collections::BTreeMap;

use convene_proto::{
    event::{Event, EventBody},
    id::{AgentName, RunId, TimerName},
    position::Seq,
    timer::Rings,
};

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetTimer {
    pub name: TimerName,
    /// The run that set it, and the event that says so.
    pub run: RunId,
    pub set: Seq,
    /// When it is to ring, in milliseconds since 1970 (UTC); `None` where the log was read by somebody who is not told.
    pub due: Option<u64>,
}

/// The timers that are set.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers(BTreeMap<(AgentName, TimerName), SetTimer>);

impl Timers {
    pub(super) fn set(&self) -> impl Iterator<Item = &SetTimer> {
        self.0.values()
    }

    pub(super) fn take(&mut self, event: &Event) {
        match &event.body {
            EventBody::TimerSet {
                agent,
                run,
                name,
                rings,
            } => {
                let timer = SetTimer {
                    name: name.clone(),
                    run: run.clone(),
                    set: event.seq,
                    due: rings.map(|rings| match rings {
                        Rings::AfterMs(wait) => event.at.saturating_add(wait),
                        Rings::AtMs(at) => at,
                    }),
                };
                self.0.insert((agent.clone(), name.clone()), timer);
            }
            EventBody::TimerCleared { agent, name, .. } => {
                self.0.remove(&(agent.clone(), name.clone()));
            }
            _ => {}
        }
    }

    /// A timer rings. Answers what is wrong with that.
    pub(super) fn fires(
        &mut self,
        (seq, at): (Seq, u64),
        agent: &AgentName,
        run: &RunId,
        name: &TimerName,
    ) -> Option<String> {
        let rings = format!("timer {name} of {agent} rings at {seq}");
        let Some(timer) = self.0.remove(&(agent.clone(), name.clone())) else {
            return Some(format!("{rings} and is not set"));
        };
        if timer.run != *run {
            let setter = timer.run;
            return Some(format!(
                "{rings} as {run} set it, and {setter} has set it since"
            ));
        }
        let early = timer.due?.checked_sub(at).filter(|early| *early > 0)?;
        Some(format!("{rings}, {early} ms before its time"))
    }
}
