//! What a returning reader is told, and where the text begins for them.

use std::sync::Arc;

use bytes::Bytes;
use convene_proto::{
    id::MessageId,
    position::{Eid, Epoch, Nonce, Position, Seq, TextPosition},
};

use super::{Bench, fixture::*};
use crate::store::{Append, Effect, Limits, ResumeKind, Store, StreamingText, Subscribed};

/// A log of `head` events, without a run.
async fn room_of(store: Arc<dyn Store>, head: u64) -> Room {
    let room = Room::new(store).await;
    for n in 2..=head {
        room.remark(&n.to_string()).await;
    }
    room
}

/// A room in which `text` streams, after event 3.
async fn streaming_room(bench: &dyn Bench, text: &str) -> (Room, Nonce, MessageId) {
    let room = Room::new(bench.store(Limits::default()).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, text).await;
    (room, nonce, message)
}

async fn resume(room: &Room, after: Position) -> Subscribed {
    room.subscribe(&inbox("gateway"), Some(after)).await
}

fn expect(subscribed: &Subscribed, kind: ResumeKind, events: &[u64]) {
    assert_eq!(subscribed.kind, kind);
    assert_eq!(seqs(&subscribed.entries), events);
}

pub async fn without_a_position_there_is_a_snapshot(bench: &dyn Bench) {
    let (room, _, message) = streaming_room(bench, "Good mor").await;
    let gateway = inbox("gateway");
    let snapshot = room.subscribe(&gateway, None).await;
    assert_eq!(snapshot.kind, ResumeKind::Snapshot);
    assert_eq!(snapshot.epoch, room.epoch);
    assert_eq!(snapshot.conversation, room.look().await.0);
    assert_eq!(snapshot.entries, room.log().await);
    assert_eq!(snapshot.head_eid, snapshot.entries[2].eid);
    assert_eq!(snapshot.streaming, Some(streaming(&message, 0, "Good mor")));
    assert_eq!(snapshot.here, [room.ada.clone()]);
    assert_eq!(snapshot.audience, [gateway]);
}

pub async fn a_snapshot_is_no_longer_than_asked_for(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 7).await;
    let snapshot = room
        .subscribe_as(&room.bob, &inbox("g"), None, 3)
        .await
        .unwrap();
    expect(&snapshot, ResumeKind::Snapshot, &[5, 6, 7]);
    assert_eq!(snapshot.head_eid, snapshot.entries[2].eid);
    assert_eq!(snapshot.conversation.head, Seq(7));
}

pub async fn a_position_is_resumed_after_its_event(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 5).await;
    let log = room.log().await;
    for (at, entry) in log.iter().enumerate() {
        let resumed = resume(&room, room.after(entry)).await;
        assert_eq!(resumed.kind, ResumeKind::Resumed);
        assert_eq!(resumed.entries, log[at + 1..]);
        assert_eq!(resumed.head_eid, log[4].eid);
        assert_eq!(resumed.epoch, room.epoch);
        assert_eq!(resumed.streaming, None);
    }
}

pub async fn the_beginning_is_a_position_too(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 3).await;
    let beginning = Position {
        epoch: room.epoch,
        seq: Seq(0),
        eid: Eid(0),
        text: None,
    };
    expect(
        &resume(&room, beginning).await,
        ResumeKind::Resumed,
        &[1, 2, 3],
    );
}

pub async fn a_position_in_text_is_resumed_at_its_byte(bench: &dyn Bench) {
    let whole = "Gööd morning 🦜";
    let (room, nonce, message) = streaming_room(bench, "Gö").await;
    room.stream(nonce, &message, 3, "öd morn").await.unwrap();
    room.stream(nonce, &message, 11, "ing 🦜").await.unwrap();
    let head = room.log().await.remove(2);
    for offset in (0..=whole.len()).filter(|at| whole.is_char_boundary(*at)) {
        let resumed = resume(&room, room.inside(&head, &message, offset as u64)).await;
        expect(&resumed, ResumeKind::Resumed, &[]);
        let rest = StreamingText {
            text: Bytes::copy_from_slice(&whole.as_bytes()[offset..]),
            ..streaming(&message, offset as u64, "")
        };
        assert_eq!(resumed.streaming, Some(rest));
    }
    room.remark("meanwhile").await;
    let resumed = resume(&room, room.inside(&head, &message, 6)).await;
    expect(&resumed, ResumeKind::Resumed, &[4]);
    assert_eq!(
        resumed.streaming,
        Some(streaming(&message, 6, " morning 🦜"))
    );
}

