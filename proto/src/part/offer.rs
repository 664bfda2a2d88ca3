//! What agents offer beside their text: buttons, cards and forms.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::id::{ActionId, FieldName, OfferName, ParticipantId};

/// To whom something is offered, how often, and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// One press is accepted of all that this part offers, whoever it is by; the next is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// Only these people may press. Absent: everybody in the conversation.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub only_for: Option<Vec<ParticipantId>>,
    /// What its agent calls it: the same wherever it is offered again. Once a run of the agent's
    /// [closes](crate::event::EventBody::RunFinished) it, nobody need press it any more.
    #[serde(default, rename = "offer", skip_serializing_if = "Option::is_none")]
    pub name: Option<OfferName>,
}

impl Offer {
    /// Whether this person may press.
    #[must_use]
    pub fn is_for(&self, who: &ParticipantId) -> bool {
        let chosen = self.only_for.as_ref();
        chosen.is_none_or(|chosen| chosen.contains(who))
    }
}

/// Actions to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Actions {
    #[serde(default)]
    pub layout: Layout,
    pub actions: Vec<Action>,
    #[serde(flatten)]
    pub offer: Offer,
}

/// How actions are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Below the message, for as long as it is there.
    #[default]
    Buttons,
    /// Suggestions of what to say next, while the message is the last.
    QuickReplies,
    /// A list, one below the other.
    Choices,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Unlike that of any other action or form of the message.
    pub id: ActionId,
    pub label: String,
    /// A text, a number or a truth value that comes back with the press.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub value: Option<Value>,
    #[serde(default, skip_serializing_if = "Style::is_plain")]
    pub style: Style,
    /// It opens this page instead, and nobody is told: `https:`, `http:`, `mailto:` or `tel:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How an action stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    #[default]
    Default,
    /// What most will want.
    Primary,
    /// What cannot be undone.
    Danger,
}

impl Style {
    fn is_plain(&self) -> bool {
        *self == Self::Default
    }
}

/// A thing to look at, and what can be done with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The address of a picture: `https:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Fact>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    #[serde(flatten)]
    pub offer: Offer,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// Questions that are answered together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Form {
    /// The action that submits it.
    pub id: ActionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub fields: Vec<Field>,
    /// What the button that submits it says.
    pub submit: String,
    #[serde(flatten)]
    pub offer: Offer,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Field {
    pub name: FieldName,
    pub label: String,
    #[serde(flatten)]
    pub input: Input,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What helps to answer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What is said of an answer that does not fit, in place of what is said of any such fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<String>,
    /// What stands in it at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub value: Option<Value>,
}

/// What a field takes. Lengths are in characters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    Text {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
        /// A regular expression (of Rust's `regex`) that the whole text must match.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// It may have several lines.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        multiline: bool,
    },
    Email,
    /// Digits, and what people write between them.
    Phone,
    Number {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
    /// A whole number.
    Integer {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<i64>,
    },
    Boolean,
    /// `2026-01-31`.
    Date {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
    },
    /// A time of the day: `14:30`.
    Time {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
    },
    /// One of the options; with `multiple`, a list of some.
    Choice {
        options: Vec<Choice>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        multiple: bool,
    },
}

/// An option of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub value: String,
    pub label: String,
}
