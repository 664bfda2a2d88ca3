//! The rules of a log.

use convene_invariants::{
    Invariant::{self, AcceptedIsDurable, HealsInSight, HonestResume, NoLostWakeUp, OneWriter},
    Ledger, Order,
};
use convene_proto::{
    event::Outcome,
    position::{Eid, Seq},
};

use crate::story::{Story, conversation, failure};

fn broken(story: &Story, order: Order) -> Vec<(Invariant, String)> {
    let ledger = Ledger::of(&conversation(), order, &story.0);
    let broken = ledger.broken().iter();
    broken
        .map(|broken| (broken.invariant, broken.what.clone()))
        .collect()
}

#[test]
fn a_true_log_has_nothing_against_it() {
    let told = |story: &Story| assert_eq!(broken(story, Order::AsSaid), []);
    told(&Story::of_one_answer());
    let asked = || Story::begun().said("q").starts("r", 1, &[2]);
    for outcome in [Outcome::Completed, Outcome::Cancelled] {
        told(&asked().closes("r", outcome, &["q1"]));
    }
    let comes_and_goes = Story::begun().joins("user:bob").leaves("user:bob");
    told(&comes_and_goes.joins("user:bob"));
    told(
        &Story::begun()
            .presses("p", "a", 0)
            .presses("q", "a", 1)
            .presses("r", "b", 0),
    );
    // Timers that ring, one after the other was cleared, and an event from outside.
    told(
        &Story::begun()
            .said("q")
            .starts("r", 1, &[2])
            .sets("r", "tea")
            .sets("r", "cake")
            .finishes("r")
            .happens("e")
            .starts("s", 1, &[7])
            .clears("s", "cake")
            .clears("s", "cake")
            .sets("s", "tea")
            .finishes("s")
            .rings("s", "tea")
            .starts("t", 1, &[13])
            .finishes("t"),
    );
    // An attempt that failed, one that died in mid-text behind a whole message, one that healed.
    told(
        &Story::begun()
            .said("q")
            .said("p")
            .starts("r", 1, &[2])
            .writes("r", "a")
            .retracts("r", "a")
            .retries("r", 1)
            .starts("r", 3, &[2])
            .writes("r", "b")
            .completes("r", "b")
            .writes("r", "c")
            .retracts("r", "b")
            .retracts("r", "c")
            .starts("r", 4, &[2])
            .writes("r", "d")
            .completes("r", "d")
            .finishes("r")
            .starts("s", 1, &[3])
            .ends("s", Outcome::Failed { error: failure() }),
    );
}

