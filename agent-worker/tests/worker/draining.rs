//! SIGTERM loses nothing and repeats nothing.

use std::sync::Arc;

use convene_agent::Agents;
use convene_agent_worker::{Options, agents::guide::Guide};

use crate::{
    actors::{Dropped, held_by, stuck_after},
    house::{House, endless, name, quick},
    log::{answers, attempts, count, kinds, outcomes},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_worker_ends_its_runs_and_leaves_what_waits_to_others() {
    let house = House::new();
    let gate = Arc::default();
    let worker = house.worker(endless(), held_by(&gate).alone());
    let room = house.conversation().await;
    room.say("hold").await;
    room.say("/echo the next").await;
    room.writes().await;
    worker.begin_to_drain().await;
    gate.notify_one();
    worker.drain().await;
    let log = room.log().await;
    assert_eq!(
        answers(&log),
        ["held"],
        "the run under way is finished, and nothing begun"
    );

    let _other = house.guide();
    let log = room.finished(2).await;
    assert_eq!(answers(&log), ["held", "the next"]);
    assert_eq!(outcomes(&log), ["completed", "completed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_is_taken_back_and_left_to_another_without_counting() {
    let house = House::new();
    let dropped = Dropped::default();
    let options = Options {
        drain_deadline_ms: 100,
        ..quick()
    };
    let worker = house.worker(options, stuck_after("half", &dropped).alone());
    let room = house.conversation().await;
    room.say("/echo whole").await;
    room.writes().await;
    worker.drain().await;
    assert!(dropped.is_so());
    let log = room.log().await;
    assert_eq!(kinds(&log).last().unwrap(), "message.retracted");

    let _other = house.worker(quick(), Agents::new().with(name(), Guide::new()));
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["whole"]);
    // A lease that had been left to run out would have cost one.
    assert_eq!(attempts(&log), [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_comes_and_goes_under_load_loses_and_repeats_nothing() {
    let house = House::new();
    let mut rooms = Vec::new();
    for _ in 0..12 {
        let room = house.conversation().await;
        for number in 1..=4 {
            room.say(&format!("/stream {} at 200", number * 10)).await;
        }
        rooms.push(room);
    }
    let impatient = || {
        let options = Options {
            drain_deadline_ms: 50,
            ..quick()
        };
        house.worker(options, Agents::new().with(name(), Guide::new()))
    };
    for round in 1..=4 {
        let worker = impatient();
        rooms[0]
            .until("something happens", |log| kinds(log).len() >= 4 + round)
            .await;
        worker.drain().await;
    }
    let _last = house.guide();
    for room in &rooms {
        let log = room.finished(4).await;
        assert_eq!(answers(&log), [count(10), count(20), count(30), count(40)]);
        assert_eq!(outcomes(&log), ["completed"; 4]);
    }
}
