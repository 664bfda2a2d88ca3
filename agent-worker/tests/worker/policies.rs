//! What becomes of a message that arrives while a run is under way.

use convene_proto::{
    error::ErrorCode,
    event::{EventBody, TurnPolicy},
};

use crate::{
    house::House,
    log::{answers, count, outcomes},
    room::Room,
};

async fn writes(room: &Room) {
    room.until("it writes", |log| {
        matches!(log.last(), Some(EventBody::MessageStarted { .. }))
    })
    .await;
}

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
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/stream 100 at 200").await;
    writes(&room).await;
    room.say_as("user:ada", "/echo one", TurnPolicy::Merge)
        .await;
    room.say_as("user:bob", "/echo two", TurnPolicy::Merge)
        .await;
    let log = room.finished(2).await;
    assert_eq!(
        answers(&log),
        [count(100), "**Ada:** one\n\n**Bob:** two".to_owned()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_interrupts_cuts_the_answer_short_and_is_answered_next() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/stream 10000 at 100").await;
    writes(&room).await;
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
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/stream 50 at 100").await;
    writes(&room).await;
    let refused = room
        .submit("user:bob", "/echo me too", TurnPolicy::Reject)
        .await;
    assert_eq!(refused.unwrap_err(), ErrorCode::Busy);
    room.finished(1).await;
    room.say_as("user:bob", "/echo me too", TurnPolicy::Reject)
        .await;
    assert_eq!(
        answers(&room.finished(2).await),
        [count(50), "me too".to_owned()]
    );
}
