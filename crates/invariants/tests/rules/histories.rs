//! The rules of what people said and saw.

use convene_invariants::{Answer, Effect, Fate, History, Invariant, Loss, View, Violation};
use convene_proto::{event::Outcome, position::Seq};

use crate::story::{Story, failure, history, id, reset, said, shown, snapshot};

fn broken(history: &History) -> Vec<Invariant> {
    history
        .judge()
        .iter()
        .map(|broken| broken.invariant)
        .collect()
}

#[test]
fn a_true_history_has_nothing_against_it() {
    assert_eq!(history().judge(), []);
}

/// What is changed in a true history.
type Lie = fn(&mut History);

#[test]
fn each_rule_is_told_by_its_name() {
    let cases: [(&str, Invariant, Lie); 24] = [
        (
            "accepted and lost",
            Invariant::AcceptedIsDurable,
            |history| {
                history.said.push(said("lost", 3, None));
            },
        ),
        (
            "accepted elsewhere",
            Invariant::AcceptedIsDurable,
            |history| {
                history.said[0].fate = Fate::Accepted(Seq(3));
            },
        ),
        (
            "refused and kept",
            Invariant::AcceptedIsDurable,
            |history| {
                history.said[0].fate = Fate::Refused;
            },
        ),
        ("refused", Invariant::AcceptedIsDurable, |history| {
            let mut refused = said("refused", 9, Some("x"));
            refused.fate = Fate::Refused;
            history.said.push(refused);
        }),
        ("never accepted", Invariant::AcceptedIsDurable, |history| {
            let mut never = said("never", 9, Some("x"));
            never.fate = Fate::Unheard;
            history.said.push(never);
        }),
        (
            "taken, and nobody was told",
            Invariant::AcceptedIsDurable,
            |history| {
                history.said[0].fate = Fate::Unheard;
            },
        ),
        ("other words", Invariant::AcceptedIsDurable, |history| {
            history.said[0].text = "something else".into();
        }),
        ("said by nobody", Invariant::AcceptedIsDurable, |history| {
            history.said.clear();
        }),
        (
            "said later, and in front",
            Invariant::AcceptedIsDurable,
            |history| {
                history.log = Story::of_one_answer().said("p").0;
                let mut first = said("p", 7, None);
                (first.asked, first.settled) = (1, 2);
                history.said.push(first);
                history.views.clear();
            },
        ),
        (
            "a fault in the log itself",
            Invariant::OneWriter,
            |history| {
                history.log = Story(history.log.clone()).finishes("r").0;
                history.views.clear();
            },
        ),
        ("not answered", Invariant::NoLostWakeUp, |history| {
            history.log.truncate(2);
            history.views.clear();
        }),
        ("never over", Invariant::NoLostWakeUp, |history| {
            history.log.truncate(5);
            history.views.clear();
        }),
        (
            "answered, though it woke nobody",
            Invariant::OneWriter,
            |history| {
                history.said[0].answer = Answer::None;
            },
        ),
        ("half an answer", Invariant::HealsInSight, |history| {
            history.said[0].answer = Answer::Text("a and more".into());
        }),
        ("stopped by nobody", Invariant::OneWriter, |history| {
            history.log.truncate(5);
            history.log = Story(history.log.clone()).ends("r", Outcome::Cancelled).0;
            history.views.clear();
        }),
        (
            "stopped behind other words",
            Invariant::HealsInSight,
            |history| {
                history.log.truncate(5);
                history.log = Story(history.log.clone()).ends("r", Outcome::Cancelled).0;
                history.said[0].answer = Answer::Text("b".into());
                history.cancels = true;
                history.views.clear();
            },
        ),
        ("failed", Invariant::HealsInSight, |history| {
            let failed = Outcome::Failed { error: failure() };
            history.log = Story::begun()
                .said("q")
                .starts("r", 1, &[2])
                .ends("r", failed)
                .0;
            history.views.clear();
        }),
        ("done twice", Invariant::HealsInSight, |history| {
            history.effects = ["r", "s"].map(|key| effect(key, "q")).into();
        }),
        (
            "done under another key",
            Invariant::HealsInSight,
            |history| {
                history.effects = vec![effect("s", "q")];
            },
        ),
        ("never done", Invariant::HealsInSight, |history| {
            history.said[0].has_effect = true;
        }),
        ("a violation on the way", Invariant::Prefix, |history| {
            history.views[0].breaks(Violation::Duplicate(Seq(3)));
        }),
        (
            "a reset for no reason",
            Invariant::HonestResume,
            |history| {
                let log = history.log.clone();
                history.views[0].take(&reset(&log)).unwrap();
            },
        ),
        (
            "an event that the log has not",
            Invariant::LogFirst,
            |history| {
                let more = Story(history.log.clone()).said("p").0;
                history.views[0].take(&shown(&more[6])).unwrap();
            },
        ),
        ("the end never seen", Invariant::NoWindow, |history| {
            let mut view = View::new("eve");
            view.take(&snapshot(&history.log[..2])).unwrap();
            view.reads_to_the_end();
            history.views.push(view);
        }),
    ];
    for (name, invariant, lie) in cases {
        let mut history = history();
        lie(&mut history);
        let found = history.judge();
        let told = found.iter().any(|broken| broken.invariant == invariant);
        assert!(told, "{name}: {found:?}");
    }
}