pub async fn a_position_inside_a_character_is_a_reset(bench: &dyn Bench) {
    let whole = "Gööd 🦜";
    let (room, _, message) = streaming_room(bench, whole).await;
    let head = room.log().await.remove(2);
    for offset in (0..whole.len()).filter(|at| !whole.is_char_boundary(*at)) {
        let reset = resume(&room, room.inside(&head, &message, offset as u64)).await;
        expect(&reset, ResumeKind::Reset, &[1, 2, 3]);
        assert_eq!(reset.streaming, Some(streaming(&message, 0, whole)));
    }
}

pub async fn a_position_before_the_text_gets_all_of_it(bench: &dyn Bench) {
    let (room, _, message) = streaming_room(bench, "Good").await;
    let log = room.log().await;
    for (entry, rest) in [(&log[1], vec![3]), (&log[2], vec![])] {
        let resumed = resume(&room, room.after(entry)).await;
        expect(&resumed, ResumeKind::Resumed, &rest);
        assert_eq!(resumed.streaming, Some(streaming(&message, 0, "Good")));
    }
}

pub async fn text_that_ended_meanwhile_is_resumed_with_its_end(bench: &dyn Bench) {
    let (room, nonce, first) = streaming_room(bench, "Good").await;
    let inside = room.inside(&room.log().await[2], &first, 2);
    room.write(nonce, Effect::Complete(first)).await.unwrap();
    let resumed = resume(&room, inside.clone()).await;
    expect(&resumed, ResumeKind::Resumed, &[4]);
    assert_eq!(resumed.streaming, None);
    let second = room.start(nonce, "And").await;
    let resumed = resume(&room, inside).await;
    expect(&resumed, ResumeKind::Resumed, &[4, 5]);
    assert_eq!(resumed.streaming, Some(streaming(&second, 0, "And")));
}

pub async fn a_position_in_an_earlier_part_gets_the_part_under_way(bench: &dyn Bench) {
    let (room, nonce, message) = streaming_room(bench, "Good").await;
    let head = room.log().await.remove(2);
    let append = Append {
        text: Some(piece(&message, 1, 0, "morning")),
        ..room.draft_append(nonce)
    };
    room.append(append).await.unwrap();
    let resumed = resume(&room, room.inside(&head, &message, 2)).await;
    expect(&resumed, ResumeKind::Resumed, &[]);
    let part = StreamingText {
        part: 1,
        ..streaming(&message, 0, "morning")
    };
    assert_eq!(resumed.streaming, Some(part));
    assert_eq!(room.text(&message, 2).await, "od");
}

pub async fn another_epoch_is_a_reset(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 3).await;
    let position = Position {
        epoch: Epoch(room.epoch.0 ^ 1),
        ..room.after(&room.log().await[2])
    };
    let reset = resume(&room, position).await;
    expect(&reset, ResumeKind::Reset, &[1, 2, 3]);
    assert_eq!(reset.epoch, room.epoch);
}

pub async fn another_eid_is_a_reset(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 3).await;
    for entry in room.log().await {
        let position = Position {
            eid: Eid(entry.eid.0 ^ 1),
            ..room.after(&entry)
        };
        expect(
            &resume(&room, position).await,
            ResumeKind::Reset,
            &[1, 2, 3],
        );
    }
}

pub async fn a_position_past_the_head_is_a_reset(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 3).await;
    let position = Position {
        seq: Seq(4),
        ..room.after(&room.log().await[2])
    };
    expect(
        &resume(&room, position).await,
        ResumeKind::Reset,
        &[1, 2, 3],
    );
}

pub async fn an_offset_past_the_text_is_a_reset(bench: &dyn Bench) {
    let (room, _, message) = streaming_room(bench, "Gööd").await;
    let head = room.log().await.remove(2);
    let reset = resume(&room, room.inside(&head, &message, 7)).await;
    expect(&reset, ResumeKind::Reset, &[1, 2, 3]);
    assert_eq!(reset.streaming, Some(streaming(&message, 0, "Gööd")));
    let later_part = Position {
        text: Some(TextPosition {
            message,
            part: 1,
            offset: 1,
        }),
        ..room.after(&head)
    };
    expect(
        &resume(&room, later_part).await,
        ResumeKind::Reset,
        &[1, 2, 3],
    );
}

