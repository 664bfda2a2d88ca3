//! Several people in a conversation: each has their own flows, questions and wishes.

use std::collections::BTreeMap;

use convene_source::Sources;
use serde_json::json;

use super::{
    Input, State,
    tests::{checked, feed, goes, hear, with_assistant},
};
use crate::projects::Projects;

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate}\ngroups: always\ncommands: {cancel: [cancel], affirm: [yes], deny: [no], human: [human]}\n";

const FLOWS: &str = "
flows:
  back:
    description: To send back
    start: {intents: [back]}
    slots:
      why: {type: choice, values: [broken, wrong]}
      count: {type: integer, label: label}
      mail: {type: email, label: label}
    steps:
      - ask: why
      - ask: {slot: count, form: [mail]}
      - ask: mail
      - say: done
  hours:
    description: Opening hours
    start: {intents: [hours]}
    steps: [{say: open}]
  book:
    description: To book
    start: {intents: [book]}
    slots: {day: {type: integer}}
    steps:
      - ask: day
      - say: booked
  bye:
    description: To end
    start: {intents: [bye]}
    steps: [{end: all}]
  news:
    description: News
    start: {events: [news]}
    steps: [{say: news}]
";

fn with(stories: &str) -> Sources {
    let intents = [
        "back", "hours", "book", "bye", "cancel", "yes", "no", "human",
    ];
    let nlu: String = intents
        .iter()
        .map(|intent| format!("- intent: {intent}\n  examples: '- x'\n"))
        .collect();
    let texts = "ask: {why: 'Why?', count: 'Count?', mail: 'Mail?', day: 'Day?'}\nlabel: It\ndone: '{why} {count} {mail}'\nopen: Open\nbooked: 'Day {day}'\nnews: News\n";
    let files = with_assistant(ASSISTANT, FLOWS, texts, stories);
    let nlu = format!("nlu:\n{nlu}");
    files
        .iter()
        .chain([("nlu/en.yaml", nlu.as_str())])
        .collect()
}

#[test]
fn a_question_that_is_come_back_to_asks_whom_it_asked() {
    goes(&with(
        "
stories:
  - story: Somebody else's digression
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: when are you open, intent: hours, who: 'user:bob'}
      - bot: open
      - bot: convene.resumed
      - bot: ask.why
      - {user: wrong, who: 'user:bob'}
      - bot: convene.not_asked
      - {user: wrong, who: 'user:bob'}
      - {press: wrong, who: 'user:bob'}
      - bot: convene.not_asked
      - {user: wrong, who: 'user:cyd'}
      - bot: convene.not_asked
      - {user: we had lunch, who: 'user:bob'}
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
      - slot_was_set: {why: broken}
      - {user: '3', who: 'user:bob'}
      - bot: convene.not_asked
      - {user: '2', who: 'user:ada'}
      - bot: ask.mail
  - story: An event
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: hm, who: 'user:bob'}
      - event: {name: news}
      - bot: news
      - bot: convene.resumed
      - bot: ask.why
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
",
    ));
}

#[test]
fn each_answers_and_cancels_their_own_question_whichever_was_asked_last() {
    goes(&with(
        "
stories:
  - story: Answers
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: broken, who: 'user:ada'}
      - bot: ask.count
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - bot: convene.resumed
      - bot: ask.count
      - {submit: {count: 2, mail: a@b.de}, who: 'user:ada'}
      - bot: broken 2 a@b.de
      - flow: none
  - story: Cancels
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: cancel, intent: cancel, who: 'user:cyd'}
      - bot: convene.not_asked
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.cancelled
      - ended: {back: cancelled}
      - bot: convene.resumed
      - bot: ask.day
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - flow: none
  - story: Presses
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - {press: broken, who: 'user:ada'}
      - ended: {book: dropped}
      - bot: ask.count
      - {user: '7', who: 'user:bob'}
      - bot: Day 7
      - bot: convene.resumed
      - bot: ask.count
",
    ));
}

#[test]
fn what_somebody_wants_ends_nothing_of_others() {
    goes(&with(
        "
stories:
  - story: The same flow
    steps:
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: so do I, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: '2', who: 'user:bob'}
      - bot: Day 2
      - bot: convene.resumed
      - bot: ask.day
      - {user: '1', who: 'user:ada'}
      - bot: Day 1
      - flow: none
  - story: A person
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: human, intent: human, who: 'user:bob'}
      - bot: convene.handoff
      - handoff: support
      - flow: back
  - story: A person for who was asked
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: I want to book, intent: book, who: 'user:bob'}
      - bot: ask.day
      - {user: human, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - handoff: support
      - ended: {back: handed_off}
      - flow: book
  - story: The end
    steps:
      - {user: send it back, intent: back, who: 'user:ada'}
      - bot: ask.why
      - {user: bye, intent: bye, who: 'user:bob'}
      - ended: {bye: completed}
      - bot: convene.resumed
      - bot: ask.why
  - story: Two things at once
    steps:
      - {user: hours and a booking, intent: hours+book, who: 'user:ada'}
      - bot: open
      - bot: convene.next
      - bot: ask.day
      - {user: '1', who: 'user:bob'}
      - bot: convene.not_asked
",
    ));
}

#[test]
fn a_button_and_a_form_are_good_while_their_question_is_the_same() {
    let projects = Projects::new(checked(&with("stories: []")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("send it back", Some("back")));
    feed(&projects, &mut log, hear("broken", None));
    let question = State::fold(&log).question().unwrap().id;
    let event = Input::Event {
        name: "news".into(),
        data: BTreeMap::new(),
    };
    let asked = ["News", "Now back to where we were.", "Count?"];
    assert_eq!(feed(&projects, &mut log, event), asked);
    feed(
        &projects,
        &mut log,
        hear("when are you open", Some("hours")),
    );
    feed(&projects, &mut log, hear("some", None));
    let form = Input::Submitted {
        who: None,
        question,
        values: [("count", json!(2)), ("mail", json!("a@b.de"))]
            .map(|(slot, value)| (slot.into(), value))
            .into(),
    };
    assert_eq!(feed(&projects, &mut log, form), ["broken 2 a@b.de"]);
    let is_answered = feed(
        &projects,
        &mut log,
        Input::Pressed {
            who: None,
            question,
            value: "3".into(),
        },
    );
    assert_eq!(is_answered, ["That question is no longer open."]);
}
