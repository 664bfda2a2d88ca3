//! Slots: what a flow wants to know.

use std::{borrow::Cow, collections::BTreeMap};

use convene_source::At;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Short;
use crate::name::IntentName;

/// What kind of value a slot holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SlotType {
    /// Words.
    #[default]
    Text,
    /// A number, such as `2.5`.
    Number,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A day, such as `2026-11-30`.
    Date,
    /// A time of the day, such as `14:30`.
    Time,
    /// An amount in a currency, such as `12.50 EUR`.
    Money,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One of the `values`, or of the items of a list.
    Choice,
    /// What can be chosen, as a call has answered it or as it was set: texts, or objects with a `value` and a `label`.
    /// Nobody is asked for it.
    List,
}

/// In which letters a text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LetterCase {
    /// In capitals: `ab1234` is `AB1234`.
    Upper,
    /// In small letters.
    Lower,
}

/// Whose the values of a slot of `assistant.yaml` are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SlotOf {
    /// Each person's own: what Ada has said is not asked of her again, and is none of Bob's.
    Person,
    /// Everybody's: there is one value, whoever has said it.
    Conversation,
}

/// A slot: one thing that a flow wants to know, and how it is asked for. A slot of a flow is there as long
/// as the flow runs. One of `assistant.yaml` stays for the whole conversation, and every flow may use it; each person has their own
/// value, unless it is everybody's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What kind of value it holds. Without it: `text`.
    #[serde(default, rename = "type")]
    pub kind: SlotType,
    /// What can be chosen, for `type: choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Short<Choice>>,
    /// The slot of `type: list` whose items can be chosen, for `type: choice` in place of `values`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<At<String>>,
    /// What an item of a list is, where it is filled with objects of other fields than `value` and `label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<At<ItemParts>>,
    /// The entities that fill it. Without it: the entity that is called like the slot, and for a type such
    /// as `date` also the built-in entity of that type (`time`) while the slot is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Vec<At<String>>>,
    /// The role or group that the entity must have, such as `departure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Intents that say a value while the slot is asked for: `{affirm: "true"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intents: BTreeMap<IntentName, At<String>>,
    /// A regular expression that the whole answer must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<At<String>>,
    /// In which letters a text is kept, however it was typed; the `pattern` is then matched in letters of either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<At<LetterCase>>,
    /// Signs that are left out of a text when it is kept, such as `' -'`: `AB 1234` is `AB1234`, which is what the
    /// `pattern` must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<At<String>>,
    /// The least: of a number, a date (`today` or a day), a time, an amount; of a text its length in
    /// characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<At<Bound>>,
    /// The most, of the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<At<Bound>>,
    /// The text of the question. Without it: `ask.` and the slot's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<At<String>>,
    /// The text that names it in a form. Without it: the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<At<String>>,
    /// The text that is said before the question is asked again. Without it: the built-in
    /// one of its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<At<String>>,
    /// Slots on whose values this one depends: it is forgotten, and asked for again, when one of them is
    /// corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<At<String>>,
    /// Whose its values are, for a slot of `assistant.yaml`. Without it: each person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<At<SlotOf>>,
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value, as expressions see it.
    pub value: At<String>,
    /// The text of its button. Without it: the value as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<At<String>>,
    /// Other words for it, in any language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<String>,
}

impl From<At<String>> for Choice {
    fn from(value: At<String>) -> Self {
        Self {
            value,
            label: None,
            synonyms: Vec::new(),
        }
    }
}

/// What an item of a list is: expressions over the fields of the object that it comes from, beside the names that conditions
/// have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemParts {
    /// The value, as expressions and calls see it, such as `id`.
    pub value: At<String>,
    /// What people see, such as `name ~ ", " ~ place`. Without it: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<At<String>>,
}

/// A bound as it was written: `3`, `0.5`, `2026-01-31`, `today`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bound(pub String);

impl JsonSchema for Bound {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["number", "string"] })
    }
}
