//! How far back in a log one has to read to know what an agent has noted.

use std::collections::HashSet;

use convene_proto::{
    event::{EventBody, Outcome},
    id::{AgentName, RunId},
};

use super::notebook::Notebook;

/// Reads a log backwards until it has come to the events from which on a notebook can be kept: those
/// of the run in which the agent noted its last base, if that run ended well.
pub(crate) struct BackReader<'agent> {
    agent: &'agent AgentName,
    /// Newest first.
    read: Vec<(EventBody, usize)>,
    ended_well: HashSet<RunId>,
    /// Those whose last attempt begins behind what comes next.
    begun: HashSet<RunId>,
    /// The run of the base that was found.
    base: Option<RunId>,
}

impl<'agent> BackReader<'agent> {
    pub(crate) fn new(agent: &'agent AgentName) -> Self {
        Self {
            agent,
            read: Vec::new(),
            ended_well: HashSet::new(),
            begun: HashSet::new(),
            base: None,
        }
    }

    /// Takes the event in front of the one taken before. Returns whether that was enough.
    pub(crate) fn take(&mut self, event: EventBody, bytes: usize) -> bool {
        match &event {
            EventBody::AgentNoted {
                agent, run, note, ..
            } if agent == self.agent => {
                let counts = self.ended_well.contains(run) && !self.begun.contains(run);
                if note.base && counts && self.base.is_none() {
                    self.base = Some(run.clone());
                }
            }
            EventBody::RunStarted { run, .. } => {
                self.begun.insert(run.clone());
            }
            EventBody::RunFinished { run, outcome, .. } => {
                if !matches!(outcome, Outcome::Failed { .. }) {
                    self.ended_well.insert(run.clone());
                }
            }
            EventBody::RunRetrying { .. } => {}
            _ => return false,
        }
        self.read.push((event, bytes));
        let base = self.base.as_ref();
        base.is_some_and(|run| self.begun.contains(run))
    }

    /// What was noted from there on.
    pub(crate) fn notebook(self) -> Notebook {
        let mut notebook = Notebook::new(self.agent.clone());
        for (event, bytes) in self.read.iter().rev() {
            notebook.take(event, *bytes);
        }
        notebook
    }
}