pub async fn an_offset_past_the_text_is_a_reset_however_old_the_position(bench: &dyn Bench) {
    let limits = Limits {
        retention: 3,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    room.say("hello").await;
    let nonce = room.claim().await.nonce;
    let message = room.start(nonce, "Good").await;
    let started = room.log().await.remove(2);
    for _ in 0..4 {
        room.write(nonce, Effect::None).await.unwrap();
    }
    room.finish(nonce).await;
    while room.look().await.0.first <= started.seq {
        room.remark("more").await;
    }
    let inside = resume(&room, room.inside(&started, &message, 4)).await;
    assert_eq!(inside.kind, ResumeKind::Snapshot);
    let past = resume(&room, room.inside(&started, &message, 5)).await;
    assert_eq!(past.kind, ResumeKind::Reset);
}

pub async fn a_position_that_retention_passed_gets_a_snapshot(bench: &dyn Bench) {
    let limits = Limits {
        retention: 5,
        ..Limits::default()
    };
    let room = room_of(bench.store(limits).await, 3).await;
    let log = room.log().await;
    for n in 4..=7 {
        room.remark(&n.to_string()).await;
    }
    // 3 to 7 are left. Of event 2 nobody can say any more whether it was the reader's.
    for entry in &log[..2] {
        expect(
            &resume(&room, room.after(entry)).await,
            ResumeKind::Snapshot,
            &[3, 4, 5, 6, 7],
        );
    }
    let resumed = resume(&room, room.after(&log[2])).await;
    expect(&resumed, ResumeKind::Resumed, &[4, 5, 6, 7]);
    assert_eq!(resumed.conversation.first, Seq(3));
}

pub async fn a_resume_of_more_than_a_page_of_bytes_is_a_snapshot(bench: &dyn Bench) {
    let limits = Limits {
        page_bytes: 1_000_000,
        ..Limits::default()
    };
    let room = Room::new(bench.store(limits).await).await;
    let mut said = Vec::new();
    for _ in 0..30 {
        said.push(room.remark_at_length(200_000).await.entry);
    }
    let near = resume(&room, room.after(&said[24])).await;
    expect(&near, ResumeKind::Resumed, &[27, 28, 29, 30, 31]);
    let far = resume(&room, room.after(&said[23])).await;
    expect(&far, ResumeKind::Snapshot, &[27, 28, 29, 30, 31]);
    assert_eq!(far.head_eid, said[29].eid);
    let anew = room.subscribe(&inbox("gateway"), None).await;
    expect(&anew, ResumeKind::Snapshot, &[27, 28, 29, 30, 31]);
    room.remark_at_length(1_200_000).await;
    let anew = room.subscribe(&inbox("gateway"), None).await;
    expect(&anew, ResumeKind::Snapshot, &[32]);
    let nothing_missed = resume(&room, room.after(&anew.entries[0])).await;
    expect(&nothing_missed, ResumeKind::Resumed, &[]);
}

pub async fn a_position_too_far_back_gets_a_snapshot(bench: &dyn Bench) {
    let room = room_of(bench.store(Limits::default()).await, 6).await;
    let log = room.log().await;
    let (ada, gateway) = (&room.ada, inbox("gateway"));
    let near = room
        .subscribe_as(ada, &gateway, Some(room.after(&log[2])), 3)
        .await;
    expect(&near.unwrap(), ResumeKind::Resumed, &[4, 5, 6]);
    let far = room
        .subscribe_as(ada, &gateway, Some(room.after(&log[1])), 3)
        .await;
    expect(&far.unwrap(), ResumeKind::Snapshot, &[4, 5, 6]);
    let other = Position {
        eid: Eid(log[1].eid.0 ^ 1),
        ..room.after(&log[1])
    };
    let reset = room.subscribe_as(ada, &gateway, Some(other), 3).await;
    expect(&reset.unwrap(), ResumeKind::Reset, &[4, 5, 6]);
}
