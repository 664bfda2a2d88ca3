//! Servers behind TLS; `faults.rs` has a whole cluster over it.

use std::time::{Duration, Instant};

use xtask::{
    ports,
    process::{Process, Scratch},
    rabbitmq::RabbitMq,
};

use crate::harness::{convene, identity, is_skipped};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_nobody_known_vouches_for_is_refused_and_the_reason_is_shown() {
    if is_skipped() {
        return;
    }
    let scratch = Scratch::new("convene-it").unwrap();
    let known = identity::make(&scratch.path().join("known"));
    let unknown = identity::make(&scratch.path().join("unknown"));
    let home = scratch.path().join("rabbitmq");
    let starting = tokio::task::spawn_blocking(move || RabbitMq::start_with_tls(&home, &unknown));
    let broker = starting.await.unwrap().unwrap();
    let admin = ports::free().unwrap();
    let mut worker = convene(scratch.path());
    worker
        .arg("agent-worker")
        .args(["--set", &format!("broker.url={}", broker.url())])
        .args([
            "--set",
            &format!("broker.ca_file={}", known.authority.display()),
        ])
        .args(["--set", &format!("admin.listen=127.0.0.1:{admin}")]);
    let log = scratch.path().join("log");
    let _worker = Process::start("worker", worker, &log, Duration::ZERO).unwrap();
    let began = Instant::now();
    while !std::fs::read_to_string(&log)
        .unwrap()
        .contains("invalid peer certificate")
    {
        let late = began.elapsed() > Duration::from_secs(60);
        assert!(!late, "{}", xtask::process::tail(&log, 20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!ports::is_ready(admin));
}
