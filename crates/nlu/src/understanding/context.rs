//! What is known when a message comes.

use convene_training_data::Language;
use jiff::{Timestamp, tz::TimeZone};

/// What is known about a message but for its words.
#[derive(Debug, Clone)]
pub struct Context {
    /// The languages that it may be in; empty: all of the project's.
    pub languages: Vec<Language>,
    /// The language of the message before it.
    pub last: Option<Language>,
    /// The zone of whoever says it: what "tomorrow" is.
    pub zone: TimeZone,
    pub now: Timestamp,
}

impl Context {
    /// A conversation's first message, in UTC.
    pub fn at(now: Timestamp) -> Self {
        Self {
            languages: Vec::new(),
            last: None,
            zone: TimeZone::UTC,
            now,
        }
    }
}
