//! Tells one story to a project: what happens is fed, and what comes of it is kept until it is judged.

use std::collections::BTreeMap;

use convene_source::Place;
use jiff::{SignedDuration, ZonedDateTime};

use super::{
    Utterance,
    expected::Expected,
    file::{Story, StoryStep},
    report::Failure,
    run::Find,
    said::{beside_marks, said},
};
use crate::{
    engine::{
        Answer, Called, Clock, Due, Effect, Engine, Entity, Heard, Input, Next, Person, Recorded,
        Remark, Request, Saying, State, Turn,
    },
    name::{FlowName, Locale, SlotName, Who},
    projects::Projects,
};

pub(crate) struct Teller<'p> {
    engine: Engine<'p>,
    projects: &'p Projects,
    understand: Option<&'p dyn Fn(Utterance<'_>) -> Heard>,
    /// Finds entities where nobody understands: all where none are marked, else what every project has beside the marks.
    find: Option<&'p Find<'p>>,
    now: ZonedDateTime,
    pub(crate) state: State,
    turn: Option<Turn<'p>>,
    /// What waits for its answer.
    pub(super) open: Option<Request>,
    /// What was said and not yet told.
    pub(super) said: Vec<Saying>,
    /// What was said last, also if it was told.
    pub(super) last: Vec<Saying>,
    /// Everything that had buttons or a form.
    pub(super) shown: Vec<Saying>,
    /// Who was asked for, and what they are told.
    pub(super) handoffs: Vec<(String, Option<String>)>,
    pub(super) ended: BTreeMap<FlowName, String>,
    timers: Vec<(ZonedDateTime, u64)>,
    /// Who is in the conversation.
    people: Vec<Person>,
    /// Who has said something.
    writers: Vec<Who>,
    pub(super) transcript: Vec<String>,
    /// What was said last with an intent and without entities: none are marked, and none were found without learning.
    unmarked: Option<String>,
    /// Everything that was recorded.
    pub(crate) records: Vec<Recorded>,
    /// The inputs with the time, and what was answered, for whoever wants to go through it once more.
    pub(crate) turns: Vec<(Input, Clock, Vec<Answer>)>,
}

/// What should have been, and what was.
pub(super) type Otherwise = (String, String);

