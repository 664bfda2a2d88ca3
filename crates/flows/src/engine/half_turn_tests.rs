//! Turns that are given up at a call or behind it, and go on there.

use serde_json::json;

use super::{
    Answer, Effect, Engine, Input, Next, Recorded, Request, State,
    tests::{NOW, checked, feed, feed_with, hear, sources},
};
use crate::projects::Projects;

#[test]
fn a_turn_that_was_given_up_at_a_call_goes_on_there() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {n: {type: integer}, m: {type: integer}, id: {type: integer}}\n    steps:\n      - ask: n\n      - call: {method: POST, url: 'http://x', body: {n: '{n}'}, save: {id: body.id}}\n      - say: done\n      - ask: m\n";
    let texts = "ask: {n: 'N?', m: 'M?'}\ndone: 'Done {n} {id}'\n";
    let projects = Projects::new(checked(&sources(flows, texts, "stories: []")));
    let mut before = Vec::new();
    feed(&projects, &mut before, hear("x", Some("a")));
    let mut whole = before.clone();
    let answer = Answer::Http {
        status: 200,
        body: Some(json!({ "id": 7 })),
    };
    feed_with(&projects, &mut whole, hear("3", None), &answer);
    let is_begun = |record: &Recorded| matches!(record, Recorded::CallBegun { .. });
    let begun = whole.iter().position(is_begun).unwrap();
    for count in before.len()..whole.len() {
        let mut log = whole[..count].to_vec();
        let state = State::fold(&log).without_half_turn();
        // The answer that begins the turn stands with the call that it leads to.
        let stands = count > begun;
        assert_eq!(state.is_half_way(), stands, "after {count} records");
        let mut said = feed_with(&projects, &mut log, Input::Resumed, &answer);
        if !stands {
            assert_eq!(said, [""; 0], "after {count} records");
            continue;
        }
        // Whoever has noted the step behind it has said it.
        let is_asking = |record: &Recorded| matches!(record, Recorded::FlowStepped { step, .. } if step.as_str() == "ask_m");
        let is_said = whole[before.len()..count].iter().any(is_asking);
        let left = &["Done 3 7", "M?"][usize::from(is_said)..];
        assert_eq!(said, left, "after {count} records");
        said = feed(&projects, &mut log, hear("4", None));
        assert_eq!(said, [""; 0]);
        assert_eq!(State::fold(&log).stack(), []);
    }
}

#[test]
fn what_was_said_behind_a_call_is_not_said_again_at_what_was_stopped_there() {
    let call = "      - call: {method: POST, url: 'http://x', save: {id: body.id}}\n";
    let model = "      - generate: {prompt: Praise, otherwise: none}\n";
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{id: {{type: integer}}}}\n    steps:\n      - say: one\n{call}      - say: two\n{call}      - say: three\n{model}      - say: four\n{model}      - say: five\n"
    );
    let texts = "one: One\ntwo: Two {id}\nthree: Three\nfour: Four\nfive: Five\nnone: None\n";
    let projects = Projects::new(checked(&sources(&flows, texts, "stories: []")));
    let whole = ["One", "Two 7", "Three", "Four", "Five"];
    // It is stopped at each of its requests, and again at each of those that are left.
    for stops in [
        [1, 1, 1, 1],
        [1, 0, 2, 1],
        [2, 1, 1, 0],
        [3, 1, 0, 0],
        [4, 0, 0, 0],
    ] {
        let (mut log, mut said) = (Vec::new(), Vec::new());
        let mut input = hear("x", Some("a"));
        for at in stops.into_iter().filter(|at| *at > 0) {
            said.extend(stopped_at(&projects, &mut log, input, at));
            input = Input::Resumed;
        }
        assert!(State::fold(&log).without_half_turn().is_half_way());
        said.extend(stopped_at(&projects, &mut log, input, usize::MAX));
        assert_eq!(said, whole, "{stops:?}");
    }
}

/// What is said when this comes to a conversation whose last turn was stopped, until this request is under way.
fn stopped_at(
    projects: &Projects,
    log: &mut Vec<Recorded>,
    input: Input,
    at: usize,
) -> Vec<String> {
    let state = State::fold(log.iter()).without_half_turn();
    let mut turn = Engine::new(projects).feed(&state, input, NOW);
    let (mut said, mut fresh, mut requests) = (Vec::new(), Vec::new(), 0);
    loop {
        match turn.next() {
            Next::Record(record) => fresh.push(record),
            Next::Do(Effect::Say(saying)) => said.push(saying.text),
            Next::Do(_) => {}
            Next::Ask(request) => {
                log.append(&mut fresh);
                requests += 1;
                if requests == at {
                    return said;
                }
                turn.resume(match request {
                    Request::Call(_) => Answer::Http {
                        status: 200,
                        body: Some(json!({ "id": 7 })),
                    },
                    Request::Generate(_) => Answer::Written("Praise".into()),
                });
            }
            Next::Diverged => panic!("the turn diverged"),
            Next::Done => {
                log.append(&mut fresh);
                return said;
            }
        }
    }
}

