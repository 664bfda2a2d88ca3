//! The rules of what people said and saw.

use convene_invariants::{
    Answer, Asked, Effect, Fate, History, Invariant, Loss, Stop, View, Violation,
};
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
    let cases: [(&str, Invariant, Lie); 36] = [
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
            in_front,
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
        (
            "another answer than the agent makes",
            Invariant::HealsInSight,
            |history| {
                history.said[0].answer = Answer::Of(|_, _| "b".into());
            },
        ),
        ("stopped by nobody", Invariant::OneWriter, stopped),
        ("stopped too late", Invariant::OneWriter, |history| {
            stopped(history);
            history.stops = vec![stop(None, 61, 70)];
        }),
        ("stopped before it began", Invariant::OneWriter, |history| {
            stopped(history);
            history.stops = vec![stop(None, 1, 19)];
        }),
        (
            "another was to be stopped",
            Invariant::OneWriter,
            |history| {
                stopped(history);
                history.stops = vec![stop(Some("s"), 35, 36)];
            },
        ),
        (
            "interrupted before it began",
            Invariant::OneWriter,
            |history| {
                stopped(history);
                history.said[0].interrupts = true;
            },
        ),
        (
            "stopped behind other words",
            Invariant::HealsInSight,
            |history| {
                stopped(history);
                history.said[0].answer = Answer::Text("b".into());
                history.stops = vec![stop(None, 35, 36)];
            },
        ),
        (
            "its stop was accepted, and it completed",
            Invariant::OneWriter,
            |history| history.stops = vec![accepted(stop(Some("r"), 35, 36))],
        ),
        (
            "a stop was accepted while it was under way, and it completed",
            Invariant::OneWriter,
            |history| history.stops = vec![accepted(stop(None, 35, 36))],
        ),
        (
            "a stop was accepted where nothing was under way",
            Invariant::OneWriter,
            |history| history.stops = vec![accepted(stop(None, 65, 66))],
        ),
        (
            "interrupted, and it completed",
            Invariant::OneWriter,
            |history| {
                let begun = Story::begun().said("q").starts("r", 1, &[2]).said("p");
                let over = begun.writes("r", "a").completes("r", "a").finishes("r");
                let other = over.starts("s", 1, &[4]).writes("s", "b");
                history.log = other.completes("s", "b").finishes("s").0;
                history.views.clear();
                history.said.push(said("p", 4, Some("b")));
                history.said[1].interrupts = true;
            },
        ),
        (
            "stopped, and it spoke in one attempt after the other",
            Invariant::OneWriter,
            |history| {
                let mut log = Story::begun().said("q").starts("r", 1, &[2]);
                for attempt in 2..=3 {
                    let said = log.retries("r", attempt - 1).starts("r", attempt, &[2]);
                    log = said.writes("r", "a").retracts("r", "a");
                }
                history.log = log.ends("r", Outcome::Cancelled).0;
                history.views.clear();
                history.stops = vec![accepted(stop(None, 35, 36))];
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
        (
            "done twice in one attempt",
            Invariant::HealsInSight,
            |history| {
                history.effects = ["r", "r"].map(|key| effect(key, "q")).into();
            },
        ),
        ("done for nobody", Invariant::HealsInSight, |history| {
            history.effects = vec![effect("r", "q"), effect("s", "p")];
        }),
        ("done under two keys", Invariant::HealsInSight, |history| {
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

    // A question that nobody saw answered comes back from its doorbell, unless that was answered for.
    let mut unanswered = history();
    unanswered.log.truncate(1);
    unanswered.loss = ALL_OF_IT;
    unanswered.views.clear();
    assert_eq!(broken(&unanswered), [Invariant::AcceptedIsDurable]);
    unanswered.ended.insert(id("q"), 50);
    assert_eq!(unanswered.judge(), [], "a worker says that it was answered");
    unanswered.ended.insert(id("q"), 101);
    assert_eq!(
        broken(&unanswered),
        [Invariant::AcceptedIsDurable],
        "it says so of what came back"
    );
    unanswered.ended.insert(id("q"), 50);
    unanswered.loss = LATER;
    assert_eq!(broken(&unanswered), [Invariant::AcceptedIsDurable]);
}

#[test]
fn what_a_lost_tail_may_not_cost() {
    let cases: [(&str, Invariant, Lie); 8] = [
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
            in_front,
        ),
        (
            "done under two keys long before",
            Invariant::HealsInSight,
            |history| history.effects = vec![effect("s", "q"), effect("r", "q")],
        ),
        (
            "asked for after all was lost, and done twice",
            Invariant::HealsInSight,
            |history| {
                history.said[0].asked = 101;
                history.said[0].settled = 102;
                let again = || Effect {
                    at: 105,
                    ..effect("r", "q")
                };
                history.effects = vec![again(), again()];
            },
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

#[test]
fn what_may_be() {
    // Two attempts do under one key what whoever does it does once.
    let mut twice = history();
    let begun = Story::begun().said("q").starts("r", 1, &[2]);
    let again = begun.retries("r", 1).starts("r", 2, &[2]);
    twice.log = again.writes("r", "a").completes("r", "a").finishes("r").0;
    twice.views.clear();
    twice.effects = ["r", "r"].map(|key| effect(key, "q")).into();
    assert_eq!(twice.judge(), []);
    twice.effects.push(effect("r", "q"));
    assert_eq!(broken(&twice), [Invariant::HealsInSight]);

    // One that died before it wrote anything is not in the log, and counts.
    let mut died = history();
    let begun = Story::begun().said("q").starts("r", 2, &[2]);
    died.log = begun.writes("r", "a").completes("r", "a").finishes("r").0;
    died.views.clear();
    died.effects = ["r", "r"].map(|key| effect(key, "q")).into();
    assert_eq!(died.judge(), []);

    // A run is stopped by who wished so meanwhile, whether they heard of that or not, and by who
    // interrupts it.
    for wish in [
        stop(None, 35, 36),
        stop(Some("r"), 1, u64::MAX),
        stop(None, 60, 99),
    ] {
        let mut history = history();
        stopped(&mut history);
        history.stops = vec![wish];
        assert_eq!(history.judge(), []);
    }
    // It ends so whichever attempt hears of it, of which one may have been claimed before.
    let mut heard_late = history();
    let begun = Story::begun().said("q").starts("r", 1, &[2]);
    let again = begun.retries("r", 1).starts("r", 2, &[2]);
    let spoke = again.writes("r", "a").retracts("r", "a");
    heard_late.log = spoke.ends("r", Outcome::Cancelled).0;
    heard_late.views.clear();
    for wish in [Some("r"), None] {
        heard_late.stops = vec![accepted(stop(wish, 35, 36))];
        assert_eq!(heard_late.judge(), []);
    }
    // What waited when a stop was accepted is stopped before it begins; what was over by then, or not there yet, need not be.
    let mut waited = history();
    stopped(&mut waited);
    waited.stops = vec![accepted(stop(None, 21, 22))];
    assert_eq!(waited.judge(), []);
    let mut between = history();
    between.loss = Loss::Tail { from: 30, to: 40 };
    between.stops = vec![accepted(stop(None, 35, 36))];
    between.views.clear();
    assert_eq!(between.judge(), [], "what was accepted is lost");

    let mut interrupted = history();
    interrupted.log.truncate(3);
    let more = Story(interrupted.log.clone()).said("p");
    let more = more.ends("r", Outcome::Cancelled).starts("s", 1, &[4]);
    interrupted.log = more.writes("s", "b").completes("s", "b").finishes("s").0;
    interrupted.views.clear();
    interrupted.said.push(said("p", 4, Some("b")));
    interrupted.said[1].interrupts = true;
    assert_eq!(interrupted.judge(), []);

    // An agent makes one text of several questions.
    let mut merged = history();
    let begun = Story::begun().said("q").said("p").starts("r", 1, &[2, 3]);
    merged.log = begun.writes("r", "a").completes("r", "a").finishes("r").0;
    merged.views.clear();
    merged.said.push(said("p", 3, None));
    for said in &mut merged.said {
        said.answer = Answer::Of(|questions, attempt| {
            let asked: Vec<_> = questions
                .iter()
                .map(|one| (one.name.as_str(), one.text.as_str()))
                .collect();
            assert_eq!(
                (asked.as_slice(), attempt),
                ([("Ada", "q"), ("Ada", "p")].as_slice(), 1)
            );
            "a".into()
        });
    }
    assert_eq!(merged.judge(), []);
}

#[test]
fn who_remembers_answers_after_what_was_answered_before() {
    let mut remembered = history();
    let begun = Story::begun().said("q").starts("r", 1, &[2]);
    let answered = begun.writes("r", "q").completes("r", "q").finishes("r");
    let asked = answered.said("p");
    let again = asked.starts("s", 1, &[7]).writes("s", "qp");
    remembered.log = again.completes("s", "qp").finishes("s").0;
    remembered.views.clear();
    remembered.said.push(said("p", 7, None));
    for said in &mut remembered.said {
        said.answer = Answer::After(|before, now| {
            let asked = before.iter().chain(now);
            let texts = asked.filter_map(|one| match one {
                Asked::Said(question) => Some(question.text.as_str()),
                Asked::Woke(_) => None,
            });
            texts.collect()
        });
    }
    assert_eq!(remembered.judge(), []);
    let mut forgot = remembered.clone();
    forgot.log.truncate(8);
    let begun = Story(forgot.log.clone()).writes("s", "p");
    forgot.log = begun.completes("s", "p").finishes("s").0;
    let broken = forgot.judge();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].invariant, Invariant::HealsInSight);
}

/// Its run ends in the middle.
fn stopped(history: &mut History) {
    history.log.truncate(5);
    history.log = Story(history.log.clone()).ends("r", Outcome::Cancelled).0;
    history.views.clear();
}

fn stop(run: Option<&str>, asked: u64, settled: u64) -> Stop {
    Stop {
        run: run.map(|run| run.parse().unwrap()),
        asked,
        settled,
        accepted: false,
    }
}

fn accepted(stop: Stop) -> Stop {
    Stop {
        accepted: true,
        ..stop
    }
}

/// What was said after another had been accepted stands in front of it.
fn in_front(history: &mut History) {
    history.log = Story::of_one_answer().said("p").0;
    let mut first = said("p", 7, None);
    (first.asked, first.settled) = (1, 2);
    history.said.push(first);
    history.views.clear();
}

fn effect(key: &str, message: &str) -> Effect {
    Effect {
        key: key.into(),
        message: id(message),
        at: 45,
    }
}
