//! What wakes an agent though nobody says anything: each timer and each event from outside is answered
//! once, by an agent of which it is known what it makes of them.

use std::collections::BTreeSet;

use convene_proto::{
    event::{Event, Outcome},
    id::{MessageId, RunId},
    position::Seq,
};

use super::{Asked, Fate, History, asked, asked_before};
use crate::{
    Invariant::{self, AcceptedIsDurable, HealsInSight, NoLostWakeUp},
    Ledger, RunRecord, Woke,
};

/// An event from outside, as a backend told it.
#[derive(Debug, Clone)]
pub struct Told {
    pub event: MessageId,
    /// When it was first handed in, and when its fate was known; on the clock of the events.
    pub asked: u64,
    pub settled: u64,
    pub fate: Fate,
}

/// Something that a run did beyond the log because it was woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub run: RunId,
    /// When it was done.
    pub at: u64,
}

/// What an agent that remembers makes of what wakes it, after all that the runs before have answered to
/// the end.
#[derive(Debug, Clone, Copy)]
pub struct Waking {
    /// What it says.
    pub says: fn(&[Asked], &[Asked]) -> String,
    /// Whether it does something beyond the log.
    pub does: fn(&[Asked], &[Asked]) -> bool,
}

/// What was told to a conversation, what its agent makes of that, and what it did.
#[derive(Debug, Clone, Default)]
pub struct Woken {
    /// The log as staff see it, who are told when timers ring and what is known of events.
    pub log: Vec<Event>,
    /// `None`: it is of no interest here.
    pub waking: Option<Waking>,
    pub told: Vec<Told>,
    pub deeds: Vec<Deed>,
}

type Found = Vec<(Invariant, String)>;

impl History {
    /// Everything that is wrong with what nobody said.
    pub(super) fn woken(&self, ledger: &Ledger) -> Found {
        let mut found = Found::new();
        found.extend(
            self.woken
                .told
                .iter()
                .filter_map(|told| self.took(told, ledger)),
        );
        found.extend(self.untold(ledger));
        let Some(waking) = self.woken.waking else {
            return found;
        };
        for (at, _) in ledger.everything_that_woke() {
            let Some(run) = ledger.run_for(at) else {
                found.push((NoLostWakeUp, format!("nobody answers what happens at {at}")));
                continue;
            };
            let (before, now) = (asked_before(run, ledger), asked(run, ledger));
            found.extend(self.came(at, run, &(waking.says)(&before, &now), ledger));
            found.extend(self.does(at, run, (waking.does)(&before, &now)));
        }
        let runs: BTreeSet<_> = ledger.runs().iter().map(|run| &run.run).collect();
        for deed in &self.woken.deeds {
            if !runs.contains(&deed.run) && !self.loss.meets(deed.at, deed.at) {
                let what = format!("run {} did something, and is not in the log", deed.run);
                found.push((HealsInSight, what));
            }
        }
        found
    }

    /// Whether an event that was told stands where its teller heard that it does.
    fn took(&self, told: &Told, ledger: &Ledger) -> Option<(Invariant, String)> {
        let id = &told.event;
        let may_move = self.loss.meets(told.asked, told.settled);
        let what = match (told.fate, ledger.told(id)) {
            (Fate::Accepted(_), _) if may_move => return None,
            (Fate::Accepted(seq), None) => {
                format!("event {id} was accepted at {seq} and is not in the log")
            }
            (Fate::Accepted(seq), Some((at, _))) if at != seq => {
                format!("event {id} was accepted at {seq} and stands at {at}")
            }
            (Fate::Refused, _) => format!("event {id} was refused, and might have been told"),
            (Fate::Unheard, _) => {
                format!("who told {id} asked to the end, and never heard what came of it")
            }
            (Fate::Accepted(_) | Fate::Unknown, _) => return None,
        };
        Some((AcceptedIsDurable, what))
    }

    /// Events in the log that nobody told.
    fn untold(&self, ledger: &Ledger) -> Found {
        let known: BTreeSet<_> = self.woken.told.iter().map(|told| &told.event).collect();
        let events = ledger
            .everything_that_woke()
            .filter_map(|(at, woke)| match woke {
                Woke::Event(event) if !known.contains(&event.id) => Some((
                    AcceptedIsDurable,
                    format!("nobody told {} at {at}", event.id),
                )),
                Woke::Event(_) | Woke::Timer(_) => None,
            });
        events.collect()
    }

    /// Whether what it wanted was done, once for each attempt at most.
    fn does(&self, at: Seq, run: &RunRecord, wanted: bool) -> Option<(Invariant, String)> {
        let times = self
            .woken
            .deeds
            .iter()
            .filter(|deed| deed.run == run.run)
            .count();
        let most = if wanted { run.attempts as usize } else { 0 };
        let least = usize::from(wanted && run.outcome == Some(Outcome::Completed));
        (times < least || times > most).then(|| {
            let (id, attempts) = (&run.run, run.attempts);
            let what = format!(
                "run {id} for {at} did {times} times what it had to, in {attempts} attempts"
            );
            (HealsInSight, what)
        })
    }
}
