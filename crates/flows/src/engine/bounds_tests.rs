//! Whatever people say and endpoints answer, each record fits in a note, and a fold of much is restored from many.

use serde_json::json;

use super::{
    Answer, Input, Recorded, State,
    tests::{checked, feed, feed_with, hear, sources},
};
use crate::{bounds::LONGEST_TEXT, projects::Projects};

/// Bytes of a record that fits in a note, with room to spare.
const FITS: usize = 48 << 10;

fn size(record: &Recorded) -> usize {
    serde_json::to_vec(record).unwrap().len()
}

#[test]
fn a_text_that_is_too_long_is_no_answer_and_it_is_said_why() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {words: {invalid: own}}\n    steps: [{ask: words}, {say: own}]\n";
    let projects = Projects::new(checked(&sources(
        flows,
        "ask: {words: What?}\nown: Own\n",
        "stories: []",
    )));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    let long = "\u{1}".repeat(LONGEST_TEXT + 1);
    let said = feed(&projects, &mut log, hear(&long, None));
    assert_eq!(
        said,
        [
            "That is too long: I need it in at most 8000 characters.",
            "What?"
        ]
    );
    assert_eq!(feed(&projects, &mut log, hear(&long[1..], None)), ["Own"]);
    assert!(log.iter().all(|record| size(record) < FITS));
}

#[test]
fn flows_that_say_more_than_a_run_may_end_and_what_is_wanted_next_is_heard() {
    let flow = |name: &str, steps: &str| {
        format!("  {name}:\n    start: {{intents: [{name}]}}\n    steps: [{steps}]\n")
    };
    let many = "{say: much}, ".repeat(90);
    let flows = ["a", "c", "d"].map(|name| flow(name, &many)).concat();
    let flows = format!("flows:\n{flows}{}", flow("b", "{say: little}"));
    let texts = "much: Much\nlittle: Little\n";
    let projects = Projects::new(checked(&sources(&flows, texts, "stories: []")));
    let mut log = Vec::new();
    // Each of them is no longer than a flow may be.
    let said = feed(&projects, &mut log, hear("x", Some("a+c+d")));
    assert!(said.len() < 256, "{}", said.len());
    assert_eq!(
        said.last().unwrap(),
        "Something went wrong on our side, so I cannot finish this now."
    );
    assert_eq!(feed(&projects, &mut log, hear("x", Some("b"))), ["Little"]);
}

#[test]
fn the_bounds_of_a_text_are_characters() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {words: {min: 8, max: 9}}\n    steps: [{ask: words}]\n";
    let projects = Projects::new(checked(&sources(
        flows,
        "ask: {words: What?}\n",
        "stories: []",
    )));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    for (text, why) in [
        ("quite", "That is too short: I need at least 8 characters."),
        (
            "quite a lot",
            "That is too long: I need it in at most 9 characters.",
        ),
    ] {
        assert_eq!(feed(&projects, &mut log, hear(text, None)), [why, "What?"]);
    }
}

/// What is said and recorded where an endpoint answers this.
fn called(body: &serde_json::Value) -> (Vec<String>, Vec<Recorded>) {
    let slots: Vec<_> = (0..20).map(|n| format!("s{n}")).collect();
    let of =
        |what: &dyn Fn(&String) -> String| slots.iter().map(what).collect::<Vec<_>>().join(", ");
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{{}}}\n    steps:\n      - call: {{url: 'http://x', save: {{{}}}, on_error: bad}}\n      - say: good\n        next: end\n      - {{id: bad, say: bad}}\n",
        of(&|slot| format!("{slot}: {{}}")),
        of(&|slot| format!("{slot}: body.{slot} or none")),
    );
    let projects = Projects::new(checked(&sources(
        &flows,
        "good: Good\nbad: Bad\n",
        "stories: []",
    )));
    let answer = Answer::Http {
        status: 200,
        body: Some(body.clone()),
    };
    let mut log = Vec::new();
    let said = feed_with(&projects, &mut log, hear("x", Some("a")), &answer);
    (said, log)
}

#[test]
fn an_answer_of_which_too_much_would_be_kept_is_an_error() {
    let long = "x".repeat(LONGEST_TEXT);
    assert_eq!(called(&json!({ "s0": long })).0, ["Good"]);
    assert_eq!(called(&json!({ "s0": format!("{long}x") })).0, ["Bad"]);
    let many: serde_json::Map<_, _> = (0..20).map(|n| (format!("s{n}"), json!(long))).collect();
    let (said, log) = called(&many.into());
    assert_eq!(said, ["Bad"]);
    assert!(log.iter().all(|record| size(record) < FITS));
}

#[test]
fn what_a_model_writes_is_kept_as_far_as_it_fits() {
    let flows = "flows:\n  a:\n    start: {intents: [a]}\n    slots: {poem: {}}\n    steps: [{generate: {prompt: A poem, otherwise: none, save: poem}}, {say: poem}]\n";
    let projects = Projects::new(checked(&sources(
        flows,
        "none: None\npoem: 'It was {poem}'\n",
        "stories: []",
    )));
    let answer = Answer::Written("x".repeat(100_000));
    let mut log = Vec::new();
    feed_with(&projects, &mut log, hear("x", Some("a")), &answer);
    assert!(log.iter().all(|record| size(record) < FITS));
}

#[test]
fn a_large_state_is_restored_from_records_that_fit() {
    let slots: String = (0..16)
        .map(|n| format!("  s{n}: {{entities: [s{n}]}}\n"))
        .collect();
    let assistant = format!("name: Test\nlanguages: [en]\nslots:\n{slots}");
    let asks: String = (0..16).map(|n| format!("      - ask: s{n}\n")).collect();
    let asked: String = (0..16).map(|n| format!("  s{n}: S?\n")).collect();
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{own: {{}}}}\n    steps:\n      - ask: own\n{asks}      - ask: {{slot: own, again: true}}\n"
    );
    let nlu: String = (0..16).map(|n| format!(" [x](s{n})")).collect();
    let files = super::tests::with_assistant(
        &assistant,
        &flows,
        &format!("ask:\n  own: Own?\n{asked}"),
        "stories: []",
    );
    let nlu = format!("nlu:\n- intent: a\n  examples: '-{nlu}'\n");
    let files = files.iter().chain([("nlu/en.yaml", &*nlu)]).collect();
    let projects = Projects::new(checked(&files));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("a")));
    for number in 0..17 {
        let long = format!("{number}{}", "x".repeat(LONGEST_TEXT - 5));
        feed(&projects, &mut log, hear(&long, None));
    }
    feed(&projects, &mut log, Input::HandedBack);
    let state = State::fold(&log);
    let whole = state.checkpoint();
    assert!(whole.iter().map(size).sum::<usize>() > FITS, "it is large");
    assert!(whole.iter().all(|record| size(record) < FITS));
    let text = serde_json::to_string(&whole).unwrap();
    let read: Vec<Recorded> = serde_json::from_str(&text).unwrap();
    assert_eq!(State::fold(&read), state);
}
