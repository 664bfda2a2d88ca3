//! What is wrong with a project: always a file, a place, a code that stays, and what to do.

use std::fmt;

use serde::Serialize;

use crate::place::Place;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, by its path in the project's folder.
    pub file: String,
    /// The line, from one; zero is the file as a whole.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
    /// What kind of fault it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The project does not run.
    Error,
    /// It runs, and is probably not what was meant.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $severity:ident;)+) => {
        /// The kinds of faults. The words stay what they are.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// What it means, for the reference.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+)),+ }
            }
        }
    };
}

codes! {
    /// A file cannot be read, or is missing.
    Unreadable = "unreadable", Error;
    /// A file is not YAML.
    NotYaml = "not-yaml", Error;
    /// A piece of a file has a wrong form: an unknown key, a missing one, a value of a wrong kind.
    WrongForm = "wrong-form", Error;
    /// A name has characters that names do not have.
    BadName = "bad-name", Error;
    /// Something is defined twice.
    Duplicate = "duplicate", Error;
    /// A step leads to a step that is not there.
    UnknownStep = "unknown-step", Error;
    /// A flow is named that is not there.
    UnknownFlow = "unknown-flow", Error;
    /// A slot is named that is not there.
    UnknownSlot = "unknown-slot", Error;
    /// An intent is named that the training data do not have.
    UnknownIntent = "unknown-intent", Error;
    /// An entity is named that neither the training data nor the built-in ones have.
    UnknownEntity = "unknown-entity", Error;
    /// A text is named that no language has.
    UnknownText = "unknown-text", Error;
    /// A text or an expression has a name in it that is no slot.
    UnknownPlaceholder = "unknown-placeholder", Error;
    /// A text is missing in one of the languages.
    MissingTranslation = "missing-translation", Error;
    /// A file of texts is of a language that the assistant does not name.
    UnknownLanguage = "unknown-language", Error;
    /// A template or an expression cannot be read.
    BadExpression = "bad-expression", Error;
    /// A value, a bound or a pattern does not fit the slot's type.
    WrongType = "wrong-type", Error;
    /// No path leads to a step.
    Unreachable = "unreachable", Error;
    /// A slot is used that nothing ever sets.
    NeverSet = "never-set", Error;
    /// A slot may be empty where a text shows it: some path leads there without setting it.
    MaybeUnset = "maybe-unset", Warning;
    /// Steps go round and round without waiting for anybody.
    EndlessLoop = "endless-loop", Error;
    /// Flows start each other in a circle.
    FlowCircle = "flow-circle", Error;
    /// Two flows start with the same intent or event.
    AmbiguousStart = "ambiguous-start", Error;
    /// Nothing starts this flow.
    NeverStarted = "never-started", Warning;
    /// No step says this text.
    UnusedText = "unused-text", Warning;
    /// Nothing uses this slot.
    UnusedSlot = "unused-slot", Warning;
    /// Nothing starts with this intent.
    UnusedIntent = "unused-intent", Warning;
}

impl Fault {
    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let severity = match self.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            ": {severity}[{}]: {}\n    {}",
            self.code.as_str(),
            self.message,
            self.remedy
        )
    }
}

/// Gathers faults while a project is looked at.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(
        &mut self,
        file: &str,
        place: Place,
        code: Code,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Fault {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            code,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found
            .iter()
            .any(|fault| fault.severity() == Severity::Error)
    }

    /// In the order of files and lines, each once.
    pub(crate) fn into_sorted(mut self) -> Vec<Fault> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

/// What to write instead of a name that is not there.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    let nearest = known
        .into_iter()
        .map(|other| (strsim::levenshtein(name, other), other))
        .filter(|(far, other)| *far <= 1 + other.chars().count() / 4)
        .min();
    match nearest {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}
