//! Takes doorbells, claims runs and hosts agents.
//!
//! A [`Worker`] competes with its siblings for the doorbells of a pool. For each it claims the
//! conversation's next run from the context service, lets the agent write, and sees to it that
//! what is written stands in the log before anyone is told of it. [`agents`] holds those that
//! come with Convene.
//!
//! The files follow a doorbell's way: `take` from the queue, `attend` to it, `run` the attempt
//! (`run/drive` is the loop), with the log at the `desk` and the audience at `publish`. Beside that
//! way stand `inbox` (where cancels come in), `sweep` (for doorbells that got lost) and `announce`.

/// The guide, whose examples are compiled as this crate's.
#[cfg(doctest)]
#[doc = include_str!("../../docs/agents.md")]
struct Guide;

#[cfg(doctest)]
#[doc = include_str!("../../docs/first-agent.md")]
struct FirstAgent;

pub mod agents;
mod announce;
mod attend;
mod desk;
mod health;
mod host;
mod inbox;
mod metrics;
mod options;
mod publish;
mod run;
mod sweep;
mod take;
mod worker;

pub use self::{
    host::{Host, HostError},
    options::Options,
    worker::Worker,
};
