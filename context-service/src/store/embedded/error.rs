//! Why the folder cannot be opened, and what the database's errors are to the port.

use std::{
    io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull},
    path::PathBuf,
};

use crate::store::Error;

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    #[error("{} is in use by another process", folder.display())]
    AlreadyOpen { folder: PathBuf },
    #[error("{} is damaged: bring back a copy, or move it away to begin anew", file.display())]
    Damaged {
        file: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error(
        "{} has format {found}, of a newer version of convene; this one knows up to {known}: \
         upgrade convene, or give it another folder",
        file.display()
    )]
    TooNew {
        file: PathBuf,
        found: u64,
        known: u64,
    },
    #[error(
        "{} has format {found}, of an early version of convene; this one reads {known} alone: \
         give it another folder",
        file.display()
    )]
    TooOld {
        file: PathBuf,
        found: u64,
        known: u64,
    },
    #[error("cannot use {}", folder.display())]
    Io {
        folder: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why the store does not answer; the source of [`Error::Unavailable`].
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Failure {
    #[error("it is closed")]
    Closed,
    #[error("it did not answer in time")]
    TooSlow,
    #[error("the disk is full ({0})")]
    DiskFull(String),
    #[error("a write failed: {0}")]
    Write(String),
    #[error("a step was undone: {0}")]
    Undone(String),
    #[error("a read ended early")]
    Read,
}

impl Failure {
    /// Why a step that was to be written is not.
    pub(super) fn of(error: &Error) -> Self {
        let Error::Unavailable(source) = error else {
            return Self::Undone(error.to_string());
        };
        if let Some(own) = source.downcast_ref::<Self>() {
            return own.clone();
        }
        match source.downcast_ref() {
            Some(redb::Error::Io(io))
                if matches!(io.kind(), StorageFull | QuotaExceeded | FileTooLarge) =>
            {
                Self::DiskFull(io.to_string())
            }
            _ => Self::Write(source.to_string()),
        }
    }

    /// Whether nothing can be written any more until the database is opened anew.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self, Self::DiskFull(_) | Self::Write(_))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(Box::new(failure))
    }
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Error {
            fn from(error: redb::$error) -> Self {
                match redb::Error::from(error) {
                    redb::Error::Corrupted(what) => Self::Corrupt(what),
                    error => Self::Unavailable(Box::new(error)),
                }
            }
        })*
    };
}

from_redb!(
    StorageError,
    TableError,
    TransactionError,
    CommitError,
    SetDurabilityError
);

/// A record that this version did not write.
pub(super) fn unreadable(what: &'static str) -> Error {
    Error::Corrupt(format!("{what} is not as it was written"))
}
