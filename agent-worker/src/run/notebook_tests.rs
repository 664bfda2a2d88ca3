//! Which of an agent's notes count for its next run.

use convene_agent::Note;
use convene_proto::{
    event::{EventBody, Failure, Outcome},
    id::{AgentName, RunId},
};
use proptest::prelude::*;
use serde_json::json;

use super::{back_reader::BackReader, notebook::Notebook};

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
    let kept = told(&notebook, run);
    assert_eq!(notebook.bytes(), kept.0.len() + kept.1.len() + kept.2.len());
    kept
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
    // Somebody has stopped one whose attempt had died: what that had done is done.
    let stopped = [&well[..], &[starts(2, 2), ends(2, Outcome::Cancelled)]].concat();
    assert_eq!(then(&stopped, 3), (vec![], vec![], vec![1, 2, 3]));
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
