//! What people say and press, in the words of the flows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use convene_agent::{
    ActionId, Happened, Message, OfferName, Participant, ParticipantId, Role, Run, part::Act,
};
use convene_flows::{
    Addressed, Called, Clause, Decision, Engine, Entity, EntityName, Heard, Input, IntentName,
    Locale, Person, Projects, Ranked, Remark, SlotName, State, Who, Zone,
};
use convene_nlu as nlu;
use jiff::ZonedDateTime;
use serde_json::Value as Json;
use tokio::task::spawn_blocking;

use super::timers;

/// Intents that are noted of a message: the likeliest.
const INTENTS: usize = 5;

/// A longer text, in bytes, is understood on a thread of its own kind: tens of microseconds become
/// milliseconds.
const LONG: usize = 500;

/// The id of a question's button.
pub(super) fn action_id(question: u64, index: usize) -> Option<ActionId> {
    format!("q{question}-{index}").parse().ok()
}

/// The id of the form that goes with a question.
pub(super) fn form_id(question: u64) -> Option<ActionId> {
    format!("q{question}-form").parse().ok()
}

/// What a question's buttons and its form are offered under.
pub(super) fn offer_name(question: u64) -> Option<OfferName> {
    format!("q{question}").parse().ok()
}

fn question_of(action: &ActionId) -> Option<u64> {
    let (question, _) = action.as_str().strip_prefix('q')?.split_once('-')?;
    question.parse().ok()
}

/// Each press of a button of ours in a message, and each form.
pub(super) fn presses(who: &Who, message: &Message) -> Vec<Input> {
    let acts = message.acts();
    acts.filter_map(|act| pressed(who, act)).collect()
}

/// None where it is another's.
fn pressed(who: &Who, act: &Act) -> Option<Input> {
    let question = question_of(&act.action)?;
    let who = Some(who.clone());
    Some(match act.value.as_ref()? {
        Json::Object(fields) => Input::Submitted {
            who,
            question,
            values: fields
                .iter()
                .map(|(name, value)| (SlotName::from(name.as_str()), value.clone()))
                .collect(),
        },
        Json::String(value) => Input::Pressed {
            who,
            question,
            value: value.clone(),
        },
        other => Input::Pressed {
            who,
            question,
            value: other.to_string(),
        },
    })
}

/// What no message told; none where it is a timer of another kind than ours.
pub fn happened(happened: &Happened) -> Option<Input> {
    Some(match happened {
        Happened::Timer(name) => Input::Timer {
            timer: timers::number(name)?,
        },
        Happened::Event(event) => Input::Event {
            name: event.name.as_str().into(),
            data: match &event.data {
                Json::Object(known) => known
                    .iter()
                    .map(|(name, value)| (SlotName::from(name.as_str()), value.clone()))
                    .collect(),
                // Slots are filled by their names.
                _ => BTreeMap::new(),
            },
        },
    })
}

/// Where whoever has written a message is, as it tells.
#[must_use]
pub fn zone(message: &Message) -> Option<Zone> {
    let zone = message.timezone.as_ref()?;
    Some(Zone::from(zone.as_str()))
}

/// The people among those who are in a conversation.
#[must_use]
pub fn people<'p>(participants: impl IntoIterator<Item = &'p Participant>) -> Vec<Person> {
    let people = participants.into_iter();
    let people = people.filter(|one| one.role != Role::Agent);
    let person = |one: &Participant| Person {
        who: Who::from(one.id.to_string()),
        name: one.name.clone(),
        is_staff: one.role == Role::Operator,
    };
    people.map(person).collect()
}

/// Those who have left: they have begun something, or are asked something, and are not among these people any more.
#[must_use]
pub fn left(engaged: BTreeSet<Who>, people: &[Person]) -> Option<Input> {
    let is_person = |who: &Who| {
        let id = who.as_str().parse();
        id.is_ok_and(|id: ParticipantId| !matches!(id, ParticipantId::Agent(_)))
    };
    let is_there = |who: &Who| people.iter().any(|person| person.who == *who);
    let gone = engaged.into_iter();
    let gone: Vec<_> = gone
        .filter(|who| is_person(who) && !is_there(who))
        .collect();
    (!gone.is_empty()).then_some(Input::Left { who: gone })
}

/// The assistant in a conversation.
#[derive(Debug, Clone)]
pub struct Us {
    /// Its id.
    pub me: ParticipantId,
    /// What it is called there.
    pub name: String,
}

impl Us {
    /// The agent whose run this is.
    pub(super) fn of(run: &Run) -> Self {
        let me = ParticipantId::Agent(run.context().agent.clone());
        let name = run.name_of(&me);
        Self { me, name }
    }

    /// What it is called beside the name that its project has.
    fn called_too(&self) -> [&str; 2] {
        let agent = match &self.me {
            ParticipantId::Agent(agent) => agent.as_str(),
            _ => "",
        };
        [agent, &self.name]
    }

    fn is_sent(&self, message: &Message) -> Option<bool> {
        message.to.as_ref().map(|to| to.contains(&self.me))
    }

