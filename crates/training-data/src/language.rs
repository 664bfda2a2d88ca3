//! Languages, by their ISO 639 codes.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A language, such as `en`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(Arc<str>);

/// What cannot be a language's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language: write a code of two or three letters, such as `en`")]
pub struct NoLanguage(String);

impl Language {
    /// From a code such as `en` or a tag such as `en-GB`, whose region is left out.
    ///
    /// # Errors
    /// If it does not begin with two or three letters.
    pub fn new(tag: &str) -> Result<Self, NoLanguage> {
        let code = tag.split(['-', '_']).next().unwrap_or_default();
        let good = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_alphabetic());
        if good {
            Ok(Self(code.to_ascii_lowercase().into()))
        } else {
            Err(NoLanguage(tag.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = NoLanguage;

    fn try_from(tag: String) -> Result<Self, Self::Error> {
        Self::new(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0.as_ref().to_owned()
    }
}

impl std::str::FromStr for Language {
    type Err = NoLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::new(tag)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
