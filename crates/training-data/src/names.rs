//! The names that a project gives, each a type of its own.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(name: &str) -> Self {
                Self(name.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// What somebody wants, such as `track_order`; `faq/ask_hours` is one of a family.
    Intent
}
name! {
    /// A kind of thing that is named in a sentence, such as `city`.
    EntityKind
}

/// A kind of entity that every project has. Their names are those of Rasa's Duckling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuiltIn {
    Time,
    Duration,
    AmountOfMoney,
    Email,
    PhoneNumber,
    Url,
    /// Digits, four at least, perhaps with a few capitals before them: `4711-22`, `AB-12345`, `#981`.
    OrderNumber,
    Ordinal,
    Number,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Time,
        Self::Duration,
        Self::AmountOfMoney,
        Self::Email,
        Self::PhoneNumber,
        Self::Url,
        Self::OrderNumber,
        Self::Ordinal,
        Self::Number,
    ];

    /// The entity's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Duration => "duration",
            Self::AmountOfMoney => "amount-of-money",
            Self::Email => "email",
            Self::PhoneNumber => "phone-number",
            Self::Url => "url",
            Self::OrderNumber => "order-number",
            Self::Ordinal => "ordinal",
            Self::Number => "number",
        }
    }
}
