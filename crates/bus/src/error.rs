//! Why the bus could not do it.

/// Why a bus call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The broker is away, blocked, or did not answer in time. Whether it took the message is
    /// unknown.
    #[error("the broker is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The broker answered, and refused: its topology or permissions differ from what we need.
    #[error("the broker refused: {0}")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the bus is closed")]
    Closed,
}
