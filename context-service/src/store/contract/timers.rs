//! Timers: set in a run, and rung once, in a run of their own.

use std::time::Duration;

use convene_proto::{
    position::Nonce,
    timer::{MOST_TIMERS, Rings},
};
use futures_util::future::join_all;

use super::{Bench, fixture::*};
use crate::store::{
    Append, Appended, Change, ClaimOutcome, Claimed, Due, Effect, Error, Limits, NewEntry,
    NewTimer, PendingTimer, Release, Result,
};

/// Far enough not to ring in any test.
const FAR: u64 = 3_600_000;

async fn room(bench: &dyn Bench) -> Room {
    let limits = Limits {
        due_after: Duration::from_millis(400),
        ..Limits::default()
    };
    Room::new(bench.store(limits).await).await
}

fn timer(name: &str, rings: Rings) -> (NewEntry, NewTimer) {
    let fired = entry(&format!("{name} fired"));
    let timer = NewTimer {
        name: name.parse().unwrap(),
        rings,
        fired: fired.clone(),
    };
    (fired, timer)
}

impl Room {
    /// Sets a timer, and answers with the event that will say that it rang.
    async fn try_set(&self, nonce: Nonce, name: &str, rings: Rings) -> Result<NewEntry> {
        let (fired, timer) = timer(name, rings);
        self.write(nonce, Effect::SetTimer(timer)).await?;
        Ok(fired)
    }

    async fn set(&self, nonce: Nonce, name: &str, rings: Rings) -> NewEntry {
        self.try_set(nonce, name, rings).await.unwrap()
    }

    async fn clear(&self, nonce: Nonce, name: &str) -> Appended {
        let clear = Effect::ClearTimer(name.parse().unwrap());
        self.write(nonce, clear).await.unwrap()
    }

    /// A run that sets timers, and is over.
    async fn wake_me(&self, timers: &[(&str, Rings)]) -> Vec<NewEntry> {
        self.say("wake me").await;
        let run = self.claim().await;
        let timers: Vec<_> = timers
            .iter()
            .map(|(name, rings)| timer(name, *rings))
            .collect();
        let sets = timers
            .iter()
            .map(|(_, timer)| (entry("set"), Effect::SetTimer(timer.clone())));
        let append = Append {
            entries: sets.chain([(entry("finished"), Effect::Finish)]).collect(),
            ..self.draft_append(run.nonce)
        };
        self.append(append).await.unwrap();
        self.let_go(run.nonce).await;
        timers.into_iter().map(|(fired, _)| fired).collect()
    }

    async fn over(&self, nonce: Nonce) {
        self.finish(nonce).await;
        self.let_go(nonce).await;
    }

    /// Whatever rings by now.
    async fn let_go(&self, nonce: Nonce) {
        let release = Release {
            abandon: true,
            ..self.draft_release(nonce)
        };
        assert!(self.store.release(release).await.unwrap().is_none());
    }

