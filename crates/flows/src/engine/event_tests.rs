//! Events from outside: several of a kind, several that wait, those that come early, and those that come to others.

use convene_source::Sources;
use serde_json::json;

use super::{
    Input, Recorded, State,
    tests::{ASSISTANT, checked, feed, goes, hear, sources, with_assistant},
};
use crate::projects::Projects;

fn event(name: &str, data: &serde_json::Value) -> Input {
    Input::Event {
        name: name.into(),
        data: serde_json::from_value(data.clone()).unwrap(),
    }
}

const LATE: &str = "
flows:
  late:
    start: {events: [late]}
    slots: {parcel: {}, keep: {type: boolean}}
    steps:
      - ask: keep
      - call: {method: POST, url: 'https://shop.example/late', body: {parcel: '{parcel}', keep: '{keep}'}}
      - say: kept
  slow:
    start: {events: [slow]}
    slots: {parcel: {}}
    steps: [{wait: 1h}, {say: slept}]
  b:
    start: {intents: [b]}
    slots: {n: {type: integer}}
    steps: [{ask: n}]
";

#[test]
fn each_event_of_a_kind_has_a_flow_of_its_own() {
    goes(&sources(
        LATE,
        "ask: {keep: 'Keep {parcel}?', n: N?}\nkept: 'Kept {parcel}'\nslept: 'Slept {parcel}'\n",
        "
stories:
  - story: They are asked one after the other, in the order in which they came
    steps:
      - event: {name: late, data: {parcel: P1}}
      - bot: Keep P1?
      - event: {name: late, data: {parcel: P2}}
      - event: {name: late, data: {parcel: P3}}
      - user: 'yes'
      - call: {body: {parcel: P1, keep: true}, returns: {body: {}}}
      - bot: Kept P1
      - bot: Keep P2?
      - user: 'no'
      - call: {body: {parcel: P2, keep: false}, returns: {body: {}}}
      - bot: Kept P2
      - bot: Keep P3?
      - {user: stop, intent: cancel}
      - bot: convene.cancelled
      - flow: none
  - story: Above a question of another flow
    steps:
      - {user: x, intent: b}
      - bot: ask.n
      - event: {name: late, data: {parcel: P1}}
      - bot: Keep P1?
      - event: {name: late, data: {parcel: P2}}
      - user: 'yes'
      - call: {body: {parcel: P1, keep: true}, returns: {body: {}}}
      - bot: Kept P1
      - bot: Keep P2?
      - user: 'yes'
      - call: {body: {parcel: P2, keep: true}, returns: {body: {}}}
      - bot: Kept P2
      - bot: convene.resumed
      - bot: ask.n
  - story: Where they wait, all wait
    steps:
      - event: {name: slow, data: {parcel: P1}}
      - event: {name: slow, data: {parcel: P2}}
      - after: 1h
      - bot: Slept P1
      - bot: Slept P2
      - flow: none
",
    ));
}

const PAYING: &str = "
flows:
  buy:
    start: {intents: [buy]}
    slots: {order: {}, paid: {type: money}, y: {type: integer}}
    steps:
      - ask: order
      - ask: y
      - wait: {event: paid, for: 1h, otherwise: late}
      - say: thanks
        next: end
      - {id: late, say: late}
  watch:
    start: {intents: [watch]}
    slots: {paid: {type: money}}
    steps: [{wait: {event: paid}}, {say: seen}]
  twice:
    start: {intents: [twice]}
    slots: {y: {type: integer}, paid: {type: money}}
    steps: [{ask: y}, {wait: {event: paid}}, {say: seen}, {wait: {event: paid}}, {say: again}]
  outer:
    start: {intents: [outer]}
    slots: {y: {type: integer}}
    steps: [{ask: y}, {flow: inner}]
  inner:
    slots: {paid: {type: money}}
    steps: [{wait: {event: paid}}, {say: seen}]
";
const PAID: &str = "ask: {order: 'Order?', y: 'Y?'}\nthanks: 'Thanks for {order}: {paid}'\nlate: Late\nseen: 'Seen {paid}'\nagain: 'Again {paid}'\n";

#[test]
fn an_event_that_comes_before_its_wait_is_kept_for_it() {
    goes(&sources(
        PAYING,
        PAID,
        "
stories:
  - story: It is there when it is waited for
    steps:
      - {user: x, intent: buy}
      - bot: ask.order
      - user: A1
      - bot: ask.y
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - slot_was_set: {paid: null}
      - user: '1'
      - bot: 'Thanks for A1: 5.00 EUR'
      - flow: none
      - after: 2h
  - story: Several are taken in the order in which they came
    steps:
      - {user: x, intent: twice}
      - bot: ask.y
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - event: {name: paid, data: {paid: {amount: 6, currency: EUR}}}
      - user: '1'
      - bot: Seen 5.00 EUR
      - bot: Again 6.00 EUR
      - flow: none
  - story: It is for a flow that is called later
    steps:
      - {user: x, intent: outer}
      - bot: ask.y
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - user: '1'
      - bot: Seen 5.00 EUR
  - story: What came before the flow began is none of its business
    steps:
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - {user: x, intent: watch}
      - flow: watch
",
    ));
}

