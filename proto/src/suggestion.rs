//! What one could say to an agent first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most that are told of an agent, in all its languages.
pub const MOST_SUGGESTIONS: usize = 64;
/// Bytes of each of its texts.
pub const LONGEST_SUGGESTION: usize = 200;

/// Something to say to an agent where nothing was said yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// What is said.
    pub text: String,
    /// What comes of it, in a few words; absent: the text tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its language, as a BCP 47 tag; absent: it is for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Suggestion {
    /// In a language.
    pub fn new(text: impl Into<String>, language: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            title: None,
            language: Some(language.into()),
        }
    }

    /// Shown with these words above it.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Whether it is short enough to be told.
    #[must_use]
    pub fn is_short(&self) -> bool {
        let texts = [
            Some(&self.text),
            self.title.as_ref(),
            self.language.as_ref(),
        ];
        let mut texts = texts.into_iter().flatten();
        texts.all(|text| !text.is_empty() && text.len() <= LONGEST_SUGGESTION)
    }
}
