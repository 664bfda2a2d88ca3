//! The bus over a real RabbitMQ: the contract, with both kinds of queues, and what only a broker
//! between processes can do: go away, freeze, refuse, and lose its queues.
//!
//! `CONVENE_TEST_AMQP` says where it is; `cargo xtask test` starts one.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the lints know tests, but not what tests share"
)]

mod broker;
mod contract;
mod dead_letters;
mod faults;
mod proxy;
mod startup;
mod topology;
