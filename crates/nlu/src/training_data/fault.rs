//! What is wrong with training data: everything at once, each with its place and a remedy.

use std::{fmt, path::Path, sync::Arc};

/// A place in a file. Lines and columns (in letters) count from one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: Arc<Path>,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// What kind of fault it is; its name stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Nothing stands where something must.
    Empty,
    /// A name that stands for two things.
    Ambiguous,
    /// No language is named so.
    UnknownLanguage,
}

impl Code {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::UnknownFormat => "unknown_format",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::Annotation => "annotation",
            Self::Pattern => "pattern",
            Self::Empty => "empty",
            Self::Ambiguous => "ambiguous",
            Self::UnknownLanguage => "unknown_language",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub place: Place,
    pub code: Code,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            code,
            problem,
            remedy,
        } = self;
        write!(f, "{place}: {problem}; {remedy} [{}]", code.as_str())
    }
}

/// Everything that is wrong with what was loaded, at least one thing, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A file under reading: where it is, and what is wrong with it so far.
#[derive(Debug)]
pub(super) struct Reading {
    file: Arc<Path>,
    pub(super) faults: Vec<Fault>,
}

impl Reading {
    pub(super) fn of(file: &Path) -> Self {
        Self {
            file: file.into(),
            faults: Vec::new(),
        }
    }

    pub(super) fn at(&self, line: usize, column: usize) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line,
            column,
        }
    }

    pub(super) fn fault(
        &mut self,
        (line, column): (usize, usize),
        code: Code,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault {
            place: self.at(line, column),
            code,
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }
}
