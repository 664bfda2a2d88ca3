//! Why a call was refused, and what its caller is told.

use std::time::Duration;

use convene_proto::{convert::Invalid, error::ErrorCode, part::answer::Wrong};
use tonic::Status;

use crate::store;

pub(super) type Result<T> = std::result::Result<T, Refusal>;

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("the field `{field}` is larger than {limit}")]
    TooLarge { field: &'static str, limit: usize },
    #[error("{0}")]
    NotOffered(&'static str),
    #[error(transparent)]
    InvalidValue(Wrong),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the store did not answer within {0:?}")]
    Late(Duration),
    #[error("this server is going away; others take the call")]
    Draining,
}

impl Refusal {
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_) => ErrorCode::BadRequest,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::NotOffered(_) => ErrorCode::NotOffered,
            Self::InvalidValue(_) => ErrorCode::InvalidValue,
            Self::Store(error) => error.code(),
            Self::Late(_) | Self::Draining => ErrorCode::Unavailable,
        }
    }

    /// What the caller may know: the insides of a broken store are for our own log.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Store(store::Error::Unavailable(_)) => "the store is unavailable".into(),
            Self::Store(store::Error::Corrupt(_)) => {
                "the store holds what cannot be read; the server's log says more".into()
            }
            Self::Invalid(_)
            | Self::TooLarge { .. }
            | Self::NotOffered(_)
            | Self::InvalidValue(_)
            | Self::Store(_)
            | Self::Late(_)
            | Self::Draining => self.to_string(),
        }
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let faults = match &refusal {
            Refusal::InvalidValue(Wrong::Fields(faults)) => &faults[..],
            _ => &[],
        };
        refusal.code().status_with(refusal.message(), faults)
    }
}
