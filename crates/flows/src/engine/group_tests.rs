//! Several people: whoever speaks to the assistant is answered, and ends nothing that is not theirs; who has left holds up nobody.

use std::collections::BTreeMap;

use convene_source::Sources;

use super::{
    Engine, Heard, Input, Recorded, State,
    tests::{checked, feed, goes, hear, taught, with_assistant},
};
use crate::{name::Who, projects::Projects};

const ASSISTANT: &str = "name: Desk\nlanguages: [en]\nmodel: {use_for: generate}\nfallback: lost\ncommands: {cancel: [cancel], affirm: [yes], deny: [no], human: [human], repeat: [again]}\n";

const FLOWS: &str = "
flows:
  book:
    description: To book
    start: {intents: [book]}
    slots: {day: {type: integer}}
    steps: [{ask: day}, {say: booked}]
  hours:
    description: Opening hours
    start: {intents: [hours]}
    steps: [{say: open}]
  tell:
    description: To tell
    start: {intents: [tell]}
    slots: {what: {}}
    steps: [{ask: what}, {say: told}]
  bye:
    description: To end
    start: {intents: [bye]}
    steps: [{end: all}]
  lost:
    description: Lost
    steps: [{say: lost}]
  shipped:
    description: What is shipped
    start: {events: [shipped]}
    steps: [{say: shipped}, {wait: {event: there, for: 1h}}, {say: there}]
  failed:
    description: What has failed
    start: {events: [failed]}
    steps: [{say: failed}, {handoff: {to: billing}}]
  asks:
    description: What asks
    start: {events: [asks]}
    slots: {count: {type: integer}}
    steps: [{ask: count}, {say: counted}]
";

fn with(more: &str, stories: &str) -> Sources {
    let intents = [
        "book", "hours", "tell", "bye", "cancel", "yes", "no", "human", "again",
    ];
    let texts = "ask: {day: 'Day?', what: 'What?', count: 'Count?'}\nbooked: 'Day {day}'\nopen: Open\ntold: 'Told: {what}'\nlost: Lost\nshipped: Shipped\nthere: There\nfailed: Failed\ncounted: '{count}'\n";
    let assistant = format!("{ASSISTANT}{more}");
    let files = with_assistant(&assistant, FLOWS, texts, stories);
    taught(&files, &intents, "x")
}

#[test]
fn whoever_speaks_to_the_assistant_is_answered_whoever_is_asked() {
    goes(&with(
        "",
        "
stories:
  - story: What is not understood
    people: [user:ada, user:bob]
    steps:
      - {user: 'Desk, I want to book', intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: 'Desk, do you like cheese', who: 'user:bob'}
      - bot: lost
      - bot: convene.resumed_for
      - bot: ask.day
      - {user: do you like cheese, who: 'user:bob'}
      - {user: '3', who: 'user:ada'}
      - bot: Day 3
  - story: What may be one or the other
    people: [user:ada, user:bob]
    steps:
      - {user: 'Desk, I want to book', intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: 'Desk, open or tell', torn: [hours, tell], who: 'user:bob'}
      - bot: convene.which
      - {press: Opening hours, who: 'user:bob'}
      - bot: open
      - bot: convene.resumed_for
      - bot: ask.day
  - story: Which of these is asked again
    steps:
      - {user: open or tell, torn: [hours, tell], who: 'user:ada'}
      - bot: convene.which
      - {user: what did you say, intent: again, who: 'user:ada'}
      - bot: convene.which
      - {user: 'Desk?', who: 'user:ada'}
      - bot: convene.which
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.cancelled
  - story: Which of these is asked of one at a time
    people: [user:ada, user:bob]
    steps:
      - {user: 'Desk, open or tell', torn: [hours, tell], who: 'user:ada'}
      - bot: convene.which
      - {user: 'Desk, open or tell', torn: [hours, tell], who: 'user:bob'}
      - bot: lost
      - {press: Opening hours, who: 'user:ada'}
      - bot: open
",
    ));
    goes(&with(
        "groups: always\n",
        "
stories:
  - story: Where all is heard what people say to each other is none of its business
    people: [user:ada, user:bob]
    steps:
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: we had lunch, who: 'user:bob'}
      - {user: 'Desk, we had lunch', who: 'user:bob'}
      - bot: lost
      - bot: convene.resumed_for
      - bot: ask.day
",
    ));
}

#[test]
fn the_name_is_no_part_of_what_is_said() {
    goes(&with(
        "",
        "
stories:
  - story: An answer in words
    steps:
      - {user: 'hey Desk, let me tell you', intent: tell}
      - bot: ask.what
      - user: 'Desk, it is broken'
      - bot: 'Told: it is broken'
  - story: The name alone answers nothing
    steps:
      - {user: let me tell you, intent: tell}
      - bot: ask.what
      - user: 'Desk?'
      - bot: ask.what
      - user: it is broken
      - bot: 'Told: it is broken'
      - user: 'Desk?'
      - bot: lost
",
    ));
}

