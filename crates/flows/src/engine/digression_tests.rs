//! People digress and come back: what waits below is kept and answered, and a model answers on the side.

use convene_source::Sources;

use super::{
    State,
    tests::{checked, feed, goes_with_more, hear, sources, taught, with_assistant},
};
use crate::projects::Projects;

const ASSISTANT: &str = "name: Test\nlanguages: [en]\nmodel: {use_for: generate_and_lost}\nfallback: lost\ncommands: {affirm: ['yes'], deny: ['no'], correct: [correct]}\n";

const FLOWS: &str = "
flows:
  track:
    description: To track
    start: {intents: [track]}
    slots: {order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}}
    steps: [{ask: order}, {say: tracked}]
  table:
    description: To book a table
    start: {intents: [table]}
    slots: {persons: {type: integer, max: 9}, sure: {type: boolean}}
    steps: [{ask: persons}, {ask: sure}, {say: booked}]
  send:
    description: To send back
    start: {intents: [send]}
    slots:
      order: {pattern: '[A-Z]{2}[0-9]{2}', entities: [order]}
      broken: {type: boolean}
      wish: {type: choice, values: [refund, exchange], entities: [wish]}
    steps: [{ask: order}, {ask: broken}, {ask: wish}, {say: sent}]
  greet:
    description: To greet
    start: {intents: [greet]}
    steps:
      - choose:
          text: menu
          options: [{label: first, intents: [track], then: [{flow: track}]}, {label: other, then: end}]
  lost:
    description: Nothing was understood
    steps: [{say: lost}]
";

const TEXTS: &str = "ask: {order: 'Order?', persons: 'How many?', sure: 'Sure?', broken: 'Broken?', wish: 'What would you like?'}\nsent: 'Sent {order} for {wish}'\ntracked: 'Tracked {order}'\nbooked: Booked for {persons}\nmenu: What now?\nfirst: Track\nother: Nothing\nlost: Lost\n";

fn with(stories: &str) -> Sources {
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, stories);
    let intents = ["track", "table", "greet", "send", "yes", "no", "correct"];
    taught(&files, &intents, "x [AB12](order) [refund](wish)")
}

#[test]
fn a_flow_is_one_however_many_it_calls() {
    let flows: String = (0..8)
        .map(|n| {
            format!("  f{n}:\n    start: {{intents: [i{n}]}}\n    slots: {{}}\n    steps: [{{flow: g{n}}}]\n  g{n}:\n    slots: {{}}\n    steps: [{{flow: h{n}}}]\n  h{n}:\n    slots: {{n: {{type: integer}}}}\n    steps: [{{ask: n}}]\n")
        })
        .collect();
    let flows = format!("flows:\n{flows}");
    let projects = Projects::new(checked(&sources(&flows, "ask: {n: N?}\n", "stories: []")));
    let mut log = Vec::new();
    for n in 0..8 {
        let said = feed(&projects, &mut log, hear("x", Some(&format!("i{n}"))));
        assert_eq!(said, ["N?"]);
    }
    let whose = |log: &[_]| -> Vec<String> {
        let state = State::fold(log);
        let flows = state.stack().iter().map(|frame| frame.flow.to_string());
        flows.filter(|flow| flow.starts_with('f')).collect()
    };
    assert_eq!(
        whose(&log),
        ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"]
    );
    for _ in 0..8 {
        feed(&projects, &mut log, hear("5", None));
    }
    assert_eq!(whose(&log), [""; 0]);
}

#[test]
fn a_menu_that_could_lead_to_it_swallows_no_answer_to_what_is_asked_below() {
    goes_with_more(&with(
        "
stories:
  - story: Hello in between
    steps:
      - {user: track my order, intent: track}
      - bot: ask.order
      - {user: hi, intent: greet}
      - bot: menu
      - user: '[AB12](order)'
      - bot: Tracked AB12
      - flow: none
  - story: Where nothing is asked below, it is kept for what may be called
    steps:
      - {user: hi, intent: greet}
      - bot: menu
      - user: '[AB12](order)'
      - bot: menu
      - user: Track
      - bot: Tracked AB12
",
    ));
}

#[test]
fn a_model_answers_what_is_lost_while_something_is_asked() {
    goes_with_more(&with(
        "
stories:
  - story: A side question to a slot, to what is confirmed, and to a menu
    steps:
      - {user: a table, intent: table}
      - bot: ask.persons
      - user: do you have a terrace?
      - model: We do.
      - bot: ask.persons
      - user: do you have a garden?
      - model: We do.
      - bot: ask.persons
      - user: and what about parking then?
      - model: Behind the house.
      - bot: ask.persons
      - user: is parking free there?
      - model: It is.
      - bot: ask.persons
      - user: none
      - bot: convene.invalid.integer
      - bot: ask.persons
      - user: for two hundred and 20?
      - bot: convene.invalid.above
      - bot: ask.persons
      - user: '4'
      - bot: ask.sure
      - user: do you ship to Spain?
      - model: We do not.
      - bot: ask.sure
      - {user: 'yes', intent: 'yes'}
      - bot: Booked for 4
      - {user: hi, intent: greet}
      - bot: menu
      - user: do you ship to Spain?
      - model: We do not.
      - bot: menu
  - story: Without a model it is a wrong answer
    steps:
      - {user: a table, intent: table}
      - bot: ask.persons
      - user: do you have a terrace?
      - bot: convene.invalid.integer
      - bot: ask.persons
      - {user: hi, intent: greet}
      - bot: menu
      - user: do you ship to Spain?
      - bot: convene.invalid.choice
      - bot: menu
",
    ));
}

#[test]
fn what_is_said_within_a_digression_fills_nothing_below_that_was_not_asked() {
    goes_with_more(&with(
        "
stories:
  - story: A refund that is asked after is none that is wanted
    steps:
      - {user: 'send back [AB12](order)', intent: send}
      - bot: ask.broken
      - {user: 'where is my [refund](wish) for [CD34](order)?', intent: track}
      - bot: Tracked CD34
      - bot: convene.resumed
      - bot: ask.broken
      - {user: 'yes', intent: 'yes'}
      - bot: ask.wish
      - user: '[exchange](wish)'
      - bot: Sent AB12 for exchange
  - story: What stands apart does
    steps:
      - {user: 'send back [AB12](order)', intent: send}
      - bot: ask.broken
      - {user: '[refund](wish) please, and where is [CD34](order)?', intent: track}
      - bot: Tracked CD34
      - bot: convene.resumed
      - bot: ask.broken
      - {user: 'yes', intent: 'yes'}
      - bot: Sent AB12 for refund
",
    ));
}
