//! The runs of a log: one at a time, attempt after attempt, and nothing under one that is not open.

use convene_proto::{
    event::{EventBody, Message, Outcome},
    id::{AgentName, MessageId, RunId},
    position::Seq,
};

use super::Order;
use crate::Invariant::{self, HealsInSight, NoLostWakeUp, OneWriter};

/// A run, as the log tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    pub run: RunId,
    pub agent: AgentName,
    pub inputs: Vec<Seq>,
    /// The last attempt's number.
    pub attempt: u32,
    /// How many attempts there were: those that died before they wrote anything are numbered, and those
    /// that a draining worker gave up have no number of their own.
    pub attempts: u32,
    /// What the last attempt has said and not taken back, in order; whether each is whole.
    pub messages: Vec<(Message, bool)>,
    /// The event with which its first attempt began.
    pub started: Seq,
    /// `None`: it is not over.
    pub outcome: Option<Outcome>,
    /// The event with which it ended.
    pub finished: Option<Seq>,
}

impl RunRecord {
    /// Everything that it said, one message behind the other.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.messages.iter().map(|(message, _)| message.text());
        texts.collect()
    }
}

type Faults = Vec<(Invariant, String)>;

/// The runs so far.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    order: Order,
    all: Vec<RunRecord>,
    /// The text under way.
    streaming: Option<MessageId>,
}

