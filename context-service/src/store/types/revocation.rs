//! Tokens that are good no longer.

use convene_proto::id::{TokenId, UserId};

/// What makes tokens good no longer. Times are seconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// One token. It may be forgotten once the token has expired.
    Token {
        id: TokenId,
        expires_at: Option<u64>,
    },
    /// Those of a user that were issued at that time or before.
    User { id: UserId, issued_until: u64 },
}

/// A page of what was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocations {
    pub revocations: Vec<Revocation>,
    /// The number of the last of them, or the one that was asked after.
    pub last: u64,
}
