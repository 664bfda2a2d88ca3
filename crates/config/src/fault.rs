//! What is wrong with the settings: everything at once, each with its key, source and remedy.

use std::fmt;

use figment::{
    Figment, Metadata, Source,
    error::{Actual, Error, Kind},
};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The setting's key, or the file's name.
    key: String,
    /// What is wrong with it, to be read after the key.
    problem: String,
    /// Where the value comes from.
    source: Option<String>,
}

impl Fault {
    pub(crate) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            problem: problem.into(),
            source: None,
        }
    }

    /// A value that could not be read as what it should be.
    pub(super) fn unreadable(key: &str, error: &Error, source: Option<String>) -> Self {
        let problem = match &error.kind {
            Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
                format!("must be {}, and is {}", in_words(expected), shown(found))
            }
            Kind::UnknownVariant(found, known) => {
                format!("must be one of {}, and is {found:?}", known.join(", "))
            }
            Kind::UnknownField(_, known) => {
                format!("is no setting; there are {}", known.join(", "))
            }
            Kind::MissingField(_) => "is missing".to_owned(),
            other => format!("cannot be used: {other}"),
        };
        Self {
            key: key.to_owned(),
            problem,
            source,
        }
    }

    /// A sentence of a service's own that names the keys it is about; their sources are looked up.
    pub(super) fn from_service(sentence: &str, figment: &Figment) -> Self {
        let words = sentence.split_whitespace();
        let keys = words
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.contains('.'));
        let sources: Vec<_> = keys
            .filter_map(|key| Some(format!("{key} from {}", name(figment.find_metadata(key)?)?)))
            .collect();
        let source = (!sources.is_empty()).then(|| sources.join(", "));
        let (key, problem) = sentence.split_once(' ').unwrap_or((sentence, ""));
        Self {
            key: key.to_owned(),
            problem: problem.to_owned(),
            source,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.problem)?;
        match &self.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

/// A type of Rust's, for people.
fn in_words(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "bool" | "a boolean" => "true or false",
        "a sequence" => "a list",
        "socket address" => "an address and a port, as in 127.0.0.1:8080",
        other => other,
    }
}

fn shown(found: &Actual) -> String {
    match found {
        Actual::Bool(found) => found.to_string(),
        Actual::Unsigned(found) => found.to_string(),
        Actual::Signed(found) => found.to_string(),
        Actual::Float(found) => found.to_string(),
        Actual::Str(found) => format!("{found:?}"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// Where a value comes from, for people; `None` for a default.
pub(super) fn name(metadata: &Metadata) -> Option<String> {
    match &metadata.source {
        Some(Source::File(path)) => Some(path.display().to_string()),
        Some(Source::Custom(_)) => Some(metadata.name.to_string()),
        _ => None,
    }
}

/// Settings that cannot be used.
#[derive(Debug)]
pub struct Invalid(pub(crate) Vec<Fault>);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "the settings cannot be used: {one}"),
            many => {
                write!(f, "the settings cannot be used:")?;
                many.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

impl std::error::Error for Invalid {}