    /// Claims as soon as there is something.
    async fn next(&self) -> Claimed {
        loop {
            if let ClaimOutcome::Claimed(claimed) = self.try_claim().await {
                return *claimed;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn count(&self, fired: &NewEntry) -> usize {
        let log = self.log().await;
        log.iter().filter(|entry| entry.eid == fired.eid).count()
    }
}

pub async fn a_timer_rings_once_at_its_time_in_a_run_of_its_own(bench: &dyn Bench) {
    let room = room(bench).await;
    let fired = room
        .wake_me(&[("tea", Rings::AfterMs(1000))])
        .await
        .remove(0);
    let set_at = room.log().await.last().unwrap().at;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    let rung = room.next().await;
    let [input] = &rung.inputs[..] else {
        panic!("{:?}", rung.inputs)
    };
    assert_eq!((input.eid, &input.body), (fired.eid, &fired.body));
    assert!(input.at >= set_at + 1000, "{} and {set_at}", input.at);
    assert_eq!(rung.rang.as_ref(), Some(input));
    assert_eq!((&rung.agent, &rung.pool), (&room.agent, &room.pool));
    assert_eq!((rung.attempt, rung.timers), (1, Vec::new()));
    assert_eq!(room.log().await.last(), Some(input), "it stands in the log");
    room.over(rung.nonce).await;
    tick().await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    assert_eq!(room.count(&fired).await, 1);
}

pub async fn a_time_is_kept_too_and_what_is_past_rings_at_once(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("wake me").await;
    let run = room.claim().await;
    let late = room.set(run.nonce, "late", Rings::AtMs(1)).await;
    let soon = room.log().await.last().unwrap().at + FAR;
    room.set(run.nonce, "far", Rings::AtMs(soon)).await;
    room.finish(run.nonce).await;
    let next = room.release(run.nonce).await.unwrap().unwrap();
    assert_eq!(next.inputs[0].eid, late.eid);
    assert_eq!(next.rang.as_ref(), next.inputs.first());
    let pending = PendingTimer {
        agent: room.agent.clone(),
        name: "far".parse().unwrap(),
        at: soon,
    };
    assert_eq!(next.timers, [pending]);
    room.over(next.nonce).await;
}

pub async fn a_timer_set_again_is_replaced(bench: &dyn Bench) {
    let room = room(bench).await;
    let [first, second] = &room
        .wake_me(&[("tea", Rings::AfterMs(1)), ("tea", Rings::AfterMs(50))])
        .await[..]
    else {
        panic!("two were set")
    };
    let rung = room.next().await;
    assert_eq!(rung.inputs[0].eid, second.eid);
    room.over(rung.nonce).await;
    assert_eq!(room.count(first).await, 0);
}

pub async fn a_cleared_timer_never_rings(bench: &dyn Bench) {
    let room = room(bench).await;
    let fired = room
        .wake_me(&[("tea", Rings::AfterMs(100))])
        .await
        .remove(0);
    room.say("never mind").await;
    let run = room.claim().await;
    assert_eq!(run.timers.len(), 1);
    tokio::time::sleep(Duration::from_millis(120)).await;
    room.clear(run.nonce, "tea").await;
    room.clear(run.nonce, "never-set").await;
    room.over(run.nonce).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
    assert_eq!(room.count(&fired).await, 0);
}

pub async fn what_rings_has_one_claimer(bench: &dyn Bench) {
    let room = room(bench).await;
    let fired = room.wake_me(&[("tea", Rings::AfterMs(80))]).await.remove(0);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let claims = join_all((0..4).map(|_| room.try_claim())).await;
    let won = claims
        .iter()
        .filter(|claim| matches!(claim, ClaimOutcome::Claimed(_)));
    assert_eq!(won.count(), 1);
    assert_eq!(room.count(&fired).await, 1);
}

pub async fn timers_ring_in_order_behind_what_people_said(bench: &dyn Bench) {
    let room = room(bench).await;
    let fired = room
        .wake_me(&[
            ("second", Rings::AfterMs(60)),
            ("first", Rings::AfterMs(40)),
        ])
        .await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    let said = room.say("hello").await;
    let run = room.claim().await;
    assert_eq!(run.inputs, [said.entry]);
    assert_eq!(run.rang, None);
    room.finish(run.nonce).await;
    for expected in [&fired[1], &fired[0]] {
        let next = room.release(run.nonce).await.unwrap().unwrap();
        let eids: Vec<_> = next.inputs.iter().map(|input| input.eid).collect();
        assert_eq!(eids, [expected.eid]);
        room.finish(next.nonce).await;
    }
    assert!(room.release(run.nonce).await.unwrap().is_none());
}

pub async fn a_sweep_finds_what_is_to_ring_and_nothing_before(bench: &dyn Bench) {
    let room = room(bench).await;
    let sweep = async || room.store.sweep(10).await.unwrap();
    let timers = [
        ("soon", Rings::AfterMs(1000)),
        ("later", Rings::AfterMs(3000)),
        ("far", Rings::AfterMs(FAR)),
    ];
    room.wake_me(&timers).await;
    let set_at = room.log().await.last().unwrap().at;
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: true,
    };
    for (name, after) in [("soon", 1000), ("later", 3000)] {
        until("it is to ring", || async {
            let swept = sweep().await;
            if swept.is_empty() {
                return false;
            }
            assert_eq!(swept, [due.clone()], "{name}");
            true
        })
        .await;
        let rung = room.claim().await;
        assert!(rung.inputs[0].at >= set_at + after, "{name}");
        assert_eq!(sweep().await, [], "{name} is under a lease");
        room.finish(rung.nonce).await;
        if let Some(next) = room.release(rung.nonce).await.unwrap() {
            // On a slow machine.
            assert!(next.inputs[0].at >= set_at + 3000);
            room.over(next.nonce).await;
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(sweep().await, []);
}

pub async fn each_of_several_timers_is_found_in_its_own_time(bench: &dyn Bench) {
    // Whatever is put off by as much would be waited for in vain.
    let limits = Limits {
        due_after: Duration::from_secs(600),
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    // The last is set beside the others, soon before they ring.
    let timers = [
        ("second", Rings::AfterMs(700)),
        ("third", Rings::AfterMs(1400)),
        ("first", Rings::AfterMs(300)),
    ];
    let [second, third, first] = &room.wake_me(&timers).await[..] else {
        panic!("three were set")
    };
    for fired in [first, second, third] {
        until("it is to ring", || async {
            !room.store.sweep(10).await.unwrap().is_empty()
        })
        .await;
        let rung = room.claim().await;
        assert_eq!(rung.inputs[0].eid, fired.eid);
        room.over(rung.nonce).await;
    }
}

pub async fn what_is_to_ring_goes_to_one_sweeper_and_again_until_it_rang(bench: &dyn Bench) {
    let room = room(bench).await;
    room.wake_me(&[("tea", Rings::AfterMs(50))]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sweeps = join_all((0..4).map(|_| room.store.sweep(10))).await;
    let found: Vec<_> = sweeps.into_iter().flat_map(Result::unwrap).collect();
    let due = |timer| Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer,
    };
    assert_eq!(found, [due(true)]);
    // By now it is work that nobody does: whoever takes doorbells may be deaf.
    until("it is rung for again", || async {
        let swept = room.store.sweep(10).await.unwrap();
        assert!(swept.is_empty() || swept == [due(false)], "{swept:?}");
        !swept.is_empty()
    })
    .await;
    room.claim().await;
}

pub async fn what_rang_is_not_lost_with_its_worker(bench: &dyn Bench) {
    let room = room(bench).await;
    let fired = room.wake_me(&[("tea", Rings::AfterMs(10))]).await.remove(0);
    until("it is to ring", || async {
        !room.store.sweep(10).await.unwrap().is_empty()
    })
    .await;
    let first = room.claim_for(SHORT).await;
    assert_eq!(first.inputs[0].eid, fired.eid);
    let due = Due {
        conversation: room.id.clone(),
        pool: room.pool.clone(),
        timer: false,
    };
    until("its worker is missed", || async {
        room.store.sweep(10).await.unwrap() == [due.clone()]
    })
    .await;
    let second = room.claim().await;
    assert_eq!((&second.run, second.attempt), (&first.run, 2));
    assert_eq!(second.inputs, first.inputs);
    assert_eq!(second.rang, None, "it rang once");
    room.over(second.nonce).await;
    assert_eq!(room.count(&fired).await, 1);
}

pub async fn a_claim_made_again_rings_no_other_timer(bench: &dyn Bench) {
    let room = room(bench).await;
    room.wake_me(&[("one", Rings::AfterMs(20)), ("two", Rings::AfterMs(30))])
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let claim = room.draft_claim();
    let first = claimed(room.store.claim(claim.clone()).await.unwrap());
    let again = claimed(room.store.claim(claim).await.unwrap());
    assert_eq!((again.inputs, again.attempt), (first.inputs, 1));
    assert_eq!(again.timers.len(), 1);
}

pub async fn who_was_taken_over_sets_no_timer(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let first = room.claim_for(Duration::from_millis(1)).await;
    tick().await;
    let second = room.next().await;
    let refused = room.try_set(first.nonce, "tea", Rings::AfterMs(0)).await;
    refused!(refused, Error::Fenced);
    room.over(second.nonce).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));
}

pub async fn timers_are_set_in_a_run(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let run = room.claim().await;
    let (_, timer) = timer("tea", Rings::AfterMs(0));
    let append = Append {
        entries: vec![
            (entry("finished"), Effect::Finish),
            (entry("set"), Effect::SetTimer(timer)),
        ],
        ..room.draft_append(run.nonce)
    };
    let head = room.head().await;
    refused!(room.append(append).await, Error::Conflict(_));
    assert_eq!(room.head().await, head, "nothing was written");
    room.over(run.nonce).await;
}

pub async fn there_are_so_many_timers_and_no_more(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let run = room.claim().await;
    for number in 0..MOST_TIMERS {
        room.set(run.nonce, &format!("t{number}"), Rings::AfterMs(FAR))
            .await;
    }
    let head = room.head().await;
    let more = room.try_set(run.nonce, "more", Rings::AfterMs(FAR)).await;
    refused!(more, Error::Conflict(_));
    assert_eq!(room.head().await, head, "nothing was written");
    room.set(run.nonce, "t3", Rings::AfterMs(FAR)).await;
    room.clear(run.nonce, "t3").await;
    room.set(run.nonce, "more", Rings::AfterMs(FAR)).await;
    room.over(run.nonce).await;
}

pub async fn a_write_made_again_sets_its_timer_once(bench: &dyn Bench) {
    let room = room(bench).await;
    room.say("hello").await;
    let run = room.claim().await;
    let (fired, timer) = timer("tea", Rings::AfterMs(10));
    let append = Append {
        entries: vec![
            (entry("set"), Effect::SetTimer(timer)),
            (entry("finished"), Effect::Finish),
        ],
        ..room.draft_append(run.nonce)
    };
    room.append(append.clone()).await.unwrap();
    room.append(append.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let rung = room.release(run.nonce).await.unwrap().unwrap();
    assert_eq!(rung.inputs[0].eid, fired.eid);
    room.over(rung.nonce).await;
    assert_eq!(room.count(&fired).await, 1);
}

pub async fn the_timer_of_an_agent_that_left_rings_for_a_cancelled_run(bench: &dyn Bench) {
    let room = room(bench).await;
    room.wake_me(&[("tea", Rings::AfterMs(20))]).await;
    let agent = Change::Remove(agent_id("guide"));
    room.change(&room.ada, agent).await.unwrap();
    let rung = room.next().await;
    assert!(rung.cancelled);
    room.over(rung.nonce).await;
}

pub async fn what_happened_outside_is_told_by_who_is_not_in_it(bench: &dyn Bench) {
    let room = room(bench).await;
    let told = crate::store::Submit {
        author: person("shop"),
        outside: true,
        ..room.draft_message("paid")
    };
    let first = room.store.submit(told.clone()).await.unwrap();
    assert!(first.ring.is_some() && !first.duplicate);
    let again = room.store.submit(told.clone()).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.entry, first.entry);
    let inside = crate::store::Submit {
        outside: false,
        ..told
    };
    refused!(room.store.submit(inside).await, Error::NotFound);
    let run = room.claim().await;
    assert_eq!(run.inputs, [first.entry]);
    room.over(run.nonce).await;
}
