//! What a story says that its user's words mean: heard as they are, or compared with what was understood.

use serde_json::Value as Json;

use super::{file::StoryStep, teller::Otherwise};
use crate::{
    engine::{Decision, Entity, Heard, Ranked},
    name::IntentName,
};

pub(super) struct Expected<'a> {
    decision: Decision,
    /// Of a decision that is not [`Decision::Lost`].
    intents: Vec<&'a str>,
    entities: Vec<Entity>,
}

impl<'a> Expected<'a> {
    pub(super) fn of(step: &'a StoryStep, entities: Vec<Entity>) -> Self {
        let (decision, intents) = match (&step.intent, &step.torn) {
            (Some(intent), _) => (Decision::Sure, vec![intent.as_str()]),
            (None, Some(torn)) => (Decision::Torn, torn.iter().map(String::as_str).collect()),
            (None, None) => (Decision::Lost, Vec::new()),
        };
        Self {
            decision,
            intents,
            entities,
        }
    }

    /// What is heard where nobody understands.
    pub(super) fn as_heard(&self) -> Heard {
        let ranked = self.intents.iter().map(|intent| Ranked {
            intent: IntentName::from(*intent),
            confidence: 1.0,
            score: None,
        });
        Heard {
            intents: ranked.collect(),
            decision: self.decision,
            entities: self.entities.clone(),
            ..Heard::default()
        }
    }

    /// Whether that is what was understood. What the story does not say is not looked at.
    pub(super) fn judge(&self, text: &str, heard: &Heard) -> Result<(), Otherwise> {
        let understood: Vec<_> = heard
            .intents
            .iter()
            .map(|one| one.intent.as_str())
            .collect();
        let is_meant = match self.decision {
            Decision::Lost => true,
            Decision::Sure => {
                heard.decision == Decision::Sure && understood.first() == self.intents.first()
            }
            Decision::Torn => {
                let (mut these, mut those) = (self.intents.clone(), understood);
                these.sort_unstable();
                those.sort_unstable();
                heard.decision == Decision::Torn && these == those
            }
        };
        let mut found: Vec<&Entity> = heard.entities.iter().collect();
        let is_found = self.entities.iter().all(|expected| {
            let at = found.iter().position(|found| is_same(expected, found));
            at.map(|at| found.remove(at)).is_some()
        });
        if is_meant && is_found {
            return Ok(());
        }
        let expected = told(self.decision, self.intents.iter().copied(), &self.entities);
        let intents = heard.intents.iter().map(|one| one.intent.as_str());
        let found = told(heard.decision, intents, &heard.entities);
        Err((
            format!("\"{text}\" is understood as {expected}"),
            format!("it is understood as {found}"),
        ))
    }
}

/// Values are compared where they are words; what understanding computes, such as a time, is what it is.
fn is_same(expected: &Entity, found: &Entity) -> bool {
    let is_value = match (word(&expected.value), word(&found.value)) {
        (Some(expected), Some(found)) => expected == found,
        _ => true,
    };
    expected.name == found.name && expected.role == found.role && is_value
}

/// As it is written, or as understanding writes it: `{"type": "text", "text": "Berlin"}`.
fn word(value: &Json) -> Option<&str> {
    value
        .as_str()
        .or_else(|| value.get("text").and_then(Json::as_str))
}

fn told<'a>(
    decision: Decision,
    mut intents: impl Iterator<Item = &'a str>,
    entities: &[Entity],
) -> String {
    let mut told = match decision {
        Decision::Sure => format!("`{}`", intents.next().unwrap_or_default()),
        Decision::Torn => {
            let intents: Vec<_> = intents.map(|intent| format!("`{intent}`")).collect();
            format!("torn between {}", intents.join(" and "))
        }
        Decision::Lost => "no intent".to_owned(),
    };
    for (number, entity) in entities.iter().enumerate() {
        let role = entity.role.as_ref();
        let role = role.map(|role| format!(" as {role}")).unwrap_or_default();
        let value = match word(&entity.value) {
            Some(word) => word.to_owned(),
            None => entity.value.to_string(),
        };
        told += if number == 0 { " with " } else { ", " };
        told += &format!("{} {value}{role}", entity.name);
    }
    told
}
