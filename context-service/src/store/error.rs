//! Why the store refuses, in the registry's codes.

use convene_proto::{error::ErrorCode, position::Seq};

/// Said of an invitation that was void when somebody followed it.
pub(super) const UNINVITED: &str = "the invitation is not good any more; ask for another";

/// Why a store call did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such conversation, or the viewer is not in it.
    #[error("no such conversation, or you are not in it")]
    NotFound,
    #[error("{0}")]
    Forbidden(&'static str),
    #[error("{0}")]
    Conflict(&'static str),
    #[error("no page ends there: give back the `next` that you were given, unchanged")]
    NoSuchPage,
    #[error("a conversation has at most {most} participants, and this one has as many")]
    Full { most: usize },
    #[error("the only owner cannot leave the others behind: make somebody else an owner first")]
    LastOwner,
    #[error("a run is under way and this conversation refuses messages until it ends")]
    Busy,
    #[error("the agent that this is for is not in the conversation")]
    NoSuchParticipant,
    #[error("this is not offered there any more, or never was")]
    NotOffered,
    /// Only one press counts.
    #[error("{by} was first, with event {seq}: one press of this counts")]
    AlreadyPressed { by: String, seq: Seq },
    #[error("no run is under way")]
    NothingToCancel,
    #[error("the lease is no longer yours")]
    Fenced,
    #[error("somebody has stopped this run: it can only end as cancelled")]
    Cancelled,
    #[error("the text ends at byte {end}")]
    Gap { end: u64 },
    /// A write that is older than the last one, or that leaves some out.
    #[error("the last write under this lease was number {last}")]
    OutOfStep { last: u64 },
    /// The backend is away or too slow. Whether the step was taken is unknown.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The data is not what this version wrote.
    #[error("the store holds what cannot be read: {0}")]
    Corrupt(String),
}

impl Error {
    /// The code that callers see.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::Conflict(_) | Self::OutOfStep { .. } => ErrorCode::Conflict,
            Self::NoSuchPage => ErrorCode::BadRequest,
            Self::Full { .. } => ErrorCode::TooLarge,
            Self::LastOwner => ErrorCode::LastOwner,
            Self::Busy => ErrorCode::Busy,
            Self::NoSuchParticipant => ErrorCode::NoSuchParticipant,
            Self::NotOffered => ErrorCode::NotOffered,
            Self::AlreadyPressed { .. } => ErrorCode::AlreadyPressed,
            Self::NothingToCancel => ErrorCode::NothingToCancel,
            Self::Fenced => ErrorCode::Fenced,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Gap { .. } => ErrorCode::Gap,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Corrupt(_) => ErrorCode::Internal,
        }
    }
}
