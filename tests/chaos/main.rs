//! Chaos: people talk over a cluster while a seeded schedule of faults strikes it; afterwards what
//! they said and saw is held against the logs. `cargo xtask chaos` runs as many seeds as asked;
//! docs/chaos.md says more.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say so when something is wrong"
)]

mod cluster;
mod desk;
mod ended;
mod faults;
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "other tests use more of it"
)]
#[path = "../harness/mod.rs"]
mod harness;
mod lies;
mod orders;
mod people;
mod plan;
mod proxy;
mod seed;
mod tail;
mod teller;
mod trace;

use self::{cluster::Cluster, orders::Orders, plan::Audits};

/// Runs the seeds that the environment asks for; by default few enough for CI.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_promise_is_kept_whatever_fails() {
    if harness::is_skipped() {
        return;
    }
    let orders = Orders::from_environment();
    let mut cluster: Option<Cluster> = None;
    let mut broken = Vec::new();
    for seed in orders.seeds() {
        let audits = Audits::of(seed);
        let standing = match cluster.take().filter(|one| one.audits == audits) {
            Some(standing) => standing,
            None => Cluster::start(audits, orders.settings()).await,
        };
        let (standing, verdict) = Box::pin(seed::run(standing, &orders, seed)).await;
        println!("{verdict}");
        if verdict.broken.is_empty() {
            cluster = Some(standing);
        } else {
            println!("{}", verdict.details());
            broken.extend(verdict.broken);
            if orders.expects().is_some() {
                break;
            }
        }
    }
    match orders.expects() {
        None => assert!(broken.is_empty(), "{} promises were broken", broken.len()),
        Some(invariant) => assert!(
            broken.iter().any(|broken| broken.invariant == invariant),
            "nobody broke {invariant}, but {broken:?}"
        ),
    }
}
