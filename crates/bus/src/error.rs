//! Why the bus could not do it.

/// What lies beneath a bus error.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a bus call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The broker is away, blocked, or did not answer in time. Whether it took the message is
    /// unknown.
    #[error("the broker is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// The broker answered, and refused: its topology or permissions differ from what we need.
    #[error("the broker refused: {0}")]
    Refused(#[source] Cause),
    #[error("the bus is closed")]
    Closed,
}

impl Error {
    pub(crate) fn unavailable(why: impl Into<Cause>) -> Self {
        Self::Unavailable(why.into())
    }

    pub(crate) fn refused(why: impl Into<Cause>) -> Self {
        Self::Refused(why.into())
    }
}