#[test]
fn logs_of_before_calls_were_noted_when_they_begin_are_gone_on_with() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {n: {type: integer}, id: {type: integer}}\n    steps:\n      - ask: n\n      - call: {method: POST, url: 'http://x', body: {n: '{n}'}, save: {id: body.id}}\n      - say: done\n";
    let texts = "ask: {n: 'N?'}\ndone: 'Done {n} {id}'\n";
    let projects = Projects::new(checked(&sources(flows, texts, "stories: []")));
    let answer = Answer::Http {
        status: 200,
        body: Some(json!({ "id": 7 })),
    };
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    let before = log.len();
    feed_with(&projects, &mut log, hear("3", None), &answer);
    let old = |log: &[Recorded]| -> Vec<Recorded> {
        let is_older = |record: &&Recorded| !matches!(record, Recorded::CallBegun { .. });
        log.iter().filter(is_older).cloned().collect()
    };
    let whole = old(&log);
    for count in before + 1..whole.len() {
        let mut healed = whole[..count].to_vec();
        let said = feed_with(&projects, &mut healed, hear("3", None), &answer);
        assert_eq!(said, ["Done 3 7"], "after {count} records");
        assert_eq!(old(&healed), whole, "nothing is begun anew");
    }
}

#[test]
fn a_call_has_the_same_key_wherever_its_turn_was_stopped() {
    let call = |n: u8| {
        format!("      - call: {{method: POST, url: 'http://x/{n}', save: {{m: body.m}}}}\n")
    };
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{n: {{type: integer}}, m: {{type: integer}}}}\n    steps:\n      - ask: n\n      - say: done\n{}{}      - flow: b\n{}      - say: done\n  b:\n    slots: {{m: {{type: integer}}}}\n    steps:\n{}{}",
        call(1),
        call(1),
        call(2),
        call(3),
        call(3),
    );
    let texts = "ask: {n: 'N?'}\ndone: 'Done'\n";
    let projects = Projects::new(checked(&sources(&flows, texts, "stories: []")));
    let mut before = Vec::new();
    feed(&projects, &mut before, hear("x", Some("a")));
    let mut whole = before.clone();
    let (keys, noted) = keys_of(&projects, &mut whole, hear("3", None));
    assert_eq!(keys.len(), 5);
    assert!(
        (1..keys.len()).all(|of| !keys[..of].contains(&keys[of])),
        "{keys:?}"
    );
    let mut counts = Vec::new();
    for first in noted {
        let mut resumed = whole[..first].to_vec();
        let (next, noted) = keys_of(&projects, &mut resumed, Input::Resumed);
        assert!(
            keys.ends_with(&next),
            "after {first} records: {next:?} of {keys:?}"
        );
        counts.push(next.len());
        for second in noted {
            let mut log = resumed[..second].to_vec();
            let (last, _) = keys_of(&projects, &mut log, Input::Resumed);
            assert!(
                keys.ends_with(&last),
                "after {first} and {second} records: {last:?} of {keys:?}"
            );
        }
    }
    counts.dedup();
    assert_eq!(counts, [0, 5, 4, 3, 2, 1, 0]);
    feed(&projects, &mut whole, hear("x", Some("a")));
    let (other, _) = keys_of(&projects, &mut whole, hear("3", None));
    assert_eq!(other.len(), keys.len());
    assert!(
        other.iter().all(|key| !keys.contains(key)),
        "another turn's calls are others"
    );
}

/// The keys of the calls that are made when this comes to a conversation whose last turn was stopped, and how long the log is
/// wherever something is noted.
fn keys_of(
    projects: &Projects,
    log: &mut Vec<Recorded>,
    input: Input,
) -> (Vec<String>, Vec<usize>) {
    let state = State::fold(log.iter()).without_half_turn();
    let mut turn = Engine::new(projects).feed(&state, input, NOW);
    let (mut keys, mut noted) = (Vec::new(), Vec::new());
    loop {
        let next = turn.next();
        if !matches!(next, Next::Record(_)) {
            noted.push(log.len());
        }
        match next {
            Next::Record(record) => log.push(record),
            Next::Do(_) => {}
            Next::Ask(request) => {
                if let Request::Call(call) = request {
                    keys.push(call.key);
                }
                turn.resume(Answer::Http {
                    status: 200,
                    body: Some(json!({ "m": 7 })),
                });
            }
            Next::Diverged => panic!("the turn diverged"),
            Next::Done => return (keys, noted),
        }
    }
}
