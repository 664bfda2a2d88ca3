//! Flows that other flows call: they come back once, and what is said to them may be for whoever called them.

use convene_source::Sources;
use serde_json::json;

use super::{
    Answer, Input, Recorded, State,
    tests::{checked, feed, feed_with, goes_with_more, hear, sources, with_assistant},
};
use crate::projects::Projects;

const TEXTS: &str = "
ask: {x: 'X?', y: 'Y?', n: 'N?', city: 'City?'}
paid: 'Paid {ref}'
said: 'Said {x}'
child: 'Child {n}'
went: 'Went to {city}'
more: More
kept: Kept
undone: Undone
";

fn project(flows: &str) -> Projects {
    Projects::new(checked(&sources(flows, TEXTS, "stories: []")))
}

fn stories(flows: &str, stories: &str) -> Sources {
    let intents = ["go", "other", "yes", "no", "human", "cancel", "correct"];
    let nlu: String = intents
        .iter()
        .map(|intent| format!("- intent: {intent}\n  examples: '- [x](city) [x](why) [x](x)'\n"))
        .collect();
    let nlu = format!("nlu:\n{nlu}");
    let files = sources(flows, TEXTS, stories);
    let files = files.iter().chain([("nlu/en.yaml", nlu.as_str())]);
    files.collect()
}

fn calls(log: &[Recorded]) -> usize {
    let is_call = |record: &&Recorded| matches!(record, Recorded::CallAnswered { .. });
    log.iter().filter(is_call).count()
}

fn answer() -> Answer {
    Answer::Http {
        status: 200,
        body: Some(json!({ "id": "R1" })),
    }
}

/// `main` calls `pay`, which posts what was answered; `behind` stands behind that.
fn paying(behind: &str) -> Projects {
    project(&format!(
        "flows:
  main:
    start: {{intents: [go]}}
    slots: {{ref: {{}}, y: {{}}}}
    steps:
      - id: pay
        flow: {{name: pay, save: {{ref: ref}}}}
      - say: paid
      - ask: y
{behind}
  pay:
    slots: {{x: {{}}, ref: {{}}}}
    steps:
      - ask: x
      - call: {{method: POST, url: 'http://x', body: {{x: '{{x}}'}}, save: {{ref: body.id}}}}
"
    ))
}

#[test]
fn a_called_flow_is_done_once_where_the_version_of_its_caller_is_gone() {
    let mut log = Vec::new();
    feed(&paying(""), &mut log, hear("x", Some("go")));
    let now = paying("      - say: more\n");
    let said = feed_with(&now, &mut log, hear("abc", None), &answer());
    assert_eq!(said, ["Paid R1", "Y?"]);
    let said = feed_with(&now, &mut log, hear("def", None), &answer());
    assert_eq!(said, ["More"]);
    assert_eq!(calls(&log), 1);
}

#[test]
fn a_turn_that_was_stopped_anywhere_behind_a_call_makes_it_no_second_time() {
    let flows = paying("");
    let mut log = Vec::new();
    feed(&flows, &mut log, hear("x", Some("go")));
    feed_with(&flows, &mut log, hear("abc", None), &answer());
    let is_call = |record: &Recorded| matches!(record, Recorded::CallAnswered { .. });
    let call = log.iter().position(is_call).unwrap();
    let ended = |record: &Recorded| matches!(record, Recorded::FlowEnded { .. });
    let end = log.iter().position(ended).unwrap();
    assert!(call < end && end + 2 < log.len());
    for (stopped, now) in (end + 1..log.len()).flat_map(|end| {
        let same = (end, paying(""));
        [same, (end, paying("      - say: more\n"))]
    }) {
        let mut log = log[..stopped].to_vec();
        let half = State::fold(&log).without_half_turn();
        if half.is_half_way() {
            let is_asking = |record: &Recorded| matches!(record, Recorded::FlowStepped { step, .. } if step.as_str() == "ask_y");
            let is_said = log.iter().any(is_asking);
            let said = feed_with(&now, &mut log, Input::Resumed, &answer());
            assert_eq!(said, ["Paid R1", "Y?"][usize::from(is_said)..], "{stopped}");
        }
        assert_eq!(calls(&log), 1, "{stopped}");
        assert_eq!(State::fold(&log).question().map(|open| open.tries), Some(1));
    }
}

