//! The crate through its public door.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests say so when something is wrong"
)]

mod entities;
mod evaluation;
mod faults;
mod formats;
mod lessons;
mod marks;
mod public_data;
mod understanding;
