//! What somebody has said is theirs: the slots of `assistant.yaml` in a conversation of several people.

use std::collections::BTreeMap;

use convene_source::Sources;
use serde_json::json;

use super::{
    Input, Recorded, State,
    tests::{ASSISTANT, checked, feed, goes, taught, with_assistant},
};
use crate::projects::Projects;

const FLOWS: &str = "
flows:
  track:
    description: To track
    start: {intents: [track]}
    steps:
      - ask: number
      - say: tracked
  book:
    description: To book
    start: {intents: [book]}
    slots: {day: {type: integer}}
    steps:
      - ask: number
      - ask: day
      - say: booked
  forget:
    description: To forget
    start: {intents: [forget]}
    steps: [{set: {number: null}}, {say: forgotten}]
  shipped:
    description: What is shipped
    start: {events: [shipped]}
    steps: [{say: shipped}]
";

fn with(of: &str, stories: &str) -> Sources {
    let slots = format!("slots: {{number: {{pattern: '[A-Z]', entities: [number]{of}}}}}\n");
    let assistant = format!("{ASSISTANT}groups: always\n{slots}");
    let texts = "ask: {number: 'Number?', day: 'Day?'}\ntracked: 'Track {number}'\nbooked: '{number} on {day}'\nshipped: 'Shipped: {number}'\nforgotten: Forgotten\n";
    let intents = [
        "track", "book", "forget", "yes", "no", "human", "cancel", "correct",
    ];
    let files = with_assistant(&assistant, FLOWS, texts, stories);
    taught(&files, &intents, "x [A](number)")
}

#[test]
fn what_one_has_said_is_not_taken_for_anothers() {
    goes(&with(
        "",
        "
stories:
  - story: Each has their own
    steps:
      - {user: 'where is [A](number)', intent: track, who: 'user:ada'}
      - bot: Track A
      - {user: 'where is [B](number)', intent: track, who: 'user:bob'}
      - bot: Track B
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: Track A
      - slot_was_set: {number: A}
      - {user: where is it, intent: track, who: 'user:bob'}
      - bot: Track B
  - story: Who has said none is asked
    steps:
      - {user: 'where is [B](number)', intent: track, who: 'user:bob'}
      - bot: Track B
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.number
      - {user: A, who: 'user:ada'}
      - bot: ask.day
      - {user: where is it, intent: track, who: 'user:bob'}
      - bot: Track B
      - bot: convene.resumed_for
      - bot: ask.day
      - {user: '3', who: 'user:ada'}
      - bot: A on 3
  - story: Each forgets their own
    steps:
      - {user: 'where is [A](number)', intent: track, who: 'user:ada'}
      - bot: Track A
      - {user: 'where is [B](number)', intent: track, who: 'user:bob'}
      - bot: Track B
      - {user: forget it, intent: forget, who: 'user:bob'}
      - bot: forgotten
      - {user: where is it, intent: track, who: 'user:bob'}
      - bot: ask.number
      - {user: C, who: 'user:bob'}
      - bot: Track C
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: Track A
",
    ));
}

#[test]
fn what_an_event_says_is_theirs_who_is_alone_and_of_several_nobodys() {
    goes(&with(
        "",
        "
stories:
  - story: Alone
    steps:
      - {user: 'where is [A](number)', intent: track, who: 'user:ada'}
      - bot: Track A
      - event: {name: shipped, data: {number: B}}
      - bot: 'Shipped: B'
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: Track B
  - story: Among others
    steps:
      - {user: 'where is [A](number)', intent: track, who: 'user:ada'}
      - bot: Track A
      - {user: forget it, intent: forget, who: 'user:bob'}
      - bot: forgotten
      - event: {name: shipped, data: {number: B}}
      - bot: 'Shipped: B'
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: Track A
      - {user: where is it, intent: track, who: 'user:bob'}
      - bot: Track B
",
    ));
}

#[test]
fn a_slot_of_the_conversation_is_everybodys() {
    goes(&with(
        ", of: conversation",
        "
stories:
  - story: One value
    steps:
      - {user: 'where is [A](number)', intent: track, who: 'user:ada'}
      - bot: Track A
      - {user: where is it, intent: track, who: 'user:bob'}
      - bot: Track A
      - {user: 'where is [B](number)', intent: track, who: 'user:bob'}
      - bot: Track B
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: Track B
      - {user: forget it, intent: forget, who: 'user:bob'}
      - bot: forgotten
      - {user: where is it, intent: track, who: 'user:ada'}
      - bot: ask.number
",
    ));
}

#[test]
fn a_log_of_before_goes_on() {
    let projects = Projects::new(checked(&with("", "stories: []")));
    // As they were noted: whose a value is was not said.
    let mut log: Vec<Recorded> = serde_json::from_value(json!([
        {"type": "turn.started", "turn": 1, "input": "a", "who": "user:ada", "at": "2026-03-04T10:00:00"},
        {"type": "slot.set", "slot": "number", "shared": true, "value": {"text": "A"}, "from": "entity", "who": "user:ada"},
        {"type": "turn.ended", "turn": 1},
        {"type": "turn.started", "turn": 2, "input": "b", "who": "user:bob", "at": "2026-03-04T10:00:00"},
        {"type": "slot.set", "slot": "number", "shared": true, "value": {"text": "B"}, "from": "answer", "who": "user:bob"},
        {"type": "turn.ended", "turn": 2},
    ]))
    .unwrap();
    let wants = |who: &str| {
        let Input::Heard(heard) = super::tests::hear("where is it", Some("track")) else {
            unreachable!()
        };
        Input::Heard(super::Heard {
            who: Some(who.into()),
            ..heard
        })
    };
    assert_eq!(feed(&projects, &mut log, wants("user:ada")), ["Track A"]);
    // An event fills it, and nobody in particular has said it.
    let event = Input::Event {
        name: "shipped".into(),
        data: BTreeMap::from([("number".into(), json!("C"))]),
    };
    assert_eq!(feed(&projects, &mut log, event), ["Shipped: C"]);
    let mut kept = State::fold(&log).checkpoint();
    assert_eq!(feed(&projects, &mut kept, wants("user:bob")), ["Track B"]);
    assert_eq!(feed(&projects, &mut kept, wants("user:cyd")), ["Track C"]);
}
