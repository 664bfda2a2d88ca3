//! An answer is whole, in order, and streams at once, in few pieces.

use std::{collections::BTreeSet, time::Duration};

use convene_proto::{
    bus::item::What,
    event::{EventBody, TurnPolicy},
    id::MessageId,
};
use tokio::time::sleep;

use crate::{
    actors::Actor,
    house::{House, quick},
    log::{answers, count, kinds, outcomes},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_whole_and_in_order_in_the_log_and_in_the_air() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    let mut listener = room.listen().await;
    room.say("/stream 2000 at 4000").await;
    let items = listener.run().await;
    let log = room.finished(1).await;
    assert_eq!(answers(&log), [count(2000)]);
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

    let mut text = String::new();
    let mut seq = 2;
    for item in items {
        match item.what.unwrap() {
            What::Event(entry) => {
                seq += 1;
                assert_eq!(entry.seq, seq, "events come in order");
            }
            What::Delta(delta) => {
                assert_eq!(delta.offset, text.len() as u64, "text comes in order");
                assert_eq!(delta.head, seq);
                text.push_str(&delta.text);
            }
            What::Head(head) => assert_eq!((head.seq, head.length), (seq, text.len() as u64)),
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert!(!text.is_empty() && count(2000).starts_with(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_words_go_at_once_and_the_rest_in_few_pieces() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            run.write("first").await?;
            sleep(Duration::from_millis(400)).await;
            for _ in 0..500 {
                run.write(" more").await?;
                sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    let mut listener = room.listen().await;
    room.say("go").await;

    let mut first = listener.next().await;
    let mut pieces = Vec::new();
    first.extend(listener.run().await);
    for item in first {
        if let Some(What::Delta(delta)) = item.what {
            pieces.push(delta.text);
        }
    }
    assert_eq!(pieces[0], "first", "nothing is waited for");
    let log = room.finished(1).await;
    let whole = format!("first{}", " more".repeat(500));
    assert_eq!(answers(&log), [whole]);
    // 500 writes took at least half a second; pieces of 20 ms each would be 25 in that time.
    assert!(pieces.len() < 150, "{} pieces", pieces.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_agent_is_seen_to_have_begun_and_keeps_its_lease_while_heads_beat() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            sleep(Duration::from_millis(2_500)).await;
            run.write("at last").await
        })
    });
    let _workers = [(); 2].map(|()| house.worker(quick(), actor.clone().alone()));
    let room = house.conversation().await;
    let mut listener = room.listen().await;
    let (_, doorbell) = room
        .submit("user:ada", "go", TurnPolicy::Enqueue)
        .await
        .unwrap();
    room.ring(&doorbell).await;
    room.until("the run has begun", |log| {
        matches!(log.last(), Some(EventBody::RunStarted { attempt: 1, .. }))
    })
    .await;
    // The lease is a second; were it not renewed, the other worker would have the run by now.
    let rivals = async {
        loop {
            sleep(Duration::from_millis(200)).await;
            room.ring(&doorbell).await;
        }
    };
    let items = tokio::select! {
        items = listener.run() => items,
        () = rivals => unreachable!("it rings for ever"),
    };
    let heads = items
        .iter()
        .filter(|item| matches!(item.what, Some(What::Head(_))));
    assert!(heads.count() >= 2, "a beat each second");
    let log = room.finished(1).await;
    assert_eq!(
        kinds(&log)
            .iter()
            .filter(|kind| *kind == "run.started")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_messages_of_one_run_stand_one_after_the_other() {
    let house = House::new();
    let _worker = house.guide();
    let room = house.conversation().await;
    room.say("/messages 20").await;
    let log = room.finished(1).await;
    let expected: Vec<_> = (1..=20).map(|n| format!("Message {n} of 20.")).collect();
    assert_eq!(answers(&log), expected);
    let ids = log.iter().filter_map(|body| match body {
        EventBody::MessageStarted { message, .. } => Some(message),
        _ => None,
    });
    assert!(
        ids.clone().all(MessageId::is_of_agent),
        "no person may take these"
    );
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_events_than_one_append_may_hold_are_written_all_the_same() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            for number in 0..200 {
                run.write(number.to_string()).await?;
                run.end_message().await?;
            }
            Ok(())
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("go").await;
    let log = room.finished(1).await;
    assert_eq!(
        answers(&log),
        (0..200).map(|n| n.to_string()).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_long_fails_and_what_waits_is_answered() {
    let house = House::new();
    let actor = Actor::new(|run| {
        Box::pin(async move {
            if run.input_text() != "long" {
                return run.write("short").await;
            }
            loop {
                // A quotation mark takes two bytes in JSON.
                run.write("\"".repeat(10_000)).await?;
            }
        })
    });
    let _worker = house.worker(quick(), actor.alone());
    let room = house.conversation().await;
    room.say("long").await;
    room.say("short").await;
    let log = room.finished(2).await;
    assert_eq!(outcomes(&log), ["failed", "completed"]);
    assert_eq!(answers(&log), ["short"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_conversations_are_answered_at_once() {
    let house = House::new();
    let worker = house.guide();
    let mut rooms = Vec::new();
    for _ in 0..40 {
        let room = house.conversation().await;
        room.say("/stream 100 at 500").await;
        room.say("/echo and again").await;
        rooms.push(room);
    }
    for room in &rooms {
        assert_eq!(
            answers(&room.finished(2).await),
            [count(100), "and again".to_owned()]
        );
    }
    assert_eq!(worker.worker.faults(), Vec::<String>::new());
}
