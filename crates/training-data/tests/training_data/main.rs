//! The crate through its public door.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say so when something is wrong"
)]

mod faults;
mod folder;
mod formats;
mod marks;
mod rasa;
