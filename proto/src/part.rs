//! What a message is made of: text, what agents offer beside it, and what people make of an offer.
//!
//! [`offer`] says what can be offered, [`bounds`] how much of it, and [`answer`] whether a value is
//! what was asked for.

pub mod answer;
pub mod bounds;
mod build;
mod judge;
pub mod offer;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use self::offer::{
    Action, Actions, Card, Choice, Fact, Field, Form, Input, Layout, Offer, Style,
};
use crate::{
    id::{ActionId, FieldName, MessageId},
    position::Seq,
};

/// A piece of a message. Whoever meets one of a `type` that they do not know passes it over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Markdown.
    Text {
        text: String,
    },
    /// Buttons, quick replies or choices. Only agents offer these, cards and forms.
    Actions(Actions),
    Card(Card),
    Form(Form),
    /// A person has pressed or submitted what was offered.
    Act(Act),
    /// Of a kind that is newer than this version.
    #[serde(other)]
    Unknown,
}

impl Part {
    /// What is offered here, if anything is.
    #[must_use]
    pub fn offer(&self) -> Option<&Offer> {
        match self {
            Self::Actions(actions) => Some(&actions.offer),
            Self::Card(card) => Some(&card.offer),
            Self::Form(form) => Some(&form.offer),
            Self::Text { .. } | Self::Act(_) | Self::Unknown => None,
        }
    }
}

/// What a person has pressed or submitted, as the context service found it in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Act {
    /// The event with the message that offered it, when it was pressed.
    pub seq: Seq,
    /// That message, by its id: a log that lost its end may have another event there by now.
    pub message: MessageId,
    /// Which part of that message, from 0.
    pub part: u16,
    pub action: ActionId,
    /// The action's value; of a form, an object with a member for each field that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub value: Option<Value>,
    /// The action's label; of a form, its answers, one on a line.
    pub label: String,
    /// Nobody else can press what this part offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

impl Act {
    /// What a form's field was answered with.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.value.as_ref()?.get(name)
    }
}

/// What is wrong with the answer to one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldFault {
    pub field: FieldName,
    pub code: FaultCode,
    /// What to do about it.
    pub message: String,
}

/// The kinds of faults. Clients may match on them; the words beside them may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// The field must be answered.
    Required,
    /// A number where a text is asked for, a text that is no date.
    WrongType,
    TooShort,
    TooLong,
    TooSmall,
    TooLarge,
    /// Not of the form that the field asks for.
    Pattern,
    /// Not among the options.
    NotAnOption,
    /// The form has no such field.
    UnknownField,
}
