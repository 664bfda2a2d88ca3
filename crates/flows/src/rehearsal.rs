//! Goes through a conversation that was with the present project: nothing is called, and what was answered then
//! is what is answered now.

use std::collections::{BTreeSet, VecDeque};

use jiff::ZonedDateTime;
use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    engine::{Answer, Clock, Effect, Engine, Input, Next, Person, Recorded, State},
    name::{Locale, Who},
    projects::Projects,
};

/// See the module.
#[derive(Debug, Clone)]
pub struct Rehearsal<'p> {
    projects: &'p Projects,
    state: State,
    people: Vec<Person>,
}

/// What comes of an input.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Rehearsed {
    /// What is said, one text after the other.
    pub said: Vec<String>,
    /// What is recorded.
    pub facts: Vec<Recorded>,
    /// Whether an answer was asked for that is not known, so that it stands there.
    pub is_open: bool,
}

/// What becomes of a request whose answer is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It has none, and the turn goes on.
    IsNone,
    /// The turn stands there, as one that was stopped while it waited.
    Stands,
}

impl<'p> Rehearsal<'p> {
    /// A conversation's beginning.
    #[must_use]
    pub fn new(projects: &'p Projects) -> Self {
        Self {
            projects,
            state: State::default(),
            people: Vec::new(),
        }
    }

    /// What is fed before anything else: see [`State::is_half_way`].
    #[must_use]
    pub fn is_half_way(&self) -> bool {
        self.state.is_half_way()
    }

    /// See [`State::engaged`].
    #[must_use]
    pub fn engaged(&self) -> BTreeSet<Who> {
        self.state.engaged()
    }

    /// See [`Engine::is_given_back_by`].
    #[must_use]
    pub fn is_given_back_by(&self, happened: Option<&Input>) -> bool {
        Engine::new(self.projects).is_given_back_by(&self.state, happened)
    }

    /// The same conversation with these facts, of turns of which the last one was stopped.
    #[must_use]
    pub fn stopped_after<'a>(mut self, facts: impl IntoIterator<Item = &'a Recorded>) -> Self {
        self.state = self.state.after(facts).without_half_turn();
        self
    }

    /// The language in which somebody is answered so far.
    #[must_use]
    pub fn language_of(&self, who: Option<&Who>) -> Locale {
        let spoken = self.state.language_of(who).cloned();
        spoken.unwrap_or_else(|| self.projects.current().first_language())
    }

    /// The time where somebody is who says something: see [`Clock::for_whom`].
    #[must_use]
    pub fn now_of(&self, clock: &Clock, who: Option<&Who>) -> ZonedDateTime {
        clock.for_whom(&self.state, who)
    }

    /// Who is in the conversation from now on.
    pub fn among(&mut self, people: Vec<Person>) {
        self.people = people;
    }

    /// What comes of an input. `answers` are the records of what was answered then, from which those that are
    /// used are taken.
    pub fn go(
        &mut self,
        input: Input,
        now: Clock,
        answers: &mut VecDeque<Recorded>,
        unknown: Unknown,
    ) -> Rehearsed {
        let mut rehearsed = Rehearsed::default();
        let turn = Engine::new(self.projects).feed(&self.state, input, now);
        let mut turn = turn.among(&self.people);
        loop {
            match turn.next() {
                Next::Record(fact) => {
                    self.state.apply(&fact);
                    rehearsed.facts.push(fact);
                }
                Next::Do(Effect::Say(saying)) => rehearsed.said.push(saying.text),
                Next::Do(Effect::SetTimer { .. } | Effect::HandOff { .. }) => {}
                Next::Ask(_) => {
                    let is_known = answers
                        .front()
                        .is_some_and(|past| turn.resume_recorded(past));
                    if is_known {
                        answers.pop_front();
                    } else if unknown == Unknown::Stands {
                        rehearsed.is_open = true;
                        return rehearsed;
                    } else {
                        let why = "it was not asked for then".to_owned();
                        turn.resume(Answer::NoAnswer(why));
                    }
                }
                Next::Diverged | Next::Done => return rehearsed,
            }
        }
    }
}

/// A fact as somebody reads it who compares two courses of a conversation; nothing for what follows from others, or
/// cannot be the same twice.
#[must_use]
pub fn told(fact: &Recorded) -> Option<String> {
    Some(match fact {
        Recorded::LanguageSwitched { language, .. } => format!("the language is {language}"),
        Recorded::LanguageUnspoken { language, .. } => format!("{language} is not spoken here"),
        Recorded::FlowStarted { flow, why, .. } => format!("{flow} begins ({})", word(why)),
        Recorded::FlowStepped {
            flow, step, why, ..
        } => format!("{flow}: {step} ({})", word(why)),
        Recorded::FlowEnded { flow, outcome } => format!("{flow} ends ({})", outcome.as_str()),
        Recorded::SlotSet {
            slot, value, from, ..
        } => {
            let value = value.as_ref().map_or_else(|| "nothing".to_owned(), word);
            format!("{slot} is {value} ({})", word(from))
        }
        Recorded::QuestionAsked { about, tries, .. } => {
            format!("a question: {}, try {tries}", word(about))
        }
        Recorded::WhichAsked { intents, .. } => format!("which is meant: {}", word(intents)),
        Recorded::WaitStarted { event, .. } => match event {
            Some(event) => format!("waits for {event}"),
            None => "waits for a time".to_owned(),
        },
        Recorded::CallBegun { .. } => "an endpoint is asked".to_owned(),
        Recorded::CallAnswered { good, status, .. } => match (good, status) {
            (true, _) => "the endpoint has answered".to_owned(),
            (false, Some(status)) => format!("the endpoint has answered {status}"),
            (false, None) => "the endpoint has not answered".to_owned(),
        },
        Recorded::ModelAnswered { text } => match text {
            Some(_) => "the model has written".to_owned(),
            None => "the model has not written".to_owned(),
        },
        Recorded::EventMisfitted { event, slots } => {
            format!("what is known of {event} does not fit: {}", word(slots))
        }
        Recorded::EventKept { event, .. } => format!("{event} is kept until it is waited for"),
        Recorded::EventTaken { event } => format!("{event} came before"),
        Recorded::IntentQueued { intent, .. } => format!("{intent} comes later"),
        Recorded::EntitiesKept { entities, .. } => {
            let names = entities.iter().map(|entity| entity.name.as_str());
            let names: Vec<_> = names.collect();
            format!("kept for later: {}", names.join(", "))
        }
        Recorded::HandedOff { to, .. } => format!("a person of {to} is asked for"),
        Recorded::PersonLeft { who } => format!("{who} has left"),
        Recorded::HandedBack => "the person has given the conversation back".to_owned(),
        _ => return None,
    })
}

/// `next`, `intent track_order`: what a value is written as, without punctuation.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value).unwrap_or_default() {
        Json::String(word) => word,
        Json::Object(map) => {
            let parts = map
                .iter()
                .map(|(key, value)| format!("{key} {}", word(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        Json::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
