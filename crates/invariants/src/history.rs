//! What people said, saw and had done for them in a conversation, held against its log when
//! everything is quiet again.

mod stops;
mod view;
mod woken;

use std::collections::{BTreeMap, BTreeSet};

use convene_proto::{
    event::{Event, Outcome},
    id::{ConversationId, MessageId},
    position::Seq,
};

pub use self::{
    stops::Stop,
    view::View,
    woken::{Deed, Told, Waking, Woken},
};
use crate::{
    Broken,
    Invariant::{self, AcceptedIsDurable, HealsInSight, NoLostWakeUp, OneWriter},
    Ledger, Order, RunRecord, Woke,
};

/// What is to come of a message.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It wakes nobody.
    None,
    /// Exactly this text.
    Text(String),
    /// What the agent makes of everything that the run answers, in its last attempt of this number.
    Of(fn(&[Question], u32) -> String),
    /// What an agent that remembers makes of everything that the run answers, after everything that
    /// the runs before it have answered to the end.
    After(fn(&[Asked], &[Asked]) -> String),
}

/// One of the inputs of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its author's.
    pub name: String,
    pub text: String,
}

/// What a run answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    Said(Question),
    /// Nobody said anything.
    Woke(Woke),
}

impl Answer {
    /// Whether it wakes nobody.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// How its author's client heard of a message's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was told that the log took it there.
    Accepted(Seq),
    /// It was told that it is refused for good. Nothing that may be said is.
    Refused,
    /// Its author went away before hearing of it, and it may be either.
    Unknown,
    /// Its author asked to the end, and was never told.
    Unheard,
}

/// A message that somebody said.
#[derive(Debug, Clone)]
pub struct Said {
    pub message: MessageId,
    pub text: String,
    pub answer: Answer,
    /// Whether answering it does something beyond the log.
    pub has_effect: bool,
    /// Whether it stops the run under way, and goes first.
    pub interrupts: bool,
    /// When it was first handed in, and when its fate was known; on the clock of the events.
    pub asked: u64,
    pub settled: u64,
    pub fate: Fate,
}

/// Something that a run did beyond the log, as often as it did.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// The idempotency key: whoever is asked to do it again under one that they know does nothing.
    pub key: String,
    /// The message that asked for it.
    pub message: MessageId,
    /// When it was done.
    pub at: u64,
}

/// What the run that answers this must say.
fn expected(said: &Said, run: &RunRecord, ledger: &Ledger) -> String {
    match &said.answer {
        Answer::None => String::new(),
        Answer::Text(text) => text.clone(),
        Answer::Of(of) => of(&questions(run, ledger), run.attempt),
        Answer::After(after) => after(&asked_before(run, ledger), &asked(run, ledger)),
    }
}

fn questions(run: &RunRecord, ledger: &Ledger) -> Vec<Question> {
    let said = asked(run, ledger).into_iter();
    let questions = said.filter_map(|asked| match asked {
        Asked::Said(question) => Some(question),
        Asked::Woke(_) => None,
    });
    questions.collect()
}

/// What the run answers.
fn asked(run: &RunRecord, ledger: &Ledger) -> Vec<Asked> {
    let said = |input| {
        let message = ledger.said_at(input)?;
        Some(Asked::Said(Question {
            name: ledger.name_of(&message.author),
            text: message.text(),
        }))
    };
    let woke = |input| ledger.woke_at(input).cloned().map(Asked::Woke);
    let inputs = run.inputs.iter();
    let asked = inputs.filter_map(|input| said(*input).or_else(|| woke(*input)));
    asked.collect()
}

/// What the runs before it have answered to the end.
fn asked_before(run: &RunRecord, ledger: &Ledger) -> Vec<Asked> {
    let before = ledger.runs().iter().take_while(|one| one.run != run.run);
    let answered = before.filter(|one| one.outcome == Some(Outcome::Completed));
    answered.flat_map(|one| asked(one, ledger)).collect()
}

/// What the faults may have cost the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loss {
    #[default]
    Nothing,
    /// What was written between these moments. Of that what woke nobody may be gone, and a question
    /// together with its answer; what is restored may stand elsewhere; and people are told so by a
    /// reset.
    Tail { from: u64, to: u64 },
}

impl Loss {
    /// Whether it may be about something that was written within this time.
    fn meets(self, asked: u64, settled: u64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Tail { from, to } => asked <= to && from <= settled,
        }
    }
}

