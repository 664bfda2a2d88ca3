//! The rules of what wakes an agent though nobody says anything.

use convene_invariants::{
    Asked, Deed, Fate, History,
    Invariant::{self, AcceptedIsDurable, HealsInSight, NoLostWakeUp, OneWriter},
    Told, Waking, Woke, Woken,
};
use convene_proto::{event::Outcome, position::Seq};

use crate::story::{Story, history, id};

fn calls_it(_: &[Asked], now: &[Asked]) -> String {
    let names = now.iter().map(|asked| match asked {
        Asked::Said(question) => question.text.clone(),
        Asked::Woke(Woke::Timer(name)) => format!("{name}-is-up"),
        Asked::Woke(Woke::Event(event)) => format!("{}-is-up", event.name),
    });
    names.collect()
}

fn is_a_timer(_: &[Asked], now: &[Asked]) -> bool {
    matches!(now, [Asked::Woke(Woke::Timer(_))])
}

fn told(event: &str, seq: u64) -> Told {
    Told {
        event: id(event),
        asked: 1,
        settled: 2,
        fate: Fate::Accepted(Seq(seq)),
    }
}

fn deed(run: &str) -> Deed {
    Deed {
        run: run.parse().unwrap(),
        at: 90,
    }
}

/// Run `r` sets a timer, for which run `s` is rung; and run `t` is about an event.
fn true_history() -> History {
    let answered = Story::begun().said("q").starts("r", 1, &[2]);
    let set = answered
        .writes("r", "a")
        .completes("r", "a")
        .sets("r", "tea");
    let rung = set.finishes("r").rings("r", "tea").starts("s", 1, &[8]);
    let over = rung
        .writes("s", "tea-is-up")
        .completes("s", "tea-is-up")
        .finishes("s");
    let told_of = over.happens("e").starts("t", 1, &[13]);
    let log = told_of
        .writes("t", "paid-is-up")
        .completes("t", "paid-is-up")
        .finishes("t");
    History {
        log: log.0,
        views: Vec::new(),
        woken: Woken {
            log: Vec::new(),
            waking: Some(Waking {
                says: calls_it,
                does: is_a_timer,
            }),
            told: vec![told("e", 13)],
            deeds: vec![deed("s")],
        },
        ..history()
    }
}

#[test]
fn a_true_history_has_nothing_against_it() {
    assert_eq!(true_history().judge(), []);
}

/// What is changed in a true history.
type Lie = fn(&mut History);

#[test]
fn each_rule_is_told_by_its_name() {
    let cases: [(&str, Invariant, Lie); 11] = [
        ("accepted and lost", AcceptedIsDurable, |history| {
            history.woken.told.push(told("lost", 14));
        }),
        ("accepted elsewhere", AcceptedIsDurable, |history| {
            history.woken.told[0].fate = Fate::Accepted(Seq(12));
        }),
        ("refused", AcceptedIsDurable, |history| {
            history.woken.told[0].fate = Fate::Refused;
        }),
        ("never accepted", AcceptedIsDurable, |history| {
            history.woken.told[0].fate = Fate::Unheard;
        }),
        ("told by nobody", AcceptedIsDurable, |history| {
            history.woken.told.clear();
        }),
        ("not answered", NoLostWakeUp, |history| {
            history.log.truncate(13);
        }),
        ("stopped by nobody", OneWriter, |history| {
            history.log.truncate(16);
            history.log = Story(history.log.clone()).ends("t", Outcome::Cancelled).0;
        }),
        ("another answer", HealsInSight, |history| {
            history.woken.waking = Some(Waking {
                says: |_, _| "tea?".to_owned(),
                does: is_a_timer,
            });
        }),
        ("done twice", HealsInSight, |history| {
            history.woken.deeds.push(deed("s"));
        }),
        ("never done", HealsInSight, |history| {
            history.woken.deeds.clear();
        }),
        ("done by no run", HealsInSight, |history| {
            history.woken.deeds.push(deed("u"));
        }),
    ];
    for (name, invariant, lie) in cases {
        let mut history = true_history();
        lie(&mut history);
        let broken = history.judge();
        assert!(!broken.is_empty(), "{name} is not noticed");
        assert!(
            broken.iter().all(|broken| broken.invariant == invariant),
            "{name}: {broken:?}"
        );
    }
}

#[test]
fn staff_see_when_a_timer_is_to_ring() {
    let mut history = true_history();
    history.woken.log = history.log.clone();
    assert_eq!(history.judge(), []);
    assert_eq!(history.ledger().timers().count(), 0);
    let begun = Story::begun().said("q").starts("r", 1, &[2]);
    history.log = begun.sets("r", "tea").finishes("r").0;
    history.woken.log.clear();
    let ledger = history.ledger();
    let due: Vec<_> = ledger
        .timers()
        .map(|timer| (timer.set, timer.due))
        .collect();
    assert_eq!(due, [(Seq(4), Some(60))]);
}
