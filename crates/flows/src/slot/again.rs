//! Words by which something is wanted once more.

use super::words::{SmallWords, mentions};

/// "Another one", and "the same".
#[derive(Debug, Default)]
pub(crate) struct AgainWords {
    /// Something is wanted once more.
    again: Vec<String>,
    /// All is to be as it was.
    same: Vec<String>,
}

impl AgainWords {
    pub(crate) fn new(again: Vec<String>, same: Vec<String>) -> Self {
        // The longest first: others stand within them.
        let sorted = |mut phrases: Vec<String>| {
            phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
            phrases
        };
        Self {
            again: sorted(again),
            same: sorted(same),
        }
    }

    /// Whether a text says that all is to be as it was.
    pub(crate) fn is_the_same(&self, text: &str) -> bool {
        let mut same = self.same.iter();
        same.any(|phrase| mentions(text, phrase).next().is_some())
    }

    /// Whether a text says that something is wanted once more, and nothing else.
    pub(crate) fn is_all(&self, text: &str, small: &SmallWords) -> bool {
        let mut rest = text.to_owned();
        let mut is_said = false;
        for phrase in self.again.iter().chain(&self.same) {
            let found = mentions(&rest, phrase).next();
            if let Some(without) = found.map(|(before, behind)| format!("{before} {behind}")) {
                (rest, is_said) = (without, true);
            }
        }
        is_said && small.are_courtesy(&rest)
    }
}
