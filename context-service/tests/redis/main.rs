//! The Redis store against real servers: the contract, on a single server and on a cluster, and
//! what only this adapter has to prove.
//!
//! `cargo xtask test` starts the servers and names them in `CONVENE_TEST_REDIS` and
//! `CONVENE_TEST_REDIS_CLUSTER`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "these are tests, and what they share"
)]

mod bench;
mod due;
mod faults;
mod keeping;
mod room;
mod server;

/// The contract on a single server.
mod single {
    use convene_context_service::store::contract::Bench;

    convene_context_service::store_contract!(bench);

    async fn bench() -> Option<Box<dyn Bench>> {
        crate::bench::single()
    }
}

/// The contract on a cluster.
mod cluster {
    use convene_context_service::store::contract::Bench;

    convene_context_service::store_contract!(bench);

    async fn bench() -> Option<Box<dyn Bench>> {
        crate::bench::cluster()
    }
}
