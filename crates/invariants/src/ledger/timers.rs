//! The timers of a log: each rings once for each time it was set, and never after it was cleared.

use std::collections::BTreeMap;

use convene_proto::{
    event::EventBody,
    id::{AgentName, RunId, TimerName},
    position::Seq,
};

/// The timers that are set, and the run that set each.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers(BTreeMap<(AgentName, TimerName), RunId>);

impl Timers {
    pub(super) fn take(&mut self, body: &EventBody) {
        match body {
            EventBody::TimerSet {
                agent, run, name, ..
            } => {
                let timer = (agent.clone(), name.clone());
                self.0.insert(timer, run.clone());
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
        seq: Seq,
        agent: &AgentName,
        run: &RunId,
        name: &TimerName,
    ) -> Option<String> {
        let set = self.0.remove(&(agent.clone(), name.clone()));
        match set {
            Some(setter) if setter == *run => None,
            Some(setter) => Some(format!(
                "timer {name} of {agent} rings at {seq} as {run} set it, and {setter} has set it since"
            )),
            None => Some(format!(
                "timer {name} of {agent} rings at {seq} and is not set"
            )),
        }
    }
}
