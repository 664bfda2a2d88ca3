//! A turn: what comes of one input, one thing after the other.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::civil::DateTime;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    company::Person,
    effect::{Answer, Button, Card, Effect, Form, Request, Saying},
    input::{Entity, Input},
    record::{Outcome, Recorded},
    state::{Frame, State},
};
use crate::{
    bounds::cut,
    folder::WhoMayAnswer,
    name::{Locale, SlotName, Who},
    phrase::{BadTemplate, Names},
    project::{FAILED, FlowSpec, Project, Scene},
    projects::Projects,
    slot::SlotSpec,
    value::Value,
};

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
    /// The model answers what was not understood.
    Lost(Request),
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

/// What is under a text.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) card: Option<Card>,
    pub(super) buttons: Vec<Button>,
    pub(super) form: Option<Form>,
}

/// What comes of one input.
#[derive(Debug)]
pub struct Turn<'p> {
    pub(super) projects: &'p Projects,
    pub(super) state: State,
    pub(super) input: Input,
    pub(super) now: DateTime,
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
    called: BTreeMap<Who, String>,
}

/// The flow on top, with its project.
pub(super) type Top<'p> = (&'p Arc<Project>, &'p Arc<FlowSpec>);

impl<'p> Turn<'p> {
    pub(super) fn new(projects: &'p Projects, state: &State, input: Input, now: DateTime) -> Self {
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
            now,
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
                turn.now = begun.at;
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
            ..Self::new(self.projects, &before, self.input, self.now)
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

    /// What somebody is called; whose name nobody knows, by the end of their id.
    fn name_of<'a>(&'a self, who: &'a Who) -> &'a str {
        let id = who.as_str();
        let own = id.split_once(':').map_or(id, |(_, own)| own);
        self.called.get(who).map_or(own, String::as_str)
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
                        | Pending::Lost(request)) = pending;
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

    /// Tells what came of the request that is open. Without one it does nothing.
    pub fn resume(&mut self, answer: Answer) {
        match self.pending.take() {
            Some(Pending::Call(_)) => self.call_answered(&answer),
            Some(Pending::Generate(_)) => self.generated(written(answer), false),
            Some(Pending::Lost(_)) => self.lost_answered(written(answer), false),
            None => {}
        }
    }

    /// Tells that what comes of the open request is what came of one in a conversation that was: its record. False,
    /// and nothing is told, where the record is not of a request of this kind.
    pub fn resume_recorded(&mut self, record: &Recorded) -> bool {
        match (self.pending.take(), record) {
            (
                Some(Pending::Call(_)),
                Recorded::CallAnswered {
                    good,
                    status,
                    saved,
                },
            ) => self.call_over(*good, *status, saved.clone()),
            (Some(Pending::Generate(_)), Recorded::ModelAnswered { text }) => {
                self.generated(text.clone(), true);
            }
            (Some(Pending::Lost(_)), Recorded::ModelAnswered { text }) => {
                self.lost_answered(text.clone(), true);
            }
            (pending, _) => {
                self.pending = pending;
                return false;
            }
        }
        true
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

    fn begin(&mut self) {
        if !self.is_relevant() {
            self.phase = Phase::Over;
            return;
        }
        let record = Recorded::TurnStarted {
            turn: self.state.turn + 1,
            input: hash(&self.input),
            who: self.input.who().cloned(),
            at: self.now,
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

    pub(super) fn effect(&mut self, effect: Effect) {
        self.out.push_back(Output::Do(effect));
    }

    /// The flow on top: its frame, its project and itself, if its version is still known.
    pub(super) fn top(&self) -> Option<Top<'p>> {
        let frame = self.state.stack.last()?;
        self.projects.flow(&frame.flow, &frame.version)
    }

    /// The flow at a place of the stack, with its project: where its version is gone, as it is now.
    pub(super) fn flow_at(&self, index: usize) -> Option<Top<'p>> {
        let frame = self.state.stack.get(index)?;
        let project = self.projects.current();
        self.projects
            .flow(&frame.flow, &frame.version)
            .or_else(|| Some((project, project.flow(&frame.flow)?)))
    }

    pub(super) fn frame(&self) -> Option<&Frame> {
        self.state.stack.last()
    }

    /// The project whose texts are said: that of the flow on top, or that of now.
    pub(super) fn project(&self) -> &'p Arc<Project> {
        self.top()
            .map_or(self.projects.current(), |(project, _)| project)
    }

    /// The value of a slot that the flow on top sees.
    pub(super) fn value(&self, slot: &SlotSpec) -> Option<&Value> {
        self.state.slot(slot.name.as_str())
    }

    /// The value of a slot that the flow at a place of the stack sees.
    pub(super) fn value_at(&self, frame: usize, slot: &SlotName) -> Option<&Value> {
        let filled = self.state.filled_at(frame, slot.as_str());
        filled.map(|filled| &filled.value)
    }

    /// Names for texts.
    pub(super) fn spoken(&self) -> Names {
        let locale = self.locale();
        let flow = self.top().map(|(_, flow)| flow.as_ref());
        let to = self.spoken_to.clone().or_else(|| self.owner());
        self.scene(&locale, to.as_ref())
            .spoken(self.project(), flow, |slot| self.value(slot))
    }

    /// Names for expressions.
    pub(super) fn plain(&self) -> Names {
        let locale = self.locale();
        let flow = self.top().map(|(_, flow)| flow.as_ref());
        self.scene(&locale, self.state.who.as_ref())
            .plain(self.project(), flow, |slot| self.value(slot))
    }

    fn scene<'a>(&'a self, locale: &'a Locale, who: Option<&'a Who>) -> Scene<'a> {
        Scene {
            locale,
            now: self.now,
            who,
            name: who.map(|who| self.name_of(who)),
            waiting: self.waiting(),
        }
    }

    /// A text of the project as it is said now.
    fn text(&mut self, key: &str, names: &Names) -> Result<String, BadTemplate> {
        self.said += 1;
        let turn = self.state.turn.wrapping_sub(1) + self.said.wrapping_sub(1);
        let text = self.project().speech.fill(&self.locale(), key, turn, names);
        text.map(cut)
    }

    /// Says a text.
    pub(super) fn say(&mut self, key: &str) {
        let names = self.spoken();
        self.say_with(key, &names, Vec::new());
    }

    pub(super) fn say_with(&mut self, key: &str, names: &Names, buttons: Vec<Button>) {
        let offer = Offer {
            buttons,
            ..Offer::default()
        };
        self.offer(key, names, offer);
    }

    /// Says a text with what is shown and can be pressed or filled in under it.
    pub(super) fn offer(&mut self, key: &str, names: &Names, offer: Offer) {
        let (key, text, offer) = match self.text(key, names) {
            Ok(text) => (key, text, offer),
            // The flow that would say it ends before it does anything else.
            Err(_) => {
                self.is_speechless = true;
                let text = self.project().speech.failed(&self.locale());
                (FAILED, text, Offer::default())
            }
        };
        let Offer {
            card,
            buttons,
            form,
        } = offer;
        let is_for_anyone = self.project().assistant().ask.who_may_answer == WhoMayAnswer::Anyone;
        let offered = form.as_ref().map(|form| form.question);
        let offered = offered.or_else(|| buttons.first().map(|button| button.question));
        let asked = offered.and_then(|question| self.state.asked_by(question));
        let only_for = asked.filter(|_| !is_for_anyone).cloned();
        self.effect(Effect::Say(Saying {
            key: Some(key.into()),
            text,
            card: card.map(Box::new),
            buttons,
            form,
            only_for,
        }));
    }

    /// The number of the next question or timer.
    pub(super) const fn number(&self) -> u64 {
        self.state.numbers + 1
    }
}

fn written(answer: Answer) -> Option<String> {
    match answer {
        // What is recorded of it.
        Answer::Written(text) => Some(cut(text)),
        Answer::Http { .. } | Answer::NoAnswer(_) => None,
    }
}

fn hash(input: &Input) -> String {
    let text = serde_json::to_string(input).unwrap_or_default();
    format!("{:016x}", xxh3_64(text.as_bytes()))
}
