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
    /// Of a run that failed for good. It counts for nothing but to the next runs, until one has taken up what need not be done again.
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
        if matches!(outcome, Outcome::Failed { .. }) {
            self.fail(run);
        } else {
            let of_run = |noted: &Noted| noted.run == *run;
            let counts = |noted: &Noted| of_run(noted) && noted.standing == Standing::Counts;
            // Whoever noted something has taken up what it would.
            let is_over = self.notes.iter().any(counts);
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

#[cfg(test)]
mod tests {
    use convene_proto::event::Failure;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn agent(name: &str) -> AgentName {
        name.parse().unwrap()
    }

    fn notes(run: u32, attempt: u32, value: u32, base: bool) -> EventBody {
        by("flow", run, attempt, value, base)
    }

    fn by(name: &str, run: u32, attempt: u32, value: u32, base: bool) -> EventBody {
        EventBody::AgentNoted {
            agent: agent(name),
            run: id(run),
            attempt,
            note: Note {
                name: "n".parse().unwrap(),
                value: json!(value),
                base,
            },
        }
    }

    fn id(run: u32) -> RunId {
        format!("r{run}").parse().unwrap()
    }

    fn starts(run: u32, attempt: u32) -> EventBody {
        EventBody::RunStarted {
            run: id(run),
            agent: agent("flow"),
            attempt,
            inputs: Vec::new(),
        }
    }

    fn retries(run: u32, attempt: u32) -> EventBody {
        EventBody::RunRetrying {
            run: id(run),
            attempt,
            error: error(),
            delay_ms: 1,
        }
    }

    fn error() -> Failure {
        Failure {
            code: "c".into(),
            message: "m".into(),
        }
    }

    fn ends(run: u32, outcome: Outcome) -> EventBody {
        EventBody::RunFinished {
            run: id(run),
            outcome,
            usage: None,
            closes: Vec::new(),
        }
    }

    fn fails(run: u32) -> EventBody {
        ends(run, Outcome::Failed { error: error() })
    }

    fn values(notes: &[Note]) -> Vec<u64> {
        notes
            .iter()
            .filter_map(|note| note.value.as_u64())
            .collect()
    }

    /// What counts, what was noted in vain, and what before failing.
    type Read = (Vec<u64>, Vec<u64>, Vec<u64>);

    fn told(notebook: &Notebook, run: u32) -> Read {
        let told = notebook.for_attempt(&id(run));
        (
            values(&told.counts),
            values(&told.in_vain),
            values(&told.before_failing),
        )
    }

    fn read(log: &[EventBody], run: u32) -> Read {
        let mut notebook = Notebook::new(agent("flow"));
        log.iter().for_each(|event| notebook.take(event, 1));
        assert_eq!(notebook.bytes(), notebook.notes.len());
        told(&notebook, run)
    }

    #[test]
    fn what_counts_is_what_the_last_attempt_noted_where_it_did_not_fail() {
        let log = [
            starts(1, 1),
            notes(1, 1, 1, false),
            by("other", 1, 1, 99, false),
            retries(1, 1),
            starts(1, 2),
            notes(1, 2, 2, false),
            ends(1, Outcome::Completed),
            starts(2, 1),
            notes(2, 1, 3, true),
            fails(2),
            starts(3, 1),
            notes(3, 1, 4, false),
            ends(3, Outcome::Cancelled),
            starts(4, 1),
            notes(4, 1, 5, false),
            starts(4, 2),
            notes(4, 2, 6, false),
        ];
        assert_eq!(read(&log, 5).0, [2, 4, 5, 6]);
        assert_eq!(read(&log, 4), (vec![2, 4], vec![5, 6], vec![]));
    }

    #[test]
    fn what_runs_noted_before_they_failed_is_told_until_one_ends_well() {
        let failed = [
            starts(1, 1),
            notes(1, 1, 1, false),
            retries(1, 1),
            starts(1, 2),
            notes(1, 2, 2, true),
            fails(1),
        ];
        let then = |more: &[EventBody], run| read(&[&failed[..], more].concat(), run);
        assert_eq!(then(&[], 2), (vec![], vec![], vec![1, 2]));
        // Another agent's run, and one that noted nothing.
        let silent = [
            starts(2, 1),
            fails(2),
            starts(3, 1),
            ends(3, Outcome::Completed),
        ];
        assert_eq!(then(&silent, 4), (vec![], vec![], vec![1, 2]));
        let well = [starts(2, 1), notes(2, 1, 3, false)];
        assert_eq!(
            then(&well, 2),
            (vec![], vec![3], vec![1, 2]),
            "its next attempt"
        );
        let over = [&well[..], &[ends(2, Outcome::Completed)]].concat();
        assert_eq!(then(&over, 3), (vec![3], vec![], vec![]));
        let mut again = [&well[..], &[fails(2)]].concat();
        assert_eq!(then(&again, 3), (vec![], vec![], vec![1, 2, 3]));
        let over = [
            &again[..],
            &[starts(3, 1), notes(3, 1, 4, false)],
            &[ends(3, Outcome::Cancelled)],
        ]
        .concat();
        assert_eq!(then(&over, 4), (vec![4], vec![], vec![]));
        for run in 3..=5 {
            again.extend([starts(run, 1), notes(run, 1, run + 1, false), fails(run)]);
            let told = match run {
                3 => vec![1, 2, 3, 4],
                4 => vec![1, 2, 3, 4, 5],
                _ => vec![],
            };
            let why = "it may be of this that so many failed";
            assert_eq!(then(&again, 6), (vec![], vec![], told), "{why}");
        }
    }

    #[test]
    fn a_base_that_counts_takes_the_place_of_what_was_noted_before() {
        let log = [
            starts(1, 1),
            notes(1, 1, 1, false),
            ends(1, Outcome::Completed),
            starts(2, 1),
            notes(2, 1, 2, false),
            notes(2, 1, 3, true),
            notes(2, 1, 4, false),
        ];
        assert_eq!(read(&log, 2), (vec![1], vec![2, 3, 4], vec![]));
        let over = [&log[..], &[ends(2, Outcome::Completed)]].concat();
        assert_eq!(read(&over, 3).0, [2, 3, 4], "what came before its run");
    }

    fn some_log() -> impl Strategy<Value = Vec<EventBody>> {
        let attempt = (
            prop::collection::vec((any::<bool>(), any::<bool>()), 0..3),
            0..4_u8,
        );
        let run = prop::collection::vec(attempt, 1..3);
        prop::collection::vec(run, 0..6).prop_map(|runs| {
            let mut log = Vec::new();
            let mut value = 0;
            for (run, attempts) in (1..).zip(runs) {
                let last = attempts.len();
                for (attempt, (noted, fate)) in (1..).zip(attempts) {
                    log.push(starts(run, attempt));
                    for (base, ours) in noted {
                        value += 1;
                        let name = if ours { "flow" } else { "other" };
                        log.push(by(name, run, attempt, value, base));
                    }
                    match fate {
                        _ if attempt as usize != last => log.push(retries(run, attempt)),
                        0 => log.push(fails(run)),
                        1 => log.push(ends(run, Outcome::Cancelled)),
                        _ => log.push(ends(run, Outcome::Completed)),
                    }
                }
            }
            log
        })
    }

    proptest! {
        #[test]
        fn reading_back_stops_where_nothing_older_matters(log in some_log()) {
            let name = agent("flow");
            let mut back = BackReader::new(&name);
            for event in log.iter().rev() {
                if back.take(event.clone(), 1) {
                    break;
                }
            }
            prop_assert_eq!(told(&back.notebook(), 99), read(&log, 99));
        }
    }
}
