//! Ringing, taking and settling doorbells.

use std::{collections::BTreeSet, time::Duration};

use convene_runtime::trace::TraceContext;
use tokio::time::{Instant, timeout};

use super::harness::{
    Harness, PATIENCE, dead, doorbell, doorbell_with_command, next_rung, no_rung, pool, soon, trace,
};
use crate::DELIVERY_LIMIT;

pub async fn a_doorbell_is_taken_with_its_trace_and_gone_once_acked(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    let sent = doorbell_with_command(&pool, "c-1");
    bus.ring(&sent, &trace(1)).await.expect("rung");
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    let rung = next_rung(&mut doorbells).await;
    assert_eq!(rung.doorbell, sent);
    assert_eq!(rung.trace, trace(1));
    assert!(!rung.redelivered);
    rung.ack().await.expect("acked");
    bus.close(PATIENCE).await;
    let other = harness.bus().await;
    let mut doorbells = other.doorbells(&pool, 10).await.expect("doorbells");
    no_rung(&mut doorbells).await;
}

pub async fn a_doorbell_dropped_unsettled_comes_again(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    bus.ring(&doorbell(&pool, "c-1"), &trace(1))
        .await
        .expect("rung");
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    drop(next_rung(&mut doorbells).await);
    let again = next_rung(&mut doorbells).await;
    assert_eq!(again.doorbell.conversation, "c-1");
    assert_eq!(again.trace, trace(1));
    assert!(again.redelivered);
    again.ack().await.expect("acked");
    no_rung(&mut doorbells).await;
}

pub async fn a_requeued_doorbell_comes_again(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    bus.ring(&doorbell(&pool, "c-1"), &trace(1))
        .await
        .expect("rung");
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    next_rung(&mut doorbells)
        .await
        .requeue()
        .await
        .expect("requeued");
    let again = next_rung(&mut doorbells).await;
    assert_eq!(again.doorbell.conversation, "c-1");
    assert!(again.redelivered);
    again.ack().await.expect("acked");
}

pub async fn a_doorbell_comes_again_when_its_holders_connection_ends(harness: Harness) {
    let (dying, living, pool) = (harness.bus().await, harness.bus().await, pool());
    for conversation in ["c-1", "c-2"] {
        let doorbell = doorbell(&pool, conversation);
        living
            .ring(&doorbell, &TraceContext::default())
            .await
            .expect("rung");
    }
    let mut taken = dying.doorbells(&pool, 10).await.expect("doorbells");
    let held = [next_rung(&mut taken).await, next_rung(&mut taken).await];
    dying.close(PATIENCE).await;
    let mut doorbells = living.doorbells(&pool, 10).await.expect("doorbells");
    let mut again = BTreeSet::new();
    for _ in &held {
        let rung = next_rung(&mut doorbells).await;
        assert!(rung.redelivered);
        again.insert(rung.doorbell.conversation.clone());
        rung.ack().await.expect("acked");
    }
    assert_eq!(again, BTreeSet::from(["c-1".to_owned(), "c-2".to_owned()]));
    drop(held);
    no_rung(&mut doorbells).await;
}

pub async fn doorbells_that_nobody_took_are_free_when_the_taker_goes(harness: Harness) {
    let (draining, other, pool) = (harness.bus().await, harness.bus().await, pool());
    for number in 0..5 {
        let doorbell = doorbell(&pool, &format!("c-{number}"));
        other
            .ring(&doorbell, &TraceContext::default())
            .await
            .expect("rung");
    }
    let mut taken = draining.doorbells(&pool, 5).await.expect("doorbells");
    let held = next_rung(&mut taken).await;
    drop(taken);
    let mut doorbells = other.doorbells(&pool, 10).await.expect("doorbells");
    let mut seen = BTreeSet::new();
    while seen.len() < 4 {
        let rung = next_rung(&mut doorbells).await;
        seen.insert(rung.doorbell.conversation.clone());
        rung.ack().await.expect("acked");
    }
    // The one in hand is still held, although its stream is gone.
    assert!(!seen.contains(&held.doorbell.conversation));
    no_rung(&mut doorbells).await;
    held.ack().await.expect("acked");
    no_rung(&mut doorbells).await;
}

pub async fn no_more_than_the_prefetch_is_out_unsettled(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    for number in 0..3 {
        let doorbell = doorbell(&pool, &format!("c-{number}"));
        bus.ring(&doorbell, &TraceContext::default())
            .await
            .expect("rung");
    }
    let mut doorbells = bus.doorbells(&pool, 2).await.expect("doorbells");
    let first = next_rung(&mut doorbells).await;
    let second = next_rung(&mut doorbells).await;
    no_rung(&mut doorbells).await;
    first.ack().await.expect("acked");
    let third = next_rung(&mut doorbells).await;
    assert_eq!(third.doorbell.conversation, "c-2");
    second.ack().await.expect("acked");
    third.ack().await.expect("acked");
}

