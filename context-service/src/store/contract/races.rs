//! Calls that meet: whichever comes first, nothing is lost, doubled or left out.

use std::collections::BTreeSet;

use convene_proto::{id::MessageId, position::Seq};
use futures_util::future::{join, join_all, join3};

use super::{Bench, fixture::*};
use crate::store::{ClaimOutcome, Error, Limits, NewConversation, Submit, Wake};

pub async fn concurrent_creates_make_one_conversation(bench: &dyn Bench) {
    let store = bench.store(Limits::default()).await;
    let (ada, bob) = (person("ada"), person("bob"));
    let first = Room::draft(&ada, &bob);
    let drafts = (0..8).map(|_| NewConversation {
        id: first.id.clone(),
        ..Room::draft(&ada, &bob)
    });
    let made = join_all(drafts.map(|new| store.create(new))).await;
    let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().filter(|created| created.created).count(), 1);
    assert!(made.iter().all(|created| created.epoch == made[0].epoch));
    assert_eq!(made[0].conversation.head, Seq(1));
}

pub async fn concurrent_submits_leave_no_hole(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let submits = (0..50).map(|n| {
        let author = if n % 2 == 0 { &room.ada } else { &room.bob };
        room.store.submit(Submit {
            author: author.clone(),
            ..room.draft_message(&n.to_string())
        })
    });
    let submitted = join_all(submits).await.into_iter();
    let mut written: Vec<_> = submitted
        .map(|submitted| submitted.unwrap().entry)
        .collect();
    written.sort_by_key(|entry| entry.seq);
    assert_eq!(seqs(&written), (2..=51).collect::<Vec<_>>());
    assert_eq!(room.log().await[1..], written);

    let mut answered = Vec::new();
    let mut next = Some(room.claim().await);
    while let Some(claimed) = next {
        answered.extend(seqs(&claimed.inputs));
        room.finish(claimed.nonce).await;
        next = room.release(claimed.nonce).await.unwrap();
    }
    assert_eq!(answered, seqs(&written));
}

pub async fn concurrent_submits_of_one_message_converge(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let message = MessageId::random();
    let submits = (0..20).map(|_| {
        room.store.submit(Submit {
            message: message.clone(),
            ..room.draft_message("hello")
        })
    });
    let answers: Vec<_> = join_all(submits)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(answers.iter().filter(|answer| !answer.duplicate).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.entry == answers[0].entry)
    );
    assert_eq!(room.head().await, Seq(2));
}

pub async fn concurrent_claims_have_one_winner(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("one").await;
    room.say("two").await;
    let outcomes = join_all((0..10).map(|_| room.try_claim())).await;
    let (won, held): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|outcome| matches!(outcome, ClaimOutcome::Claimed(_)));
    assert_eq!(won.len(), 1);
    assert!(
        held.iter()
            .all(|outcome| matches!(outcome, ClaimOutcome::Held(_)))
    );
}

pub async fn a_release_that_races_a_submit_loses_no_wake_up(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("first").await;
    let mut claimed = room.claim().await;
    let (mut kept, mut rung) = (0, 0);
    for n in 0..60 {
        room.finish(claimed.nonce).await;
        let what = n.to_string();
        let (said, released) = if n % 2 == 0 {
            join(room.say(&what), room.release(claimed.nonce)).await
        } else {
            let (released, said) = join(room.release(claimed.nonce), room.say(&what)).await;
            (said, released)
        };
        // Either the release saw the input, or the doorbell that follows the submit claims it.
        claimed = match released.unwrap() {
            Some(next) => {
                kept += 1;
                next
            }
            None => {
                rung += 1;
                room.claim().await
            }
        };
        assert_eq!(claimed.inputs, [said.entry]);
        assert_eq!(claimed.attempt, 1);
    }
    assert_eq!(kept + rung, 60);
}

pub async fn a_subscriber_misses_no_event_that_races_it(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for n in 0..40 {
        let (one, two) = (inbox("g1"), inbox("g2"));
        let remark = || {
            room.store.submit(Submit {
                wake: Wake::Nobody,
                ..room.draft_message(&n.to_string())
            })
        };
        let (first, said, second) = join3(
            room.subscribe(&one, None),
            remark(),
            room.subscribe_as(&room.bob, &two, None, 5),
        )
        .await;
        let said = said.unwrap();
        for (subscribed, inbox) in [(first, one), (second.unwrap(), two)] {
            let read = subscribed.entries.contains(&said.entry);
            let told = said.audience.contains(&inbox);
            assert!(read != told, "read: {read}, told: {told}");
        }
    }
}

pub async fn a_subscriber_misses_no_text_that_races_it(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, "").await;
    let mut lengths = BTreeSet::new();
    for offset in 0..40 {
        let gateway = inbox("gateway");
        let (appended, subscribed) = if offset % 2 == 0 {
            let write = room.stream(nonce, &message, offset, "x");
            join(write, room.subscribe(&gateway, None)).await
        } else {
            let write = room.stream(nonce, &message, offset, "x");
            let (subscribed, appended) = join(room.subscribe(&gateway, None), write).await;
            (appended, subscribed)
        };
        let length = subscribed.streaming.unwrap().text.len() as u64;
        let read = length > offset;
        let told = appended.unwrap().audience.contains(&gateway);
        assert!(read != told, "read: {read}, told: {told}");
        lengths.insert(length);
    }
    assert!(lengths.len() > 1);
    refused!(
        room.stream(nonce, &message, 41, "x").await,
        Error::Gap { end: 40 }
    );
}
