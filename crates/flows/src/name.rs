//! The names of a project: what a flow, a step, a slot or a text is called.

use std::{borrow::Borrow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(
            Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(String);

        impl $name {
            /// As it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// A flow's name.
    FlowName;
    /// A step's id, unique in its flow.
    StepId;
    /// A slot's name.
    SlotName;
    /// The key of a text.
    TextKey;
    /// An intent's name.
    IntentName;
    /// An entity's name.
    EntityName;
    /// The name of an event from outside.
    EventName;
    /// A language, such as `en` or `de-CH`.
    Locale;
    /// The hash of what a flow says: a flow that was changed is another version.
    Version;
    /// Who takes part in the conversation, such as `user:ada`.
    Who;
    /// A time zone of the IANA database, such as `Europe/Berlin`.
    Zone;
    /// A variable of a worker's environment, such as `FLOW_SHOP_KEY`.
    EnvironmentName;
}

impl EventName {
    /// Whether an event that is sent may be called so.
    pub(crate) fn can_be_sent(&self) -> bool {
        let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&self.0.len()) && self.0.bytes().all(is_one)
    }
}

/// Whether flows, steps and slots may be called so: a letter or `_`, then letters, digits, `_`.
/// What expressions can name, in other words.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What flows and slots are not called: it means something else in expressions and steps.
pub(crate) const RESERVED: [&str; 22] = [
    "and",
    "body",
    "else",
    "end",
    "false",
    "if",
    "in",
    "is",
    "language",
    "limit",
    "loop",
    "none",
    "not",
    "now",
    "or",
    "people",
    "status_code",
    "text",
    "today",
    "true",
    "value",
    "who",
];
