//! What people say and press, in the words of the flows.

use convene_agent::{ActionId, Message, ParticipantId, Role, Run, part::Act};
use convene_flows::{
    Decision, Engine, Entity, EntityName, Heard, Input, IntentName, Locale, Projects, Ranked,
    SlotName, State, Who,
};
use convene_nlu as nlu;
use serde_json::{Value as Json, json};

/// Intents that are noted of a message: the likeliest.
const INTENTS: usize = 5;

/// The id of a question's button.
pub(super) fn action_id(question: u64, index: usize) -> Option<ActionId> {
    format!("q{question}-{index}").parse().ok()
}

fn question_of(action: &ActionId) -> Option<u64> {
    let (question, _) = action.as_str().strip_prefix('q')?.split_once('-')?;
    question.parse().ok()
}

/// A press of a button of ours, or a form; none where it is another's.
pub(super) fn pressed(who: &Who, act: &Act) -> Option<Input> {
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

/// Whether a message of a conversation of several people is for the assistant.
pub(super) fn is_for_us(projects: &Projects, state: &State, message: &Message, run: &Run) -> bool {
    let context = run.context();
    let me = ParticipantId::Agent(context.agent.clone());
    let people = context.conversation.participants.iter();
    let people = people.filter(|one| one.role != Role::Agent).count();
    let text = message.text();
    let name = run.name_of(&me);
    let is_named = message.to.as_ref().is_some_and(|to| to.contains(&me))
        || text.to_lowercase().contains(&name.to_lowercase());
    let who = Who::from(message.author.to_string());
    Engine::new(projects).is_for_us(state, &text, &who, people, is_named)
}

/// What somebody said to an assistant that has learnt nothing.
pub(super) fn not_understood(who: Who, text: String) -> Input {
    Input::Heard(Heard {
        text,
        who: Some(who),
        ..Heard::default()
    })
}

/// What somebody said, and what it was taken for.
pub(super) fn heard(who: Who, text: String, understood: nlu::Understood) -> Input {
    let (decision, most) = match &understood.decision {
        nlu::Decision::Sure => (Decision::Sure, INTENTS),
        nlu::Decision::Torn { between } => (Decision::Torn, between.len()),
        nlu::Decision::Lost => (Decision::Lost, INTENTS),
    };
    let intents = understood.intents.iter().take(most).map(|ranked| Ranked {
        intent: IntentName::from(ranked.intent.as_str()),
        // Three digits: nobody reads more, and the log keeps them.
        score: (f64::from(ranked.confidence) * 1000.0).round() / 1000.0,
    });
    Input::Heard(Heard {
        who: Some(who),
        language: Some(Locale::from(understood.language.as_str())),
        intents: intents.collect(),
        decision,
        entities: understood.entities.iter().map(entity).collect(),
        text,
    })
}

fn entity(found: &nlu::Entity) -> Entity {
    Entity {
        name: EntityName::from(found.entity.as_str()),
        value: value(&found.value),
        role: found.role.clone().or_else(|| found.group.clone()),
    }
}

fn value(value: &nlu::Value) -> Json {
    match value {
        nlu::Value::Text { text } => json!(text),
        nlu::Value::Number { number } => json!(number),
        nlu::Value::Money { amount, currency } => json!({"amount": amount, "currency": currency}),
        nlu::Value::Time { at } => moment(at),
        nlu::Value::Interval { from, to } => {
            from.as_ref().or(to.as_ref()).map_or(Json::Null, moment)
        }
        nlu::Value::Duration { seconds } => json!(seconds),
    }
}

/// A day, or a day and a time, as it was said.
fn moment(moment: &nlu::Moment) -> Json {
    let is_time = matches!(moment.grain, "second" | "minute" | "hour");
    let until = if is_time { 19 } else { 10 };
    json!(moment.time.get(..until).unwrap_or(&moment.time))
}