#[test]
fn each_rule_is_told_by_its_name() {
    let asked = || Story::begun().said("q").starts("r", 1, &[2]);
    let mut hole = Story::of_one_answer();
    hole.0.remove(3);
    let mut twins = Story::of_one_answer();
    twins.0[4].eid = Eid(2000);
    let mut beheaded = Story::of_one_answer();
    beheaded.0.remove(0);
    for event in &mut beheaded.0 {
        event.seq = Seq(event.seq.0 - 1);
    }
    let two = || Story::begun().said("q").said("p");
    let cases = [
        ("a hole", AcceptedIsDurable, hole),
        ("two events with a tag", HonestResume, twins),
        ("no beginning", AcceptedIsDurable, beheaded),
        (
            "two beginnings",
            AcceptedIsDurable,
            Story::begun().and(Story::begun().0[0].body.clone()),
        ),
        (
            "a message twice",
            AcceptedIsDurable,
            Story::begun().said("q").said("q"),
        ),
        (
            "a second press",
            AcceptedIsDurable,
            Story::begun()
                .presses("p", "a", 1)
                .said("q")
                .presses("r", "a", 1),
        ),
        (
            "a timer that nobody set",
            NoLostWakeUp,
            asked().finishes("r").rings("r", "tea"),
        ),
        (
            "a timer that rings twice",
            NoLostWakeUp,
            asked()
                .sets("r", "tea")
                .finishes("r")
                .rings("r", "tea")
                .rings("r", "tea"),
        ),
        (
            "a timer that rings too soon",
            NoLostWakeUp,
            asked().sets("r", "tea").rings("r", "tea").finishes("r"),
        ),
        (
            "a timer that was cleared",
            NoLostWakeUp,
            asked()
                .sets("r", "tea")
                .clears("r", "tea")
                .finishes("r")
                .rings("r", "tea"),
        ),
        (
            "a timer that was replaced",
            NoLostWakeUp,
            asked()
                .sets("r", "tea")
                .finishes("r")
                .said("p")
                .starts("s", 1, &[6])
                .sets("s", "tea")
                .finishes("s")
                .rings("r", "tea"),
        ),
        (
            "a timer that is set after its run",
            OneWriter,
            asked().finishes("r").sets("r", "tea"),
        ),
        (
            "an event twice",
            AcceptedIsDurable,
            Story::begun().happens("e").happens("e"),
        ),
        (
            "who is there joins",
            AcceptedIsDurable,
            Story::begun().joins("user:bob").joins("user:bob"),
        ),
        (
            "who is not there leaves",
            AcceptedIsDurable,
            Story::begun().leaves("user:bob"),
        ),
        (
            "two runs at once",
            OneWriter,
            two().starts("r", 1, &[2]).starts("s", 1, &[3]),
        ),
        (
            "an input answered twice",
            OneWriter,
            Story::of_one_answer().starts("s", 1, &[2]),
        ),
        (
            "an answer to nothing",
            OneWriter,
            Story::begun().starts("r", 1, &[1]),
        ),
        (
            "out of turn",
            NoLostWakeUp,
            two()
                .starts("r", 1, &[3])
                .finishes("r")
                .starts("s", 1, &[2]),
        ),
        (
            "an attempt lower than before",
            OneWriter,
            asked().retries("r", 1).starts("r", 0, &[2]),
        ),
        (
            "an attempt over other inputs",
            OneWriter,
            asked().said("p").starts("r", 2, &[2, 4]),
        ),
        (
            "another attempt is put off",
            OneWriter,
            asked().retries("r", 2),
        ),
        (
            "a run again when it is over",
            OneWriter,
            Story::of_one_answer().starts("r", 2, &[2]),
        ),
        (
            "over twice",
            OneWriter,
            Story::of_one_answer().finishes("r"),
        ),
        (
            "over before it began",
            OneWriter,
            Story::begun().finishes("r"),
        ),
        (
            "a message when it is over",
            OneWriter,
            Story::of_one_answer().writes("r", "b"),
        ),
        (
            "taken back when it is over",
            OneWriter,
            Story::of_one_answer().retracts("r", "a"),
        ),
        (
            "put off when it is over",
            OneWriter,
            Story::of_one_answer().retries("r", 1),
        ),
        (
            "two texts at once",
            OneWriter,
            asked().writes("r", "a").writes("r", "b"),
        ),
        (
            "whole, but never begun",
            OneWriter,
            asked().completes("r", "a"),
        ),
        (
            "taken back, but never said",
            OneWriter,
            asked().retracts("r", "a"),
        ),
        (
            "over in mid-text",
            HealsInSight,
            asked().writes("r", "a").finishes("r"),
        ),
        (
            "put off in mid-text",
            HealsInSight,
            asked().writes("r", "a").retries("r", 1),
        ),
        (
            "the next attempt in mid-text",
            HealsInSight,
            asked().writes("r", "a").starts("r", 2, &[2]),
        ),
        (
            "the next attempt behind the words of the last",
            HealsInSight,
            asked()
                .writes("r", "a")
                .completes("r", "a")
                .starts("r", 2, &[2]),
        ),
        (
            "failed, with words left",
            HealsInSight,
            asked()
                .writes("r", "a")
                .completes("r", "a")
                .ends("r", Outcome::Failed { error: failure() }),
        ),
        (
            "failed, with what it answered closed",
            HealsInSight,
            asked().closes("r", Outcome::Failed { error: failure() }, &["q1"]),
        ),
    ];
    for (name, invariant, story) in cases {
        let found = broken(&story, Order::AsSaid);
        assert!(
            found.iter().any(|(one, _)| *one == invariant),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn who_interrupts_goes_first() {
    let story = Story::begun().said("q").said("p").starts("r", 1, &[3]);
    let story = story.finishes("r").starts("s", 1, &[2]).finishes("s");
    assert_eq!(broken(&story, Order::Any), []);
}