#[test]
fn a_caller_whose_called_flow_has_failed_does_not_call_it_again() {
    let failing = project(
        "flows:
  main:
    start: {intents: [go]}
    steps: [{flow: pay}, {say: more}]
  pay:
    slots: {x: {}}
    steps: [{ask: x}, {call: {method: POST, url: 'http://x'}}]
",
    );
    let mut log = Vec::new();
    feed(&failing, &mut log, hear("x", Some("go")));
    feed(&failing, &mut log, hear("abc", None));
    let ended = |record: &Recorded| matches!(record, Recorded::FlowEnded { .. });
    let end = log.iter().position(ended).unwrap();
    let mut log = log[..=end].to_vec();
    assert!(State::fold(&log).without_half_turn().is_half_way());
    feed(&failing, &mut log, Input::Resumed);
    assert_eq!(calls(&log), 1);
    assert_eq!(State::fold(&log).stack(), []);
}

const UNDOING: &str = "flows:
  main:
    start: {intents: [go]}
    on_cancel: kept
    steps:
      - flow: child
      - say: more
        next: end
      - {id: kept, say: kept}
  child:
    on_cancel: undo
    steps:
      - flow: grandchild
      - say: more
        next: end
      - {id: undo, call: {method: POST, url: 'http://x/undo'}}
      - say: undone
  grandchild:
    slots: {n: {}}
    steps: [{ask: n}]
";

#[test]
fn each_flow_that_is_cancelled_does_what_it_has_for_that() {
    goes_with_more(&stories(
        UNDOING,
        "
stories:
  - story: The innermost first
    steps:
      - {user: x, intent: go}
      - bot: ask.n
      - {user: x, intent: cancel}
      - bot: convene.cancelled
      - call: {url: 'http://x/undo', method: POST, returns: {}}
      - bot: undone
      - bot: kept
      - ended: {main: cancelled, child: cancelled, grandchild: cancelled}
      - flow: none
",
    ));
}

/// `main` asks for the city, and then does this; `child` gets a number from a flow of its own.
fn asking_the_city(then: &str) -> String {
    format!(
        "flows:
  main:
    start: {{intents: [go]}}
    slots: {{city: {{entities: [city]}}}}
    steps: [{{ask: city}}, {then}]
  child:
    slots: {{n: {{type: integer}}}}
    steps: [{{flow: {{name: grandchild, save: {{n: n}}}}}}, {{say: child}}]
  grandchild:
    slots: {{n: {{type: integer}}}}
    steps: [{{ask: n}}]
"
    )
}

#[test]
fn what_a_caller_has_asked_is_corrected_while_the_called_flow_asks() {
    goes_with_more(&stories(
        &asking_the_city("{flow: child}, {say: went}"),
        "
stories:
  - story: With a correcting word
    steps:
      - {user: x, intent: go}
      - bot: ask.city
      - user: '[Rome](city)'
      - bot: ask.n
      - {user: 'no I meant [Paris](city)', intent: correct}
      - bot: convene.corrected
      - bot: ask.n
      - user: '5'
      - bot: Child 5
      - bot: Went to Paris
  - story: With an entity alone
    steps:
      - {user: x, intent: go}
      - bot: ask.city
      - user: '[Rome](city)'
      - bot: ask.n
      - user: 'to [Paris](city)'
      - bot: convene.corrected
      - bot: ask.n
      - user: '5'
      - bot: Child 5
      - bot: Went to Paris
  - story: Without a value
    steps:
      - {user: x, intent: go}
      - bot: ask.city
      - user: '[Rome](city)'
      - bot: ask.n
      - {user: that was wrong, intent: correct}
      - bot: convene.rejected
      - bot: ask.city
      - user: Paris
      - bot: ask.n
",
    ));
}

#[test]
fn a_correction_of_a_callers_answer_goes_back_where_it_was_used_already() {
    goes_with_more(&stories(
        &asking_the_city("{say: went}, {flow: child}, {say: more}"),
        "
stories:
  - story: It was said
    steps:
      - {user: x, intent: go}
      - bot: ask.city
      - user: '[Rome](city)'
      - bot: Went to Rome
      - bot: ask.n
      - {user: 'no I meant [Paris](city)', intent: correct}
      - bot: convene.corrected
      - bot: Went to Paris
      - bot: ask.n
      - ended: {child: dropped}
",
    ));
}

