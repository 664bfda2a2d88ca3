//! How many flows run at once, and what it takes to cancel one.

use convene_source::Sources;

use super::{
    Input, State,
    tests::{checked, feed, goes_with_more, hear, with_assistant},
};
use crate::{name::Who, projects::Projects};

const TEXTS: &str = "ask: {x: 'X?', n: 'N?'}\ngot: 'Got {x}'\n";
const FLOWS: &str = "flows:
  main:
    start: {intents: [go]}
    slots: {x: {}}
    steps: [{ask: x}, {say: got}]
";

fn with(rule: &str, flows: &str, stories: &str) -> Sources {
    let assistant = format!(
        "name: Test\nlanguages: [en]\ngroups: always\n{rule}commands: {{cancel: [cancel], affirm: [yes], deny: [no]}}\n"
    );
    with_assistant(&assistant, flows, TEXTS, stories)
}

#[test]
fn nobody_ends_what_others_have_begun_however_many_they_are() {
    let asks = (0..12).map(|n| {
        format!("      - {{user: go, intent: go, who: 'user:p{n}'}}\n      - bot: ask.x\n")
    });
    let answers = (0..12).map(|n| {
        let resumed = if n < 11 {
            "      - bot: convene.resumed_for\n      - bot: ask.x\n"
        } else {
            ""
        };
        format!("      - {{user: me{n}, who: 'user:p{n}'}}\n      - bot: Got me{n}\n{resumed}")
    });
    let steps: String = asks.chain(answers).collect();
    goes_with_more(&with(
        "",
        FLOWS,
        &format!("stories:\n  - story: A crowd\n    steps:\n{steps}"),
    ));
}

/// Ten flows that ask.
fn ten() -> Projects {
    let flows: String = (0..10)
        .map(|n| {
            format!("  f{n}:\n    start: {{intents: [i{n}]}}\n    slots: {{x: {{}}}}\n    steps: [{{ask: x}}, {{say: got}}]\n")
        })
        .collect();
    Projects::new(checked(&with(
        "",
        &format!("flows:\n{flows}"),
        "stories: []",
    )))
}

fn by(who: usize, input: Input) -> Input {
    let Input::Heard(mut heard) = input else {
        return input;
    };
    heard.who = Some(Who::from(format!("user:p{who}").as_str()));
    Input::Heard(heard)
}

#[test]
fn the_ninth_flow_of_one_person_ends_their_oldest_one() {
    let projects = ten();
    let mut log = Vec::new();
    feed(&projects, &mut log, by(1, hear("x", Some("i9"))));
    for n in 0..9 {
        let intent = format!("i{n}");
        let said = feed(&projects, &mut log, by(0, hear("x", Some(&intent))));
        assert_eq!(said, ["X?"]);
    }
    let state = State::fold(&log);
    let flows = state.stack().iter().map(|frame| frame.flow.as_str());
    let flows: Vec<_> = flows.collect();
    assert_eq!(
        flows,
        ["f9", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"]
    );
}

#[test]
fn where_too_much_runs_it_is_said_to_whom_it_is_too_much_for() {
    let projects = ten();
    let mut log = Vec::new();
    for who in 0..32 {
        let said = feed(&projects, &mut log, by(who, hear("x", Some("i0"))));
        assert_eq!(said, ["X?"], "{who}");
    }
    let said = feed(&projects, &mut log, by(32, hear("x", Some("i0"))));
    assert_eq!(
        said,
        ["Too much is under way here already. Please try again a little later."]
    );
    assert_eq!(State::fold(&log).stack().len(), 32);
    // Who has something under way makes room for themselves.
    let said = feed(&projects, &mut log, by(3, hear("x", Some("i1"))));
    assert_eq!(said, ["X?"]);
    let state = State::fold(&log);
    assert_eq!(state.stack().len(), 32);
    let of = |frame: &super::Frame| frame.of.as_ref().map(ToString::to_string);
    assert_eq!(state.stack().iter().filter_map(of).count(), 32);
}

/// `text`, taken for a wish to cancel, but not so surely that it is not asked about.
fn doubtful(text: &str) -> Input {
    let Input::Heard(mut heard) = hear(text, Some("cancel")) else {
        unreachable!()
    };
    for intent in &mut heard.intents {
        intent.confidence = 0.6;
    }
    Input::Heard(heard)
}

/// What is said to these, each of which is taken for a wish to cancel, while a flow asks for this slot.
fn doubted(slot: &str, texts: &[&str]) -> Vec<Vec<String>> {
    let flows = FLOWS.replace("x: {}", slot);
    let projects = Projects::new(checked(&with("", &flows, "stories: []")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("go")));
    let said = texts.iter();
    said.map(|text| feed(&projects, &mut log, doubtful(text)))
        .collect()
}

const WHICH: &str = "I am not sure what you mean. Which of these is it?";

#[test]
fn two_messages_that_may_mean_to_cancel_cancel_nothing() {
    // It was no cancelling: it was the answer.
    let said = doubted("x: {}", &["12 Main Street", "not yet"]);
    assert_eq!(said, [[WHICH], ["Got 12 Main Street"]]);
    let said = doubted("x: {}", &["12 Main Street", "None of these"]);
    assert_eq!(said, [[WHICH], ["Got 12 Main Street"]]);
    let said = doubted("x: {}", &["12 Main Street", "13 Main Street"]);
    assert_eq!(said, [[WHICH], ["Got 13 Main Street"]]);
    let said = doubted("x: {}", &["I think I stop", "yes"]);
    assert_eq!(said, [[WHICH], ["All right, I have cancelled that."]]);
    // Where not any words are an answer, it is asked again.
    let said = doubted("x: {type: integer}", &["12 Main Street", "not yet"]);
    assert_eq!(said, [[WHICH], ["X?"]]);
}