    /// What a message says to it.
    pub(super) fn told<'t>(
        &self,
        projects: &Projects,
        message: &Message,
        text: &'t str,
    ) -> Addressed<'t> {
        let addressed = Engine::new(projects).addressed(text, &self.called_too());
        let is_sent = self.is_sent(message) == Some(true);
        match addressed.called {
            Called::No if is_sent => Addressed {
                called: Called::Beside,
                ..addressed
            },
            _ => addressed,
        }
    }
}

/// Who has written before this run, as far as its history goes back. Nobody is looked for where there is no staff, of whom alone
/// it counts.
fn writers(run: &Run, people: &[Person]) -> Vec<Who> {
    if !people.iter().any(|person| person.is_staff) {
        return Vec::new();
    }
    let said = run.context().history.iter().chain(&run.context().inputs);
    let by = said.map(|message| message.author.to_string());
    by.map(Who::from).collect()
}

/// Whether a message is for the assistant.
pub(super) fn is_for_us(projects: &Projects, state: &State, message: &Message, run: &Run) -> bool {
    let us = Us::of(run);
    let people = people(&run.context().conversation.participants);
    let remark = Remark {
        text: &message.text(),
        who: &Who::from(message.author.to_string()),
        to_us: us.is_sent(message),
        called_too: &us.called_too(),
        people: &people,
        writers: &writers(run, &people),
    };
    Engine::new(projects).is_for_us(state, &remark)
}

/// The project's locale for a language, such as `de-CH` for `de`.
fn locale(projects: &Projects, language: &nlu::Language) -> Locale {
    let mut locales = projects.current().assistant().languages.iter();
    let spoken = locales.find(|locale| {
        nlu::Language::new(locale.value.as_str()).is_ok_and(|spoken| spoken == *language)
    });
    spoken.map_or_else(
        || Locale::from(language.as_str()),
        |locale| locale.value.clone(),
    )
}

/// What there is to know about a message before it is understood: which languages it may be in, and what "now"
/// is where whoever says it is.
pub(super) fn context(
    projects: &Projects,
    spoken: Option<&Locale>,
    now: &ZonedDateTime,
) -> nlu::Context {
    let language = |locale: &Locale| nlu::Language::new(locale.as_str()).ok();
    let locales = projects.current().assistant().languages.iter();
    nlu::Context {
        languages: locales
            .filter_map(|locale| language(&locale.value))
            .collect(),
        last: spoken.and_then(language),
        zone: now.time_zone().clone(),
        now: now.timestamp(),
    }
}

/// What a message means, by its words and its vector, if there is one.
pub(super) async fn understand(
    understanding: &Arc<nlu::Understanding>,
    text: &str,
    embedding: Option<nlu::Embedding>,
    context: nlu::Context,
) -> nlu::Understood {
    if text.len() > LONG {
        let (understanding, text, embedding, context) = (
            understanding.clone(),
            text.to_owned(),
            embedding.clone(),
            context.clone(),
        );
        let asks = move || understanding.understand_with(&text, embedding.as_ref(), &context);
        let beside = spawn_blocking(asks).await;
        if let Ok(understood) = beside {
            return understood;
        }
    }
    understanding.understand_with(text, embedding.as_ref(), &context)
}

/// What a text was taken for. Who said it is for others to tell.
pub(super) fn heard(projects: &Projects, text: String, understood: &nlu::Understood) -> Heard {
    let (decision, most) = match &understood.decision {
        nlu::Decision::Sure => (Decision::Sure, INTENTS),
        nlu::Decision::Torn { between } => (Decision::Torn, between.len()),
        nlu::Decision::Lost => (Decision::Lost, INTENTS),
    };
    let intents = understood.intents.iter().take(most).map(ranked);
    let clauses = understood.clauses.iter().map(|clause| Clause {
        start: clause.start,
        end: clause.end,
        meant: ranked(&clause.meant),
    });
    Heard {
        who: None,
        called: Called::No,
        language: Some(locale(
            projects,
            understood.foreign.as_ref().unwrap_or(&understood.language),
        )),
        intents: intents.collect(),
        decision,
        by_words_alone: understood.encoding == nlu::Encoding::Missing,
        entities: understood.entities.iter().map(entity).collect(),
        clauses: clauses.collect(),
        text,
    }
}

fn ranked(ranked: &nlu::Ranked) -> Ranked {
    Ranked {
        intent: IntentName::from(ranked.intent.as_str()),
        confidence: brief(ranked.confidence),
        score: Some(brief(ranked.score)).filter(|score| score.is_finite()),
    }
}

/// Three digits: nobody reads more, and the log keeps them.
fn brief(number: f32) -> f64 {
    (f64::from(number) * 1000.0).round() / 1000.0
}

/// An entity, as it was found.
pub(super) fn entity(found: &nlu::Entity) -> Entity {
    Entity {
        name: EntityName::from(found.entity.as_str()),
        // The flows read it as understanding writes it.
        value: serde_json::to_value(&found.value).unwrap_or_default(),
        role: found.role.clone().or_else(|| found.group.clone()),
        start: Some(found.start),
        end: Some(found.end),
        wish: None,
    }
}
