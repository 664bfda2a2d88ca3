//! The invariants that are judged here, by number and name.

use std::fmt;

use convene_proto::id::ConversationId;

/// What may not change, whatever else does. ARCHITECTURE.md says each in full. The eighth and the
/// tenth are missing: no history tells what a slow reader costs the others (`tests/it/crowd.rs` and
/// `tests/it/talk.rs` do), and that one process is as good as many is what the contract suites of
/// the store and of the bus, and tests that run over both, are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// No client sees what cannot be read back from the log.
    LogFirst = 1,
    /// What was accepted stands in the log, once, in its place.
    AcceptedIsDurable,
    /// Only the holder of the lease writes a run.
    OneWriter,
    /// Every input that wakes an agent is answered.
    NoLostWakeUp,
    /// What is not in the log as it was read comes to the inbox.
    NoWindow,
    /// A returning client is told the truth about where it goes on.
    HonestResume,
    /// Every client sees a prefix of the log, in order, each event and each byte once.
    Prefix,
    /// A failed attempt is taken back in sight, and made again.
    HealsInSight = 9,
}

impl Invariant {
    /// Every one, by number.
    pub const ALL: [Self; 8] = [
        Self::LogFirst,
        Self::AcceptedIsDurable,
        Self::OneWriter,
        Self::NoLostWakeUp,
        Self::NoWindow,
        Self::HonestResume,
        Self::Prefix,
        Self::HealsInSight,
    ];

    /// Its number in ARCHITECTURE.md.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// A name for metrics and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogFirst => "log-first",
            Self::AcceptedIsDurable => "accepted-is-durable",
            Self::OneWriter => "one-writer",
            Self::NoLostWakeUp => "no-lost-wake-up",
            Self::NoWindow => "no-window",
            Self::HonestResume => "honest-resume",
            Self::Prefix => "prefix",
            Self::HealsInSight => "heals-in-sight",
        }
    }

    /// The one of this name or number, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_it = |one: &Self| one.name() == text || one.number().to_string() == text;
        Self::ALL.into_iter().find(is_it)
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("invariant {invariant}: in {conversation}, {what}")]
pub struct Broken {
    pub invariant: Invariant,
    pub conversation: ConversationId,
    /// What happened, in a sentence.
    pub what: String,
}

impl Broken {
    /// This invariant, in this conversation, in these words.
    #[must_use]
    pub fn new(
        invariant: Invariant,
        conversation: &ConversationId,
        what: impl Into<String>,
    ) -> Self {
        Self {
            invariant,
            conversation: conversation.clone(),
            what: what.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_number_and_its_name() {
        let numbers = Invariant::ALL.map(Invariant::number);
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 9]);
        for one in Invariant::ALL {
            assert_eq!(Invariant::parse(one.name()), Some(one));
            assert_eq!(Invariant::parse(&one.number().to_string()), Some(one));
        }
        assert_eq!(Invariant::parse("8"), None);
    }
}
