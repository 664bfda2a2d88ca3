//! Answering, and closing.

use convene_runtime::trace::TraceContext;

use super::harness::{
    Harness, PATIENCE, dead, doorbell, letter, next_rung, no_rung, opened, pool, soon, trace,
};
use crate::Error;

pub async fn a_closed_bus_says_so(harness: Harness) {
    let (bus, other, pool) = (harness.bus().await, harness.bus().await, pool());
    bus.ping().await.expect("an answer");
    let mut letters = other.open_inbox("there").await.expect("an inbox");
    let name = opened(&mut letters).await;
    bus.close(PATIENCE).await;
    let trace = TraceContext::default();
    let refusals = [
        bus.ping().await.err(),
        bus.ring(&doorbell(&pool, "c-1"), &trace).await.err(),
        bus.send(&[name], &letter(1), &trace).await.err(),
        bus.doorbells(&pool, 1).await.err(),
        bus.open_inbox("late").await.err(),
        bus.dead_letters(&pool, 1).await.err(),
        bus.replay(&pool, "x").await.err(),
        bus.drop_dead_letter(&pool, "x").await.err(),
    ];
    for (index, refusal) in refusals.iter().enumerate() {
        assert!(
            matches!(refusal, Some(Error::Closed)),
            "{index}: {refusal:?}"
        );
    }
    other.ping().await.expect("the others stay open");
    bus.close(PATIENCE).await;
}

pub async fn closing_ends_what_waits(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    let mut doorbells = bus.doorbells(&pool, 1).await.expect("doorbells");
    let mut letters = bus.open_inbox("there").await.expect("an inbox");
    opened(&mut letters).await;
    let mut subscribed = doorbells.subscribed();
    soon("a place in the queue", async {
        tokio::select! {
            rung = doorbells.next() => panic!("there should be no doorbell: {rung:?}"),
            is_so = subscribed.wait_for(|is_so| *is_so) => drop(is_so.expect("they live")),
        }
    })
    .await;
    no_rung(&mut doorbells).await;
    soon("the end", async {
        tokio::join!(bus.close(PATIENCE), async {
            assert!(doorbells.next().await.is_none());
            assert!(letters.next().await.is_none());
        })
    })
    .await;
    assert!(doorbells.next().await.is_none());
    assert!(letters.next().await.is_none());
    assert!(!*subscribed.borrow(), "none can come any more");
}

pub async fn settling_after_the_connection_ended_does_nothing(harness: Harness) {
    let (dying, living, pool) = (harness.bus().await, harness.bus().await, pool());
    for conversation in ["c-1", "c-2", "c-3", "c-4"] {
        living
            .ring(&doorbell(&pool, conversation), &trace(1))
            .await
            .expect("rung");
    }
    let mut taken = dying.doorbells(&pool, 10).await.expect("doorbells");
    let acked = next_rung(&mut taken).await;
    let requeued = next_rung(&mut taken).await;
    let retried = next_rung(&mut taken).await;
    let buried = next_rung(&mut taken).await;
    dying.close(PATIENCE).await;
    acked.ack().await.expect("nothing");
    requeued.requeue().await.expect("nothing");
    assert!(matches!(
        retried.retry_later(harness.delay).await,
        Err(Error::Closed)
    ));
    assert!(matches!(
        buried.dead_letter("late").await,
        Err(Error::Closed)
    ));
    let mut doorbells = living.doorbells(&pool, 10).await.expect("doorbells");
    for _ in 0..4 {
        next_rung(&mut doorbells).await.ack().await.expect("acked");
    }
    no_rung(&mut doorbells).await;
    dead(&living, &pool, 0).await;
}
