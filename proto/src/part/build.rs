//! Short ways to make what is offered.

use serde_json::Value;

use super::{Action, Actions, Card, Field, Form, Input, Layout, Offer, Part, Style};
use crate::id::{ActionId, FieldName, OfferName, ParticipantId};

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
            invalid: None,
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

                /// It is called so, and can be closed by that.
                #[must_use]
                pub fn named(mut self, name: OfferName) -> Self {
                    self.offer.name = Some(name);
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
