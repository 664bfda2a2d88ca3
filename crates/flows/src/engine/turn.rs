//! A turn: what comes of one input, one thing after the other.

use std::collections::{BTreeMap, VecDeque};

use xxhash_rust::xxh3::xxh3_64;

use super::{
    clock::Clock,
    company::Person,
    effect::{Effect, Request},
    input::{Entity, Input},
    lost::Open,
    record::{Outcome, Recorded},
    state::State,
};
use crate::{name::Who, projects::Projects};

/// What comes next in a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Write this to the log, before anything that follows is done.
    Record(Recorded),
    /// Do this.
    Do(Effect),
    /// Do this and tell what came of it with [`Turn::resume`].
    Ask(Request),
    /// The turn was begun before, and what was recorded then is not what would be done now. Begin it anew
    /// with [`Turn::begin_anew`].
    Diverged,
    /// That was all.
    Done,
}

#[derive(Debug)]
pub(super) enum Output {
    Record(Recorded),
    Do(Effect),
}

/// What a request is for.
#[derive(Debug)]
pub(super) enum Pending {
    /// A `call` step's.
    Call(Request),
    /// A `generate` step's.
    Generate(Request),
    /// The model answers what was not understood. A question that is open is asked again, or, without an answer of the model's,
    /// was answered wrongly.
    Lost(Request, Option<Box<Open>>),
}

/// How far a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was done about the input yet.
    Begun,
    /// Flows run.
    Running,
    Over,
}

/// What comes of one input.
#[derive(Debug)]
pub struct Turn<'p> {
    pub(super) projects: &'p Projects,
    pub(super) state: State,
    pub(super) input: Input,
    pub(super) clock: Clock,
    out: VecDeque<Output>,
    past: VecDeque<Recorded>,
    phase: Phase,
    pub(super) pending: Option<Pending>,
    /// Who is spoken to, where it is not whose the flow on top is.
    pub(super) spoken_to: Option<Who>,
    /// The entities that nothing has taken yet.
    pub(super) entities: Vec<Entity>,
    /// Those that belong to what is wanted beside the flow on top.
    pub(super) aside: Vec<Entity>,
    /// Whether a flow has ended in this turn, so that what stands below is come back to.
    pub(super) came_back: bool,
    /// Whether the flow on top could not say what it would.
    pub(super) is_speechless: bool,
    /// How many steps were done, and how many texts were said.
    pub(super) steps: u32,
    pub(super) said: u64,
    diverged: bool,
    /// What those are called who are in the conversation.
    pub(super) called: BTreeMap<Who, String>,
}

impl<'p> Turn<'p> {
    pub(super) fn new(projects: &'p Projects, state: &State, input: Input, clock: Clock) -> Self {
        let hash = hash(&input);
        let mut turn = Self {
            projects,
            state: state.clone(),
            entities: match &input {
                Input::Heard(heard) => heard.entities.clone(),
                _ => Vec::new(),
            },
            aside: Vec::new(),
            input,
            clock,
            out: VecDeque::new(),
            past: VecDeque::new(),
            phase: Phase::Begun,
            pending: None,
            spoken_to: None,
            came_back: false,
            is_speechless: false,
            steps: 0,
            said: 0,
            diverged: false,
            called: BTreeMap::new(),
        };
        match turn.state.under_way.take() {
            Some(begun) if begun.input == hash => {
                turn.state = begun.before;
                turn.past = begun.records.into();
                turn.clock = turn.clock.at(begun.at);
            }
            // The fold does the same when it comes to this turn's start.
            Some(_) => turn.state = state.clone().without_half_turn(),
            None => {}
        }
        turn
    }

    /// Forgets what was recorded of a turn that diverged, and begins it from its start.
    #[must_use]
    pub fn begin_anew(self) -> Self {
        let mut before = self.state;
        if let Some(begun) = before.under_way.take() {
            before = begun.before;
        }
        let called = self.called;
        Self {
            called,
            ..Self::new(self.projects, &before, self.input, self.clock)
        }
    }

    /// The same among these people: texts call them by their names.
    #[must_use]
    pub fn among(mut self, people: &[Person]) -> Self {
        let named = people.iter().filter(|one| !one.name.trim().is_empty());
        self.called = named
            .map(|one| (one.who.clone(), one.name.clone()))
            .collect();
        self
    }

    /// What comes next. Asked again while a request is open, it gives the same request again.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can be answered between two of them"
    )]
    pub fn next(&mut self) -> Next {
        loop {
            if self.diverged {
                return Next::Diverged;
            }
            // What was recorded is gone through first: had it to be begun anew, what was said would be said twice.
            if self.past.is_empty()
                && let Some(output) = self.out.pop_front()
            {
                return match output {
                    Output::Record(record) => Next::Record(record),
                    Output::Do(effect) => Next::Do(effect),
                };
            }
            if let Some(pending) = &self.pending {
                match self.past.front() {
                    Some(Recorded::CallAnswered { .. } | Recorded::ModelAnswered { .. }) => {
                        self.answered_before();
                    }
                    Some(_) => self.diverged = true,
                    None => {
                        let (Pending::Call(request)
                        | Pending::Generate(request)
                        | Pending::Lost(request, _)) = pending;
                        return Next::Ask(request.clone());
                    }
                }
                continue;
            }
            match self.phase {
                Phase::Begun => {
                    self.phase = Phase::Running;
                    self.begin();
                }
                Phase::Running => {
                    if self.is_speechless {
                        self.end_flow(Outcome::Failed);
                        self.is_speechless = false;
                    } else if !self.run() {
                        self.settle_or_end();
                    }
                }
                Phase::Over if !self.past.is_empty() => self.diverged = true,
                Phase::Over => return Next::Done,
            }
        }
    }

    fn begin(&mut self) {
        if !self.is_relevant() {
            self.phase = Phase::Over;
            return;
        }
        let record = Recorded::TurnStarted {
            turn: self.state.turn + 1,
            input: hash(&self.input),
            who: self.input.who().cloned(),
            zone: self.zone_news(),
            at: self.clock.now.datetime(),
        };
        self.record(record);
        self.outdate_shared();
        self.spoken_to = self.input.who().cloned();
        self.take_in();
        self.spoken_to = None;
    }

    fn settle_or_end(&mut self) {
        if self.settle() {
            return;
        }
        self.watch_silence();
        let turn = self.state.turn;
        self.record(Recorded::TurnEnded { turn });
        self.phase = Phase::Over;
    }

    /// Records a fact and makes it so.
    pub(super) fn record(&mut self, record: Recorded) {
        self.state.apply(&record);
        match self.past.pop_front() {
            None => self.out.push_back(Output::Record(record)),
            Some(past) if past == record => {}
            Some(_) => self.diverged = true,
        }
    }

    /// Whether an attempt of before calls were noted when they begin has recorded an answer that comes next.
    pub(super) fn is_answered_already(&self) -> bool {
        matches!(self.past.front(), Some(Recorded::CallAnswered { .. }))
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.out.push_back(Output::Do(effect));
    }

    /// The number of the next question or timer.
    pub(super) const fn number(&self) -> u64 {
        self.state.numbers + 1
    }

    /// The answer was recorded by an earlier attempt.
    fn answered_before(&mut self) {
        let Some(record) = self.past.front().cloned() else {
            return;
        };
        if !self.resume_recorded(&record) {
            self.pending = None;
            self.diverged = true;
        }
    }
}

fn hash(input: &Input) -> String {
    let text = serde_json::to_string(input).unwrap_or_default();
    format!("{:016x}", xxh3_64(text.as_bytes()))
}
