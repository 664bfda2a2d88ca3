//! The rules of a reader, by numbers alone. Those over whole frames are tested with the client.

use convene_invariants::{Change, Invariant, Mark, Reader, Violation};
use convene_proto::position::{Eid, Epoch, Seq};

use crate::story::id;

fn mark(seq: u64) -> Mark {
    Mark {
        epoch: Epoch(7),
        seq: Seq(seq),
        eid: Eid(seq * 1000),
    }
}

/// At event 3, 2 bytes into `m`.
fn reading() -> Reader {
    let mut reader = Reader::default();
    reader.replaced(mark(2), None, true, false).unwrap();
    let message = id("m");
    let prev = Some(Eid(2000));
    reader
        .event(mark(3), prev, Change::Begins(&message))
        .unwrap();
    reader.text(&message, 0, 0, 2).unwrap();
    reader
}

type Step = fn(&mut Reader) -> Result<(), Violation>;

#[test]
fn each_rule_is_told_by_its_name() {
    let cases: [(&str, Invariant, Step); 11] = [
        ("an event twice", Invariant::Prefix, |reader| {
            reader.event(mark(3), None, Change::None)
        }),
        ("an event left out", Invariant::Prefix, |reader| {
            reader.event(mark(5), None, Change::None)
        }),
        (
            "an event of another log",
            Invariant::HonestResume,
            |reader| reader.event(mark(4), Some(Eid(1)), Change::None),
        ),
        (
            "an event of another epoch",
            Invariant::HonestResume,
            |reader| {
                let other = Mark {
                    epoch: Epoch(8),
                    ..mark(4)
                };
                reader.event(other, None, Change::None)
            },
        ),
        ("bytes twice", Invariant::Prefix, |reader| {
            reader.text(&id("m"), 0, 1, 3)
        }),
        ("bytes left out", Invariant::Prefix, |reader| {
            reader.text(&id("m"), 0, 3, 4)
        }),
        ("text of another message", Invariant::Prefix, |reader| {
            reader.text(&id("n"), 0, 0, 1)
        }),
        ("a part left out", Invariant::Prefix, |reader| {
            reader.text(&id("m"), 2, 0, 1)
        }),
        (
            "a snapshot that leads back",
            Invariant::HonestResume,
            |reader| reader.replaced(mark(2), None, true, false),
        ),
        ("resumed elsewhere", Invariant::HonestResume, |reader| {
            let mut elsewhere = reader.position().unwrap();
            elsewhere.text.as_mut().unwrap().offset = 1;
            reader.resumed(&elsewhere)
        }),
        ("anything behind a cut", Invariant::HonestResume, |reader| {
            reader.detach();
            reader.event(mark(4), None, Change::None)
        }),
    ];
    for (name, invariant, step) in cases {
        let mut reader = reading();
        let violation = step(&mut reader).expect_err(name);
        assert_eq!(violation.invariant(), invariant, "{name}: {violation}");
        reader.resumed(&reading().position().unwrap()).unwrap();
        assert_eq!(reader, reading(), "{name} changes nothing");
    }
}

#[test]
fn a_true_course_is_taken() {
    let mut reader = reading();
    let message = id("m");
    reader
        .event(mark(4), Some(Eid(3000)), Change::None)
        .unwrap();
    reader.text(&message, 0, 2, 5).unwrap();
    reader.text(&message, 1, 0, 5).unwrap();
    let mut again = Reader::new(reader.position().as_ref());
    again.resumed(&reader.position().unwrap()).unwrap();
    again.event(mark(5), None, Change::Ends(&message)).unwrap();
    assert_eq!(again.text_shown(), None);
    // A log that lost its end is told by a reset, which may lead back.
    again.replaced(mark(3), None, false, true).unwrap();
    // Its text may have begun before.
    again.text(&message, 0, 0, 2).unwrap();
}
