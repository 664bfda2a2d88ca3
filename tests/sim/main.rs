//! The simulation: gateways, workers and the context service as they are, over pipes, a bus and a
//! store in memory, on one thread with a paused clock. A seed decides everything: what people say
//! and when, which letters, doorbells, calls and processes fail, and what happens first.
//!
//! * [`plan`] is what a seed decides beforehand, [`stage`] where chance is asked during the run.
//! * [`world`] puts the parts together; [`store`], [`bus`] and [`line`] stand between them and fail.
//! * [`people`] say and read, [`agent`] answers, [`schedule`] runs it all, and holds what was seen
//!   against the log, by the invariants that all tests share.
//! * [`blocks`] runs many seeds, in processes of their own, and shows those that broke a promise;
//!   [`lies`] does so on builds that must.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests are tests, though clippy sees only functions marked so"
)]

mod agent;
mod blocks;
mod bus;
mod lateness;
mod lies;
mod line;
mod people;
mod plan;
mod schedule;
mod socket;
mod stage;
mod store;
mod world;