impl<'p> Teller<'p> {
    pub(crate) fn new(
        projects: &'p Projects,
        now: ZonedDateTime,
        understand: Option<&'p dyn Fn(Utterance<'_>) -> Heard>,
    ) -> Self {
        Self {
            engine: Engine::new(projects),
            projects,
            understand,
            find: None,
            now,
            state: State::default(),
            turn: None,
            open: None,
            said: Vec::new(),
            last: Vec::new(),
            shown: Vec::new(),
            handoffs: Vec::new(),
            ended: BTreeMap::new(),
            timers: Vec::new(),
            people: Vec::new(),
            writers: Vec::new(),
            transcript: Vec::new(),
            unmarked: None,
            records: Vec::new(),
            turns: Vec::new(),
        }
    }

    /// With entities that are found where, or beside what, none are marked.
    pub(super) fn finding(self, find: Option<&'p Find<'p>>) -> Self {
        Self { find, ..self }
    }

    pub(crate) fn tell(&mut self, story: &Story) -> Result<(), Failure> {
        let mut place = story.place;
        self.people = story.everybody();
        for (step, at) in story.steps.iter().zip(&story.places) {
            place = *at;
            self.step(step)
                .map_err(|otherwise| self.failure(place, otherwise))?;
        }
        self.nothing_left("the story's end")
            .map_err(|otherwise| self.failure(place, otherwise))
    }

    fn failure(&self, place: Place, (expected, found): Otherwise) -> Failure {
        let unmarked = self.unmarked.iter().map(|text| {
            format!(
                "note: nothing is marked in \"{text}\", so it has no entities: mark them, or write `understand: true` beside `story`"
            )
        });
        Failure {
            line: place.line,
            column: place.column,
            expected,
            found,
            transcript: self.transcript.iter().cloned().chain(unmarked).collect(),
        }
    }

    fn step(&mut self, step: &StoryStep) -> Result<(), Otherwise> {
        if let Some(text) = &step.user {
            self.nothing_left(&format!("the user says \"{text}\""))?;
            let (text, heard) = self.heard(step, text)?;
            self.transcript.push(format!("user: {text}"));
            let is_for_us = self.is_for_us(&text, heard.who.as_ref());
            self.writers.extend(heard.who.clone());
            if is_for_us {
                self.give_back(None);
                self.feed_from(step, Input::Heard(heard));
            } else {
                self.last.clear();
                self.ended.clear();
            }
        } else if let Some(label) = &step.press {
            self.nothing_left(&format!("the user presses \"{label}\""))?;
            let button = self
                .shown
                .iter()
                .flat_map(|saying| &saying.buttons)
                .rfind(|button| button.label == *label);
            let Some(button) = button.cloned() else {
                return Err((format!("a button \"{label}\""), self.buttons_there()));
            };
            self.transcript.push(format!("press: {label}"));
            self.give_back(None);
            self.feed_from(
                step,
                Input::Pressed {
                    who: who(step),
                    question: button.question,
                    value: button.value,
                },
            );
        } else if let Some(values) = &step.submit {
            self.nothing_left("the user sends a form")?;
            let mut forms = self
                .shown
                .iter()
                .rev()
                .filter_map(|saying| saying.form.as_ref());
            let Some(form) = forms.next() else {
                return Err(("a form".into(), "there was none".into()));
            };
            let question = form.question;
            let has = |slot: &SlotName| form.fields.iter().any(|field| field.slot == *slot);
            if let Some(other) = values.keys().find(|slot| !has(slot)) {
                return Err((format!("a form with `{other}`"), "it is not in it".into()));
            }
            self.transcript.push("submit".into());
            self.give_back(None);
            self.feed_from(
                step,
                Input::Submitted {
                    who: who(step),
                    question,
                    values: values.clone(),
                },
            );
        } else if let Some(time) = step.after {
            self.nothing_left(&format!("{time} go by"))?;
            self.transcript.push(format!("after: {time}"));
            self.wait(time.duration());
        } else if let Some(event) = &step.event {
            self.nothing_left(&format!("the event {} happens", event.name))?;
            self.transcript.push(format!("event: {}", event.name));
            let happened = Input::Event {
                name: event.name.as_str().into(),
                data: event.data.clone(),
            };
            self.give_back(Some(&happened));
            self.feed(happened);
        } else {
            return self.judge(step);
        }
        Ok(())
    }

    /// What a user says, as it is written and as it is heard.
    fn heard(&mut self, step: &StoryStep, text: &str) -> Result<(String, Heard), Otherwise> {
        // Where its file was read, a mark that cannot be was found.
        let (whole, entities) = said(text).unwrap_or_else(|_| (text.to_owned(), Vec::new()));
        let told = self.engine.addressed(&whole, &[]);
        let entities = behind(told.at, entities);
        let text = told.text.to_owned();
        let spoken = self.language_of(who(step).as_ref());
        let now = self.clock(step).for_whom(&self.state, who(step).as_ref());
        let utterance = Utterance {
            text: &text,
            language: &spoken,
            now: &now,
        };
        let entities = match (self.understand, self.find) {
            (None, Some(find)) => beside_marks(
                &text,
                entities,
                find(Utterance {
                    language: step.language.as_ref().unwrap_or(&spoken),
                    ..utterance
                }),
            ),
            _ => entities,
        };
        let expected = Expected::of(step, entities);
        let mut heard = match self.understand {
            None => {
                let heard = expected.as_heard();
                let is_unmarked = step.intent.is_some() && heard.entities.is_empty();
                self.unmarked = is_unmarked.then(|| text.clone());
                heard
            }
            // The name alone means nothing.
            Some(_) if told.called == Called::Alone => Heard::default(),
            Some(understand) => {
                let heard = understand(utterance);
                expected.judge(&text, &heard)?;
                heard
            }
        };
        heard.text = text;
        heard.who = who(step);
        heard.language = step.language.clone().or(heard.language);
        heard.called = told.called;
        Ok((whole, heard))
    }

    fn is_for_us(&self, text: &str, who: Option<&Who>) -> bool {
        who.is_none_or(|who| {
            let remark = Remark {
                text,
                who,
                to_us: None,
                called_too: &[],
                people: &self.people,
                writers: &self.writers,
            };
            self.engine.is_for_us(&self.state, &remark)
        })
    }

    fn language_of(&self, who: Option<&Who>) -> Locale {
        let spoken = self.state.language_of(who).cloned();
        spoken.unwrap_or_else(|| self.projects.current().first_language())
    }

    /// As where the assistant runs: who was asked for cannot be called yet, so the assistant goes on.
    fn give_back(&mut self, happened: Option<&Input>) {
        if self.engine.is_given_back_by(&self.state, happened) {
            self.feed(Input::HandedBack);
            // What waited goes on before any step of the story can answer it.
            while self.open.is_some() {
                self.answer(Answer::NoAnswer("nobody answers in this story".into()));
            }
        }
    }

    /// The time, with where whoever does this step is.
    fn clock(&self, step: &StoryStep) -> Clock {
        Clock::new(self.now.clone()).told(step.timezone.clone())
    }

    fn feed_from(&mut self, step: &StoryStep, input: Input) {
        self.feed_at(self.clock(step), input);
    }

    fn feed(&mut self, input: Input) {
        self.feed_at(Clock::new(self.now.clone()), input);
    }

    fn feed_at(&mut self, clock: Clock, input: Input) {
        self.last.clear();
        self.ended.clear();
        self.turns.push((input.clone(), clock.clone(), Vec::new()));
        let turn = self.engine.feed(&self.state, input, clock);
        self.turn = Some(turn.among(&self.people));
        self.go_on();
    }

    fn go_on(&mut self) {
        let Some(mut turn) = self.turn.take() else {
            return;
        };
        loop {
            match turn.next() {
                Next::Record(record) => {
                    self.state.apply(&record);
                    if let Recorded::FlowEnded { flow, outcome } = &record {
                        self.ended.insert(flow.clone(), outcome.as_str().to_owned());
                    }
                    self.records.push(record);
                }
                Next::Do(Effect::Say(saying)) => {
                    self.transcript.push(format!("bot: {}", saying.text));
                    self.last.push(saying.clone());
                    if !saying.buttons.is_empty() || saying.form.is_some() {
                        self.shown.push(saying.clone());
                    }
                    self.said.push(saying);
                }
                Next::Do(Effect::SetTimer { timer, due }) => {
                    let at = match due {
                        Due::After(time) => self.later(time),
                        Due::At(at) => at.to_zoned_datetime(self.now.time_zone().clone()),
                    };
                    self.timers.push((at, timer));
                }
                Next::Do(Effect::HandOff { to, reason }) => self.handoffs.push((to, reason)),
                Next::Ask(request) => {
                    self.open = Some(request);
                    self.turn = Some(turn);
                    return;
                }
                // Nothing is replayed here.
                Next::Diverged | Next::Done => return,
            }
        }
    }

    pub(super) fn answer(&mut self, answer: Answer) {
        self.open = None;
        if let Some((_, _, answers)) = self.turns.last_mut() {
            answers.push(answer.clone());
        }
        if let Some(turn) = &mut self.turn {
            turn.resume(answer);
        }
        self.go_on();
    }

    /// Without a step that says otherwise, there is no model.
    pub(super) fn no_model(&mut self) {
        while matches!(self.open, Some(Request::Generate(_))) {
            self.answer(Answer::NoAnswer("there is no model in this story".into()));
        }
    }

    fn later(&self, time: std::time::Duration) -> ZonedDateTime {
        let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        self.now.saturating_add(time)
    }

    /// Time goes by: timers fire at their times.
    fn wait(&mut self, time: std::time::Duration) {
        let until = self.later(time);
        let mut said = Vec::new();
        while let Some(index) = (0..self.timers.len())
            .filter(|index| self.timers[*index].0 <= until)
            .min_by_key(|index| &self.timers[*index])
        {
            let (at, timer) = self.timers.remove(index);
            self.now = at;
            self.feed(Input::Timer { timer });
            self.no_model();
            said.append(&mut self.last);
        }
        self.last = said;
        self.now = until;
    }
}

fn who(step: &StoryStep) -> Option<Who> {
    step.who.as_deref().map(Who::from)
}

/// Entities of a message as they stand in what it says behind this place.
fn behind(at: usize, entities: Vec<Entity>) -> Vec<Entity> {
    let is_behind = |entity: &Entity| entity.start.is_none_or(|start| start >= at);
    let place = |place: Option<usize>| place.map(|place| place.saturating_sub(at));
    let entities = entities.into_iter().filter(is_behind);
    let entities = entities.map(|entity| Entity {
        start: place(entity.start),
        end: place(entity.end),
        ..entity
    });
    entities.collect()
}
