//! What people say: numbers, idempotency, who is woken, turn policies.

use std::time::Duration;

use convene_proto::{
    event::Role,
    event::TurnPolicy::{self, Enqueue, Interrupt, Merge, Reject},
    position::Seq,
};

use futures_util::{StreamExt as _, stream};

use super::{Bench, fixture::*};
use crate::store::{AgentInfo, Cancelled, ClaimOutcome, Effect, Error, Limits, Ring, Submit, Wake};

fn ring(room: &Room, policy: TurnPolicy) -> Option<Ring> {
    Some(Ring {
        pool: room.pool.clone(),
        agent: room.agent.clone(),
        policy,
    })
}

pub async fn a_message_is_numbered_and_rings(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    room.subscribe(&gateway, None).await;
    let draft = room.draft_message("hello");
    let said = room.store.submit(draft.clone()).await.unwrap();
    assert_eq!(said.epoch, room.epoch);
    assert_eq!(said.entry.seq, Seq(2));
    assert_eq!(said.entry.eid, draft.entry.eid);
    assert_eq!(said.entry.body, draft.entry.body);
    assert_eq!(said.audience, [gateway]);
    assert!(!said.duplicate);
    assert_eq!(said.author_name, "Ada");
    assert_eq!(said.ring, ring(&room, Enqueue));
    assert_eq!(said.interrupted, None);
    let (conversation, _) = room.look().await;
    assert_eq!(conversation.head, Seq(2));
    assert_eq!(conversation.updated_at, said.entry.at);
    assert_eq!(room.log().await[1], said.entry);
}

pub async fn the_same_message_again_is_answered_as_before(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = room.draft_message("hello");
    let first = room.store.submit(draft.clone()).await.unwrap();
    room.remark("meanwhile").await;
    // A retry over another gateway comes with an eid of its own.
    let retry = Submit {
        entry: entry("hello"),
        ..draft
    };
    let again = room.store.submit(retry).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.epoch, room.epoch);
    assert_eq!(again.entry, first.entry);
    assert_eq!(again.author_name, "Ada");
    assert_eq!(again.ring, first.ring);
    assert_eq!(room.head().await, Seq(3));
    let claimed = room.claim().await;
    assert_eq!(claimed.inputs, [first.entry]);
    room.finish(claimed.nonce).await;
    assert!(
        room.release(claimed.nonce).await.unwrap().is_none(),
        "it was to be answered once"
    );
}

pub async fn a_message_is_known_however_many_follow(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = room.draft_message("hello");
    let first = room.store.submit(draft.clone()).await.unwrap();
    let remarks: Vec<_> = (0..1_100).map(|_| room.remark("meanwhile")).collect();
    stream::iter(remarks).buffer_unordered(64).count().await;
    let again = room.store.submit(draft).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.entry, first.entry);
}

pub async fn a_message_is_known_until_the_log_drops_it(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    let remarks: Vec<_> = (0..6)
        .map(|n| Submit {
            wake: Wake::Nobody,
            ..room.draft_message(&n.to_string())
        })
        .collect();
    for remark in &remarks {
        room.store.submit(remark.clone()).await.unwrap();
    }
    // The log holds events 3 to 7.
    for remark in &remarks[1..] {
        assert!(room.store.submit(remark.clone()).await.unwrap().duplicate);
    }
    let anew = room.store.submit(remarks[0].clone()).await.unwrap();
    assert!(!anew.duplicate);
    assert_eq!(anew.entry.seq, Seq(8));
    assert!(
        !room
            .store
            .submit(remarks[1].clone())
            .await
            .unwrap()
            .duplicate
    );
}

pub async fn a_duplicate_rings_until_its_run_is_finished(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = room.draft_message("hello");
    room.store.submit(draft.clone()).await.unwrap();
    let claimed = room.claim().await;
    let under_way = room.store.submit(draft.clone()).await.unwrap();
    assert!(under_way.duplicate);
    assert_eq!(under_way.ring, ring(&room, Enqueue));
    room.finish(claimed.nonce).await;
    let done = room.store.submit(draft).await.unwrap();
    assert!(done.duplicate);
    assert_eq!(done.entry.seq, Seq(2));
    assert_eq!(done.ring, None);
}

pub async fn another_author_s_message_id_is_a_conflict(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let draft = room.draft_message("hello");
    room.store.submit(draft.clone()).await.unwrap();
    let stolen = Submit {
        author: room.bob.clone(),
        ..draft
    };
    refused!(room.store.submit(stolen).await, Error::Conflict(_));
    assert_eq!(room.head().await, Seq(2));
}

pub async fn only_who_is_addressed_is_woken(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::new(store.clone()).await;
    assert_eq!(room.remark("aside").await.ring, None);
    assert!(matches!(room.try_claim().await, ClaimOutcome::Empty));

    let mute = Room::with(store, |new| new.agent = None).await;
    assert_eq!(mute.say("anybody?").await.ring, None);
    assert!(matches!(mute.try_claim().await, ClaimOutcome::Empty));
}

