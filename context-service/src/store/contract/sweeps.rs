//! The due set: work that no doorbell will ring for any more.

use std::time::Duration;

use super::{Bench, fixture::*};
use crate::store::{Change, Claim, ClaimOutcome, Due, Effect, Limits};

/// Long enough for a slow machine to do something within, short enough to wait for.
const DUE: Duration = Duration::from_millis(400);

async fn room(bench: &dyn Bench) -> Room {
    let limits = Limits {
        due_after: DUE,
        ..Limits::default()
    };
    Room::new(bench.store(limits).await).await
}

async fn sweep(room: &Room) -> Vec<Due> {
    room.store.sweep(10).await.unwrap()
}

async fn until_swept(room: &Room) {
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: false,
    };
    until("the conversation is swept", || async {
        sweep(room).await == [due.clone()]
    })
    .await;
}

pub async fn work_is_due_when_no_submit_came_for_a_while(bench: &dyn Bench) {
    let room = room(bench).await;
    room.remark("aside").await;
    for _ in 0..7 {
        room.say("hello").await;
        assert_eq!(sweep(&room).await, [], "each submit puts it off");
        tokio::time::sleep(DUE / 4).await;
    }
    until_swept(&room).await;
}

pub async fn due_work_goes_to_one_sweeper_only(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    tokio::time::sleep(DUE * 5 / 4).await;
    let sweeps = futures_util::future::join_all((0..4).map(|_| sweep(&room))).await;
    assert_eq!(sweeps.iter().map(Vec::len).sum::<usize>(), 1, "{sweeps:?}");
    // And again, as long as nobody does it.
    until_swept(&room).await;
}

pub async fn work_under_a_lease_is_not_due(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let claimed = room.claim().await;
    tokio::time::sleep(DUE * 3 / 2).await;
    assert_eq!(sweep(&room).await, []);
    let soon = Duration::from_millis(1);
    let renewed = room.store.renew(&room.id, claimed.nonce, soon).await;
    renewed.unwrap();
    // Soon after: not only when the lease would have lapsed that was seen first.
    until_swept(&room).await;
}

pub async fn work_whose_lease_is_over_is_due_at_once_and_once_more(bench: &dyn Bench) {
    // Whatever comes later than a lease's end would be waited for in vain.
    let limits = Limits {
        due_after: Duration::from_secs(600),
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    let claimed = room.claim_for(SHORT).await;
    let renewed = room.store.renew(&room.id, claimed.nonce, SHORT * 2).await;
    renewed.unwrap();
    room.say("is anybody there?").await;
    until_swept(&room).await;
    until_swept(&room).await;
}

pub async fn work_in_backoff_is_not_due(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let claimed = room.claim().await;
    let retry = Effect::Retry(DUE * 3);
    room.write(claimed.nonce, retry).await.unwrap();
    tokio::time::sleep(DUE * 3 / 2).await;
    let swept = sweep(&room).await;
    // On a slow machine the delay may be over by now.
    let probe = Claim {
        ttl: Duration::from_millis(1),
        ..room.draft_claim()
    };
    if let ClaimOutcome::Backoff(_) = room.store.claim(probe).await.unwrap() {
        assert_eq!(swept, []);
    }
    until_swept(&room).await;
}

pub async fn work_that_is_done_is_not_due(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let claimed = room.claim().await;
    room.finish(claimed.nonce).await;
    room.release(claimed.nonce).await.unwrap();
    tokio::time::sleep(DUE * 3 / 2).await;
    assert_eq!(sweep(&room).await, []);

    // A worker died between its last write and the release.
    room.say("again").await;
    let claimed = room.claim_for(Duration::from_millis(1)).await;
    let renewed = room.draft_append(claimed.nonce);
    let finish = crate::store::Append {
        entries: vec![(entry("finished"), Effect::Finish)],
        ttl: Duration::from_millis(1),
        ..renewed
    };
    room.append(finish).await.unwrap();
    tokio::time::sleep(DUE * 3 / 2).await;
    assert_eq!(sweep(&room).await, []);
}

pub async fn work_that_is_rung_for_in_vain_rests_longer_each_time_until_something_is_done(
    bench: &dyn Bench,
) {
    const SOON: Duration = Duration::from_millis(100);
    let limits = Limits {
        due_after: SOON,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    // A look at it puts the next one off for SOON: so each of these sweeps is one look, however slow
    // the machine is.
    let looks = async || {
        for look in 1..=16 {
            tokio::time::sleep(SOON * 5 / 4).await;
            if !sweep(&room).await.is_empty() {
                return look;
            }
        }
        panic!("it is never rung for again")
    };
    for expected in [1, 1, 2, 4] {
        assert_eq!(looks().await, expected);
    }
    for _ in 0..2 {
        room.claim_for(Duration::from_millis(1)).await;
        assert_eq!(looks().await, 1, "something was done");
    }
}

/// A conversation that two sweeps rang for in vain, so that the next one would let it rest.
async fn neglected(bench: &dyn Bench) -> Room {
    let limits = Limits {
        due_after: Duration::from_millis(100),
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    for _ in 0..2 {
        until_swept(&room).await;
    }
    room
}

pub async fn what_was_rung_for_in_vain_is_due_at_once_when_it_is_cancelled(bench: &dyn Bench) {
    let room = neglected(bench).await;
    room.cancel(None).await.unwrap();
    assert_ne!(sweep(&room).await, []);
}

pub async fn what_was_rung_for_in_vain_is_due_at_once_when_its_agent_is_removed(bench: &dyn Bench) {
    let room = neglected(bench).await;
    let agent = Change::Remove(agent_id("guide"));
    room.change(&room.ada, agent).await.unwrap();
    assert_ne!(sweep(&room).await, []);
}

pub async fn a_sweep_takes_no_more_than_asked_for(bench: &dyn Bench) {
    let first = room(bench).await;
    let mut waiting = vec![first.id.clone()];
    for _ in 0..4 {
        let room = Room::new(first.store.clone()).await;
        waiting.push(room.id.clone());
        room.say("hello").await;
    }
    first.say("hello").await;
    tokio::time::sleep(DUE * 5 / 4).await;
    let mut found = Vec::new();
    for expected in [2, 2, 1, 0] {
        let due = first.store.sweep(2).await.unwrap();
        assert_eq!(due.len(), expected);
        found.extend(due.into_iter().map(|due| due.conversation));
    }
    found.sort();
    waiting.sort();
    assert_eq!(found, waiting);
}
