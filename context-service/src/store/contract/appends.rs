//! Writing under the lease: fencing, text, effects, retries.

use std::time::Duration;

use convene_proto::{id::MessageId, position::Seq};

use super::{Bench, fixture::*};
use crate::store::{
    Append, ClaimOutcome, Effect, Error, Limits, NewEntry, PartText, Range, StreamingText,
};

/// A room with a run under way, and its lease's nonce.
async fn running(bench: &dyn Bench) -> (Room, convene_proto::position::Nonce) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    (room, nonce)
}

pub async fn entries_get_numbers_and_the_answer_says_whom_to_tell(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let gateway = inbox("gateway");
    room.subscribe(&gateway, None).await;
    let (one, two) = (entry("one"), entry("two"));
    let append = Append {
        entries: vec![(one.clone(), Effect::None), (two.clone(), Effect::None)],
        ..room.draft_append(nonce)
    };
    let appended = room.append(append).await.unwrap();
    assert_eq!(appended.epoch, room.epoch);
    assert_eq!(seqs(&appended.entries), [3, 4]);
    assert_eq!(appended.head, Seq(4));
    assert_eq!(appended.audience, [gateway]);
    assert!(!appended.cancel);
    let written = appended
        .entries
        .iter()
        .map(|entry| (entry.eid, entry.body.clone()));
    assert!(written.eq([one, two].map(|entry: NewEntry| (entry.eid, entry.body))));
    assert_eq!(room.log().await[2..], appended.entries);
    assert_eq!(room.look().await.0.updated_at, appended.entries[1].at);
}

pub async fn only_the_lease_s_nonce_may_write(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Good").await;
    let before = room.head().await;
    let other = room.draft_claim().nonce;
    refused!(room.write(other, Effect::None).await, Error::Fenced);
    refused!(room.write(other, Effect::Finish).await, Error::Fenced);
    refused!(
        room.stream(other, &message, 4, " night").await,
        Error::Fenced
    );
    assert_eq!(room.head().await, before);
    assert_eq!(room.text(&message, 0).await, "Good");

    let unknown = Append {
        conversation: convene_proto::id::ConversationId::random(),
        ..room.draft_append(nonce)
    };
    refused!(room.append(unknown).await, Error::Fenced);
    room.finish(nonce).await;
    room.release(nonce).await.unwrap();
    refused!(room.write(nonce, Effect::None).await, Error::Fenced);
}

pub async fn who_was_taken_over_writes_nothing_more(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let old = room.claim_for(Duration::from_millis(1)).await.nonce;
    tick().await;
    let new = room.claim().await.nonce;
    let message = room.start(new, "Good").await;
    let before = room.head().await;
    refused!(room.stream(old, &message, 4, " night").await, Error::Fenced);
    refused!(
        room.write(old, Effect::Complete(message.clone())).await,
        Error::Fenced
    );
    refused!(room.write(old, Effect::Retry(SHORT)).await, Error::Fenced);
    refused!(room.release(old).await, Error::Fenced);
    assert_eq!(room.head().await, before);
    room.stream(new, &message, 4, " morning").await.unwrap();
    assert_eq!(room.text(&message, 0).await, "Good morning");
}

pub async fn text_that_leaves_a_gap_writes_nothing(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Gööd").await;
    let before = room.head().await;
    for offset in [0, 4, 5, 7, 1000] {
        let append = Append {
            text: Some(piece(&message, 0, offset, "!")),
            entries: vec![(entry("x"), Effect::Finish)],
            ..room.draft_append(nonce)
        };
        refused!(room.append(append).await, Error::Gap { end: 6 });
    }
    assert_eq!(room.head().await, before);
    room.stream(nonce, &message, 6, " morning").await.unwrap();
    assert_eq!(room.text(&message, 0).await, "Gööd morning");
    let released = room.release(nonce).await.unwrap();
    assert!(
        released.is_some(),
        "the refused append must not have finished the run"
    );
}

pub async fn text_and_its_start_go_in_one_step(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = MessageId::random();
    let append = |offset| Append {
        text: Some(piece(&message, 0, offset, "Good")),
        entries: vec![(entry("started"), Effect::Start(message.clone()))],
        ..room.draft_append(nonce)
    };
    refused!(room.append(append(1)).await, Error::Gap { end: 0 });
    assert_eq!(room.text(&message, 0).await, "");
    let appended = room.append(append(0)).await.unwrap();
    assert_eq!(seqs(&appended.entries), [3]);
    assert_eq!(room.text(&message, 0).await, "Good");
}

