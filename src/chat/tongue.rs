//! The language in which `convene chat` speaks: its own words, and the sentences of the page for what goes wrong.

mod sentences;

use anyhow::Context as _;
use clap::ValueEnum;
use convene_client::{
    Error,
    proto::{
        error::ErrorCode,
        event::Failure,
        frame::Problem,
        part::{FieldFault, Form},
    },
};

use self::sentences::Sentences;
use super::words::{self, Words};

/// The page's languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    En,
    De,
    Es,
    Fr,
    Ar,
}

impl Language {
    /// The first of these tags' that is spoken here; a tag may name a region, too.
    fn best<T: AsRef<str>>(tags: impl IntoIterator<Item = T>) -> Self {
        let mut tags = tags.into_iter();
        let found = tags.find_map(|tag| {
            let base = tag.as_ref().split(['-', '_', '.']).next()?.to_owned();
            Self::from_str(&base, true).ok()
        });
        found.unwrap_or(Self::En)
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::En => &words::en::WORDS,
            Self::De => &words::de::WORDS,
            Self::Es => &words::es::WORDS,
            Self::Fr => &words::fr::WORDS,
            Self::Ar => &words::ar::WORDS,
        }
    }
}

/// See the module.
pub(super) struct Tongue {
    pub(super) words: &'static Words,
    sentences: Sentences,
}

impl Tongue {
    /// Speaks this language, or else that of the environment.
    ///
    /// # Errors
    /// Where this program was built with sentences that cannot be read.
    pub(super) fn speak(language: Option<Language>) -> anyhow::Result<Self> {
        let language = language.unwrap_or_else(|| Language::best(sys_locale::get_locales()));
        Ok(Self {
            words: language.words(),
            sentences: Sentences::read(language).context("no words: a defect")?,
        })
    }

    /// What is wrong with the answers to a form, field by field.
    pub(super) fn faults(&self, faults: &[FieldFault], form: Option<&Form>) -> String {
        let each = faults.iter().map(|fault| {
            let mut fields = form.into_iter().flat_map(|form| &form.fields);
            let field = fields.find(|field| field.name == fault.field);
            format!("{}: {}", fault.field, self.sentences.fault(fault, field))
        });
        each.collect::<Vec<_>>().join(" ")
    }

    /// What went wrong.
    pub(super) fn error(&self, error: &Error) -> String {
        match error {
            Error::Refused(problem) => self.problem(problem),
            Error::Unreachable { .. }
            | Error::Lost(_)
            | Error::Closed { .. }
            | Error::Timeout(_) => self.sentences.unreached.clone(),
            // Of an address that is none, or a protocol that is another, its own words tell more.
            other => other.to_string(),
        }
    }

    /// Why the server refused something. Of a code that is newer than this program, the server's own words are
    /// all there is.
    pub(super) fn problem(&self, problem: &Problem) -> String {
        match problem.code {
            // All that the page has to say is to reload it; the server names what was wrong with what was typed.
            ErrorCode::BadRequest | ErrorCode::Conflict | ErrorCode::Gap => problem.message.clone(),
            code => {
                let known = self.sentences.problems.get(code.as_str());
                known.unwrap_or(&problem.message).clone()
            }
        }
    }

    /// Why a run failed. Agents of others have codes and words of their own.
    pub(super) fn failure<'a>(&'a self, failure: &'a Failure) -> &'a str {
        let known = self.sentences.failures.get(&failure.code);
        known.unwrap_or(&failure.message)
    }
}

#[cfg(test)]
mod tests;
