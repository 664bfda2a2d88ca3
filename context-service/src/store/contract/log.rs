//! Reading the log and its text.

use convene_proto::{
    id::MessageId,
    position::{Eid, Seq},
};

use super::{Bench, fixture::*};
use crate::store::{Append, Change, Effect, Entry, Limits, NewEntry, Range, Submit, TRIMMED};

pub async fn pages_run_forward_and_backward(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    for n in 2..=7 {
        room.remark(&n.to_string()).await;
    }
    let forward = |seq, limit| Range::After {
        seq: Seq(seq),
        limit,
    };
    let backward = |seq, limit| Range::Before {
        seq: Seq(seq),
        limit,
    };
    let pages = [
        (forward(0, 3), vec![1, 2, 3]),
        (forward(3, 3), vec![4, 5, 6]),
        (forward(6, 3), vec![7]),
        (backward(8, 3), vec![5, 6, 7]),
        (backward(5, 3), vec![2, 3, 4]),
        (backward(2, 3), vec![1]),
    ];
    for (range, expected) in pages {
        let events = room.read(range).await;
        assert_eq!(seqs(&events.entries), expected, "{range:?}");
        assert_eq!(events.epoch, room.epoch);
        assert_eq!((events.head, events.first), (Seq(7), Seq(1)));
    }
}

pub async fn pages_end_where_the_log_ends(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.remark("two").await;
    let empty = [
        Range::After {
            seq: Seq(2),
            limit: 5,
        },
        Range::After {
            seq: Seq(99),
            limit: 5,
        },
        Range::Before {
            seq: Seq(1),
            limit: 5,
        },
        Range::Before {
            seq: Seq(0),
            limit: 5,
        },
    ];
    for range in empty {
        assert_eq!(seqs(&room.read(range).await.entries), [0; 0], "{range:?}");
    }
    let newest = Range::Before {
        seq: Seq(99),
        limit: 5,
    };
    assert_eq!(seqs(&room.read(newest).await.entries), [1, 2]);
}