pub async fn text_needs_a_message_that_streams(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = MessageId::random();
    refused!(
        room.stream(nonce, &message, 0, "Good").await,
        Error::Conflict(_)
    );
    room.write(nonce, Effect::Start(message.clone()))
        .await
        .unwrap();
    let other = MessageId::random();
    refused!(
        room.stream(nonce, &other, 0, "Good").await,
        Error::Conflict(_)
    );
    room.stream(nonce, &message, 0, "Good").await.unwrap();
    room.write(nonce, Effect::Complete(message.clone()))
        .await
        .unwrap();
    refused!(
        room.stream(nonce, &message, 4, " night").await,
        Error::Conflict(_)
    );
    assert_eq!(room.text(&message, 0).await, "Good");
}

pub async fn one_message_streams_at_a_time(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let first = room.start(nonce, "Good").await;
    let before = room.head().await;
    let second = MessageId::random();
    refused!(
        room.write(nonce, Effect::Start(second.clone())).await,
        Error::Conflict(_)
    );
    assert_eq!(room.head().await, before);
    room.stream(nonce, &first, 4, " morning").await.unwrap();
    let append = Append {
        entries: vec![
            (entry("retracted"), Effect::Retract(first.clone())),
            (entry("started"), Effect::Start(second.clone())),
        ],
        text: Some(piece(&second, 0, 0, "Hello")),
        ..room.draft_append(nonce)
    };
    room.append(append).await.unwrap();
    assert_eq!(room.text(&first, 0).await, "");
    assert_eq!(room.text(&second, 0).await, "Hello");
}

pub async fn parts_are_written_in_order(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Good").await;
    let write = |part, offset, text: &str| {
        room.append(Append {
            text: Some(piece(&message, part, offset, text)),
            ..room.draft_append(nonce)
        })
    };
    refused!(write(2, 4, "x").await, Error::Gap { end: 0 });
    write(2, 0, "morn").await.unwrap();
    write(2, 4, "ing").await.unwrap();
    refused!(write(0, 4, "x").await, Error::Conflict(_));
    refused!(write(1, 0, "x").await, Error::Conflict(_));
    let read = |part, offset| room.store.read_text(&room.id, &message, part, offset);
    // Part 1 was passed over: who reads it is told to go on, as at the end of part 0.
    for (part, offset, expected) in [(0, 1, "ood"), (0, 4, ""), (1, 0, ""), (2, 3, "ning")] {
        let text = PartText {
            text: expected.into(),
            streams: true,
        };
        assert_eq!(read(part, offset).await.unwrap(), text, "part {part}");
    }
    let subscribed = room.subscribe(&inbox("gateway"), None).await;
    let expected = StreamingText {
        part: 2,
        ..streaming(&message, 0, "morning")
    };
    assert_eq!(subscribed.streaming, Some(expected));
}

pub async fn a_write_made_again_is_answered_as_the_first_time(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = MessageId::random();
    let begin = Append {
        text: Some(piece(&message, 0, 0, "Good")),
        entries: vec![
            (entry("run"), Effect::None),
            (entry("started"), Effect::Start(message.clone())),
        ],
        ..room.draft_append(nonce)
    };
    let first = room.append(begin.clone()).await.unwrap();
    room.remark("meanwhile").await;
    let again = room.append(begin).await.unwrap();
    assert_eq!(again.entries, first.entries);
    assert_eq!((again.head, room.head().await), (Seq(5), Seq(5)));
    assert_eq!(room.text(&message, 0).await, "Good");

    let more = Append {
        text: Some(piece(&message, 0, 4, " morning")),
        ..room.draft_append(nonce)
    };
    for _ in 0..2 {
        room.append(more.clone()).await.unwrap();
    }
    assert_eq!(room.text(&message, 0).await, "Good morning");

    let finish = Append {
        entries: vec![(entry("finished"), Effect::Finish)],
        ..room.draft_append(nonce)
    };
    let finished = room.append(finish.clone()).await.unwrap();
    room.say("next").await;
    room.release(nonce).await.unwrap().unwrap();
    let again = room.append(finish).await.unwrap();
    assert_eq!(again.entries, finished.entries);
    assert!(
        room.release(nonce).await.unwrap().is_some(),
        "nor does it finish the next run"
    );
}

pub async fn a_write_that_comes_after_its_retry_writes_nothing(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = MessageId::random();
    let mut originals = Vec::new();
    let begin = || Append {
        text: Some(piece(&message, 0, 0, "Good")),
        entries: vec![(entry("started"), Effect::Start(message.clone()))],
        ..room.draft_append(nonce)
    };
    let more = || Append {
        text: Some(piece(&message, 0, 4, " morning")),
        ..room.draft_append(nonce)
    };
    let complete = || Append {
        entries: vec![(entry("completed"), Effect::Complete(message.clone()))],
        ..room.draft_append(nonce)
    };
    let drafts: [&dyn Fn() -> Append; 3] = [&begin, &more, &complete];
    for draft in drafts {
        let original = draft();
        let written = room.append(original.clone()).await.unwrap();
        let late = room.append(original.clone()).await.unwrap();
        assert_eq!(late.entries, written.entries);
        originals.push(original);
    }
    let log = room.log().await;
    assert_eq!(seqs(&log), [1, 2, 3, 4]);
    // Nor does it matter how much was written in between.
    for original in originals.into_iter().take(2) {
        refused!(room.append(original).await, Error::OutOfStep { last: 3 });
    }
    assert_eq!(room.log().await, log);
    assert_eq!(room.text(&message, 0).await, "Good morning");
    let subscribed = room.subscribe(&inbox("gateway"), None).await;
    assert_eq!(subscribed.streaming, None, "it does not stream again");
    room.start(nonce, "And").await;
}

