//! Giving the lease back, or going on with what waits.

use convene_proto::id::RunId;

use super::{Bench, fixture::*};
use crate::store::{Append, ClaimOutcome, Effect, Error, Limits, Recent, Release};

pub async fn an_empty_mailbox_gives_the_lease_back(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    room.finish(first.nonce).await;
    assert!(room.release(first.nonce).await.unwrap().is_none());
    refused!(room.write(first.nonce, Effect::None).await, Error::Fenced);
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    room.say("again").await;
    let second = room.claim().await;
    assert_ne!(second.run, first.run);
    assert_eq!(second.attempt, 1);
}

pub async fn what_waits_is_claimed_under_the_same_lease(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let waiting = room.say("and").await;
    let gateway = inbox("gateway");
    room.subscribe(&gateway, None).await;
    room.finish(first.nonce).await;
    let release = Release {
        history: Recent::last(2),
        ..room.draft_release(first.nonce)
    };
    let next = room.store.release(release.clone()).await.unwrap().unwrap();
    assert_eq!((next.nonce, next.run), (first.nonce, release.run));
    assert_eq!(next.attempt, 1);
    assert_eq!((&next.agent, &next.pool), (&room.agent, &room.pool));
    assert_eq!(next.inputs, [waiting.entry]);
    assert_eq!(seqs(&next.history), [3, 4]);
    assert_eq!(next.conversation, room.look().await.0);
    assert_eq!(next.epoch, room.epoch);
    assert_eq!(next.audience, [gateway]);
    assert!(matches!(room.try_claim().await, ClaimOutcome::Held(_)));
    room.finish(next.nonce).await;
    assert!(room.release(next.nonce).await.unwrap().is_none());
}

pub async fn a_release_made_again_returns_the_same_run(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    room.say("and").await;
    let first = room.claim().await;
    room.finish(first.nonce).await;
    let release = room.draft_release(first.nonce);
    for _ in 0..3 {
        let next = room.store.release(release.clone()).await.unwrap().unwrap();
        assert_eq!((&next.run, next.attempt), (&release.run, 1));
        assert_eq!(seqs(&next.inputs), [3]);
    }
    // Another release of the same unfinished run is another attempt, however often it is made.
    let release = room.draft_release(first.nonce);
    for _ in 0..2 {
        let again = room.store.release(release.clone()).await.unwrap().unwrap();
        assert_eq!(again.attempt, 2);
    }
    room.finish(first.nonce).await;
    refused!(room.store.release(release).await, Error::Fenced);
    assert!(room.release(first.nonce).await.unwrap().is_none());
}

pub async fn what_comes_late_from_a_run_that_is_over_does_nothing_to_the_next(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let waiting = room.say("and").await;
    let first = room.claim().await;
    let finish = |run: &RunId| Append {
        run: Some(run.clone()),
        entries: vec![(entry("finished"), Effect::Finish)],
        ..room.draft_append(first.nonce)
    };
    let over = |run: &RunId| Release {
        over: Some(run.clone()),
        ..room.draft_release(first.nonce)
    };
    let finished = finish(&first.run);
    let written = room.append(finished.clone()).await.unwrap();
    let begin = over(&first.run);
    let next = room.store.release(begin.clone()).await.unwrap().unwrap();
    let before = room.log().await;

    let text = Append {
        run: Some(first.run.clone()),
        ..room.draft_append(first.nonce)
    };
    refused!(room.append(text).await, Error::Fenced);
    refused!(room.store.release(over(&first.run)).await, Error::Fenced);
    let answered = room.append(finished).await.unwrap();
    assert_eq!(answered.entries, written.entries);
    assert_eq!(room.log().await, before);
    let again = room.store.release(begin).await.unwrap().unwrap();
    assert_eq!((&again.run, again.attempt), (&next.run, 1));
    assert_eq!(again.inputs, [waiting.entry]);

    room.append(finish(&next.run)).await.unwrap();
    refused!(room.append(finish(&next.run)).await, Error::Fenced);
    let released = room.store.release(over(&next.run)).await.unwrap();
    assert!(released.is_none());
}

pub async fn only_the_lease_s_nonce_may_release(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let nobody = room.draft_claim().nonce;
    refused!(room.release(nobody).await, Error::Fenced);
    room.say("hello").await;
    let claimed = room.claim().await;
    room.finish(claimed.nonce).await;
    refused!(room.release(nobody).await, Error::Fenced);
    room.write(claimed.nonce, Effect::None).await.unwrap();
}

pub async fn an_unfinished_run_comes_again(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let again = room.release(first.nonce).await.unwrap().unwrap();
    assert_eq!((again.run, again.attempt), (first.run, 2));
    assert_eq!(again.inputs, first.inputs);
}

pub async fn an_abandoned_attempt_does_not_count(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    room.abandon(first.nonce).await;
    refused!(room.write(first.nonce, Effect::None).await, Error::Fenced);
    let second = room.claim().await;
    assert_eq!((&second.run, second.attempt), (&first.run, 1));
    assert_eq!(second.inputs, first.inputs);
    let third = room.release(second.nonce).await.unwrap().unwrap();
    assert_eq!(third.attempt, 2);
    room.abandon(third.nonce).await;
    assert_eq!(room.claim().await.attempt, 2);
}

pub async fn abandoning_leaves_what_waits_to_others(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let waiting = room.say("and").await;
    room.finish(first.nonce).await;
    room.abandon(first.nonce).await;
    let second = room.claim().await;
    assert_ne!(second.nonce, first.nonce);
    assert_eq!(second.inputs, [waiting.entry]);
    assert_eq!(second.attempt, 1);
}
