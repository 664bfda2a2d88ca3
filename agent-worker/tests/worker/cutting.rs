//! The way to the log breaks: short of a lease's time, a run notices nothing.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use convene_agent::Agents;
use convene_agent_worker::{Options, agents::guide::Guide};
use convene_proto::context::{ClaimReply, ReleaseReply, claim_reply::Outcome, work_reply::Reply};
use tokio::time::sleep;

use crate::{
    actors::{Dropped, stuck_after},
    house::{House, PATIENCE, endless, name, quick},
    log::{answers, attempts, count, kinds, outcomes},
};

/// With a lease that outlives the time in which a dead connection is found out.
fn patient() -> Options {
    Options {
        lease_ttl_ms: 6_000,
        ..quick()
    }
}

fn guide() -> Agents {
    Agents::new().with(name(), Guide::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_again_and_again_costs_a_run_nothing() {
    let house = House::new();
    let wire = house.wire().await;
    let _worker = house.worker_over(wire.client(), patient(), guide());
    let room = house.conversation().await;
    let mut listener = room.listen().await;
    room.say("/stream 300 at 300").await;
    let cutting = async {
        loop {
            sleep(Duration::from_millis(100)).await;
            wire.cut();
        }
    };
    tokio::select! {
        _ = listener.run() => {}
        () = cutting => {}
    }
    let log = room.finished(1).await;
    assert_eq!(answers(&log), [count(300)]);
    assert_eq!(
        kinds(&log),
        [
            "message.created",
            "run.started",
            "message.started",
            "message.completed",
            "run.finished"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_falls_silent_is_given_up_for_another() {
    let house = House::new();
    let wire = house.wire().await;
    let _worker = house.worker_over(wire.client(), patient(), guide());
    let room = house.conversation().await;
    room.say("/stream 200 at 200").await;
    room.writes().await;
    wire.freeze();
    let log = room.finished(1).await;
    assert_eq!(answers(&log), [count(200)]);
    assert!(!kinds(&log).contains(&"message.retracted".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_cut_off_leaves_its_runs_to_others_and_is_not_ready() {
    let house = House::new();
    let wire = house.wire().await;
    let dropped = Dropped::default();
    let cut_off = house.worker_over(
        wire.client(),
        quick(),
        stuck_after("half", &dropped).alone(),
    );
    let room = house.conversation().await;
    room.say("/echo whole").await;
    room.writes().await;
    let _other = house.guide();
    wire.bar();
    let log = room.finished(1).await;
    assert_eq!(answers(&log), ["whole"]);
    assert_eq!(outcomes(&log), ["completed"]);
    let stopped = async {
        while !dropped.is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let stopped = tokio::time::timeout(PATIENCE, stopped).await;
    assert!(stopped.is_ok(), "the agent goes on in vain");
    let faults = cut_off.worker.faults().join("; ");
    assert!(faults.contains("work stream"), "{faults}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_answer_is_lost_is_answered_again() {
    let house = House::new();
    let (context, lost) = house.forgetful(|reply| {
        matches!(
            reply,
            Reply::Claim(ClaimReply {
                outcome: Some(Outcome::Claimed(_))
            })
        )
    });
    let _worker = house.worker_over(context, endless(), guide());
    let room = house.conversation().await;
    room.say("/echo at once").await;
    let log = room.finished(1).await;
    assert!(lost.load(SeqCst));
    assert_eq!(answers(&log), ["at once"]);
    assert_eq!(attempts(&log), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_whose_answer_is_lost_brings_the_same_next_run() {
    let house = House::new();
    let (context, lost) =
        house.forgetful(|reply| matches!(reply, Reply::Release(ReleaseReply { next: Some(_) })));
    let _worker = house.worker_over(context, endless(), guide());
    let room = house.conversation().await;
    room.say("/stream 50 at 100").await;
    room.say("/echo next").await;
    let log = room.finished(2).await;
    assert!(lost.load(SeqCst));
    assert_eq!(answers(&log), [count(50), "next".to_owned()]);
    assert_eq!(outcomes(&log), ["completed", "completed"]);
    assert_eq!(attempts(&log), [1, 1]);
}
