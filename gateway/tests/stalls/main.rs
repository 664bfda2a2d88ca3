//! A store that is away for one conversation: nobody but its readers notices, what is asked of it
//! keeps its order, and what waits is bounded.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests say so when something is wrong"
)]

mod house;
mod reading;
mod saying;
#[path = "../served/mod.rs"]
mod served;
mod valve;
