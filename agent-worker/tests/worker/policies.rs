//! What becomes of a message that arrives while a run is under way.

use std::sync::Arc;

use convene_proto::{error::ErrorCode, event::TurnPolicy};

use crate::{
    actors::held_by,
    house::{House, endless},
    log::{answers, count, outcomes},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enqueued_is_answered_in_order_one_by_one() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/stream 100 at 200").await;
    for number in 1..=5 {
        room.say(&format!("/echo {number}")).await;
    }
    let log = room.finished(6).await;
    let mut expected = vec![count(100)];
    expected.extend((1..=5).map(|number| number.to_string()));
    assert_eq!(answers(&log), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_merges_is_answered_together() {
    let house = House::new();
    let gate = Arc::default();
    let _worker = house.worker(endless(), held_by(&gate).alone());
    let room = house.conversation().await;
    room.say("hold").await;
    room.writes().await;
    room.say_as("user:ada", "/echo one", TurnPolicy::Merge)
        .await;
    room.say_as("user:bob", "/echo two", TurnPolicy::Merge)
        .await;
    gate.notify_one();
    let log = room.finished(2).await;
    assert_eq!(answers(&log), ["held", "**Ada:** one\n\n**Bob:** two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_interrupts_cuts_the_answer_short_and_is_answered_next() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/stream 10000 at 100").await;
    room.writes().await;
    room.say_as("user:bob", "/echo stop it", TurnPolicy::Interrupt)
        .await;
    let log = room.finished(2).await;
    assert_eq!(outcomes(&log), ["cancelled", "completed"]);
    let answers = answers(&log);
    assert!(count(10_000).starts_with(&answers[0]) && answers[0].len() < 5_000);
    assert_eq!(answers[1], "stop it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_in_the_way_is_rejected_until_the_run_is_over() {
    let house = House::new();
    let gate = Arc::default();
    let _worker = house.worker(endless(), held_by(&gate).alone());
    let room = house.conversation().await;
    room.say("hold").await;
    room.writes().await;
    let refused = room
        .submit("user:bob", "/echo me too", TurnPolicy::Reject)
        .await;
    assert_eq!(refused.unwrap_err(), ErrorCode::Busy);
    gate.notify_one();
    room.finished(1).await;
    room.say_as("user:bob", "/echo me too", TurnPolicy::Reject)
        .await;
    assert_eq!(answers(&room.finished(2).await), ["held", "me too"]);
}