const LATER: &str = "flows:
  main:
    start: {intents: [go]}
    slots: {n: {type: integer, entities: [number]}, y: {entities: [why]}}
    steps:
      - ask: n
      - flow: child
      - ask: y
      - say: more
  child:
    slots: {city: {}, x: {}}
    steps: [{ask: x}, {flow: {name: grandchild, save: {city: city}}}, {say: went}]
  grandchild:
    slots: {city: {entities: [city]}}
    steps: [{ask: city}]
";

#[test]
fn what_a_caller_or_a_called_flow_would_ask_later_is_not_asked_again() {
    goes_with_more(&stories(
        LATER,
        "
stories:
  - story: A called flow
    steps:
      - {user: 'go to [Rome](city)', intent: go}
      - bot: ask.n
      - user: '5'
      - bot: ask.x
      - user: abc
      - bot: Went to Rome
      - bot: ask.y
  - story: A called flow, said to its caller's question
    steps:
      - {user: go, intent: go}
      - bot: ask.n
      - user: '[5](number), to [Rome](city)'
      - bot: ask.x
      - user: abc
      - bot: Went to Rome
      - bot: ask.y
  - story: A caller
    steps:
      - {user: 'go', intent: go}
      - bot: ask.n
      - user: '5'
      - bot: ask.x
      - user: 'abc'
      - bot: ask.city
      - user: '[Rome](city), [fun](why)'
      - bot: Went to Rome
      - bot: More
",
    ));
}

#[test]
fn a_flow_that_waits_begins_beside_itself_where_it_is_wanted_again() {
    goes_with_more(&stories(
        "flows:
  main:
    start: {intents: [go]}
    slots: {x: {entities: [x]}}
    steps:
      - ask: x
      - call: {method: POST, url: 'http://x/order', body: {x: '{x}'}}
      - wait: {event: paid}
      - say: said
  other:
    start: {intents: [other]}
    slots: {n: {}}
    steps: [{ask: n}, {say: child}]
",
        "
stories:
  - story: It begins beside it
    steps:
      - {user: go, intent: go}
      - bot: ask.x
      - user: abc
      - call: {returns: {body: {}}}
      - {user: x, intent: other}
      - bot: ask.n
      - {user: go, intent: go}
      - bot: ask.x
      - user: def
      - call: {returns: {body: {}}}
      - bot: convene.resumed
      - bot: ask.n
      - user: me
      - bot: Child me
      - event: {name: paid}
      - bot: Said abc
      - event: {name: paid}
      - bot: Said def
  - story: For another value it begins beside it
    steps:
      - {user: 'go [a](x)', intent: go}
      - call: {returns: {body: {}}}
      - {user: 'go [b](x)', intent: go}
      - call: {returns: {body: {}}}
      - event: {name: paid, data: {x: b}}
      - bot: Said b
      - event: {name: paid}
      - bot: Said a
  - story: Of two that wait, an event that names neither is for the first
    steps:
      - {user: 'go [a](x)', intent: go}
      - call: {returns: {body: {}}}
      - {user: 'go [b](x)', intent: go}
      - call: {returns: {body: {}}}
      - event: {name: paid}
      - bot: Said a
      - event: {name: paid}
      - bot: Said b
",
    ));
}

#[test]
fn an_emptied_slot_that_only_the_caller_asks_for_is_asked_for_by_the_caller() {
    let with = |size: &str| {
        let flows = "flows:
  main:
    start: {intents: [go]}
    slots: {y: {}}
    steps: [{ask: size}, {flow: child}, {say: more}]
  child:
    slots: {n: {}}
    steps: [{ask: n}, {say: size}]
";
        let assistant = format!("name: Test\nlanguages: [en]\nslots: {{size: {size}}}\n");
        let texts = "ask: {size: 'Size?', n: 'N?'}\nsize: 'Size {size}'\nmore: More\n";
        let files = with_assistant(&assistant, flows, texts, "stories: []");
        Projects::new(checked(&files))
    };
    let mut log = Vec::new();
    let before = with("{}");
    feed(&before, &mut log, hear("x", Some("go")));
    assert_eq!(feed(&before, &mut log, hear("quite big", None)), ["N?"]);
    let now = with("{type: integer}");
    assert_eq!(feed(&now, &mut log, hear("x", None)), ["Size?"]);
    assert_eq!(feed(&now, &mut log, hear("3", None)), ["N?"]);
    assert_eq!(feed(&now, &mut log, hear("x", None)), ["Size 3", "More"]);
}
