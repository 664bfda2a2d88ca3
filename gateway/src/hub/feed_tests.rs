//! The feed against its promise: whatever arrives, in whatever order and however often, each
//! reader sees each event once and in order, and each byte of text once. That a log which was
//! rewound is noticed is in `rewind_tests`.

use std::collections::BTreeMap;

use bytes::Bytes;
use convene_proto::frame::ServerFrame;
use proptest::prelude::*;

use super::*;
use crate::hub::known::WINDOW;

const EPOCH: Epoch = Epoch(7);

fn entry(seq: u64, body: &str) -> Entry {
    Entry {
        seq: Seq(seq),
        eid: Eid(seq * 100),
        prev: Eid((seq - 1) * 100),
        at: 1,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn renamed(seq: u64) -> Entry {
    entry(
        seq,
        r#"{"type":"conversation.renamed","by":"user:ada","title":"t"}"#,
    )
}

fn started(seq: u64, message: &str) -> Entry {
    let body = format!(
        r#"{{"type":"message.started","message":"{message}","author":"agent:guide","run":"r"}}"#
    );
    entry(seq, &body)
}

fn retracted(seq: u64, message: &str) -> Entry {
    let body = format!(r#"{{"type":"message.retracted","message":"{message}","run":"r"}}"#);
    entry(seq, &body)
}

fn at(seq: u64) -> Position {
    Position {
        epoch: EPOCH,
        seq: Seq(seq),
        eid: Eid(seq * 100),
        text: None,
    }
}

fn feed() -> Feed {
    let mut feed = Feed::new("c".parse().unwrap());
    feed.begin(&at(0), || None);
    feed
}

/// A feed whose first event begins the message `m`.
fn streaming() -> Feed {
    let mut feed = feed();
    feed.take_event(EPOCH, started(1, "m"));
    feed
}

fn take_all(feed: &mut Feed, cursor: &mut Cursor) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    while let Next::Frame(frame) | Next::Farewell(frame, _) = feed.next(cursor) {
        let decoded = serde_json::from_str(&frame.json).unwrap();
        if let Some(position) = &frame.position {
            assert_eq!(
                **position,
                *cursor.position().to_string(),
                "a frame says where it leads"
            );
        }
        frames.push(decoded);
    }
    frames
}

fn texts(frames: &[ServerFrame]) -> String {
    frames
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Delta { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn delta(feed: &mut Feed, head: u64, offset: u64, text: &str) -> Taken {
    feed.take_delta(EPOCH, Seq(head), &"m".parse().unwrap(), 0, offset, text)
}

#[test]
fn events_wait_for_those_before_them() {
    let mut feed = feed();
    let mut cursor = feed.cursor(at(0));
    assert_eq!(feed.take_event(EPOCH, renamed(2)), Taken::Gap);
    assert!(matches!(feed.next(&mut cursor), Next::Idle));
    assert_eq!(feed.take_event(EPOCH, renamed(1)), Taken::Advanced);
    assert_eq!(feed.take_event(EPOCH, renamed(2)), Taken::Nothing);
    assert!(!feed.is_behind());
    assert_eq!(take_all(&mut feed, &mut cursor).len(), 2);
    assert_eq!(cursor.seq, Seq(2));
}

#[test]
fn what_comes_before_the_log_has_said_where_it_stands_is_asked_for() {
    let mut feed = Feed::new("c".parse().unwrap());
    assert_eq!(feed.take_event(EPOCH, renamed(3)), Taken::Nothing);
    assert_eq!(feed.begin(&at(2), || None), Taken::Gap);
    let before = feed.standing().unwrap();
    let page = vec![renamed(2), renamed(3)];
    let mut cursor = feed.cursor(at(2));
    assert_eq!(
        feed.take_page(&before, EPOCH, Seq(3), page),
        Taken::Advanced
    );
    assert!(!feed.is_behind());
    assert_eq!(take_all(&mut feed, &mut cursor).len(), 1);
}

#[test]
fn pending_pieces_of_a_slow_reader_merge_into_one_frame() {
    let mut feed = streaming();
    let (mut quick, mut slow) = (feed.cursor(at(1)), feed.cursor(at(1)));
    let mut seen = String::new();
    for (offset, piece) in [(0, "one "), (4, "two "), (8, "three")] {
        assert_eq!(delta(&mut feed, 1, offset, piece), Taken::Advanced);
        seen += &texts(&take_all(&mut feed, &mut quick));
    }
    assert_eq!(seen, "one two three");
    let late = take_all(&mut feed, &mut slow);
    assert_eq!((late.len(), texts(&late)), (1, "one two three".to_owned()));
}

#[test]
fn a_hole_in_the_text_is_a_gap_that_says_what_is_wanted() {
    let mut feed = streaming();
    delta(&mut feed, 1, 0, "ab");
    assert_eq!(delta(&mut feed, 1, 5, "fg"), Taken::Gap);
    let wanted = feed.text_wanted().unwrap();
    assert_eq!((wanted.message.as_str(), wanted.offset), ("m", 2));
    assert_eq!(delta(&mut feed, 1, 2, "cdefg"), Taken::Advanced);
    assert_eq!(delta(&mut feed, 1, 5, "fg"), Taken::Nothing);
    let message = "m".parse().unwrap();
    let mut hear = |head, length| feed.hear_head(EPOCH, Seq(head), Some((&message, 0, length)));
    assert_eq!(hear(1, 7), Taken::Nothing);
    assert_eq!(hear(1, 9), Taken::Gap);
    assert_eq!(feed.hear_head(EPOCH, Seq(2), None), Taken::Gap);
}

#[test]
fn text_begins_and_ends_with_its_events_and_late_pieces_are_no_gap() {
    let mut feed = streaming();
    let mut cursor = feed.cursor(at(1));
    delta(&mut feed, 1, 0, "ab");
    take_all(&mut feed, &mut cursor);
    assert!(cursor.text.is_some());
    feed.take_event(EPOCH, retracted(2, "m"));
    assert_eq!(delta(&mut feed, 1, 2, "cd"), Taken::Nothing);
    take_all(&mut feed, &mut cursor);
    assert_eq!(cursor.text, None);

    feed.take_event(EPOCH, started(3, "n"));
    feed.take_event(EPOCH, retracted(4, "n"));
    for late in [1, 4] {
        assert_eq!(delta(&mut feed, late, 0, "ab"), Taken::Nothing);
    }
    let message = "m".parse().unwrap();
    let late = feed.hear_head(EPOCH, Seq(1), Some((&message, 0, 99)));
    assert_eq!(late, Taken::Nothing);
    assert_eq!(texts(&take_all(&mut feed, &mut cursor)), "");
}

#[test]
fn a_later_part_takes_the_place_of_the_one_before() {
    let mut feed = streaming();
    let (mut quick, mut slow) = (feed.cursor(at(1)), feed.cursor(at(1)));
    delta(&mut feed, 1, 0, "ab");
    take_all(&mut feed, &mut quick);
    let message = "m".parse().unwrap();
    let next = feed.take_delta(EPOCH, Seq(1), &message, 1, 0, "cd");
    assert_eq!(next, Taken::Advanced);
    assert_eq!(delta(&mut feed, 1, 2, "late"), Taken::Nothing);
    slow.text = Some(TextPosition {
        message: message.clone(),
        part: 0,
        offset: 1,
    });
    assert!(matches!(
        feed.next(&mut slow),
        Next::TextBehind { over: true }
    ));
    let gap = feed.take_delta(EPOCH, Seq(1), &message, 3, 5, "x");
    assert_eq!(gap, Taken::Gap);
    let wanted = feed.text_wanted().unwrap();
    assert_eq!((wanted.part, wanted.offset), (3, 0));
}

#[test]
fn readers_at_one_place_share_a_frame_and_those_at_many_are_not_remembered() {
    let mut feed = streaming();
    delta(&mut feed, 1, 0, &"x".repeat(1000));
    let place = |offset| TextPosition {
        message: "m".parse().unwrap(),
        part: 0,
        offset,
    };
    let mut frame_at = |offset| {
        let mut cursor = feed.cursor(at(1));
        cursor.text = Some(place(offset));
        match feed.next(&mut cursor) {
            Next::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    };
    let first = frame_at(0);
    assert!(std::ptr::eq(first.json.as_str(), frame_at(0).json.as_str()));
    for offset in 1..100 {
        frame_at(offset);
    }
    let again = frame_at(0);
    assert_eq!(again.json, first.json);
    assert!(!std::ptr::eq(first.json.as_str(), again.json.as_str()));
}

#[test]
fn who_has_left_is_named_with_the_frame_that_says_so() {
    let mut feed = feed();
    let mut cursor = feed.cursor(at(0));
    feed.take_event(
        EPOCH,
        entry(1, r#"{"type":"participant.left","participant":"user:ada"}"#),
    );
    let Next::Farewell(_, leaver) = feed.next(&mut cursor) else {
        panic!("not a farewell");
    };
    assert_eq!(leaver.to_string(), "user:ada");
}

#[test]
fn who_is_far_behind_is_sent_to_the_log() {
    let mut feed = feed();
    let mut cursor = feed.cursor(at(0));
    for seq in 1..=(WINDOW as u64 + 1) {
        feed.take_event(EPOCH, renamed(seq));
    }
    assert!(matches!(feed.next(&mut cursor), Next::EventsBehind));
    cursor.pass(Seq(1), Eid(100), &Change::Nothing);
    assert_eq!(take_all(&mut feed, &mut cursor).len(), WINDOW);
}

#[test]
fn moments_are_shown_once_and_only_to_those_who_are_there() {
    let mut feed = feed();
    let mut early = feed.cursor(at(0));
    feed.show("user:ada".parse().unwrap(), Signal::Typing);
    let mut late = feed.cursor(at(0));
    assert_eq!(take_all(&mut feed, &mut early).len(), 1);
    assert_eq!(take_all(&mut feed, &mut early).len(), 0);
    assert_eq!(take_all(&mut feed, &mut late).len(), 0);
}

#[derive(Debug, Clone)]
enum Arrives {
    Event(u64),
    Piece(usize, usize),
    Look(usize),
}

fn arrives() -> impl Strategy<Value = Arrives> {
    prop_oneof![
        (2..12_u64).prop_map(Arrives::Event),
        (0..40_usize, 0..12_usize).prop_map(|(from, length)| Arrives::Piece(from, length)),
        (0..3_usize).prop_map(Arrives::Look),
    ]
}

proptest! {
    #[test]
    fn every_reader_sees_a_prefix_whatever_comes(steps in proptest::collection::vec(arrives(), 0..120)) {
        let whole = "the quick brown fox jumps over it — ½ ✓";
        let mut feed = streaming();
        let mut readers: BTreeMap<usize, (Cursor, u64, String)> = (0..3)
            .map(|reader| (reader, (feed.cursor(at(1)), 1, String::new())))
            .collect();
        for step in steps {
            match step {
                Arrives::Event(seq) => { feed.take_event(EPOCH, renamed(seq)); }
                Arrives::Piece(from, length) => {
                    if let Some(piece) = whole.get(from..(from + length).min(whole.len())) {
                        delta(&mut feed, 1, from as u64, piece);
                    }
                }
                Arrives::Look(reader) => {
                    let (cursor, seq, text) = readers.get_mut(&reader).unwrap();
                    for frame in take_all(&mut feed, cursor) {
                        match frame {
                            ServerFrame::Event { event, .. } => {
                                *seq += 1;
                                prop_assert_eq!(event.seq, Seq(*seq));
                            }
                            ServerFrame::Delta { offset, text: piece, .. } => {
                                prop_assert_eq!(offset, text.len() as u64);
                                text.push_str(&piece);
                            }
                            other => prop_assert!(false, "{:?}", other),
                        }
                    }
                    prop_assert!(whole.starts_with(text.as_str()));
                }
            }
        }
    }
}

/// An attempt that has said one message and writes another takes both back, the first one first.
#[test]
fn a_message_that_is_taken_back_ends_no_other_s_text() {
    let mut feed = feed();
    let mut reader = feed.cursor(at(0));
    feed.take_event(EPOCH, started(1, "m2"));
    feed.take_delta(EPOCH, Seq(1), &"m2".parse().unwrap(), 0, 0, "text");
    feed.take_event(EPOCH, retracted(2, "m1"));
    let mut positions = Vec::new();
    while let Next::Frame(frame) = feed.next(&mut reader) {
        positions.push(frame.position.as_deref().unwrap().to_owned());
    }
    assert_eq!(
        positions.last().unwrap(),
        "00000007:2:00000000000000c8:m2:0:4"
    );
    feed.take_event(EPOCH, retracted(3, "m2"));
    assert!(matches!(feed.next(&mut reader), Next::Frame(_)));
    assert_eq!(reader.text, None);
}

#[test]
fn an_old_event_that_comes_again_stops_no_reader() {
    let many = 2 * WINDOW as u64;
    let mut known = feed();
    for seq in 1..=many {
        known.take_event(EPOCH, renamed(seq));
    }
    let mut fresh = Feed::new("c".parse().unwrap());
    fresh.begin(&at(many), || None);
    for (mut feed, old, taken) in [
        (known, 1, Taken::Nothing),
        // This feed knows nothing of what was before it, which may be of a log that is gone: it asks.
        (fresh, many - 1, Taken::Gap),
    ] {
        let mut cursor = feed.cursor(at(many));
        assert_eq!(feed.take_event(EPOCH, renamed(old)), taken);
        feed.take_event(EPOCH, renamed(many + 1));
        assert_eq!(take_all(&mut feed, &mut cursor).len(), 1, "nobody waits");
        if let Some(before) = feed.standing().filter(|_| taken == Taken::Gap) {
            feed.take_page(&before, EPOCH, Seq(many + 1), vec![renamed(many + 1)]);
        }
        assert!(!feed.is_behind());
    }
}

#[test]
fn a_reader_in_a_later_part_than_has_come_here_waits_for_that_part() {
    let mut feed = streaming();
    delta(&mut feed, 1, 0, "the first part");
    let mut cursor = feed.cursor(Position {
        text: Some(TextPosition {
            message: "m".parse().unwrap(),
            part: 1,
            offset: 4,
        }),
        ..at(1)
    });
    assert_eq!(texts(&take_all(&mut feed, &mut cursor)), "");
    let second = "the second part";
    feed.take_delta(EPOCH, Seq(1), &"m".parse().unwrap(), 1, 0, second);
    assert_eq!(texts(&take_all(&mut feed, &mut cursor)), second[4..]);
}