pub async fn takers_share_the_doorbells(harness: Harness) {
    const DOORBELLS: usize = 40;
    let (one, two, pool) = (harness.bus().await, harness.bus().await, pool());
    let mut left = one.doorbells(&pool, 1).await.expect("doorbells");
    let mut right = two.doorbells(&pool, 1).await.expect("doorbells");
    // Both are there before the first doorbell is.
    let ready = Duration::from_millis(300);
    for doorbells in [&mut left, &mut right] {
        assert!(timeout(ready, doorbells.next()).await.is_err());
    }
    for number in 0..DOORBELLS {
        let doorbell = doorbell(&pool, &format!("c-{number}"));
        one.ring(&doorbell, &TraceContext::default())
            .await
            .expect("rung");
    }
    let (mut seen, mut shares) = (BTreeSet::new(), [0, 0]);
    soon("all doorbells", async {
        while seen.len() < DOORBELLS {
            let (taker, rung) = tokio::select! {
                rung = left.next() => (0, rung),
                rung = right.next() => (1, rung),
            };
            let rung = rung.expect("the bus is open");
            assert!(
                seen.insert(rung.doorbell.conversation.clone()),
                "taken twice"
            );
            shares[taker] += 1;
            rung.ack().await.expect("acked");
        }
    })
    .await;
    assert!(
        shares.iter().all(|share| *share >= DOORBELLS / 8),
        "{shares:?}"
    );
}

pub async fn a_retry_comes_no_sooner_than_its_delay_and_with_its_trace(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    let sent = doorbell_with_command(&pool, "c-1");
    bus.ring(&sent, &trace(1)).await.expect("rung");
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    let rung = next_rung(&mut doorbells).await;
    let begun = Instant::now();
    rung.retry_later(harness.delay).await.expect("put off");
    let again = next_rung(&mut doorbells).await;
    let took = begun.elapsed();
    assert!(took >= harness.delay, "back after {took:?}");
    assert_eq!(again.doorbell, sent);
    assert_eq!(again.trace, trace(1));
    assert!(!again.redelivered, "nobody died with it");
    again.ack().await.expect("acked");
    no_rung(&mut doorbells).await;
}

pub async fn what_is_kept_comes_again_as_redelivered_and_its_deliveries_begin_anew(
    harness: Harness,
) {
    let (bus, pool) = (harness.bus().await, pool());
    let sent = doorbell_with_command(&pool, "c-1");
    bus.ring(&sent, &trace(1)).await.expect("rung");
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    let fresh = next_rung(&mut doorbells).await;
    assert!(!fresh.redelivered);
    fresh.keep(harness.delay).await.expect("kept");
    // Twice as many as one delivery after the other could fail.
    for _ in 0..2 {
        for _ in 0..DELIVERY_LIMIT {
            drop(next_rung(&mut doorbells).await);
        }
        let kept = next_rung(&mut doorbells).await;
        kept.keep(Duration::ZERO).await.expect("kept");
    }
    let again = next_rung(&mut doorbells).await;
    assert!(again.redelivered);
    assert_eq!((&again.doorbell, &again.trace), (&sent, &trace(1)));
    again.retry_later(harness.delay).await.expect("put off");
    let new = next_rung(&mut doorbells).await;
    assert!(!new.redelivered, "that makes it a new one");
    new.ack().await.expect("acked");
    no_rung(&mut doorbells).await;
}

pub async fn pools_are_separate(harness: Harness) {
    let (bus, one, two) = (harness.bus().await, pool(), pool());
    bus.ring(&doorbell(&one, "c-1"), &TraceContext::default())
        .await
        .expect("rung");
    let mut of_two = bus.doorbells(&two, 10).await.expect("doorbells");
    no_rung(&mut of_two).await;
    let mut of_one = bus.doorbells(&one, 10).await.expect("doorbells");
    let rung = next_rung(&mut of_one).await;
    rung.dead_letter("poison").await.expect("dead-lettered");
    assert_eq!(dead(&bus, &one, 1).await.len(), 1);
    assert!(
        bus.dead_letters(&two, 10)
            .await
            .expect("dead letters")
            .is_empty()
    );
}

pub async fn a_doorbell_that_kills_its_takers_ends_among_the_dead(harness: Harness) {
    if !harness.limits_deliveries {
        return;
    }
    let (bus, pool) = (harness.bus().await, pool());
    let sent = doorbell_with_command(&pool, "c-1");
    bus.ring(&sent, &trace(1)).await.expect("rung");
    let mut doorbells = bus.doorbells(&pool, 1).await.expect("doorbells");
    for _ in 0..=DELIVERY_LIMIT {
        drop(next_rung(&mut doorbells).await);
    }
    let letters = dead(&bus, &pool, 1).await;
    assert_eq!(letters[0].doorbell, sent);
    assert!(
        letters[0].reason.contains("delivered too often"),
        "{}",
        letters[0].reason
    );
    assert!(letters[0].died_at > 0);
    no_rung(&mut doorbells).await;
}
