//! What happens in a conversation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::name::{EntityName, EventName, IntentName, Locale, SlotName, Who};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A person said something, and it was understood as far as it can be.
    Heard(Heard),
    /// A person pressed a button.
    Pressed {
        /// Who.
        who: Option<Who>,
        /// The question that the button belongs to.
        question: u64,
        /// The button's value.
        value: String,
    },
    /// A person sent a form.
    Submitted {
        /// Who.
        who: Option<Who>,
        /// The question that the form belongs to.
        question: u64,
        /// What was filled in.
        values: BTreeMap<SlotName, Json>,
    },
    /// A timer of ours is over.
    Timer {
        /// Which.
        timer: u64,
    },
    /// Something happened outside.
    Event {
        /// What.
        name: EventName,
        /// What is known of it: slots are filled by their names.
        data: BTreeMap<SlotName, Json>,
    },
    /// The person who took over has given the conversation back.
    HandedBack,
    /// These have left the conversation: see [`super::State::engaged`].
    Left {
        /// Who.
        who: Vec<Who>,
    },
    /// What was stopped at a call, or behind one, goes on: see [`super::State::is_half_way`].
    Resumed,
}

impl Input {
    /// Who did it, if it was a person.
    #[must_use]
    pub const fn who(&self) -> Option<&Who> {
        match self {
            Self::Heard(heard) => heard.who.as_ref(),
            Self::Pressed { who, .. } | Self::Submitted { who, .. } => who.as_ref(),
            Self::Timer { .. }
            | Self::Event { .. }
            | Self::HandedBack
            | Self::Left { .. }
            | Self::Resumed => None,
        }
    }
}

/// A message that was understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// What was said.
    pub text: String,
    /// Who said it.
    pub who: Option<Who>,
    /// The language in which it was said, if that is known.
    pub language: Option<Locale>,
    /// The intents, the likeliest first. One such as `greet+track_order` is two at once.
    pub intents: Vec<Ranked>,
    /// How sure it is.
    pub decision: Decision,
    /// The sentence encoder had nothing to say of it: it was understood by its words alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_words_alone: bool,
    /// The entities, in the order in which they were said.
    pub entities: Vec<Entity>,
    /// Whether it calls the assistant by its name, which is no part of the text then.
    #[serde(default, skip_serializing_if = "Called::is_no")]
    pub called: Called,
    /// Where several parts of it surely mean something else each: these, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
}

/// Whether a message calls the assistant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// It does not.
    #[default]
    No,
    /// It does, and says something.
    Beside,
    /// It does nothing else.
    Alone,
}

impl Called {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
    const fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }
}

/// A part of a message that surely means something by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends in the text, in bytes.
    pub end: usize,
    /// What it means.
    #[serde(flatten)]
    pub meant: Ranked,
}

/// An intent and how likely it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Ranked {
    /// The intent.
    pub intent: IntentName,
    /// From 0 to 1; those of all intents add up to 1.
    pub confidence: f64,
    /// How well the words fit it, whatever the others: about 1 for what was learnt, about -1 for what has nothing to do with
    /// it. None where nobody has told.
    pub score: Option<f64>,
}

/// How [`Ranked`] is written. Logs of before there were both have the confidence as the only `score`, and what they say is
/// written as they have it: the hash of an input stays what it was.
#[derive(Serialize, Deserialize)]
struct Written {
    intent: IntentName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    score: f64,
}

impl From<Written> for Ranked {
    fn from(written: Written) -> Self {
        let Written {
            intent,
            confidence,
            score,
        } = written;
        Self {
            intent,
            confidence: confidence.unwrap_or(score),
            score: confidence.map(|_| score),
        }
    }
}

impl From<Ranked> for Written {
    fn from(ranked: Ranked) -> Self {
        let Ranked {
            intent,
            confidence,
            score,
        } = ranked;
        Self {
            intent,
            confidence: score.map(|_| confidence),
            score: score.unwrap_or(confidence),
        }
    }
}

/// How sure it is what was meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The first intent.
    Sure,
    /// One of the first few; all that are in the list.
    Torn,
    /// None of them.
    #[default]
    Lost,
}

/// An entity in a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// What it is.
    pub name: EntityName,
    /// Its value: a word, a number, a day as `2026-11-30`, an amount as `{"amount": 5, "currency": "EUR"}`, or
    /// as understanding has it: `{"type": "time", "at": {"time": "2026-11-30T00:00:00+01:00", "grain": "day"}}`.
    pub value: Json,
    /// Its role or group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Where it begins in the text, in bytes, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// Where it ends in the text, in bytes, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// The wish in whose clause it was said, where a message has several: it is for that one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<IntentName>,
}

impl Entity {
    /// It, with no place in any message: it stands in none that comes later.
    pub(super) fn without_place(self) -> Self {
        Self {
            start: None,
            end: None,
            ..self
        }
    }
}

impl Heard {
    /// The intents that were surely meant.
    pub(crate) fn sure_intents(&self) -> Vec<IntentName> {
        match (self.decision, self.intents.first()) {
            (Decision::Sure, Some(first)) => first
                .intent
                .as_str()
                .split('+')
                .map(IntentName::from)
                .collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_before_there_were_two_numbers_are_read_and_written_as_they_are() {
        for (log, confidence, score) in [
            (r#"{"intent":"a","score":0.6}"#, 0.6, None),
            (
                r#"{"intent":"a","confidence":0.6,"score":-0.2}"#,
                0.6,
                Some(-0.2),
            ),
        ] {
            let read: Ranked = serde_json::from_str(log).unwrap();
            assert_eq!((read.confidence, read.score), (confidence, score), "{log}");
            assert_eq!(serde_json::to_string(&read).unwrap(), log);
        }
    }
}
