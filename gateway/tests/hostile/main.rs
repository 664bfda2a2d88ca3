//! Whatever a client sends and whatever the log holds, it is answered in words: no panic, no fault of
//! the server's, and nobody comes in who should not.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so when something is wrong"
)]

mod bodies;
mod door;
mod headers;
mod invitations;
mod logs;
mod queries;
#[path = "../served/mod.rs"]
mod served;
mod tokens;
