//! Whoever presses stop stops it: the words stay, the agent goes.

use std::sync::Arc;

use convene_agent::Error;
use convene_proto::event::EventBody;
use tokio::sync::Notify;

use crate::{
    actors::{Actor, Dropped, stuck_after},
    house::{House, OwnWorker, endless, quick},
    log::{answers, attempts, kinds, outcomes},
    room::Room,
};

/// A run of which half an answer is written, and no more will be.
async fn in_mid_answer(house: &House, dropped: &Dropped) -> (OwnWorker, Room) {
    let worker = house.worker(quick(), stuck_after("half an answer", dropped).alone());
    let room = house.conversation().await;
    room.say("go").await;
    room.writes().await;
    (worker, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_keeps_the_text_drops_the_agent_and_is_no_failure() {
    let house = House::new();
    let dropped = Dropped::default();
    let (_worker, room) = in_mid_answer(&house, &dropped).await;
    assert!(!dropped.is_so());
    room.cancel().await;
    let log = room.finished(1).await;
    assert!(dropped.is_so(), "the agent is gone before the log says so");
    assert_eq!(outcomes(&log), ["cancelled"]);
    let completed = log.iter().find_map(|body| match body {
        EventBody::MessageCompleted { message, whole, .. } => Some((message, *whole)),
        _ => None,
    });
    let (message, whole) = completed.unwrap();
    assert_eq!((message.text().as_str(), whole), ("half an answer", false));
    assert_eq!(message.author.to_string(), "agent:guide");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_of_which_no_letter_comes_is_found_when_the_lease_is_renewed() {
    let house = House::new();
    let dropped = Dropped::default();
    let (_worker, room) = in_mid_answer(&house, &dropped).await;
    room.cancel_unheard().await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["cancelled"]);
    assert_eq!(attempts(&log), [1], "it was the same worker");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_before_it_began_never_begins() {
    let house = House::new();
    let room = house.conversation().await;
    room.say("/echo never").await;
    room.cancel().await;
    room.say("/echo but this").await;
    let _worker = house.guide();
    let log = room.finished(2).await;
    assert_eq!(outcomes(&log), ["cancelled", "completed"]);
    assert_eq!(answers(&log), ["but this"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_ends_the_wait_for_the_next_attempt() {
    let house = House::new();
    let options = convene_agent_worker::Options {
        retry_base_ms: 2_000,
        retry_max_ms: 2_000,
        ..quick()
    };
    let guide = convene_agent_worker::agents::guide::Guide::new();
    let agents = convene_agent::Agents::new().with(crate::house::name(), guide);
    let _worker = house.worker(options, agents);
    let room = house.conversation().await;
    room.say("/poison").await;
    room.until("it waits", |log| {
        matches!(log.last(), Some(EventBody::RunRetrying { .. }))
    })
    .await;
    room.cancel().await;
    let log = room.finished(1).await;
    assert_eq!(outcomes(&log), ["cancelled"]);
    assert!(kinds(&log).contains(&"message.retracted".to_owned()));
}

/// Of a run that is about to end in this way somebody is told that it is stopped, and nobody else is.
async fn stopped_before(end: Result<(), Error>) -> Vec<EventBody> {
    let house = House::new();
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let agent = Actor::new(move |run| {
        let (gate, end) = (gate.clone(), end.clone());
        Box::pin(async move {
            run.write("half an answer").await?;
            gate.notified().await;
            end
        })
    });
    let _worker = house.worker(endless(), agent.alone());
    let room = house.conversation().await;
    room.say("go").await;
    room.writes().await;
    room.cancel_unheard().await;
    opened.notify_one();
    room.finished(1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_that_was_accepted_ends_the_run_as_cancelled_though_its_last_word_is_under_way() {
    let log = stopped_before(Ok(())).await;
    assert_eq!(outcomes(&log), ["cancelled"]);
    assert_eq!(answers(&log), ["half an answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_behind_its_cancel_keeps_what_it_said() {
    for error in [
        Error::permanent("broken", "It broke"),
        Error::transient("away", "It is away"),
    ] {
        let log = stopped_before(Err(error)).await;
        assert_eq!(outcomes(&log), ["cancelled"]);
        assert_eq!(answers(&log), ["half an answer"]);
        assert_eq!(attempts(&log), [1]);
    }
}
