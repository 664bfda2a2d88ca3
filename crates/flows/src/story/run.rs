//! Runs stories. Nothing is waited for, called or asked: the story says what time it is and what is
//! answered.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::DateTime};

use super::{
    annotated,
    file::{CallStub, Story, StoryStep},
    report::{Failure, Report, Told},
};
use crate::{
    engine::{
        Answer, Decision, Effect, Engine, Heard, HttpCall, Input, Next, Ranked, Recorded, Request,
        Saying, State, Turn,
    },
    name::{FlowName, IntentName, Locale, Who},
    place::Place,
    projects::Projects,
};

/// What somebody says in a story that names no intent.
#[derive(Debug, Clone, Copy)]
pub struct Utterance<'a> {
    /// The words.
    pub text: &'a str,
    /// The language that is spoken so far.
    pub language: &'a Locale,
    /// The time.
    pub now: DateTime,
}

/// Runs stories against a project. `understand` is asked for what the words mean where a story does not
/// say.
pub fn run(
    projects: &Projects,
    stories: &[Story],
    understand: &dyn Fn(Utterance<'_>) -> Heard,
) -> Report {
    let told = stories.iter().map(|story| Told {
        story: story.story.clone(),
        file: story.file.clone(),
        line: story.place.line,
        failure: Teller::new(projects, story.now, understand)
            .tell(story)
            .err(),
    });
    Report {
        stories: told.collect(),
    }
}

/// When stories begin that do not say when.
const NOW: DateTime = DateTime::constant(2026, 11, 26, 10, 0, 0, 0);

pub(crate) struct Teller<'p> {
    engine: Engine<'p>,
    projects: &'p Projects,
    understand: &'p dyn Fn(Utterance<'_>) -> Heard,
    now: DateTime,
    pub(crate) state: State,
    turn: Option<Turn<'p>>,
    /// What waits for its answer.
    open: Option<Request>,
    /// What was said and not yet told.
    said: Vec<Saying>,
    /// What was said last, also if it was told.
    last: Vec<Saying>,
    /// Everything that had buttons.
    shown: Vec<Saying>,
    handoffs: Vec<String>,
    ended: BTreeMap<FlowName, String>,
    timers: Vec<(DateTime, u64)>,
    transcript: Vec<String>,
    /// Everything that was recorded.
    pub(crate) records: Vec<Recorded>,
    /// The inputs with the time, and what was answered, for whoever wants to go through it once more.
    pub(crate) turns: Vec<(Input, DateTime, Vec<Answer>)>,
}

/// What should have been, and what was.
type Otherwise = (String, String);

