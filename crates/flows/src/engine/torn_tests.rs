//! What is asked about where it is torn what a message means: nothing that is far less likely than the best, nothing that is no
//! news, and commands, where they are the likeliest.

use super::tests::{checked, feed, hear, hear_as, taught, with_assistant};
use super::{Answer, Decision, Effect, Engine, Input, Next, Recorded, State};
use crate::projects::Projects;

const ASSISTANT: &str = "name: Test\nlanguages: [en]\ngroups: always\ncommands: {affirm: ['yes'], deny: ['no'], cancel: [cancel], human: [human], repeat: [repeat]}\n";

const FLOWS: &str = "
flows:
  book:
    description: To book
    start: {intents: [book]}
    slots: {course: {type: choice, values: [yoga, boxing]}}
    steps: [{ask: course}, {say: booked}]
  hours:
    description: Opening hours
    start: {intents: [hours]}
    steps: [{say: hours}]
  prices:
    description: Prices
    start: {intents: [prices]}
    steps: [{say: prices}]
";

const TEXTS: &str =
    "ask: {course: 'Which course?'}\nbooked: Booked\nhours: From nine\nprices: Ten\n";

fn projects() -> Projects {
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, "stories: []");
    let intents = [
        "book", "hours", "prices", "yes", "no", "cancel", "human", "repeat",
    ];
    Projects::new(checked(&taught(&files, &intents, "x")))
}

fn torn(text: &str, between: &[(&str, f64)]) -> Input {
    hear_as(Decision::Torn, text, between)
}

/// The buttons that are offered to this, while a course is asked for or nothing is.
fn offered(is_asked: bool, said: Input) -> Vec<String> {
    let projects = projects();
    let mut log: Vec<Recorded> = Vec::new();
    if is_asked {
        let asked = feed(&projects, &mut log, hear("book", Some("book")));
        assert_eq!(asked, ["Which course?"]);
    }
    let state = State::fold(log.iter());
    let mut turn = Engine::new(&projects).feed(&state, said, super::tests::NOW);
    let mut buttons = Vec::new();
    loop {
        match turn.next() {
            Next::Do(Effect::Say(saying)) => {
                buttons.extend(saying.buttons.into_iter().map(|button| button.label));
            }
            Next::Ask(_) => turn.resume(Answer::NoAnswer("none".into())),
            Next::Record(_) | Next::Do(_) => {}
            Next::Diverged => turn = turn.begin_anew(),
            Next::Done => return buttons,
        }
    }
}

#[test]
fn what_is_likeliest_for_what_asks_is_a_wrong_answer() {
    let again = ["yoga", "boxing"];
    for between in [
        [("book", 0.72), ("hours", 0.08)],
        [("book", 0.4), ("hours", 0.35)],
        [("yes", 0.5), ("hours", 0.1)],
    ] {
        assert_eq!(offered(true, torn("by my name", &between)), again);
    }
    let far = [("prices", 0.5), ("hours", 0.1)];
    assert_eq!(
        offered(true, torn("and what of it", &far)),
        ["Prices", "None of these"]
    );
}

#[test]
fn what_is_almost_as_likely_to_cancel_is_asked_about() {
    let text = "I do not think that I want to do this any more";
    let said = torn(text, &[("book", 0.39), ("cancel", 0.31)]);
    assert_eq!(offered(true, said), ["Yes, cancel it", "None of these"]);
    let said = torn(text, &[("book", 0.39), ("cancel", 0.15)]);
    assert_eq!(offered(true, said), ["yoga", "boxing"]);
}

#[test]
fn what_is_far_less_likely_is_not_offered() {
    let said = torn(
        "somewhat of it",
        &[("prices", 0.5), ("hours", 0.3), ("book", 0.1)],
    );
    assert_eq!(
        offered(false, said),
        ["Prices", "Opening hours", "None of these"]
    );
}

#[test]
fn a_command_that_is_likeliest_is_offered() {
    let human = torn("can we speak English", &[("human", 0.38), ("cancel", 0.2)]);
    assert_eq!(
        offered(true, human),
        ["Talk to a person", "Yes, cancel it", "None of these"]
    );
    let repeat = [("repeat", 0.38), ("hours", 0.35)];
    let said = torn("what do you have so far", &repeat);
    assert_eq!(
        offered(true, said),
        ["Hear it again", "Opening hours", "None of these"]
    );
    let said = torn("what do you have so far", &repeat);
    assert_eq!(offered(false, said), ["Opening hours", "None of these"]);
}

#[test]
fn a_command_that_was_offered_is_done() {
    let projects = projects();
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("book", Some("book")));
    let between = [("repeat", 0.38), ("human", 0.36), ("hours", 0.35)];
    feed(&projects, &mut log, torn("so far", &between));
    let said = feed(&projects, &mut log, hear("hear it again", None));
    assert_eq!(said, ["Which course?"]);
    let between = [("human", 0.38), ("hours", 0.35)];
    feed(&projects, &mut log, torn("so far", &between));
    let said = feed(&projects, &mut log, hear("talk to a person", None));
    assert_eq!(said, ["I will get a person to help you."]);
}
