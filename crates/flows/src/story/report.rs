//! What came of running stories.

use std::fmt;

use serde::Serialize;

/// What came of all stories.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Each of them.
    pub stories: Vec<Told>,
}

/// What came of a story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// Its name.
    pub story: String,
    /// Its file.
    pub file: String,
    /// Where it begins there.
    pub line: u32,
    /// The step at which it went otherwise; nothing, if it went as it was told.
    pub failure: Option<Failure>,
}

/// A step at which a story went otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The step's line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub found: String,
    /// The conversation up to there.
    pub transcript: Vec<String>,
}

impl Report {
    /// How many went otherwise.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.stories
            .iter()
            .filter(|told| told.failure.is_some())
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for told in &self.stories {
            let word = if told.failure.is_some() {
                "FAILED"
            } else {
                "ok"
            };
            writeln!(f, "{word:<6} {}:{} {}", told.file, told.line, told.story)?;
        }
        for told in &self.stories {
            let Some(failure) = &told.failure else {
                continue;
            };
            writeln!(
                f,
                "\n{}:{}:{}: {}",
                told.file, failure.line, failure.column, told.story
            )?;
            writeln!(f, "    expected: {}", failure.expected)?;
            writeln!(f, "    but:      {}", failure.found)?;
            if !failure.transcript.is_empty() {
                writeln!(f, "    the conversation so far:")?;
            }
            for line in &failure.transcript {
                writeln!(f, "        {line}")?;
            }
        }
        let failed = self.failures();
        let passed = self.stories.len() - failed;
        write!(f, "\n{passed} passed, {failed} failed")
    }
}
