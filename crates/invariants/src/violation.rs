//! How a server breaks its word to one reader.

use convene_proto::{
    id::MessageId,
    position::{Position, Seq},
};

use crate::Invariant;

/// How a server broke its word that every client sees a prefix of the log: each event once, in
/// order, and each byte of text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    #[error("a frame before `resumed`, `snapshot` or `reset`")]
    Unasked,
    #[error("event {0} came again")]
    Duplicate(Seq),
    #[error("event {expected} is missing: {got} came")]
    Hole { expected: Seq, got: Seq },
    #[error("event {0} goes on from another log than the one that was shown")]
    OtherLog(Seq),
    #[error("text of {message} came again: byte {got}, where {expected} was next")]
    RepeatedText {
        message: MessageId,
        expected: u64,
        got: u64,
    },
    #[error("text of {message} is missing: byte {got} came, where {expected} was next")]
    MissingText {
        message: MessageId,
        expected: u64,
        got: u64,
    },
    #[error("text of {0}, which is not being written")]
    StrayText(MessageId),
    #[error("the whole text of {0} is not what had streamed")]
    OtherText(MessageId),
    #[error("the position {got} came with a frame that leads elsewhere")]
    WrongPosition { got: Position },
    #[error("a snapshot that does not hold together: {0}")]
    BadState(&'static str),
}

impl Violation {
    /// Which invariant forbids it.
    #[must_use]
    pub fn invariant(&self) -> Invariant {
        match self {
            Self::Duplicate(_)
            | Self::Hole { .. }
            | Self::RepeatedText { .. }
            | Self::MissingText { .. }
            | Self::StrayText(_) => Invariant::Prefix,
            Self::OtherText(_) => Invariant::LogFirst,
            Self::Unasked | Self::OtherLog(_) | Self::WrongPosition { .. } | Self::BadState(_) => {
                Invariant::HonestResume
            }
        }
    }
}
