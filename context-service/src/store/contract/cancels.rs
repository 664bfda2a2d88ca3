//! Stopping a run, in each state that it can be in.

use std::time::Duration;

use convene_proto::{event::TurnPolicy::Merge, id::RunId};

use super::{Bench, fixture::*};
use crate::store::{Cancel, Cancelled, ClaimOutcome, Due, Effect, Error, Limits, Viewer};

pub async fn nothing_to_cancel_is_an_error(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    refused!(room.cancel(None).await, Error::NothingToCancel);
    room.remark("aside").await;
    refused!(
        room.cancel(Some(&RunId::random())).await,
        Error::NothingToCancel
    );
}

pub async fn a_run_under_way_learns_it_from_append_and_renew(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let draft = room.draft_claim();
    let claimed = claimed(room.store.claim(draft.clone()).await.unwrap());
    let before = room.head().await;
    let expected = Cancelled {
        run: Some(claimed.run.clone()),
        holder: Some(draft.holder),
    };
    assert_eq!(room.cancel(None).await.unwrap(), expected);
    assert_eq!(
        room.cancel(Some(&claimed.run)).await.unwrap(),
        expected,
        "again"
    );
    let service = Cancel {
        conversation: room.id.clone(),
        viewer: Viewer::Service,
        run: None,
    };
    assert_eq!(room.store.cancel(service).await.unwrap(), expected);
    assert_eq!(
        room.head().await,
        before,
        "the run's own writer says how it ended"
    );

    assert!(
        room.write(claimed.nonce, Effect::None)
            .await
            .unwrap()
            .cancel
    );
    assert!(
        room.store
            .renew(&room.id, claimed.nonce, LONG)
            .await
            .unwrap()
            .cancel
    );
    assert!(!room.finish(claimed.nonce).await.cancel);
    room.say("and").await;
    let next = room.release(claimed.nonce).await.unwrap().unwrap();
    assert!(!next.cancelled, "it was the other run that was cancelled");
}

pub async fn only_the_named_run_is_cancelled(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    refused!(
        room.cancel(Some(&RunId::random())).await,
        Error::NothingToCancel
    );
    let claimed = room.claim().await;
    assert!(!claimed.cancelled);
    refused!(
        room.cancel(Some(&RunId::random())).await,
        Error::NothingToCancel
    );
    assert!(
        !room
            .write(claimed.nonce, Effect::None)
            .await
            .unwrap()
            .cancel
    );
}

pub async fn an_input_that_waits_is_claimed_as_cancelled(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    room.say("and").await;
    let expected = Cancelled {
        run: None,
        holder: None,
    };
    assert_eq!(room.cancel(None).await.unwrap(), expected);
    assert_eq!(
        room.cancel(None).await.unwrap(),
        expected,
        "the same one again"
    );
    let first = room.claim().await;
    assert!(first.cancelled);
    assert_eq!(seqs(&first.inputs), [2]);
    room.finish(first.nonce).await;
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!((seqs(&second.inputs), second.cancelled), (vec![3], false));
}

pub async fn what_no_worker_has_is_due_at_once(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    assert_eq!(room.store.sweep(10).await.unwrap(), []);
    room.cancel(None).await.unwrap();
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: false,
    };
    assert_eq!(room.store.sweep(10).await.unwrap(), [due]);
    assert_eq!(room.store.sweep(10).await.unwrap(), [], "and once");

    // Whoever has the lease hears of it, and nobody else is needed.
    room.claim().await;
    room.cancel(None).await.unwrap();
    assert_eq!(room.store.sweep(10).await.unwrap(), []);
}

pub async fn what_comes_after_a_cancelled_input_does_not_share_its_fate(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say_under(Merge, "one").await;
    room.say_under(Merge, "two").await;
    room.cancel(None).await.unwrap();
    room.say_under(Merge, "three").await;
    let first = room.claim().await;
    assert_eq!((seqs(&first.inputs), first.cancelled), (vec![2, 3], true));
    room.finish(first.nonce).await;
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!((seqs(&second.inputs), second.cancelled), (vec![4], false));
}

pub async fn a_run_in_backoff_is_cancelled_at_once(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let delay = Duration::from_secs(60);
    room.write(first.nonce, Effect::Retry(delay)).await.unwrap();
    assert!(matches!(room.try_claim().await, ClaimOutcome::Backoff(_)));
    let expected = Cancelled {
        run: Some(first.run.clone()),
        holder: None,
    };
    assert_eq!(room.cancel(Some(&first.run)).await.unwrap(), expected);
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: false,
    };
    assert_eq!(
        room.store.sweep(10).await.unwrap(),
        [due],
        "its doorbell is far away"
    );
    let second = room.claim().await;
    assert_eq!((second.run, second.cancelled), (first.run, true));
}

pub async fn a_run_whose_worker_died_is_claimed_as_cancelled(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim_for(Duration::from_millis(1)).await;
    tick().await;
    let expected = Cancelled {
        run: Some(first.run.clone()),
        holder: None,
    };
    assert_eq!(room.cancel(None).await.unwrap(), expected);
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: false,
    };
    assert_eq!(room.store.sweep(10).await.unwrap(), [due]);
    let second = room.claim().await;
    assert_eq!((second.run, second.cancelled), (first.run, true));
}

pub async fn a_finished_run_cannot_be_cancelled(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let claimed = room.claim().await;
    room.finish(claimed.nonce).await;
    refused!(room.cancel(None).await, Error::NothingToCancel);
    refused!(
        room.cancel(Some(&claimed.run)).await,
        Error::NothingToCancel
    );
    room.release(claimed.nonce).await.unwrap();
    refused!(room.cancel(None).await, Error::NothingToCancel);
}
