//! A lease under a store that fails.

use std::{future::poll_fn, pin::pin, sync::atomic::Ordering::SeqCst, task::Poll, time::Duration};

use convene_bus::local::LocalBroker;
use convene_proto::context::Claimed;
use convene_runtime::Tasks;
use tokio::time::{Instant, advance, sleep};

use super::Lease;
use crate::{desk::Desk, metrics::Metrics, publish::Publisher};

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_at_once_is_not_asked_without_a_pause() {
    let tasks = Tasks::new();
    let bus = LocalBroker::new(&tasks).connect();
    let publisher = Publisher::start(bus, Metrics::new(), &tasks);
    let (desk, asked) = Desk::failing(&tasks);
    let ttl = Duration::from_secs(10);
    let mut lease = Lease::new(desk, publisher, &Claimed::default(), ttl, Instant::now());
    advance(ttl / 2).await;
    let mut second = pin!(sleep(Duration::from_secs(1)));
    // Without a pause the clock of this test would stand still.
    let work = poll_fn(|cx| match asked.load(SeqCst) {
        0..=5 => second.as_mut().poll(cx),
        _ => Poll::Ready(()),
    });
    assert_eq!(lease.held_during(work).await, Ok(()));
    let asked = asked.load(SeqCst);
    assert!((1..=5).contains(&asked), "{asked}");
}
