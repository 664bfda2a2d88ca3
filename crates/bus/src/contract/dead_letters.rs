//! Listing, replaying and dropping dead letters.

use std::sync::Arc;

use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::clock::now_ms;

use super::harness::{
    Harness, PATIENCE, dead, doorbell, doorbell_with_command, next_rung, no_rung, pool, trace,
};
use crate::Bus;

/// Rings a doorbell and gives up on it.
async fn bury(bus: &Arc<dyn Bus>, pool: &Pool, doorbell: &Doorbell, reason: &str) {
    bus.ring(doorbell, &trace(1)).await.expect("rung");
    let mut doorbells = bus.doorbells(pool, 1).await.expect("doorbells");
    let rung = next_rung(&mut doorbells).await;
    rung.dead_letter(reason).await.expect("dead-lettered");
}

pub async fn dead_letters_are_listed_with_their_reasons_and_stay(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    let before = now_ms();
    let sent = doorbell_with_command(&pool, "c-1");
    bury(&bus, &pool, &sent, "the first reason").await;
    bury(&bus, &pool, &doorbell(&pool, "c-2"), "the second reason").await;
    let letters = dead(&bus, &pool, 2).await;
    assert_eq!(letters[0].doorbell, sent);
    assert_eq!(letters[0].reason, "the first reason");
    assert_eq!(letters[1].doorbell.conversation, "c-2");
    assert_eq!(letters[1].reason, "the second reason");
    assert!(
        letters
            .iter()
            .all(|letter| (before..=now_ms()).contains(&letter.died_at))
    );
    assert_ne!(letters[0].id, letters[1].id);
    for _ in 0..3 {
        let again = dead(&bus, &pool, 2).await;
        assert_eq!(again[0].id, letters[0].id);
        assert_eq!(again[1].id, letters[1].id);
        let oldest = bus.dead_letters(&pool, 1).await.expect("dead letters");
        assert_eq!(oldest.len(), 1);
        assert_eq!(oldest[0].id, letters[0].id);
        for letter in &letters {
            let found = bus
                .dead_letter(&pool, &letter.id)
                .await
                .expect("looked for");
            let found = found.expect("it is there");
            assert_eq!((&found.doorbell, &found.id), (&letter.doorbell, &letter.id));
        }
        let none = bus.dead_letter(&pool, "no such letter").await;
        assert!(none.expect("looked for").is_none());
    }
}

pub async fn a_dead_letter_is_dropped_once(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    for conversation in ["c-1", "c-2", "c-3"] {
        bury(&bus, &pool, &doorbell(&pool, conversation), "poison").await;
    }
    let letters = dead(&bus, &pool, 3).await;
    assert!(
        bus.drop_dead_letter(&pool, &letters[1].id)
            .await
            .expect("dropped")
    );
    let left = dead(&bus, &pool, 2).await;
    assert_eq!(left[0].doorbell.conversation, "c-1");
    assert_eq!(left[1].doorbell.conversation, "c-3");
    assert!(
        !bus.drop_dead_letter(&pool, &letters[1].id)
            .await
            .expect("looked for")
    );
    assert!(
        !bus.drop_dead_letter(&pool, "no such letter")
            .await
            .expect("looked for")
    );
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    no_rung(&mut doorbells).await;
}

pub async fn a_replayed_dead_letter_rings_again_and_says_so(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    let mut sent = doorbell_with_command(&pool, "c-1");
    bury(&bus, &pool, &sent, "poison").await;
    bury(&bus, &pool, &doorbell(&pool, "c-2"), "poison").await;
    let letters = dead(&bus, &pool, 2).await;
    for letter in &letters {
        assert!(bus.replay(&pool, &letter.id).await.expect("replayed"));
    }
    let mut doorbells = bus.doorbells(&pool, 10).await.expect("doorbells");
    let with_command = next_rung(&mut doorbells).await;
    let Some(command) = &mut sent.command else {
        panic!("it has one");
    };
    command.replay.clone_from(&letters[0].id);
    assert_eq!(with_command.doorbell, sent);
    assert_eq!(with_command.trace, trace(1));
    with_command.ack().await.expect("acked");
    let without = next_rung(&mut doorbells).await;
    assert_eq!(without.doorbell, doorbell(&pool, "c-2"));
    without.ack().await.expect("acked");
    dead(&bus, &pool, 0).await;
    assert!(!bus.replay(&pool, &letters[0].id).await.expect("looked for"));
    no_rung(&mut doorbells).await;
}

pub async fn dead_letters_outlive_whoever_buried_them(harness: Harness) {
    let pool = pool();
    let first = harness.bus().await;
    let sent = doorbell_with_command(&pool, "c-1");
    bury(&first, &pool, &sent, "poison").await;
    bury(&first, &pool, &doorbell(&pool, "c-2"), "poison, too").await;
    bury(&first, &pool, &doorbell(&pool, "c-3"), "dropped before").await;
    let before = dead(&first, &pool, 3).await;
    assert!(
        first
            .drop_dead_letter(&pool, &before[2].id)
            .await
            .expect("dropped")
    );
    first.close(PATIENCE).await;
    harness.restart();

    let second = harness.bus().await;
    let letters = dead(&second, &pool, 2).await;
    for (letter, before) in letters.iter().zip(&before) {
        assert_eq!(letter.id, before.id);
        assert_eq!(letter.doorbell, before.doorbell);
        assert_eq!(letter.reason, before.reason);
        assert_eq!(letter.died_at, before.died_at);
    }
    assert!(
        second
            .replay(&pool, &letters[0].id)
            .await
            .expect("replayed")
    );
    let mut doorbells = second.doorbells(&pool, 10).await.expect("doorbells");
    let rung = next_rung(&mut doorbells).await;
    assert_eq!(rung.doorbell.conversation, sent.conversation);
    assert_eq!(rung.trace, trace(1));
    rung.ack().await.expect("acked");

    second.close(PATIENCE).await;
    harness.restart();
    let left = dead(&harness.bus().await, &pool, 1).await;
    assert_eq!(left[0].id, letters[1].id);
}

pub async fn dead_letters_of_a_pool_that_never_was_are_none(harness: Harness) {
    let (bus, pool) = (harness.bus().await, pool());
    assert!(
        bus.dead_letters(&pool, 10)
            .await
            .expect("dead letters")
            .is_empty()
    );
    assert!(
        !bus.replay(&pool, "no such letter")
            .await
            .expect("looked for")
    );
    assert!(
        !bus.drop_dead_letter(&pool, "no such letter")
            .await
            .expect("looked for")
    );
}
