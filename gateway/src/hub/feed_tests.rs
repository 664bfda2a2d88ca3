//! The feed against its promise: whatever arrives, in whatever order and however often, each
//! reader sees each event once and in order, and each byte of text once.

use std::collections::BTreeMap;

use bytes::Bytes;
use convene_proto::frame::ServerFrame;
use proptest::prelude::*;

use super::*;

const EPOCH: Epoch = Epoch(7);

fn entry(seq: u64, body: &str) -> Entry {
    Entry {
        seq: Seq(seq),
        eid: Eid(seq * 100),
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

fn feed() -> Feed {
    let mut feed = Feed::new("c".parse().unwrap());
    feed.begin(EPOCH, Seq(0), Eid(0), None);
    feed
}

fn start() -> Position {
    Position {
        epoch: EPOCH,
        seq: Seq(0),
        eid: Eid(0),
        text: None,
    }
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
    let mut cursor = feed.cursor(start());
    assert_eq!(feed.take_event(EPOCH, renamed(2)), Taken::Gap);
    assert!(matches!(feed.next(&mut cursor), Next::Idle));
    assert_eq!(feed.take_event(EPOCH, renamed(1)), Taken::Advanced);
    assert_eq!(feed.take_event(EPOCH, renamed(2)), Taken::Nothing);
    assert_eq!(take_all(&mut feed, &mut cursor).len(), 2);
    assert_eq!(cursor.seq, Seq(2));
}

#[test]
fn another_log_under_the_same_name_is_noticed() {
    let mut feed = feed();
    let mut cursor = feed.cursor(start());
    feed.take_event(EPOCH, renamed(1));
    let mut other = renamed(1);
    other.eid = Eid(1);
    assert_eq!(feed.take_event(EPOCH, other), Taken::Lost);
    assert!(matches!(feed.next(&mut cursor), Next::Lost));

    feed.begin(EPOCH, Seq(1), Eid(1), None);
    assert!(
        matches!(feed.next(&mut cursor), Next::Lost),
        "old cursors stay void"
    );
    assert_eq!(feed.take_event(Epoch(8), renamed(2)), Taken::Lost);
}

#[test]
fn pending_pieces_of_a_slow_reader_merge_into_one_frame() {
    let mut feed = feed();
    let (mut quick, mut slow) = (feed.cursor(start()), feed.cursor(start()));
    let mut seen = String::new();
    for (offset, piece) in [(0, "one "), (4, "two "), (8, "three")] {
        assert_eq!(delta(&mut feed, 0, offset, piece), Taken::Advanced);
        seen += &texts(&take_all(&mut feed, &mut quick));
    }
    assert_eq!(seen, "one two three");
    let late = take_all(&mut feed, &mut slow);
    assert_eq!((late.len(), texts(&late)), (1, "one two three".to_owned()));
}

#[test]
fn a_hole_in_the_text_is_a_gap_that_says_what_is_wanted() {
    let mut feed = feed();
    delta(&mut feed, 0, 0, "ab");
    assert_eq!(delta(&mut feed, 0, 5, "fg"), Taken::Gap);
    let wanted = feed.text_wanted().unwrap();
    assert_eq!((wanted.message.as_str(), wanted.offset), ("m", 2));
    assert_eq!(delta(&mut feed, 0, 2, "cdefg"), Taken::Advanced);
    assert_eq!(delta(&mut feed, 0, 5, "fg"), Taken::Nothing);
    let message = "m".parse().unwrap();
    assert_eq!(
        feed.hear_head(EPOCH, Seq(0), Some((&message, 0, 7))),
        Taken::Nothing
    );
    assert_eq!(
        feed.hear_head(EPOCH, Seq(0), Some((&message, 0, 9))),
        Taken::Gap
    );
    assert_eq!(feed.hear_head(EPOCH, Seq(1), None), Taken::Gap);
}

#[test]
fn the_end_of_a_text_ends_it_and_late_pieces_are_no_gap() {
    let mut feed = feed();
    let mut cursor = feed.cursor(start());
    delta(&mut feed, 0, 0, "ab");
    take_all(&mut feed, &mut cursor);
    assert!(cursor.text.is_some());
    feed.take_event(
        EPOCH,
        entry(1, r#"{"type":"message.retracted","message":"m","run":"r"}"#),
    );
    assert_eq!(delta(&mut feed, 0, 2, "cd"), Taken::Nothing);
    take_all(&mut feed, &mut cursor);
    assert_eq!(cursor.text, None);
}

#[test]
fn who_has_left_is_named_with_the_frame_that_says_so() {
    let mut feed = feed();
    let mut cursor = feed.cursor(start());
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
    let mut cursor = feed.cursor(start());
    for seq in 1..=(WINDOW as u64 + 1) {
        feed.take_event(EPOCH, renamed(seq));
    }
    assert!(matches!(feed.next(&mut cursor), Next::EventsBehind));
    cursor.seq = Seq(1);
    assert_eq!(take_all(&mut feed, &mut cursor).len(), WINDOW);
}

#[test]
fn moments_are_shown_once_and_only_to_those_who_are_there() {
    let mut feed = feed();
    let mut early = feed.cursor(start());
    let signal = Encoded::of(&ServerFrame::Pong { request: 1 });
    feed.show(signal);
    let mut late = feed.cursor(start());
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
        (1..12_u64).prop_map(Arrives::Event),
        (0..40_usize, 0..12_usize).prop_map(|(from, length)| Arrives::Piece(from, length)),
        (0..3_usize).prop_map(Arrives::Look),
    ]
}

proptest! {
    #[test]
    fn every_reader_sees_a_prefix_whatever_comes(steps in proptest::collection::vec(arrives(), 0..120)) {
        let whole = "the quick brown fox jumps over it — ½ ✓";
        let mut feed = feed();
        let mut readers: BTreeMap<usize, (Cursor, u64, String)> = (0..3)
            .map(|reader| (reader, (feed.cursor(start()), 0, String::new())))
            .collect();
        for step in steps {
            match step {
                Arrives::Event(seq) => { feed.take_event(EPOCH, renamed(seq)); }
                Arrives::Piece(from, length) => {
                    if let Some(piece) = whole.get(from..(from + length).min(whole.len())) {
                        delta(&mut feed, 0, from as u64, piece);
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