#[test]
fn what_an_event_has_begun_is_ended_by_nobody_who_is_not_asked_by_it() {
    goes(&with(
        "",
        "
stories:
  - story: A person is asked for
    steps:
      - event: {name: shipped}
      - bot: shipped
      - {user: human, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - event: {name: there}
      - bot: there
  - story: There is nothing to cancel
    steps:
      - event: {name: shipped}
      - bot: shipped
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.nothing_to_cancel
      - event: {name: there}
      - bot: there
  - story: All that is hers
    steps:
      - event: {name: shipped}
      - bot: shipped
      - {user: bye, intent: bye, who: 'user:ada'}
      - event: {name: there}
      - bot: there
  - story: What asks is cancelled by whom it asks
    steps:
      - {user: when are you open, intent: hours, who: 'user:ada'}
      - bot: open
      - event: {name: asks}
      - bot: ask.count
      - {user: cancel, intent: cancel, who: 'user:ada'}
      - bot: convene.cancelled
      - flow: none
  - story: An event asks for a person
    steps:
      - {user: I want to book, intent: book, who: 'user:ada'}
      - bot: ask.day
      - event: {name: failed}
      - bot: failed
      - bot: convene.handoff
      - handoff: billing
      - ended: {failed: handed_off}
      - {user: '3', who: 'user:ada'}
      - bot: Day 3
",
    ));
}

#[test]
fn each_event_of_many_has_a_flow_and_people_find_place_beside_them() {
    let projects = Projects::new(checked(&with("", "stories: []")));
    let mut log = Vec::new();
    let event = |name: &str| Input::Event {
        name: name.into(),
        data: BTreeMap::new(),
    };
    for _ in 0..24 {
        feed(&projects, &mut log, event("shipped"));
    }
    assert_eq!(State::fold(&log).stack().len(), 24);
    feed(&projects, &mut log, event("shipped"));
    assert_eq!(State::fold(&log).stack().len(), 24, "the oldest is over");
    let said = feed(&projects, &mut log, by("user:ada", hear("x", Some("book"))));
    assert_eq!(said, ["Day?"]);
}

fn by(who: &str, input: Input) -> Input {
    let Input::Heard(heard) = input else {
        return input;
    };
    Input::Heard(Heard {
        who: Some(who.into()),
        ..heard
    })
}

#[test]
fn who_has_left_holds_up_nobody() {
    let projects = Projects::new(checked(&with("groups: always\n", "stories: []")));
    let mut log: Vec<Recorded> = Vec::new();
    let (ada, bob) = (Who::from("user:ada"), Who::from("user:bob"));
    for (who, intent) in [(&bob, "tell"), (&ada, "book"), (&ada, "hours+tell")] {
        feed(
            &projects,
            &mut log,
            by(who.as_str(), hear("x", Some(intent))),
        );
    }
    let event = Input::Event {
        name: "asks".into(),
        data: BTreeMap::new(),
    };
    feed(&projects, &mut log, event);
    let engaged: Vec<_> = State::fold(&log).engaged().into_iter().collect();
    assert_eq!(engaged, [ada.clone(), bob.clone()]);
    let left = || Input::Left {
        who: vec![ada.clone()],
    };
    let nothing: [&str; 0] = [];
    assert_eq!(feed(&projects, &mut log, left()), nothing);
    let state = State::fold(&log);
    let flows: Vec<_> = state.stack().iter().map(|one| one.flow.as_str()).collect();
    assert_eq!(flows, ["tell"], "his own is left");
    assert_eq!(state.engaged().into_iter().collect::<Vec<_>>(), [bob]);
    let said = feed(&projects, &mut log, by("user:bob", hear("broken", None)));
    assert_eq!(said, ["Told: broken"], "and nothing is come back to");
    let facts = log.len();
    feed(&projects, &mut log, left());
    assert_eq!(log.len(), facts, "nothing is hers any more");
}

#[test]
fn whom_anyone_may_answer_for_is_answered_for_without_a_name() {
    goes(&with(
        "ask: {who_may_answer: anyone}\n",
        "
stories:
  - story: Bob answers
    people: [user:ada, user:bob]
    steps:
      - {user: 'Desk, I want to book', intent: book, who: 'user:ada'}
      - bot: ask.day
      - {user: '3', who: 'user:bob'}
      - bot: Day 3
      - {user: '4', who: 'user:bob'}
",
    ));
    let projects = Projects::new(checked(&with("", "stories: []")));
    let engine = Engine::new(&projects);
    assert_eq!(engine.addressed("I ask Desk", &[]).text, "I ask Desk");
}
