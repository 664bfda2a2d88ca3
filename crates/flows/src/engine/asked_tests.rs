//! What has to be confirmed is, however it was said; and only who was asked which flow was meant says so.

use super::tests::{checked, feed, goes, hear, with_assistant};
use super::{Decision, Engine, Heard, Input, Person, Ranked, Remark, State};
use convene_source::Sources;

use crate::{name::Who, projects::Projects};

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ngroups: always\ncommands: {affirm: [yes], deny: [no], correct: [correct]}\n";

const FLOWS: &str = "
flows:
  a:
    description: To book
    start: {intents: [a]}
    slots:
      one: {type: integer, entities: [one]}
      day: {type: integer, entities: [day]}
      two: {type: integer, entities: [two]}
    steps:
      - ask: one
      - ask: {slot: day, confirm: right}
      - ask: two
      - say: done
  b:
    description: To cancel a booking
    start: {intents: [b]}
    steps: [{say: other}]
";

fn with(stories: &str) -> Sources {
    let nlu = "nlu:\n- intent: a\n  examples: '- [1](one) [2](two) [3](day)'\n- intent: b\n  examples: '- x'\n- intent: yes\n  examples: '- x'\n- intent: no\n  examples: '- x'\n- intent: correct\n  examples: '- x'\n";
    let texts = "ask: {one: 'One?', day: 'Day?', two: 'Two?'}\nright: 'Day {day}: right?'\ndone: '{one} {day} {two}'\nother: Other\n";
    let files = with_assistant(ASSISTANT, FLOWS, texts, stories);
    files.iter().chain([("nlu/en.yaml", nlu)]).collect()
}

#[test]
fn what_was_said_early_is_confirmed_when_its_turn_comes() {
    goes(&with(
        "
stories:
  - story: Early
    steps:
      - {user: 'book [5](day)', intent: a}
      - bot: ask.one
      - user: '1'
      - bot: 'Day 5: right?'
      - {user: sure, intent: yes}
      - bot: ask.two
      - user: '2'
      - bot: 1 5 2
  - story: Early and wrong
    steps:
      - {user: 'book [5](day) [1](one)', intent: a}
      - bot: 'Day 5: right?'
      - {user: nope, intent: no}
      - bot: convene.rejected
      - bot: ask.day
      - slot_was_set: {day: null}
      - user: '6'
      - bot: 'Day 6: right?'
      - press: 'Yes'
      - bot: ask.two
",
    ));
}

#[test]
fn a_correction_is_confirmed() {
    goes(&with(
        "
stories:
  - story: Corrected
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - {user: sure, intent: yes}
      - bot: ask.two
      - {user: 'no, day [7](day)', intent: correct}
      - bot: convene.corrected
      - bot: 'Day 7: right?'
      - {user: sure, intent: yes}
      - bot: ask.two
      - user: '[2](two), and on day [8](day)'
      - bot: convene.corrected
      - bot: 'Day 8: right?'
      - {user: sure, intent: yes}
      - bot: 1 8 2
",
    ));
}

#[test]
fn a_confirmation_that_is_open_shuts_nothing_else_out() {
    goes(&with(
        "
stories:
  - story: An earlier answer is corrected
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - user: 'wait, one is [4](one)'
      - bot: convene.corrected
      - bot: 'Day 5: right?'
      - {user: sure, intent: yes}
      - bot: ask.two
      - user: '2'
      - bot: 4 5 2
  - story: It is right, and an earlier answer is corrected
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - {user: 'yes, and one is [4](one)', intent: yes}
      - bot: convene.corrected
      - bot: ask.two
      - user: '2'
      - bot: 4 5 2
  - story: Another value, and an earlier answer is corrected
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - {user: 'no, [6](day), and one is [4](one)', intent: no}
      - bot: convene.corrected
      - bot: 'Day 6: right?'
      - {user: sure, intent: yes}
      - bot: ask.two
  - story: A later question is answered
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - {user: 'yes, and two is [2](two)', intent: yes}
      - bot: 1 5 2
  - story: A later question is answered, and nothing else
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - user: 'two is [2](two)'
      - bot: 'Day 5: right?'
      - {user: sure, intent: yes}
      - bot: 1 5 2
  - story: To correct it is to say no
    steps:
      - {user: 'book [1](one)', intent: a}
      - bot: ask.day
      - user: '5'
      - bot: 'Day 5: right?'
      - {user: that is wrong, intent: correct}
      - bot: convene.rejected
      - bot: ask.day
",
    ));
}

#[test]
fn who_was_not_asked_does_not_say_which_was_meant() {
    goes(&with(
        "
stories:
  - story: Which
    steps:
      - {user: booking, torn: [a, b], who: 'user:ada'}
      - bot: convene.which
      - {user: '2', who: 'user:bob'}
      - bot: convene.not_asked
      - {user: something else, intent: b, who: 'user:bob'}
      - bot: other
      - {user: '1', who: 'user:ada'}
      - bot: ask.one
  - story: Which, pressed
    steps:
      - {user: booking, torn: [a, b], who: 'user:ada'}
      - bot: convene.which
      - {press: To book, who: 'user:bob'}
      - bot: convene.not_asked
      - {press: To book, who: 'user:ada'}
      - bot: ask.one
",
    ));
    let anyone = with(
        "
stories:
  - story: Which, of anyone
    steps:
      - {user: booking, torn: [a, b], who: 'user:ada'}
      - bot: convene.which
      - {user: '2', who: 'user:bob'}
      - bot: other
",
    );
    let anyone: Vec<_> = anyone
        .iter()
        .map(|(path, text)| match path {
            "assistant.yaml" => (path, format!("{text}ask: {{who_may_answer: anyone}}\n")),
            _ => (path, text.to_owned()),
        })
        .collect();
    goes(&anyone.into_iter().collect());
}

#[test]
fn who_was_asked_which_was_meant_need_not_address_the_assistant() {
    let files = with("stories: []");
    let addressed = files.iter().map(|(path, text)| {
        let text = text.replace("groups: always", "groups: addressed");
        (path, text)
    });
    let projects = Projects::new(checked(&addressed.collect()));
    let mut log = Vec::new();
    let torn = Input::Heard(Heard {
        text: "booking".into(),
        who: Some(Who::from("user:ada")),
        intents: ["a", "b"]
            .map(|intent| Ranked {
                intent: intent.into(),
                confidence: 0.5,
                score: None,
            })
            .into(),
        decision: Decision::Torn,
        ..Heard::default()
    });
    feed(&projects, &mut log, torn);
    let is_for_us = |log: &[_], who| {
        let state = State::fold(log);
        let people = ["user:ada", "user:bob"].map(|who| Person {
            who: Who::from(who),
            name: who.to_owned(),
            is_staff: false,
        });
        let remark = Remark {
            text: "1",
            who: &Who::from(who),
            to_us: None,
            called_too: &[],
            people: &people,
            writers: &[],
        };
        Engine::new(&projects).is_for_us(&state, &remark)
    };
    assert!(is_for_us(&log, "user:ada"));
    assert!(!is_for_us(&log, "user:bob"));
    feed(&projects, &mut log, hear("1", None));
    feed(&projects, &mut log, hear("2", None));
    assert!(!is_for_us(&log, "user:bob"));
}
