//! Why something did not come about.

use std::time::Duration;

use convene_proto::frame::Problem;

/// Why something did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused it, and says why.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// Nobody answers there.
    #[error("no connection to {url}: {reason}")]
    Unreachable { url: String, reason: String },
    /// The connection ended before the answer came.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The server closed the connection for good: connecting again would end the same way.
    #[error("the server closed the connection ({code}): {reason}")]
    Closed { code: u16, reason: String },
    /// No answer in time. What was sent stays in the outbox and is sent again.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// What came was not of the protocol.
    #[error("not of the protocol: {0}")]
    Protocol(String),
    /// So many messages wait to be accepted that no more are taken.
    #[error("{0} messages wait to be accepted; wait for some of them")]
    OutboxFull(usize),
    /// One subscription of each conversation at a time.
    #[error("this client is subscribed to that conversation already")]
    AlreadySubscribed,
    /// The address cannot be one of Convene's.
    #[error("{0:?} is not an address: write it as http://host:port")]
    InvalidUrl(String),
    /// This client was closed.
    #[error("this client is closed")]
    Stopped,
}

impl Error {
    /// Whether connecting again, unchanged, may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.retryable,
            Self::Unreachable { .. } | Self::Lost(_) | Self::Timeout(_) | Self::Protocol(_) => true,
            _ => false,
        }
    }
}
