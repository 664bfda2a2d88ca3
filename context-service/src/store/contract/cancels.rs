//! Stopping a run, in each state that it can be in.

use std::time::Duration;

use convene_proto::{event::TurnPolicy::Merge, id::RunId};

use super::{Bench, fixture::*};
use crate::store::{Append, Cancel, Cancelled, ClaimOutcome, Due, Effect, Error, Limits, Viewer};

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

/// What ends a run otherwise than as cancelled.
fn end(room: &Room, nonce: convene_proto::position::Nonce) -> Append {
    Append {
        entries: vec![(entry("its end"), Effect::Finish)],
        unless_cancelled: true,
        ..room.draft_append(nonce)
    }
}

pub async fn a_stopped_run_ends_as_cancelled_alone(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let claimed = room.claim().await;
    let message = room.start(claimed.nonce, "half").await;
    room.cancel(None).await.unwrap();
    let head = room.head().await;
    refused!(
        room.append(end(&room, claimed.nonce)).await,
        Error::Cancelled
    );
    let retry = Append {
        entries: vec![(entry("again"), Effect::Retry(LONG))],
        unless_cancelled: true,
        ..room.draft_append(claimed.nonce)
    };
    refused!(room.append(retry).await, Error::Cancelled);
    assert_eq!(room.head().await, head, "nothing of it was written");
    assert!(room.streams(&message).await);

    // The number of the write was not used up, and what was said is kept.
    let complete = Effect::Complete(message);
    let last = Append {
        entries: vec![
            (entry("half"), complete),
            (entry("cancelled"), Effect::Finish),
        ],
        ..room.draft_append(claimed.nonce)
    };
    assert!(!room.append(last.clone()).await.unwrap().cancel);
    let late = Append {
        step: last.step,
        ..end(&room, claimed.nonce)
    };
    room.append(late).await.unwrap();
    assert_eq!(
        room.head().await.0,
        head.0 + 2,
        "its kept twin writes nothing"
    );
    assert!(room.release(claimed.nonce).await.unwrap().is_none());
}

pub async fn an_end_that_was_written_before_the_cancel_stands(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let done = end(&room, first.nonce);
    room.append(done.clone()).await.unwrap();
    refused!(room.cancel(None).await, Error::NothingToCancel);
    room.say("and").await;
    room.cancel(None).await.unwrap();
    let again = room.append(done.clone()).await.unwrap();
    assert_eq!(again.entries[0].eid, done.entries[0].0.eid, "it is known");
    let second = room.release(first.nonce).await.unwrap().unwrap();
    assert!(second.cancelled);
    refused!(
        room.append(end(&room, second.nonce)).await,
        Error::Cancelled
    );
    room.finish(second.nonce).await;
}