impl Runs {
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            all: Vec::new(),
            streaming: None,
        }
    }

    pub(super) fn all(&self) -> &[RunRecord] {
        &self.all
    }

    /// Takes an event in; answers what is wrong with it.
    pub(super) fn take(
        &mut self,
        seq: Seq,
        body: &EventBody,
        is_input: impl Fn(Seq) -> bool,
    ) -> Faults {
        let mut faults = Faults::new();
        match body {
            EventBody::RunStarted {
                run,
                agent,
                attempt,
                inputs,
            } => {
                faults.extend(self.starts(seq, run, (agent, *attempt, inputs), is_input));
            }
            EventBody::MessageStarted { message, run, .. } => {
                faults.extend(self.misses(seq, run, "begins a message"));
                if let Some(other) = self.streaming.replace(message.clone()) {
                    let what =
                        format!("event {seq} begins {message} while {other} is being written");
                    faults.push((OneWriter, what));
                }
            }
            EventBody::MessageCompleted {
                message,
                run,
                whole,
            } => {
                faults.extend(self.misses(seq, run, "completes a message"));
                faults.extend(self.ends(seq, &message.id));
                if let Some(record) = self.record(run) {
                    record.messages.push((message.clone(), *whole));
                }
            }
            EventBody::MessageRetracted { message, run } => {
                faults.extend(self.misses(seq, run, "takes a message back"));
                faults.extend(self.takes_back(seq, run, message));
            }
            EventBody::AgentNoted { run, attempt, .. } => {
                faults.extend(self.misses(seq, run, "notes something"));
                if self.record(run).is_some_and(|run| run.attempt != *attempt) {
                    let what =
                        format!("event {seq} notes something of an attempt of {run} that is over");
                    faults.push((OneWriter, what));
                }
            }
            EventBody::TimerSet { run, .. } | EventBody::TimerCleared { run, .. } => {
                faults.extend(self.misses(seq, run, "sets or clears a timer"));
            }
            EventBody::RunRetrying { run, attempt, .. } => {
                faults.extend(self.misses(seq, run, "puts it off"));
                faults.extend(self.leaves(seq, run, true));
                if self.record(run).is_some_and(|run| run.attempt != *attempt) {
                    let what = format!("event {seq} ends another attempt of {run} than began");
                    faults.push((OneWriter, what));
                }
            }
            EventBody::RunFinished {
                run,
                outcome,
                closes,
                ..
            } => {
                faults.extend(self.misses(seq, run, "ends it"));
                let failed = matches!(outcome, Outcome::Failed { .. });
                if failed && !closes.is_empty() {
                    let what = format!("run {run} failed at {seq}, and closes {closes:?}");
                    faults.push((HealsInSight, what));
                }
                faults.extend(self.leaves(seq, run, failed));
                if let Some(record) = self.record(run) {
                    record.outcome = Some(outcome.clone());
                    record.finished = Some(seq);
                }
            }
            _ => {}
        }
        faults
    }

    fn record(&mut self, run: &RunId) -> Option<&mut RunRecord> {
        self.all.iter_mut().find(|record| record.run == *run)
    }

    fn starts(
        &mut self,
        seq: Seq,
        run: &RunId,
        (agent, attempt, inputs): (&AgentName, u32, &[Seq]),
        is_input: impl Fn(Seq) -> bool,
    ) -> Faults {
        let mut faults = Faults::new();
        let open = self.all.iter().find(|one| one.outcome.is_none());
        if let Some(other) = open.filter(|open| open.run != *run) {
            let what = format!("run {run} begins at {seq} while {} is under way", other.run);
            faults.push((OneWriter, what));
        }
        if self.record(run).is_some() {
            faults.extend(self.misses(seq, run, "begins it again"));
            faults.extend(self.leaves(seq, run, true));
            let Some(record) = self.record(run) else {
                return faults;
            };
            // An attempt that a draining worker gave up is not counted, so the number may stay.
            if attempt < record.attempt || inputs != record.inputs {
                let what = format!("event {seq} begins attempt {attempt} of {run} behind another");
                faults.push((OneWriter, what));
            }
            record.attempts += attempt.saturating_sub(record.attempt).max(1);
            record.attempt = attempt;
            return faults;
        }
        for input in inputs {
            if *input >= seq || !is_input(*input) {
                let what = format!("run {run} answers {input}, which nobody said");
                faults.push((OneWriter, what));
            }
            if let Some(other) = self.all.iter().find(|one| one.inputs.contains(input)) {
                let what = format!("runs {} and {run} both answer {input}", other.run);
                faults.push((OneWriter, what));
            }
        }
        let last = self.all.last().and_then(|one| one.inputs.last());
        let answered = last.into_iter().chain(inputs);
        let in_order = answered.clone().zip(answered.skip(1)).all(|(a, b)| a < b);
        if self.order == Order::AsSaid && !in_order {
            let what = format!("run {run} answers out of turn: {inputs:?}");
            faults.push((NoLostWakeUp, what));
        }
        self.all.push(RunRecord {
            run: run.clone(),
            agent: agent.clone(),
            inputs: inputs.to_vec(),
            attempt,
            attempts: attempt,
            messages: Vec::new(),
            started: seq,
            outcome: None,
            finished: None,
        });
        faults
    }

    /// Whether the run is open, so that something can be written under it.
    fn misses(&mut self, seq: Seq, run: &RunId, does: &str) -> Option<(Invariant, String)> {
        let is = match self.record(run) {
            None => "never began",
            Some(record) if record.outcome.is_some() => "is over",
            Some(_) => return None,
        };
        Some((
            OneWriter,
            format!("event {seq} {does} under run {run}, which {is}"),
        ))
    }

    fn ends(&mut self, seq: Seq, message: &MessageId) -> Option<(Invariant, String)> {
        if self.streaming.as_ref() == Some(message) {
            self.streaming = None;
            return None;
        }
        let what = format!("event {seq} ends {message}, which is not being written");
        Some((OneWriter, what))
    }

    fn takes_back(
        &mut self,
        seq: Seq,
        run: &RunId,
        message: &MessageId,
    ) -> Option<(Invariant, String)> {
        if let Some(record) = self.record(run) {
            let before = record.messages.len();
            record.messages.retain(|(said, _)| said.id != *message);
            if record.messages.len() < before {
                return None;
            }
        }
        self.ends(seq, message)
    }

    /// At an attempt's end nothing is being written, and where it failed nothing of it is left.
    fn leaves(&mut self, seq: Seq, run: &RunId, failed: bool) -> Faults {
        let mut faults = Faults::new();
        if let Some(message) = self.streaming.take() {
            let what = format!("an attempt of {run} ends at {seq} and {message} is still written");
            faults.push((HealsInSight, what));
        }
        let Some(record) = self.record(run).filter(|_| failed) else {
            return faults;
        };
        for (left, _) in std::mem::take(&mut record.messages) {
            let what = format!(
                "an attempt of {run} ends at {seq} and {} is not taken back",
                left.id
            );
            faults.push((HealsInSight, what));
        }
        faults
    }
}
