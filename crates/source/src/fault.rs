//! What is wrong with files: always a file, a place, a code that stays, and what to do.

use std::fmt;

use serde::Serialize;

use crate::place::Place;

/// One thing that is wrong. `C` is its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault<C> {
    /// The file, by its path.
    pub file: String,
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
    /// What kind of fault it is.
    pub code: C,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// The kinds of faults of some files.
pub trait FaultCode: Copy {
    /// The word for it, which stays what it is.
    fn as_str(self) -> &'static str;

    /// How bad it is.
    fn severity(self) -> Severity {
        Severity::Error
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The files cannot be used.
    Error,
    /// They can, and probably do not say what was meant.
    Warning,
}

impl<C: FaultCode> Fault<C> {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl<C: FaultCode> fmt::Display for Fault<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {severity}[{}]: {}\n    {}",
            self.file,
            self.line,
            self.column,
            self.code.as_str(),
            self.message,
            self.remedy
        )
    }
}

/// All that is wrong, gathered while files are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults<C>(Vec<Fault<C>>);

impl<C> Default for Faults<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C> Faults<C> {
    /// One more.
    pub fn add(
        &mut self,
        file: &str,
        place: Place,
        code: C,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(Fault {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            code,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Keeps those of which this is true.
    pub fn retain(&mut self, is_kept: impl FnMut(&Fault<C>) -> bool) {
        self.0.retain(is_kept);
    }

    /// In the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault<C>> {
        self.0.iter()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<C: FaultCode> Faults<C> {
    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.iter().any(|fault| fault.severity() == Severity::Error)
    }
}

impl<C: Ord> Faults<C> {
    /// In the order of files and lines, each once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Fault<C>> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

impl<C> IntoIterator for Faults<C> {
    type Item = Fault<C>;
    type IntoIter = std::vec::IntoIter<Fault<C>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Each on lines of its own.
impl<C: FaultCode> fmt::Display for Faults<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl<C: FaultCode + fmt::Debug> std::error::Error for Faults<C> {}
