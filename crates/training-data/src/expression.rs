//! Regular expressions of projects: those of Rasa, which are Python's, with look-around and back-references.

use std::ops::Range;

use fancy_regex::{Regex, RegexBuilder};

/// So many steps back an expression may take in a text. Only one with look-around or back-references takes any.
const MOST_STEPS: usize = 50_000;
/// More pieces are not looked for in one text.
const MOST_PIECES: usize = 100;
/// A larger expression, in bytes as it is compiled, is not one that a person wrote.
const LARGEST: usize = 1 << 20;

/// A regular expression that finds in a bounded time, or says that it does not.
#[derive(Debug, Clone)]
pub struct Expression(Regex);

/// Why a text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no regular expression that is understood: {0}")]
pub struct Malformed(String);

/// A text in which an expression goes back too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it takes too many steps")]
pub struct TooManySteps;

impl Expression {
    /// From what a person wrote.
    ///
    /// # Errors
    /// If it is none, or would be larger than a mebibyte.
    pub fn new(expression: &str) -> Result<Self, Malformed> {
        let built = RegexBuilder::new(expression)
            .backtrack_limit(MOST_STEPS)
            .delegate_size_limit(LARGEST)
            .build();
        built.map(Self).map_err(|error| {
            let whole = error.to_string();
            Malformed(whole.lines().last().unwrap_or_default().to_owned())
        })
    }

    /// The first hundred pieces of a text that it matches, in bytes; none is empty.
    ///
    /// # Errors
    /// Where looking for one takes too many steps.
    pub fn find(&self, text: &str) -> Result<Vec<Range<usize>>, TooManySteps> {
        let found = self.0.find_iter(text).take(MOST_PIECES);
        let pieces = found.map(|found| Ok(found.map_err(|_| TooManySteps)?.range()));
        let mut pieces: Vec<_> = pieces.collect::<Result<_, _>>()?;
        pieces.retain(|piece| !piece.is_empty());
        Ok(pieces)
    }
}
