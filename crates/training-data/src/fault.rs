//! What is wrong with training data: everything at once, each with its place and a remedy.

use convene_source::{FaultCode, Place};
use serde::Serialize;

/// One thing that is wrong with training data.
pub type Fault = convene_source::Fault<Code>;

/// All that is wrong with it.
pub type Faults = convene_source::Faults<Code>;

/// What kind of fault it is; its name stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// The file or folder is not there, or may not be read.
    Unreadable,
    /// It is none of the known kinds of training data.
    UnknownFormat,
    /// The file breaks its format's own rules (YAML, JSON, CSV).
    Malformed,
    /// A key or a column that has no meaning here.
    UnknownKey,
    /// A key or a column that must be there.
    Missing,
    /// It must be something else, such as a list.
    WrongType,
    /// An annotation in a sentence that cannot be read.
    Annotation,
    /// A regular expression that cannot be read.
    Pattern,
    /// A regular expression that takes too long.
    SlowPattern,
    /// Nothing stands where something must.
    Empty,
    /// A name that stands for two things.
    Ambiguous,
    /// No language is named so.
    UnknownLanguage,
}

impl FaultCode for Code {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::UnknownFormat => "unknown_format",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::Annotation => "annotation",
            Self::Pattern => "pattern",
            Self::SlowPattern => "slow_pattern",
            Self::Empty => "empty",
            Self::Ambiguous => "ambiguous",
            Self::UnknownLanguage => "unknown_language",
        }
    }
}

/// A file under reading: where it is, and where what is wrong with it goes.
pub(crate) struct Reading<'a> {
    pub(crate) file: &'a str,
    pub(crate) faults: &'a mut Faults,
}

impl Reading<'_> {
    pub(crate) fn fault(
        &mut self,
        place: Place,
        code: Code,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.add(self.file, place, code, problem, remedy);
    }
}

/// A place by numbers as they are counted.
pub(crate) fn place(line: usize, column: usize) -> Place {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place {
        line: narrow(line),
        column: narrow(column),
    }
}