pub async fn pages_of_large_bodies_are_shorter_and_leave_nothing_out(bench: &dyn Bench) {
    let limits = Limits {
        page_bytes: 1_000_000,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    for _ in 0..30 {
        room.remark_at_length(200_000).await;
    }
    room.remark_at_length(1_200_000).await;
    room.remark("short").await;
    let (mut forward, mut at) = (Vec::new(), Seq(0));
    while at < Seq(33) {
        let limit = 1000;
        let page = room.read(Range::After { seq: at, limit }).await.entries;
        assert!((1..=6).contains(&page.len()), "{:?}", seqs(&page));
        at = page.last().unwrap().seq;
        forward.extend(seqs(&page));
    }
    assert!(forward.into_iter().eq(1..=33));
    let (mut backward, mut at) = (Vec::new(), Seq(34));
    while at > Seq(1) {
        let limit = 1000;
        let page = room.read(Range::Before { seq: at, limit }).await.entries;
        assert!((1..=6).contains(&page.len()), "{:?}", seqs(&page));
        at = page[0].seq;
        backward.extend(seqs(&page).into_iter().rev());
    }
    assert!(backward.into_iter().eq((1..=33).rev()));
}

pub async fn bodies_come_back_byte_for_byte(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let body = "{ \"b\":1.50,\"a\" :\"\\u00e9é\\n🦜 '\\\"\" }";
    let submit = Submit {
        entry: NewEntry {
            body: body.into(),
            ..entry("x")
        },
        ..room.draft_message("x")
    };
    let said = room.store.submit(submit).await.unwrap();
    assert_eq!(said.entry.body, body);
    let log = room.log().await;
    assert_eq!(log[1], said.entry);
    assert!(log.is_sorted_by_key(|entry| entry.at));
}

pub async fn each_event_names_the_one_in_front(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    let gateway = inbox("gateway");
    let mut written = vec![room.say("one").await.entry];
    let draft = room.draft_message("two");
    written.push(room.store.submit(draft.clone()).await.unwrap().entry);
    let renamed = room.change(&room.ada, Change::Rename("Coffee".to_owned()));
    written.push(renamed.await.unwrap().entry);
    let claimed = room.claim().await;
    let message = MessageId::random();
    let append = Append {
        entries: vec![
            (entry("start"), Effect::Start(message.clone())),
            (entry("complete"), Effect::Complete(message)),
        ],
        ..room.draft_append(claimed.nonce)
    };
    written.extend(room.append(append.clone()).await.unwrap().entries);
    written.extend(room.append(append).await.unwrap().entries);
    written.push(room.store.submit(draft).await.unwrap().entry);

    let log = room.log().await;
    let mut front = Eid(0);
    for event in &log {
        assert_eq!(event.prev, front, "event {}", event.seq);
        front = event.eid;
    }
    let place = |entry: &Entry| usize::try_from(entry.seq.0 - 1).unwrap();
    for entry in written.iter().chain(&claimed.history) {
        assert_eq!(*entry, log[place(entry)]);
    }
    let subscribed = room.subscribe(&gateway, Some(room.after(&log[2]))).await;
    assert_eq!(subscribed.entries, log[3..]);
}

pub async fn retention_drops_the_oldest_events(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    for n in 2..=12 {
        room.remark(&n.to_string()).await;
    }
    let kept = vec![8, 9, 10, 11, 12];
    let forward = room
        .read(Range::After {
            seq: Seq(3),
            limit: 100,
        })
        .await;
    assert_eq!(seqs(&forward.entries), kept);
    assert_eq!((forward.head, forward.first), (Seq(12), Seq(8)));
    let backward = room
        .read(Range::Before {
            seq: Seq(13),
            limit: 100,
        })
        .await;
    assert_eq!(seqs(&backward.entries), kept);
    let beyond = room
        .read(Range::Before {
            seq: Seq(8),
            limit: 100,
        })
        .await;
    assert_eq!(seqs(&beyond.entries), [0; 0]);
    assert_eq!(room.look().await.0.first, Seq(8));
}

pub async fn retention_keeps_what_still_waits(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.remark("dropped").await;
    let waiting = room.say("waiting").await;
    for _ in 0..10 {
        room.remark("more").await;
    }
    assert_eq!(room.look().await.0.first, waiting.entry.seq);
    let claimed = room.claim().await;
    assert_eq!(claimed.inputs, [waiting.entry]);
    room.finish(claimed.nonce).await;
    room.remark("last").await;
    assert_eq!(room.log().await.len(), 5);
}

pub async fn what_gathered_is_dropped_little_by_little(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("waiting").await;
    for _ in 0..3 * TRIMMED {
        room.remark("more").await;
    }
    let nonce = room.claim().await.nonce;
    room.finish(nonce).await;
    assert!(room.log().await.len() > 5, "not all at once");
    let mut first = room.look().await.0.first.0;
    while room.log().await.len() > 5 {
        room.remark("more").await;
        let now = room.look().await.0.first.0;
        assert!(now > first && now <= first + TRIMMED, "{first} to {now}");
        first = now;
    }
}

pub async fn text_is_read_from_any_byte(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let nobody = MessageId::random();
    assert_eq!(room.text(&nobody, 0).await, "");
    assert!(!room.streams(&nobody).await);
    let message = room.start(nonce, "Good ").await;
    assert!(room.streams(&message).await);
    room.stream(nonce, &message, 5, "morn").await.unwrap();
    room.stream(nonce, &message, 9, "ing").await.unwrap();
    let whole = "Good morning";
    for offset in 0..=whole.len() {
        let text = room.text(&message, offset as u64).await;
        assert_eq!(text, whole[offset..]);
    }
    assert_eq!(room.text(&message, 99).await, "");
}

pub async fn finished_text_lingers_a_while(bench: &dyn Bench) {
    let limits = Limits {
        text_lingers: SHORT * 4,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, "Good morning").await;
    room.write(nonce, Effect::Complete(message.clone()))
        .await
        .unwrap();
    assert_eq!(room.text(&message, 5).await, "morning");
    assert!(!room.streams(&message).await, "no more of it comes");
    let next = room.start(nonce, "And then").await;
    until("the text is gone", || async {
        room.text(&message, 5).await.is_empty()
    })
    .await;
    assert_eq!(room.text(&next, 0).await, "And then");
}

pub async fn retracted_text_is_gone(bench: &dyn Bench) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, "Good morning").await;
    room.write(nonce, Effect::Retract(message.clone()))
        .await
        .unwrap();
    assert_eq!(room.text(&message, 0).await, "");
    assert!(!room.streams(&message).await);
}
