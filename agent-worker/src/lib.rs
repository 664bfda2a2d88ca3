//! Takes doorbells, claims runs and hosts agents.

pub mod agents;
