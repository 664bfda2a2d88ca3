//! End to end: the built binary, as one process and as a cluster, through the doors that people
//! and operators use.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say so when something is wrong"
)]

mod access;
mod agents;
mod autobahn;
mod bench;
mod chat;
mod collector;
mod config;
mod contract;
mod crowd;
mod dead_letters;
mod document;
mod documents;
mod door;
mod encoder;
mod faults;
mod first_agent;
mod flow;
mod from_rasa;
#[expect(dead_code, unused_imports, reason = "other tests use more of it")]
#[path = "../harness/mod.rs"]
mod harness;
mod health;
mod invitations;
mod issuer;
mod listed;
mod local_encoder;
mod named;
mod nlu;
mod offers;
mod page;
mod people;
mod project;
mod readers;
mod refused;
mod replayed;
mod revoked;
mod rolling;
mod startup;
mod talk;
mod tls;
mod tokens;
mod traces;
mod unusable;
mod waiting;
mod zones;