pub async fn another_agent_is_rung_in_its_own_pool(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| {
        let painter = participant(&agent_id("painter"), "Painter", Role::Agent);
        new.participants.push(painter);
    })
    .await;
    let painter = AgentInfo {
        name: "painter".parse().unwrap(),
        title: None,
        description: String::new(),
        model: None,
        pool: "studio".parse().unwrap(),
        is_learning: false,
        suggestions: Vec::new(),
        trouble: None,
    };
    let ask = |name: &str| room.draft_question(name, "you there");
    let unknown = room
        .store
        .submit(ask("painter"))
        .await
        .unwrap()
        .ring
        .unwrap();
    assert_eq!(
        (unknown.agent.as_str(), unknown.pool),
        ("painter", room.pool.clone())
    );

    room.store
        .announce(&inbox("worker"), &[painter], LONG)
        .await
        .unwrap();
    // An adapter may remember for a moment what it was told about agents.
    until("the painter is rung in the studio", || async {
        let ring = room
            .store
            .submit(ask("painter"))
            .await
            .unwrap()
            .ring
            .unwrap();
        ring.agent.as_str() == "painter" && ring.pool.as_str() == "studio"
    })
    .await;
    let own = room.store.submit(ask("guide")).await.unwrap();
    assert_eq!(own.ring, ring(&room, Enqueue));
    let first = room.claim().await;
    assert_eq!((first.agent.as_str(), &first.pool), ("painter", &room.pool));
}

pub async fn reject_refuses_until_the_work_is_done(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| new.policy = Reject).await;
    let first = room.draft_message("one");
    assert_eq!(
        room.store.submit(first.clone()).await.unwrap().ring,
        ring(&room, Reject)
    );
    let next = room.draft_message("two");
    refused!(room.store.submit(next.clone()).await, Error::Busy);
    assert!(room.store.submit(first).await.unwrap().duplicate);

    let claimed = room.claim().await;
    refused!(room.store.submit(next.clone()).await, Error::Busy);
    assert_eq!(room.head().await, Seq(2));
    room.finish(claimed.nonce).await;
    let accepted = room.store.submit(next).await.unwrap();
    assert!(!accepted.duplicate, "what was refused is not known");
    assert_eq!(accepted.entry.seq, Seq(4));
}

pub async fn a_message_s_own_policy_goes_before_the_conversation_s(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| new.policy = Reject).await;
    room.say("one").await;
    assert_eq!(room.say_under(Merge, "two").await.ring, ring(&room, Merge));
}

pub async fn policies_are_for_messages_that_wake(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let room = Room::with(store, |new| new.policy = Reject).await;
    room.say("one").await;
    let claimed = room.claim().await;
    room.remark("aside").await;
    let aside = Submit {
        policy: Some(Interrupt),
        wake: Wake::Nobody,
        ..room.draft_message("hush")
    };
    assert_eq!(room.store.submit(aside).await.unwrap().interrupted, None);
    assert!(
        !room
            .write(claimed.nonce, Effect::None)
            .await
            .unwrap()
            .cancel
    );
}

pub async fn an_interrupting_message_cancels_and_goes_next(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("one").await;
    let draft = room.draft_claim();
    let first = claimed(room.store.claim(draft.clone()).await.unwrap());
    let waiting = room.say("two").await;
    let stop = room.say_under(Interrupt, "stop").await;
    assert_eq!(
        stop.interrupted,
        Some(Cancelled {
            run: Some(first.run.clone()),
            holder: Some(draft.holder),
        })
    );
    assert_eq!(stop.ring, ring(&room, Interrupt));
    let and = room.say_under(Interrupt, "and").await;
    assert!(room.write(first.nonce, Effect::None).await.unwrap().cancel);
    room.finish(first.nonce).await;

    let mut answered = Vec::new();
    while let Some(next) = room.release(first.nonce).await.unwrap() {
        assert!(!next.cancelled);
        answered.extend(next.inputs);
        room.finish(next.nonce).await;
    }
    assert_eq!(answered, [stop.entry, and.entry, waiting.entry]);
}

pub async fn an_interrupting_message_with_nothing_under_way_waits(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let alone = room.say_under(Interrupt, "alone").await;
    assert_eq!(alone.interrupted, None);
    let first = room.claim().await;
    assert!(!first.cancelled);
    assert_eq!(first.inputs, [alone.entry]);
    room.finish(first.nonce).await;
    let late = room.say_under(Interrupt, "late").await;
    assert_eq!(late.interrupted, None, "the run was finished already");

    let next = room.release(first.nonce).await.unwrap().unwrap();
    assert!(!next.cancelled);
    // In backoff it is still under way, though nobody holds it.
    let delay = Duration::from_secs(60);
    room.write(next.nonce, Effect::Retry(delay)).await.unwrap();
    let stop = room.say_under(Interrupt, "stop").await;
    assert_eq!(
        stop.interrupted,
        Some(Cancelled {
            run: Some(next.run.clone()),
            holder: None,
        })
    );
    assert_eq!(
        room.store.sweep(10).await.unwrap(),
        [],
        "its own doorbell is about to ring"
    );
    let retried = room.claim().await;
    assert_eq!((retried.run, retried.cancelled), (next.run, true));
}
