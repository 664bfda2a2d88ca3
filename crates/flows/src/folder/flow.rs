//! Files of flows.

use std::collections::BTreeMap;

use convene_source::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Slot, Step};

/// A file in `flows/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowFile {
    /// Flows by their names. A name is letters, digits and `_`.
    pub flows: BTreeMap<String, Flow>,
}

/// A flow: a piece of conversation with a purpose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// What it is for, in a sentence: for people who read the file, and for a model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The text that names it in a button, when a person has to say which flow was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<At<String>>,
    /// What starts it. A flow without `start` is started by other flows alone.
    #[serde(default)]
    pub start: Start,
    /// Its own slots, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, Slot>,
    /// Where to go when a person cancels it, such as to undo something. Without it: it just ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_cancel: Option<At<String>>,
    /// Its steps, in their order.
    pub steps: Vec<Step>,
}

/// What starts a flow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Start {
    /// Intents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intents: Vec<At<String>>,
    /// Events from outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<At<String>>,
}