pub async fn a_write_that_leaves_one_out_is_refused(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let skip = |steps| {
        let next = room.draft_append(nonce);
        Append {
            entries: vec![(entry("x"), Effect::None)],
            step: next.step + steps,
            ..next
        }
    };
    refused!(room.append(skip(1)).await, Error::OutOfStep { last: 0 });
    room.append(skip(0)).await.unwrap();
    refused!(room.append(skip(1)).await, Error::OutOfStep { last: 1 });
    assert_eq!(room.head().await, Seq(3));
}

pub async fn a_write_that_gave_the_lease_back_is_answered_until_another_writes(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Good").await;
    let append = Append {
        entries: vec![
            (entry("retracted"), Effect::Retract(message)),
            (entry("retrying"), Effect::Retry(Duration::from_millis(1))),
        ],
        ..room.draft_append(nonce)
    };
    let first = room.append(append.clone()).await.unwrap();
    let again = room.append(append.clone()).await.unwrap();
    assert_eq!(again.entries, first.entries);
    refused!(room.write(nonce, Effect::None).await, Error::Fenced);
    tick().await;
    let second = room.claim().await;
    let again = room.append(append.clone()).await.unwrap();
    assert_eq!(again.entries, first.entries);
    let next = room.start(second.nonce, "Hello").await;
    refused!(room.append(append).await, Error::Fenced);
    assert_eq!(room.text(&next, 0).await, "Hello");
    room.write(second.nonce, Effect::None).await.unwrap();
}

pub async fn completing_ends_the_stream(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Good").await;
    room.write(nonce, Effect::Complete(MessageId::random()))
        .await
        .unwrap();
    let subscribed = room.subscribe(&inbox("gateway"), None).await;
    assert_eq!(subscribed.streaming, Some(streaming(&message, 0, "Good")));
    room.write(nonce, Effect::Complete(message)).await.unwrap();
    let subscribed = room.subscribe(&inbox("gateway"), None).await;
    assert_eq!(subscribed.streaming, None);
    room.start(nonce, "And").await;
}

pub async fn retracting_ends_the_stream(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    let message = room.start(nonce, "Good").await;
    room.write(nonce, Effect::Retract(message.clone()))
        .await
        .unwrap();
    let subscribed = room.subscribe(&inbox("gateway"), None).await;
    assert_eq!(subscribed.streaming, None);
    refused!(
        room.stream(nonce, &message, 4, " night").await,
        Error::Conflict(_)
    );
    let next = room.start(nonce, "Hello").await;
    assert_eq!(room.text(&next, 0).await, "Hello");
}

pub async fn finishing_takes_the_inputs_out_and_keeps_the_lease(bench: &dyn Bench) {
    let (room, nonce) = running(bench).await;
    room.say("and").await;
    room.finish(nonce).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Held(_)));
    room.write(nonce, Effect::None).await.unwrap();
    let next = room.release(nonce).await.unwrap().unwrap();
    assert_eq!(seqs(&next.inputs), [3]);
}

pub async fn retrying_gives_the_lease_back_until_the_delay_is_over(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let first = room.claim().await;
    let delay = Duration::from_millis(600);
    room.write(first.nonce, Effect::Retry(delay)).await.unwrap();
    refused!(room.write(first.nonce, Effect::None).await, Error::Fenced);
    match room.try_claim().await {
        ClaimOutcome::Backoff(left) => assert!(left <= delay && !left.is_zero(), "{left:?}"),
        other => panic!("{other:?}"),
    }
    let second = loop {
        match room.try_claim().await {
            ClaimOutcome::Claimed(claimed) => break claimed,
            ClaimOutcome::Backoff(left) => tokio::time::sleep(left).await,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((&second.run, second.attempt), (&first.run, 2));
    assert_eq!(second.inputs, first.inputs);
    assert!(!second.cancelled);
}

pub async fn an_append_renews_the_lease(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim_for(SHORT).await.nonce;
    let message = room.start(nonce, "").await;
    room.stream(nonce, &message, 0, "Good").await.unwrap();
    tokio::time::sleep(SHORT * 2).await;
    assert!(matches!(room.try_claim().await, ClaimOutcome::Held(_)));
    let newest = Range::Before {
        seq: Seq(99),
        limit: 1,
    };
    assert_eq!(seqs(&room.read(newest).await.entries), [3]);
}
