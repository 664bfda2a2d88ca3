//! How the answers of a question are shown that can be pressed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bounds::MOST_IN_A_ROW;

/// How the answers are shown that can be pressed. They can be said in words all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// In a row below the question, for as long as it is there.
    #[default]
    Buttons,
    /// Suggestions of what to say next, where people write, as long as nothing is said behind the question.
    QuickReplies,
    /// A list below the question, one under the other.
    Choices,
}

impl Layout {
    /// What was written, else what so many answers need.
    pub(crate) fn of(written: Option<Self>, answers: usize) -> Self {
        written.unwrap_or(if answers > MOST_IN_A_ROW {
            Self::Choices
        } else {
            Self::Buttons
        })
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buttons => "buttons",
            Self::QuickReplies => "quick_replies",
            Self::Choices => "choices",
        }
    }

    /// Whether it is what is meant where nothing is said.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