/// A conversation's whole story.
#[derive(Debug, Clone)]
pub struct History {
    pub conversation: ConversationId,
    pub order: Order,
    pub loss: Loss,
    /// The log, from its first event on, at the quiet end.
    pub log: Vec<Event>,
    pub said: Vec<Said>,
    pub stops: Vec<Stop>,
    pub effects: Vec<Effect>,
    /// The messages whose runs were over by the word of a worker, whether anybody saw it or not, and
    /// when that was first so.
    pub ended: BTreeMap<MessageId, u64>,
    pub woken: Woken,
    pub views: Vec<View>,
}

impl History {
    /// The log by itself, as far as anybody sees it.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let of_staff = Some(&self.woken.log).filter(|log| !log.is_empty());
        Ledger::of(
            &self.conversation,
            self.order,
            of_staff.unwrap_or(&self.log),
        )
    }

    /// Every promise that was not kept, in no order.
    #[must_use]
    pub fn judge(&self) -> Vec<Broken> {
        let ledger = self.ledger();
        let mut broken = ledger.broken().to_vec();
        let mut found = Vec::new();
        for said in &self.said {
            found.extend(self.fate(said, &ledger));
            found.extend(self.answer(said, &ledger));
        }
        found.extend(self.stopped(&ledger));
        found.extend(self.turns());
        found.extend(self.strangers(&ledger));
        found.extend(self.done(&ledger));
        found.extend(self.woken(&ledger));
        let name = |(invariant, what)| Broken::new(invariant, &self.conversation, what);
        broken.extend(found.into_iter().map(name));
        for view in &self.views {
            broken.extend(view.judge(&self.conversation, &self.log, self.loss));
        }
        broken
    }

    /// Whether everything that was said was taken, where its author was told that it stands.
    fn fate(&self, said: &Said, ledger: &Ledger) -> Option<(Invariant, String)> {
        let id = &said.message;
        let what = match (said.fate, ledger.said(id)) {
            (Fate::Accepted(_), None) if self.may_be_gone(said) => return None,
            (Fate::Accepted(seq), None) => {
                format!("message {id} was accepted at {seq} and is not in the log")
            }
            (Fate::Accepted(seq), Some((at, _))) if at != seq && !self.may_move(said) => {
                format!("message {id} was accepted at {seq} and stands at {at}")
            }
            (Fate::Refused, Some((at, _))) => {
                format!("message {id} was refused and stands at {at}")
            }
            (Fate::Refused, None) => format!("message {id} was refused, and might have been said"),
            (Fate::Unheard, _) => {
                format!("the author of {id} asked to the end, and was never told what came of it")
            }
            (_, Some((at, message))) if message.text() != said.text => {
                format!("message {id} at {at} is not what was said")
            }
            _ => return None,
        };
        Some((AcceptedIsDurable, what))
    }

    /// Whether it may have been lost, and restored where it does not stand any more.
    fn may_move(&self, said: &Said) -> bool {
        self.loss.meets(said.asked, said.settled)
    }

    fn may_be_gone(&self, said: &Said) -> bool {
        let message = &said.message;
        let seen = || self.views.iter().any(|view| view.saw_end_of(message));
        let was_over = || {
            let ended = self.ended.get(message);
            ended.is_some_and(|at| self.loss.meets(*at, u64::MAX))
        };
        self.may_move(said) && (said.answer.is_none() || was_over() || seen())
    }

    /// Whether what the log took is answered, wholly.
    fn answer(&self, said: &Said, ledger: &Ledger) -> Option<(Invariant, String)> {
        let (at, _) = ledger.said(&said.message)?;
        let run = ledger.run_for(at);
        if said.answer.is_none() {
            let run = run?;
            let what = format!("run {} answers {at}, which woke nobody", run.run);
            return Some((OneWriter, what));
        }
        let Some(run) = run else {
            return Some((
                NoLostWakeUp,
                format!("nobody answers {at}: {:?}", said.text),
            ));
        };
        self.came(at, run, &expected(said, run, ledger), ledger)
    }

    /// Whether a run came to an end, and to that which is expected of it.
    fn came(
        &self,
        at: Seq,
        run: &RunRecord,
        expected: &str,
        ledger: &Ledger,
    ) -> Option<(Invariant, String)> {
        let id = &run.run;
        let text = run.text();
        match &run.outcome {
            None => Some((NoLostWakeUp, format!("run {id} for {at} does not end"))),
            Some(Outcome::Completed) => {
                let whole = run.messages.iter().all(|(_, whole)| *whole);
                (!whole || text != expected).then(|| {
                    let what = format!("run {id} for {at} said {text:?} and not {expected:?}");
                    (HealsInSight, what)
                })
            }
            Some(Outcome::Cancelled) if !self.is_stopped(run, ledger) => Some((
                OneWriter,
                format!("run {id} for {at} was stopped by nobody"),
            )),
            Some(Outcome::Cancelled) => (!expected.starts_with(&text)).then(|| {
                let what = format!("run {id} for {at} was stopped behind {text:?}");
                (HealsInSight, what)
            }),
            Some(Outcome::Failed { error }) => {
                let what = format!("run {id} for {at} failed: {} {}", error.code, error.message);
                Some((HealsInSight, what))
            }
        }
    }

    /// Whether what was said after another had been accepted stands behind it.
    fn turns(&self) -> Vec<(Invariant, String)> {
        let accepted = self.said.iter().filter_map(|said| match said.fate {
            Fate::Accepted(seq) => Some((said, seq)),
            _ => None,
        });
        let accepted: Vec<_> = accepted.collect();
        let mut found = Vec::new();
        for (first, at) in accepted.iter().filter(|(first, _)| !self.may_move(first)) {
            for (then, seq) in &accepted {
                if first.settled < then.asked && seq <= at {
                    let what = format!(
                        "{} stands at {seq}, but was said after {} was accepted at {at}",
                        then.message, first.message
                    );
                    found.push((AcceptedIsDurable, what));
                }
            }
        }
        found
    }

    /// What stands in the log and nobody said.
    fn strangers(&self, ledger: &Ledger) -> Vec<(Invariant, String)> {
        let known: BTreeSet<_> = self.said.iter().map(|said| &said.message).collect();
        let strangers = ledger
            .everything_said()
            .filter(|(_, message)| !known.contains(&message.id));
        let told = |(seq, message): (Seq, &convene_proto::event::Message)| {
            let what = format!("nobody said {} at {seq}", message.id);
            (AcceptedIsDurable, what)
        };
        strangers.map(told).collect()
    }

    /// Whether the claim under which it was done may be gone: its message was there, and it was not long ago.
    fn may_be_undone(&self, effect: &Effect) -> bool {
        let asking = |said: &&Said| said.message == effect.message;
        let asked = self.said.iter().filter(asking).map(|said| said.asked).min();
        asked.is_some_and(|asked| self.loss.meets(asked, effect.at))
    }

    /// Whether each effect happened, under its run's key alone, and once for each attempt at most.
    fn done(&self, ledger: &Ledger) -> Vec<(Invariant, String)> {
        let run_of =
            |message: &MessageId| -> Option<&RunRecord> { ledger.run_for(ledger.said(message)?.0) };
        let mut keys: BTreeMap<&MessageId, BTreeSet<&str>> = BTreeMap::new();
        for effect in &self.effects {
            let is_of_log =
                run_of(&effect.message).is_some_and(|run| run.run.as_str() == effect.key);
            if is_of_log || !self.may_be_undone(effect) {
                keys.entry(&effect.message).or_default().insert(&effect.key);
            }
        }
        let mut found = Vec::new();
        for (message, keys) in &keys {
            if keys.len() > 1 {
                let what = format!("what {message} asked for was done under {keys:?}");
                found.push((HealsInSight, what));
            }
            let Some(run) = run_of(message) else {
                let what = format!("what {message} asked for was done, and no run answers it");
                found.push((HealsInSight, what));
                continue;
            };
            let of_run = self.effects.iter().filter(|effect| {
                let is_of_run = effect.message == **message && effect.key == run.run.as_str();
                is_of_run && !self.may_be_undone(effect)
            });
            let times = of_run.count();
            if times > run.attempts as usize {
                let (id, attempts) = (&run.run, run.attempts);
                let what = format!(
                    "run {id} did {times} times what {message} asked for, in {attempts} attempts"
                );
                found.push((HealsInSight, what));
            }
            if !keys.contains(run.run.as_str()) && run.outcome == Some(Outcome::Completed) {
                let what = format!("run {} did nothing under its own key", run.run);
                found.push((HealsInSight, what));
            }
        }
        for said in self.said.iter().filter(|said| said.has_effect) {
            let completed =
                run_of(&said.message).is_some_and(|run| run.outcome == Some(Outcome::Completed));
            if completed && !keys.contains_key(&said.message) {
                let what = format!("what {} asked for was never done", said.message);
                found.push((HealsInSight, what));
            }
        }
        found
    }
}
