//! `assistant.yaml`: what holds for all flows.

use std::collections::BTreeMap;

use convene_source::{At, Place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Slot, Span};
use crate::name::Locale;

/// What holds for all flows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assistant {
    /// What it is called.
    pub name: At<String>,
    /// What it is for, in a sentence: for people who choose whom to talk to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Texts that people are shown who have said nothing yet: what they could say first. Without it: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<At<String>>,
    /// Its languages. The first one is spoken until a person speaks another.
    pub languages: Vec<At<Locale>>,
    /// When it answers in a conversation of several people.
    #[serde(default)]
    pub groups: Groups,
    /// How sure it must be of an intent. Without it: what the training data's cross-validation found.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// What a model is used for, where there is one.
    #[serde(default)]
    pub model: Model,
    /// The flow that is started when it has not understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<At<String>>,
    /// The intents that are commands wherever the conversation is.
    #[serde(default)]
    pub commands: Commands,
    /// How it asks.
    #[serde(default)]
    pub ask: Ask,
    /// What it does when nobody answers. Without it: it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// How it asks for a person.
    #[serde(default)]
    pub handoff: Handoff,
    /// Slots of the whole conversation, which every flow may use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, Slot>,
}

/// When it answers in a conversation of several people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Groups {
    /// When its `name` is said, it is called by the name that the settings give it, or it has asked the one who speaks.
    #[default]
    Addressed,
    /// When this expression holds, over `text`, `who`, `people` (how many) and `addressed`.
    Rule(At<String>),
    /// Always.
    Always,
}

/// How sure it must be of an intent, as confidences from 0 to 1: those of all intents add up to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// From this confidence on it goes ahead.
    #[schemars(range(min = 0.0, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sure: Option<At<f64>>,
    /// Below this confidence it has not understood; without it, that is told by how well the message fits what was
    /// learnt. Between the two it asks which was meant.
    #[schemars(range(min = 0.0, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<At<f64>>,
}

/// What a model is used for, where there is one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// When it answers.
    pub use_for: ModelUse,
    /// What it is told when it answers by itself: who it is, and what it must not say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prompt: String,
    /// What it may rely on when it answers by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

/// When a model answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelUse {
    /// In `generate` steps, and when nothing was understood.
    #[default]
    GenerateAndLost,
    /// In `generate` steps alone.
    Generate,
    /// Never.
    Nothing,
}

/// The intents that are commands wherever the conversation is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Commands {
    /// Cancels the flow that runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancel: Vec<At<String>>,
    /// Says that an earlier answer was wrong, with the right one in an entity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub correct: Vec<At<String>>,
    /// Says yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affirm: Vec<At<String>>,
    /// Says no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<At<String>>,
    /// Wants a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub human: Vec<At<String>>,
    /// Wants to hear the question again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repeat: Vec<At<String>>,
}

/// How it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ask {
    /// How often a question is asked before the way out.
    #[schemars(range(min = 1, max = 20))]
    pub tries: At<u32>,
    /// The way out when no answer fitted.
    pub way_out: WayOut,
    /// Whether each value is said back and must be confirmed. A question's own `confirm` does it for that
    /// one.
    pub confirm: bool,
    /// Who may answer a question in a conversation of several people.
    pub who_may_answer: WhoMayAnswer,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            tries: At::new(3, Place::default()),
            way_out: WayOut::default(),
            confirm: false,
            who_may_answer: WhoMayAnswer::default(),
        }
    }
}

/// The way out when no answer fitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WayOut {
    /// Ask for a person.
    #[default]
    Handoff,
    /// End the flow.
    Cancel,
}

/// Who may answer a question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhoMayAnswer {
    /// The one who was asked: who wanted the flow that asks; where nobody in particular did, who spoke last.
    #[default]
    Asked,
    /// Anybody.
    Anyone,
}

/// What it does when nobody answers its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// How long it waits before it says something.
    pub after: Span,
    /// What it says then. Without it: a built-in text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub say: Option<At<String>>,
    /// How much longer it waits before `then`. Without it: as long again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then_after: Option<Span>,
    /// What it does at last.
    #[serde(default)]
    pub then: SilenceEnd,
}

/// What is done when the silence lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SilenceEnd {
    /// The flows that have asked end; what waits for something else goes on.
    #[default]
    End,
    /// A person is asked for.
    Handoff,
}

/// How it asks for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Handoff {
    /// The team.
    pub to: String,
    /// What is said. Without it: a built-in text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say: Option<At<String>>,
}

impl Default for Handoff {
    fn default() -> Self {
        Self {
            to: "support".into(),
            say: None,
        }
    }
}
