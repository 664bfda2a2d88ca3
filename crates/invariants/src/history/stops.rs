//! Runs that somebody wished to be stopped: no other ends so, and each whose stop was accepted does.

use convene_proto::{
    event::{EventBody, Outcome},
    id::RunId,
    position::Seq,
};

use super::History;
use crate::{
    Invariant::{self, OneWriter},
    Ledger, RunRecord,
};

/// A wish that a run be stopped.
#[derive(Debug, Clone)]
pub struct Stop {
    /// `None`: whichever is under way.
    pub run: Option<RunId>,
    /// When it was uttered, and when its author heard what came of it, or never did; on the clock of
    /// the events.
    pub asked: u64,
    pub settled: u64,
    /// Whether they heard that it was accepted.
    pub accepted: bool,
}

impl History {
    /// Whether somebody wished this run to be stopped while it was under way.
    pub(super) fn is_stopped(&self, run: &RunRecord, ledger: &Ledger) -> bool {
        // It may have been claimed as soon as its last input stood in the log, and begins to write later.
        let (Some(asked), Some(finished)) = (run.inputs.last().copied(), run.finished) else {
            return false;
        };
        let wished = |stop: &Stop| {
            let means_it = stop.run.as_ref().is_none_or(|wish| *wish == run.run);
            means_it && self.is_open_for(run, stop)
        };
        let interrupts = |said: &super::Said| {
            let stands = ledger.said(&said.message);
            let is_between = stands.is_some_and(|(at, _)| asked < at && at < finished);
            said.interrupts && (is_between || self.may_move(said))
        };
        self.stops.iter().any(wished) || self.said.iter().any(interrupts)
    }

    /// Whether each run whose stop was accepted, or that was interrupted, ended as cancelled and soon said no more.
    pub(super) fn stopped(&self, ledger: &Ledger) -> Vec<(Invariant, String)> {
        let mut found = Vec::new();
        let kept = |stop: &&Stop| !self.loss.meets(stop.asked, stop.settled);
        for stop in self.stops.iter().filter(|stop| stop.accepted).filter(kept) {
            found.extend(self.stopped_by(stop, ledger));
        }
        let interrupting = self.said.iter().filter(|said| said.interrupts);
        for said in interrupting.filter(|said| !self.may_move(said)) {
            let Some((at, _)) = ledger.said(&said.message) else {
                continue;
            };
            let is_under_way = |run: &&RunRecord| {
                run.started < at && run.finished.is_none_or(|finished| at < finished)
            };
            for run in ledger.runs().iter().filter(is_under_way) {
                found.extend(ends_otherwise(run, &format!("was interrupted at {at}")));
            }
        }
        found
    }

    fn stopped_by(&self, stop: &Stop, ledger: &Ledger) -> Vec<(Invariant, String)> {
        let mut found = Vec::new();
        let means_it = |run: &&RunRecord| match &stop.run {
            Some(wish) => *wish == run.run,
            None => self.outlasts(run, stop),
        };
        let when = stop.settled;
        for run in ledger.runs().iter().filter(means_it) {
            let why = format!("was stopped, which was accepted by {when}");
            found.extend(ends_otherwise(run, &why));
            let attempts = self.speaks_again(&run.run, when);
            if attempts > 1 {
                let id = &run.run;
                let what = format!("run {id} {why}, and spoke in {attempts} attempts after that");
                found.push((OneWriter, what));
            }
        }
        let is_it = |run: &RunRecord| match &stop.run {
            Some(wish) => *wish == run.run,
            None => {
                let is_cancelled = matches!(run.outcome, None | Some(Outcome::Cancelled));
                is_cancelled && self.is_open_for(run, stop)
            }
        };
        if !ledger.runs().iter().any(is_it) {
            let what = format!("a stop was accepted by {when}, and no run was stopped by it");
            found.push((OneWriter, what));
        }
        found
    }

    fn time(&self, seq: Seq) -> Option<u64> {
        let event = self.log.iter().find(|event| event.seq == seq);
        event.map(|event| event.at)
    }

    /// Whether it may have been under way, or waited for, when the wish came: it is not known when it was claimed.
    fn is_open_for(&self, run: &RunRecord, stop: &Stop) -> bool {
        let begins = run.inputs.last().and_then(|last| self.time(*last));
        let ends = match run.finished {
            Some(finished) => self.time(finished),
            None => Some(u64::MAX),
        };
        let (Some(begins), Some(ends)) = (begins, ends) else {
            return false;
        };
        stop.asked <= ends && begins <= stop.settled
    }

    /// Whether it was under way all the time, from before the wish until after it was accepted.
    fn outlasts(&self, run: &RunRecord, stop: &Stop) -> bool {
        let begun = self.time(run.started);
        let ends = run.finished.and_then(|finished| self.time(finished));
        let (Some(begun), Some(ends)) = (begun, ends) else {
            return false;
        };
        begun < stop.asked && stop.settled < ends
    }

    /// In how many of its attempts that begin after this it says something. One may have been claimed before.
    fn speaks_again(&self, run: &RunId, after: u64) -> usize {
        let mut begun = 0_usize;
        let mut spoken = Vec::new();
        for event in &self.log {
            match &event.body {
                EventBody::RunStarted { run: one, .. } if one == run && event.at > after => {
                    begun += 1;
                }
                EventBody::MessageStarted { run: one, .. } if one == run && begun > 0 => {
                    spoken.push(begun);
                }
                _ => {}
            }
        }
        spoken.dedup();
        spoken.len()
    }
}

fn ends_otherwise(run: &RunRecord, why: &str) -> Option<(Invariant, String)> {
    let how = match &run.outcome {
        None | Some(Outcome::Cancelled) => return None,
        Some(Outcome::Completed) => "completed",
        Some(Outcome::Failed { .. }) => "failed",
    };
    let what = format!("run {} {why}, and ended as {how}", run.run);
    Some((OneWriter, what))
}