#[test]
fn an_event_is_for_each_flow_that_waits_for_it() {
    goes(&sources(
        PAYING,
        PAID,
        "
stories:
  - story: Two wait
    steps:
      - {user: x, intent: buy}
      - bot: ask.order
      - user: A1
      - bot: ask.y
      - user: '1'
      - {user: x, intent: watch}
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - bot: Seen 5.00 EUR
      - bot: 'Thanks for A1: 5.00 EUR'
      - flow: none
",
    ));
    let assistant = format!("{ASSISTANT}groups: always\n");
    goes(&with_assistant(
        &assistant,
        PAYING,
        PAID,
        "
stories:
  - story: Of one flow that runs twice it is for whom it names
    steps:
      - {user: x, intent: buy, who: 'user:ada'}
      - bot: ask.order
      - {user: A1, who: 'user:ada'}
      - bot: ask.y
      - {user: '1', who: 'user:ada'}
      - {user: x, intent: buy, who: 'user:bob'}
      - bot: ask.order
      - {user: B2, who: 'user:bob'}
      - bot: ask.y
      - {user: '1', who: 'user:bob'}
      - event: {name: paid, data: {order: B2, paid: {amount: 5, currency: EUR}}}
      - bot: 'Thanks for B2: 5.00 EUR'
      - event: {name: paid, data: {order: A1, paid: {amount: 6, currency: EUR}}}
      - bot: 'Thanks for A1: 6.00 EUR'
      - flow: none
",
    ));
}

#[test]
fn what_goes_on_by_itself_asks_once() {
    let flows = "
flows:
  a:
    start: {intents: [a]}
    slots: {m: {type: integer}}
    steps: [{wait: {event: paid}}, {ask: m}]
  b:
    start: {intents: [b]}
    slots: {n: {type: integer}}
    steps: [{ask: n}]
  c:
    start: {intents: [c]}
    slots: {k: {type: integer}}
    steps: [{ask: k}]
";
    goes(&sources(
        flows,
        "ask: {m: M?, n: N?, k: K?}\n",
        "
stories:
  - story: When what stood above it is over
    steps:
      - {user: x, intent: a}
      - {user: x, intent: b}
      - bot: ask.n
      - event: {name: paid}
      - user: '3'
      - bot: ask.m
      - user: '4'
      - flow: none
  - story: When another was cancelled for it
    steps:
      - {user: x, intent: b}
      - bot: ask.n
      - {user: x, intent: cancel+c}
      - bot: convene.cancelled
      - bot: ask.k
      - user: '4'
      - flow: none
",
    ));
}

#[test]
fn few_events_are_kept_with_what_slots_are_there_for() {
    let projects = Projects::new(checked(&sources(PAYING, PAID, "stories: []")));
    let mut log = Vec::new();
    feed(&projects, &mut log, hear("x", Some("twice")));
    for amount in 1..=20 {
        let data =
            json!({ "paid": { "amount": amount, "currency": "EUR" }, "more": "x".repeat(1000) });
        feed(&projects, &mut log, event("paid", &data));
    }
    let state = State::fold(&log);
    let early = &state.stack()[0].early;
    assert_eq!(early.len(), 8, "the last ones");
    assert!(early.iter().all(|early| early.data.len() == 1));
    let again = State::fold(&state.checkpoint());
    assert_eq!(again, state);
    assert_eq!(
        feed(&projects, &mut log, hear("1", None)),
        ["Seen 13.00\u{a0}EUR", "Again 14.00\u{a0}EUR"]
    );
    // What is far too large is told, and the event kept all the same.
    feed(&projects, &mut log, hear("x", Some("buy")));
    let large = json!({ "order": "x".repeat(40_000), "paid": { "amount": 5, "currency": "EUR" } });
    feed(&projects, &mut log, event("paid", &large));
    let misfitted = log.iter().any(|record| {
        matches!(record, Recorded::EventMisfitted { slots, .. } if slots.contains(&"order".into()))
    });
    assert!(misfitted);
    assert_eq!(State::fold(&log).stack()[0].early.len(), 1);
}

const GROUP: &str = "
flows:
  pay:
    start: {intents: [pay]}
    slots: {paid: {type: money}}
    steps: [{wait: {event: paid}}, {say: seen}]
  slow:
    start: {intents: [slow]}
    steps: [{wait: 1h}, {say: slept}]
  begun:
    start: {events: [begun]}
    steps: [{say: begun}]
";

fn in_group(stories: &str) -> Sources {
    let nlu = "nlu:\n- intent: pay\n  examples: '- x'\n- intent: slow\n  examples: '- x'\n- intent: human\n  examples: '- x'\n";
    let texts = "seen: 'Seen {paid}'\nslept: Slept\nbegun: Begun\n";
    let assistant = ASSISTANT.replace(
        "affirm: [yes], deny: [no], human: [human], cancel: [cancel], correct: [correct]",
        "human: [human]",
    );
    let assistant = assistant + "groups: always\n";
    let files = with_assistant(&assistant, GROUP, texts, stories);
    files.iter().chain([("nlu/en.yaml", nlu)]).collect()
}

#[test]
fn who_asks_for_a_person_takes_nothing_from_those_who_wait() {
    goes(&in_group(
        "
stories:
  - story: For an event
    steps:
      - {user: x, intent: pay, who: 'user:bob'}
      - {user: x, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - event: {name: paid, data: {paid: {amount: 5, currency: EUR}}}
      - bot: Seen 5.00 EUR
      - flow: none
      - event: {name: begun}
      - bot: begun
  - story: For a time
    steps:
      - {user: x, intent: slow, who: 'user:bob'}
      - {user: x, intent: human, who: 'user:ada'}
      - bot: convene.handoff
      - after: 1h
      - bot: Slept
      - flow: none
",
    ));
}