impl<'p> Teller<'p> {
    pub(crate) fn new(
        projects: &'p Projects,
        now: Option<DateTime>,
        understand: &'p dyn Fn(Utterance<'_>) -> Heard,
    ) -> Self {
        Self {
            engine: Engine::new(projects),
            projects,
            understand,
            now: now.unwrap_or(NOW),
            state: State::default(),
            turn: None,
            open: None,
            said: Vec::new(),
            last: Vec::new(),
            shown: Vec::new(),
            handoffs: Vec::new(),
            ended: BTreeMap::new(),
            timers: Vec::new(),
            transcript: Vec::new(),
            records: Vec::new(),
            turns: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, story: &Story) -> Result<(), Failure> {
        let mut place = story.place;
        for (step, at) in story.steps.iter().zip(&story.places) {
            place = *at;
            self.step(step)
                .map_err(|otherwise| self.failure(place, otherwise))?;
        }
        self.nothing_left("the story's end")
            .map_err(|otherwise| self.failure(place, otherwise))
    }

    fn failure(&self, place: Place, (expected, found): Otherwise) -> Failure {
        Failure {
            line: place.line,
            column: place.column,
            expected,
            found,
            transcript: self.transcript.clone(),
        }
    }

    fn step(&mut self, step: &StoryStep) -> Result<(), Otherwise> {
        if let Some(text) = &step.user {
            self.nothing_left(&format!("the user says \"{text}\""))?;
            let heard = self.heard(step, text);
            self.transcript.push(format!("user: {}", heard.text));
            self.feed(Input::Heard(heard));
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
            self.feed(Input::Pressed {
                who: who(step),
                question: button.question,
                value: button.value,
            });
        } else if let Some(values) = &step.submit {
            self.nothing_left("the user sends a form")?;
            let question = self.state.question().map_or(0, |question| question.id);
            self.transcript.push("submit".into());
            self.feed(Input::Submitted {
                who: who(step),
                question,
                values: values.clone(),
            });
        } else if let Some(time) = step.after {
            self.nothing_left(&format!("{time} go by"))?;
            self.transcript.push(format!("after: {time}"));
            self.wait(time.duration());
        } else if let Some(event) = &step.event {
            self.nothing_left(&format!("the event {} happens", event.name))?;
            self.transcript.push(format!("event: {}", event.name));
            self.feed(Input::Event {
                name: event.name.as_str().into(),
                data: event.data.clone(),
            });
        } else {
            return self.judge(step);
        }
        Ok(())
    }

    /// A step that says what must have happened, or what a request brings.
    fn judge(&mut self, step: &StoryStep) -> Result<(), Otherwise> {
        if let Some(expected) = &step.bot {
            return self.bot(expected);
        }
        if let Some(call) = &step.call {
            return self.call(call);
        }
        if let Some(text) = &step.model {
            if !matches!(self.open, Some(Request::Generate(_))) {
                return Err(("the model is asked".into(), self.what_now()));
            }
            self.transcript.push(format!("model: {text}"));
            self.answer(Answer::Written(text.clone()));
            return Ok(());
        }
        if let Some(expected) = &step.buttons {
            let found: Vec<_> = self
                .last
                .last()
                .into_iter()
                .flat_map(|saying| &saying.buttons)
                .map(|button| button.label.clone())
                .collect();
            return if found == *expected {
                Ok(())
            } else {
                Err((format!("the buttons {expected:?}"), format!("{found:?}")))
            };
        }
        if let Some(slots) = &step.slot_was_set {
            for (slot, expected) in slots {
                let found = self
                    .state
                    .slot(slot)
                    .map_or(serde_json::Value::Null, crate::value::Value::to_json);
                if !same(&found, expected) {
                    return Err((
                        format!("the slot {slot} is {expected}"),
                        format!("it is {found}"),
                    ));
                }
            }
        }
        if let Some(expected) = &step.flow {
            let top = self
                .state
                .stack()
                .last()
                .map_or("none", |frame| frame.flow.as_str());
            if top != expected {
                return Err((
                    format!("the flow on top is {expected}"),
                    format!("it is {top}"),
                ));
            }
        }
        for (flow, outcome) in step.ended.iter().flatten() {
            let found = self
                .ended
                .get(flow.as_str())
                .map_or("it has not ended", String::as_str);
            if found != outcome {
                return Err((
                    format!("the flow {flow} has ended: {outcome}"),
                    found.into(),
                ));
            }
        }
        if let Some(team) = &step.handoff
            && !self.handoffs.contains(team)
        {
            return Err((
                format!("a person of {team} is asked for"),
                format!("{:?}", self.handoffs),
            ));
        }
        Ok(())
    }

    fn heard(&self, step: &StoryStep, text: &str) -> Heard {
        let (text, entities) = annotated(text);
        let language = self.language();
        let ranked = |intent: &String| Ranked {
            intent: IntentName::from(intent.as_str()),
            score: 1.0,
        };
        let mut heard = match (&step.intent, &step.torn) {
            (None, None) => (self.understand)(Utterance {
                text: &text,
                language: &language,
                now: self.now,
            }),
            (Some(intent), _) => Heard {
                intents: vec![ranked(intent)],
                decision: Decision::Sure,
                ..Heard::default()
            },
            (None, Some(torn)) => Heard {
                intents: torn.iter().map(ranked).collect(),
                decision: Decision::Torn,
                ..Heard::default()
            },
        };
        heard.text = text;
        heard.who = who(step);
        heard.language = step.language.clone().or(heard.language);
        if !entities.is_empty() {
            heard.entities = entities;
        }
        heard
    }

    fn language(&self) -> Locale {
        let spoken = self.state.language().cloned();
        spoken.unwrap_or_else(|| self.projects.current().first_language())
    }

    fn feed(&mut self, input: Input) {
        self.last.clear();
        self.ended.clear();
        self.turns.push((input.clone(), self.now, Vec::new()));
        self.turn = Some(self.engine.feed(&self.state, input, self.now));
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
                    if !saying.buttons.is_empty() {
                        self.shown.push(saying.clone());
                    }
                    self.said.push(saying);
                }
                Next::Do(Effect::SetTimer { timer, after }) => {
                    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
                    self.timers.push((self.now.saturating_add(after), timer));
                }
                Next::Do(Effect::HandOff { to, .. }) => self.handoffs.push(to),
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

    fn answer(&mut self, answer: Answer) {
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
    fn no_model(&mut self) {
        while matches!(self.open, Some(Request::Generate(_))) {
            self.answer(Answer::NoAnswer("there is no model in this story".into()));
        }
    }

    fn bot(&mut self, expected: &str) -> Result<(), Otherwise> {
        if self.said.is_empty() {
            self.no_model();
        }
        if self.said.is_empty() {
            return Err((format!("the bot says {expected:?}"), self.what_now()));
        }
        let saying = self.said.remove(0);
        let is_key = saying
            .key
            .as_ref()
            .is_some_and(|key| key.as_str() == expected);
        if is_key || plain(&saying.text) == plain(expected) {
            return Ok(());
        }
        let key = saying
            .key
            .map(|key| format!(" ({key})"))
            .unwrap_or_default();
        Err((
            format!("the bot says {expected:?}"),
            format!("it said {:?}{key}", saying.text),
        ))
    }

    fn call(&mut self, stub: &CallStub) -> Result<(), Otherwise> {
        let Some(Request::Call(call)) = self.open.clone() else {
            return Err(("a call".into(), self.what_now()));
        };
        differs(stub, &call)?;
        self.transcript
            .push(format!("call: {:?} {}", call.method, call.url));
        self.answer(match &stub.returns {
            Some(returns) => Answer::Http {
                status: returns.status,
                body: returns.body.clone(),
            },
            None => Answer::NoAnswer("no connection in this story".into()),
        });
        Ok(())
    }

    /// Before something new happens, everything must have been told.
    fn nothing_left(&mut self, before: &str) -> Result<(), Otherwise> {
        if self.said.is_empty() {
            self.no_model();
        }
        if let Some(saying) = self.said.first() {
            let key = saying
                .key
                .as_ref()
                .map(|key| format!(" ({key})"))
                .unwrap_or_default();
            return Err((
                format!("nothing more is said before {before}"),
                format!("the bot said {:?}{key}", saying.text),
            ));
        }
        match &self.open {
            Some(Request::Call(call)) => {
                let found = format!(
                    "the flow calls {:?} {}: add a `call` step",
                    call.method, call.url
                );
                Err((before.into(), found))
            }
            _ => Ok(()),
        }
    }

    fn what_now(&self) -> String {
        match (&self.open, self.said.first()) {
            (Some(Request::Call(call)), _) => format!(
                "the flow calls {:?} {}: add a `call` step",
                call.method, call.url
            ),
            (_, Some(saying)) => format!("the bot says {:?}", saying.text),
            _ => "nothing happens".into(),
        }
    }

    fn buttons_there(&self) -> String {
        let labels: Vec<_> = self
            .shown
            .iter()
            .flat_map(|saying| &saying.buttons)
            .map(|button| &button.label)
            .collect();
        format!("the buttons are {labels:?}")
    }

    /// Time goes by: timers fire at their times.
    fn wait(&mut self, time: std::time::Duration) {
        let until = self
            .now
            .saturating_add(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX));
        let mut said = Vec::new();
        while let Some(index) = (0..self.timers.len())
            .filter(|index| self.timers[*index].0 <= until)
            .min_by_key(|index| self.timers[*index])
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

/// A no-break space is a space to whoever writes a story.
fn plain(text: &str) -> String {
    text.trim().replace(['\u{a0}', '\u{202f}'], " ")
}

fn same(found: &serde_json::Value, expected: &serde_json::Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => {
            found == expected
                || found
                    .as_str()
                    .is_some_and(|text| expected.to_string() == text)
        }
    }
}

fn differs(stub: &CallStub, call: &HttpCall) -> Result<(), Otherwise> {
    if let Some(method) = stub.method
        && method != call.method
    {
        return Err((
            format!("a call with {method:?}"),
            format!("it is {:?}", call.method),
        ));
    }
    if let Some(url) = &stub.url
        && *url != call.url
    {
        return Err((format!("a call of {url}"), format!("it is {}", call.url)));
    }
    match (&stub.body, &call.body) {
        (Some(expected), found) if found.as_ref() != Some(expected) => {
            let found = found
                .as_ref()
                .map_or_else(|| "nothing".into(), ToString::to_string);
            Err((
                format!("a call with the body {expected}"),
                format!("it is {found}"),
            ))
        }
        _ => Ok(()),
    }
}
