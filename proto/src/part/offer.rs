//! What agents offer beside their text: buttons, cards and forms.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Part;
use crate::id::{ActionId, FieldName, ParticipantId};

/// To whom something is offered, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// One press is accepted of all that this part offers, whoever it is by; the next is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// Only these people may press. Absent: everybody in the conversation.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub only_for: Option<Vec<ParticipantId>>,
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

impl Actions {
    /// These, in this layout, for everybody and as often as they like.
    pub fn new(layout: Layout, actions: impl IntoIterator<Item = Action>) -> Self {
        Self {
            layout,
            actions: actions.into_iter().collect(),
            offer: Offer::default(),
        }
    }

    /// Buttons below the message.
    pub fn buttons(actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new(Layout::Buttons, actions)
    }

    /// Suggestions of what to say next.
    pub fn quick_replies(actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new(Layout::QuickReplies, actions)
    }

    /// A list, one below the other.
    pub fn choices(actions: impl IntoIterator<Item = Action>) -> Self {
        Self::new(Layout::Choices, actions)
    }
}

impl Action {
    /// Something to press, which comes back by its id.
    pub fn new(id: ActionId, label: impl Into<String>) -> Self {
        Self {
            id,
            label: label.into(),
            value: None,
            style: Style::Default,
            url: None,
        }
    }

    /// With a value that comes back with the press.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    #[must_use]
    pub fn with_style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// A link, which nobody is told of.
    pub fn link(id: ActionId, label: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            ..Self::new(id, label)
        }
    }
}

impl Card {
    /// A card with nothing but a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: None,
            image: None,
            text: None,
            fields: Vec::new(),
            actions: Vec::new(),
            offer: Offer::default(),
        }
    }
}

impl Form {
    /// A form of these fields; `submit` is what its button says.
    pub fn new(
        id: ActionId,
        submit: impl Into<String>,
        fields: impl IntoIterator<Item = Field>,
    ) -> Self {
        Self {
            id,
            title: None,
            fields: fields.into_iter().collect(),
            submit: submit.into(),
            offer: Offer::default(),
        }
    }
}

impl Field {
    /// A field that may be left empty.
    pub fn new(name: FieldName, label: impl Into<String>, input: Input) -> Self {
        Self {
            name,
            label: label.into(),
            input,
            required: false,
            hint: None,
            value: None,
        }
    }

    /// It must be answered.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl Input {
    /// One line of any text.
    #[must_use]
    pub fn text() -> Self {
        Self::Text {
            min_length: None,
            max_length: None,
            pattern: None,
            multiline: false,
        }
    }
}

macro_rules! offers {
    ($($name:ident),*) => {
        $(
            impl $name {
                /// Accepts one press, whoever it is by.
                #[must_use]
                pub fn once(mut self) -> Self {
                    self.offer.once = true;
                    self
                }

                /// Only these people may press.
                #[must_use]
                pub fn only_for(mut self, people: impl IntoIterator<Item = ParticipantId>) -> Self {
                    self.offer.only_for = Some(people.into_iter().collect());
                    self
                }
            }

            impl From<$name> for Part {
                fn from(part: $name) -> Self {
                    Self::$name(part)
                }
            }
        )*
    };
}

offers!(Actions, Card, Form);
