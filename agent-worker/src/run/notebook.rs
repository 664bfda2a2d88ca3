//! What an agent has noted in a conversation: which of it counts, and how far back one has to read.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use convene_agent::Note;
use convene_proto::{
    event::{EventBody, Outcome},
    id::{AgentName, RunId},
};

/// What so many failed runs in a row noted is told to the next one.
const MOST_FAILED: usize = 4;

/// One agent's notes, as far as they matter to its next run. Made of a log's events, in order.
#[derive(Clone, Debug)]
pub(crate) struct Notebook {
    agent: AgentName,
    notes: VecDeque<Noted>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Noted {
    run: RunId,
    standing: Standing,
    bytes: usize,
    note: Arc<Note>,
}

/// What a note is to the runs behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Counts,
    /// Of an attempt that was followed by another.
    InVain,
    /// Of a run that failed for good, or was stopped when its attempt had died. It counts for nothing but to the next
    /// runs, until one has taken up what need not be done again.
    Failed,
}

/// What an attempt is told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) counts: Vec<Note>,
    /// What the run's earlier attempts noted.
    pub(crate) in_vain: Vec<Note>,
    /// What the runs before it noted that failed for good, in a row.
    pub(crate) before_failing: Vec<Note>,
}

impl Notebook {
    pub(crate) fn new(agent: AgentName) -> Self {
        Self {
            agent,
            notes: VecDeque::new(),
            bytes: 0,
        }
    }

    pub(crate) fn agent(&self) -> &AgentName {
        &self.agent
    }

    /// Bytes that the notes take in the log.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes in the next event, which is so many bytes.
    pub(crate) fn take(&mut self, event: &EventBody, bytes: usize) {
        match event {
            EventBody::AgentNoted {
                agent, run, note, ..
            } if *agent == self.agent => {
                self.bytes += bytes;
                self.notes.push_back(Noted {
                    run: run.clone(),
                    standing: Standing::Counts,
                    bytes,
                    note: Arc::new(note.clone()),
                });
            }
            EventBody::RunStarted { run, .. } | EventBody::RunRetrying { run, .. } => {
                for noted in self.notes.iter_mut().filter(|noted| noted.run == *run) {
                    noted.standing = Standing::InVain;
                }
            }
            EventBody::RunFinished { run, outcome, .. } => self.finish(run, outcome),
            _ => {}
        }
    }

    fn finish(&mut self, run: &RunId, outcome: &Outcome) {
        let of_run = |noted: &Noted| noted.run == *run;
        let counts = |noted: &Noted| of_run(noted) && noted.standing == Standing::Counts;
        // Whoever noted something has taken up what it would.
        let is_over = self.notes.iter().any(counts);
        // Where somebody stops a run whose attempt has died, what that has done is done all the same.
        let died = *outcome == Outcome::Cancelled && !is_over;
        if died || matches!(outcome, Outcome::Failed { .. }) {
            self.fail(run);
        } else {
            self.notes.retain(|noted| match noted.standing {
                Standing::Counts => true,
                Standing::InVain => !of_run(noted),
                Standing::Failed => !is_over,
            });
        }
        let base = self
            .notes
            .iter()
            .rfind(|noted| noted.note.base && noted.standing != Standing::Failed);
        if let Some(run) = base.map(|noted| noted.run.clone()) {
            let first = self.notes.iter().position(|noted| noted.run == run);
            self.notes.drain(..first.unwrap_or_default());
        }
        self.bytes = self.notes.iter().map(|noted| noted.bytes).sum();
    }

    /// A run has failed for good. Where many have in a row, nothing is told any more: perhaps it is that of which they fail.
    fn fail(&mut self, run: &RunId) {
        for noted in self.notes.iter_mut().filter(|noted| noted.run == *run) {
            noted.standing = Standing::Failed;
        }
        let is_failed = |noted: &Noted| noted.standing == Standing::Failed;
        let failed = self.notes.iter().filter(|noted| is_failed(noted));
        let failed: HashSet<_> = failed.map(|noted| &noted.run).collect();
        if failed.len() > MOST_FAILED {
            self.notes.retain(|noted| !is_failed(noted));
        }
    }

    /// What an attempt at this run is told.
    pub(crate) fn for_attempt(&self, run: &RunId) -> Told {
        let mut told = Told::default();
        for noted in &self.notes {
            let of = match noted.standing {
                Standing::Failed => &mut told.before_failing,
                Standing::Counts | Standing::InVain if noted.run == *run => &mut told.in_vain,
                Standing::Counts | Standing::InVain => &mut told.counts,
            };
            of.push(Note::clone(&noted.note));
        }
        told
    }
}
