//! The check that a client sees a prefix of the log.

use convene_client::{
    Cursor, Violation,
    proto::{frame::ServerFrame, position::Seq},
};
use proptest::prelude::*;

use crate::frames::{
    at, completed, conversation, delta, entry, event, id, inside, resumed, retracted, run_started,
    said, snapshot, started, state,
};

/// A conversation in which every kind of frame matters.
fn course() -> Vec<ServerFrame> {
    vec![
        event(2, run_started(1)),
        event(3, started("m")),
        delta(3, "m", 0, "One"),
        delta(3, "m", 3, " two"),
        event(4, retracted("m")),
        event(5, started("n")),
        delta(5, "n", 0, "Ä"),
        // Somebody speaks meanwhile: the position keeps its place in the text.
        ServerFrame::Event {
            conversation: conversation(),
            position: inside(6, "n", 2),
            event: entry(6, said("x", "X")),
        },
        delta(6, "n", 2, "bc"),
        event(7, completed("n", "Äbcd")),
        event(8, said("y", "Y")),
    ]
}

fn begun() -> Cursor {
    let mut cursor = Cursor::new(None);
    cursor.take(&snapshot(Some(1))).unwrap();
    cursor
}

fn read(frames: &[ServerFrame]) -> Result<Cursor, Violation> {
    let mut cursor = begun();
    for frame in frames {
        cursor.take(frame)?;
    }
    Ok(cursor)
}

#[test]
fn a_true_course_is_taken_whole_and_from_wherever_it_is_resumed() {
    let course = course();
    assert_eq!(read(&course).unwrap().position(), Some(&at(8)));
    for cut in 0..course.len() {
        let position = read(&course[..cut]).unwrap().position().cloned();
        let mut cursor = Cursor::new(position.clone());
        cursor.take(&resumed(1, position.unwrap())).unwrap();
        for frame in &course[cut..] {
            cursor.take(frame).unwrap();
        }
        assert_eq!(cursor.position(), Some(&at(8)), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn no_frame_can_be_lost_repeated_or_moved_unnoticed(from in 0..11_usize, to in 0..11_usize) {
        let course = course();
        let mut repeated = course.clone();
        repeated.insert(to, course[from].clone());
        prop_assert!(read(&repeated).is_err());

        let mut moved = course.clone();
        let frame = moved.remove(from);
        moved.insert(to, frame);
        prop_assert_eq!(read(&moved).is_err(), from != to);

        let mut lost = course;
        lost.remove(from);
        // Text that was not shown yet may be left to the whole message, and the end to later.
        let unneeded = from == 8 || from == 10 || from == 3;
        prop_assert_eq!(read(&lost).is_err(), !unneeded);
    }
}

#[test]
fn each_violation_has_its_name() {
    let cases = [
        (event(1, said("hi", "Hi")), Violation::Duplicate(Seq(1))),
        (
            event(3, said("a", "A")),
            Violation::Hole {
                expected: Seq(2),
                got: Seq(3),
            },
        ),
        (delta(1, "m", 0, "a"), Violation::StrayText(id("m"))),
        (resumed(1, at(2)), Violation::WrongPosition { got: at(2) }),
    ];
    for (frame, violation) in cases {
        let mut cursor = begun();
        assert_eq!(cursor.take(&frame), Err(violation));
        assert_eq!(cursor, begun(), "a violation changes nothing");
    }
    let in_text = [event(2, started("m")), delta(2, "m", 0, "abc")];
    let cases = [
        (
            delta(2, "m", 2, "c"),
            Violation::RepeatedText {
                message: id("m"),
                expected: 3,
                got: 2,
            },
        ),
        (
            delta(2, "m", 4, "e"),
            Violation::MissingText {
                message: id("m"),
                expected: 3,
                got: 4,
            },
        ),
        (
            event(3, completed("m", "abd")),
            Violation::OtherText(id("m")),
        ),
    ];
    for (frame, violation) in cases {
        assert_eq!(read(&in_text).unwrap().take(&frame), Err(violation));
    }
    assert_eq!(
        Cursor::new(Some(at(1))).take(&event(2, said("a", "A"))),
        Err(Violation::Unasked)
    );
    let mut detached = begun();
    detached.detach();
    assert_eq!(
        detached.take(&event(2, said("a", "A"))),
        Err(Violation::Unasked)
    );
}

#[test]
fn a_snapshot_must_hold_together_and_not_lead_back() {
    let snapshot = |position, state| ServerFrame::Snapshot {
        request: None,
        conversation: conversation(),
        position,
        state,
    };
    let events = vec![entry(2, started("m"))];
    let cases = [
        snapshot(
            at(3),
            state(
                vec![entry(1, said("a", "A")), entry(3, said("b", "B"))],
                None,
            ),
        ),
        snapshot(at(3), state(events.clone(), None)),
        snapshot(inside(2, "m", 3), state(events.clone(), Some(("m", "ab")))),
    ];
    for frame in cases {
        assert!(Cursor::new(None).take(&frame).is_err(), "{frame:?}");
    }
    let good = snapshot(inside(2, "m", 2), state(events, Some(("m", "ab"))));
    let mut cursor = Cursor::new(None);
    cursor.take(&good).unwrap();
    cursor.take(&delta(2, "m", 2, "c")).unwrap();
    let mut ahead = Cursor::new(Some(at(9)));
    assert!(matches!(ahead.take(&good), Err(Violation::BadState(_))));
}