/// All that [`history`] tells was written within this time.
const ALL_OF_IT: Loss = Loss::Tail { from: 0, to: 100 };
/// And none of it within this.
const LATER: Loss = Loss::Tail { from: 90, to: 100 };

#[test]
fn what_a_lost_tail_may_cost() {
    // All of it was seen, and the log is back at its beginning.
    let mut lost = history();
    lost.log.truncate(1);
    lost.loss = ALL_OF_IT;
    let begun = lost.log.clone();
    lost.views[0].take(&reset(&begun)).unwrap();
    assert_eq!(lost.judge(), [], "question and answer are gone together");

    // What came back in its old place did so later.
    let mut back = history();
    back.loss = ALL_OF_IT;
    back.log[1].at += 1;
    assert_eq!(back.judge(), []);
    for loss in [Loss::Nothing, LATER] {
        back.loss = loss;
        assert_eq!(broken(&back), [Invariant::LogFirst]);
    }

    // What came back elsewhere was accepted there; a claim that is gone was made again.
    let mut moved = history();
    moved.loss = ALL_OF_IT;
    moved.said[0].fate = Fate::Accepted(Seq(4));
    moved.effects = vec![effect("s", "q"), effect("r", "q")];
    assert_eq!(moved.judge(), []);

    // Nobody was told.
    let mut untold = history();
    untold.log.truncate(1);
    untold.loss = ALL_OF_IT;
    assert!(broken(&untold).contains(&Invariant::LogFirst));

    // A question that nobody saw answered comes back from its doorbell.
    let mut unanswered = history();
    unanswered.log.truncate(1);
    unanswered.loss = ALL_OF_IT;
    unanswered.views.clear();
    assert_eq!(broken(&unanswered), [Invariant::AcceptedIsDurable]);
}

#[test]
fn what_a_lost_tail_may_not_cost() {
    let cases: [(&str, Invariant, Lie); 7] = [
        (
            "seen to its end, and long written",
            Invariant::AcceptedIsDurable,
            |history| {
                history.log.truncate(1);
                let begun = history.log.clone();
                history.views[0].take(&reset(&begun)).unwrap();
            },
        ),
        (
            "said to nobody, and long written",
            Invariant::AcceptedIsDurable,
            |history| history.said.push(said("lost", 3, None)),
        ),
        (
            "said after all was lost",
            Invariant::AcceptedIsDurable,
            |history| history.said.push(said("lost", 11, None)),
        ),
        (
            "accepted elsewhere, and long written",
            Invariant::AcceptedIsDurable,
            |history| history.said[0].fate = Fate::Accepted(Seq(3)),
        ),
        (
            "said later, and in front",
            Invariant::AcceptedIsDurable,
            |history| {
                history.log = Story::of_one_answer().said("p").0;
                let mut first = said("p", 7, None);
                (first.asked, first.settled) = (1, 2);
                history.said.push(first);
                history.views.clear();
            },
        ),
        (
            "done under two keys long before",
            Invariant::HealsInSight,
            |history| history.effects = vec![effect("s", "q"), effect("r", "q")],
        ),
        (
            "a reset of what stands",
            Invariant::HonestResume,
            |history| {
                let log = history.log.clone();
                history.views[0].take(&reset(&log)).unwrap();
            },
        ),
    ];
    for (name, invariant, lie) in cases {
        let mut history = history();
        history.loss = LATER;
        lie(&mut history);
        let found = history.judge();
        let told = found.iter().any(|broken| broken.invariant == invariant);
        assert!(told, "{name}: {found:?}");
    }
}

#[test]
fn who_left_need_not_see_the_end_and_an_unknown_fate_may_be_either() {
    let mut history = history();
    let mut left = View::new("eve");
    left.take(&snapshot(&history.log[..2])).unwrap();
    history.views.push(left);
    history.said[0].fate = Fate::Unknown;
    let mut never = said("never", 9, Some("x"));
    never.fate = Fate::Unknown;
    history.said.push(never);
    assert_eq!(history.judge(), []);
}

fn effect(key: &str, message: &str) -> Effect {
    Effect {
        key: key.into(),
        message: id(message),
        at: 45,
    }
}
