//! Times and events: whoever waits for them gets them, wherever it stands, and whatever its files have become.

use convene_source::Sources;
use serde_json::{Value as Json, json};

use super::{
    Input, Recorded, State,
    tests::{ASSISTANT as PLAIN, checked, feed, goes, hear, sources, with_assistant},
};
use crate::{name::SlotName, projects::Projects};

const FLOWS: &str = "
flows:
  a:
    start: {intents: [a]}
    slots: {paid: {type: money}}
    steps:
      - wait: {event: payment, for: 1h, otherwise: late}
      - say: paid
        next: end
      - {id: late, say: late}
  b:
    start: {intents: [b]}
    slots: {n: {type: integer}}
    steps: [{ask: n}]
  c:
    start: {intents: [c]}
    steps: [{wait: 3h}, {say: slept}]
";
const TEXTS: &str = "paid: 'Paid {paid}'\nlate: Late\nslept: Slept\nask: {n: N?}\n";

fn payment(amount: f64) -> Input {
    let data: Json = json!({ "paid": { "amount": amount, "currency": "EUR" } });
    Input::Event {
        name: "payment".into(),
        data: serde_json::from_value(data).unwrap(),
    }
}

#[test]
fn an_event_is_its_flows_wherever_that_stands() {
    goes(&sources(
        FLOWS,
        TEXTS,
        "
stories:
  - story: Below a question
    steps:
      - {user: x, intent: a}
      - {user: x, intent: b}
      - bot: ask.n
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - user: '3'
      - bot: Paid 12.50 EUR
      - flow: none
  - story: Below one that waits, too
    steps:
      - {user: x, intent: a}
      - {user: x, intent: c}
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - bot: Paid 12.50 EUR
      - flow: c
      - after: 3h
      - bot: slept
      - flow: none
  - story: Below one that waits below a question
    steps:
      - {user: x, intent: a}
      - {user: x, intent: c}
      - {user: x, intent: b}
      - bot: ask.n
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - user: '3'
      - bot: Paid 12.50 EUR
      - flow: c
  - story: Its time is over below one that waits
    steps:
      - {user: x, intent: a}
      - {user: x, intent: c}
      - after: 1h
      - bot: late
      - after: 2h
      - bot: slept
",
    ));
}

fn waiting(then: &str) -> Sources {
    let flows = format!(
        "flows:\n  a:\n    start: {{intents: [a]}}\n    slots: {{paid: {{type: money}}}}\n    steps:\n      - {{id: pay, wait: {{event: payment}}}}\n      - {then}\n  b:\n    start: {{intents: [b]}}\n    slots: {{n: {{type: integer}}}}\n    steps: [{{ask: n}}]\n"
    );
    sources(
        &flows,
        "paid: Paid {paid}\nthanks: Thanks\nask: {n: N?}\n",
        "stories: []",
    )
}

#[test]
fn what_was_waited_for_is_not_lost_with_the_version_that_waited() {
    let old = Projects::new(checked(&waiting("say: paid")));
    let mut log = Vec::new();
    feed(&old, &mut log, hear("x", Some("a")));
    let new = || {
        Projects::new(checked(&waiting(
            "{say: thanks, next: said}\n      - {id: said, say: paid}",
        )))
    };
    // It comes to the version that is there.
    let mut on_top = log.clone();
    assert_eq!(
        feed(&new(), &mut on_top, payment(5.0)),
        ["Thanks", "Paid 5.00\u{a0}EUR"]
    );
    // Somebody speaks first: it waits on.
    let mut spoken = log.clone();
    feed(&new(), &mut spoken, hear("x", Some("b")));
    feed(&new(), &mut spoken, payment(6.0));
    assert_eq!(
        feed(&new(), &mut spoken, hear("3", None)),
        ["Thanks", "Paid 6.00\u{a0}EUR"]
    );
    // It came before the files changed.
    feed(&old, &mut log, hear("x", Some("b")));
    feed(&old, &mut log, payment(7.0));
    assert_eq!(
        feed(&new(), &mut log, hear("3", None)),
        ["Thanks", "Paid 7.00\u{a0}EUR"]
    );
    assert_eq!(State::fold(&log).stack(), []);
}

#[test]
fn a_time_that_is_waited_for_is_not_begun_anew_with_a_version() {
    let old = Projects::new(checked(&sources(FLOWS, TEXTS, "stories: []")));
    let mut log = Vec::new();
    feed(&old, &mut log, hear("x", Some("c")));
    let timers: Vec<_> = State::fold(&log).timers().collect();
    let later = FLOWS.replace("{say: slept}]", "{say: slept}, {say: late}]");
    let new = Projects::new(checked(&sources(&later, TEXTS, "stories: []")));
    feed(&new, &mut log, hear("x", Some("b")));
    feed(&new, &mut log, hear("3", None));
    assert_eq!(State::fold(&log).timers().collect::<Vec<_>>(), timers);
    let over = Input::Timer { timer: timers[0] };
    assert_eq!(feed(&new, &mut log, over), ["Slept", "Late"]);
}

#[test]
fn a_flow_waits_for_times_and_events() {
    goes(&sources(
        "
flows:
  a:
    start: {intents: [a]}
    slots: {paid: {type: money}}
    steps:
      - wait: 10m
      - say: slept
      - wait: {event: payment, for: 1h, otherwise: late}
      - say: paid
        next: end
      - id: late
        say: late
  b:
    start: {intents: [b]}
    slots: {n: {type: integer}}
    steps: [{ask: n}]
",
        "slept: Slept\npaid: 'Paid {paid}'\nlate: Late\nask: {n: N?}\n",
        "
stories:
  - story: In time
    steps:
      - {user: x, intent: a}
      - after: 9m
      - after: 1m
      - bot: slept
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - bot: Paid 12.50 EUR
      - after: 2h
  - story: Too late
    steps:
      - {user: x, intent: a}
      - after: 20m
      - bot: slept
      - after: 1h
      - bot: late
      - event: {name: payment}
  - story: While something else is asked
    steps:
      - {user: x, intent: a}
      - after: 10m
      - bot: slept
      - {user: x, intent: b}
      - bot: ask.n
      - event: {name: payment}
      - user: '3'
      - bot: 'Paid '
      - flow: none
",
    ));
}

#[test]
fn silence_ends_what_was_asked_and_nothing_that_waits() {
    let assistant =
        format!("{PLAIN}groups: always\nsilence: {{after: 1m, then_after: 1m, then: end}}\n");
    goes(&with_assistant(
        &assistant,
        FLOWS,
        TEXTS,
        "
stories:
  - story: Another's wait, and one's own
    steps:
      - {user: x, intent: a, who: 'user:bob'}
      - {user: x, intent: c, who: 'user:ada'}
      - {user: x, intent: b, who: 'user:ada'}
      - bot: ask.n
      - after: 1m
      - bot: convene.silence_for
      - after: 1m
      - bot: convene.silence_end
      - ended: {b: silence}
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - bot: Paid 12.50 EUR
      - after: 3h
      - bot: slept
      - flow: none
",
    ));
}

#[test]
fn what_does_not_fit_is_told_to_those_who_read_the_notes() {
    let flows = "flows:\n  a:\n    start: {events: [paid]}\n    slots: {mail: {type: email}, paid: {type: money}, number: {pattern: '[0-9]+'}, phone: {type: phone}}\n    steps: [{say: number}]\n";
    let texts = "number: 'Number {number or \"none\"}'\n";
    let projects = Projects::new(checked(&sources(flows, texts, "stories: []")));
    let mut log = Vec::new();
    let data = json!({ "paid": "much", "number": "AB", "currency": "EUR", "mail": "n/a", "phone": "ask Ada" });
    let known = data.as_object().unwrap().iter();
    let event = Input::Event {
        name: "paid".into(),
        data: known
            .map(|(name, value)| (name.as_str().into(), value.clone()))
            .collect(),
    };
    assert_eq!(feed(&projects, &mut log, event), ["Number none"]);
    let misfitted: Vec<_> = log
        .iter()
        .filter_map(|record| match record {
            Recorded::EventMisfitted { slots, .. } => Some(slots.clone()),
            _ => None,
        })
        .collect();
    let expected = ["mail", "number", "paid", "phone"].map(SlotName::from);
    assert_eq!(misfitted, [expected]);
}

#[test]
fn what_is_nothing_to_who_is_silent_does_not_begin_their_silence_anew() {
    let assistant =
        format!("{PLAIN}groups: always\nsilence: {{after: 10m, then_after: 10m, then: handoff}}\n");
    goes(&with_assistant(
        &assistant,
        FLOWS,
        TEXTS,
        "
stories:
  - story: An event and a time that others wait for, and a person for whom was asked
    steps:
      - {user: x, intent: a, who: 'user:bob'}
      - {user: x, intent: b, who: 'user:cy'}
      - bot: ask.n
      - {user: x, intent: b, who: 'user:ada'}
      - bot: ask.n
      - after: 6m
      - event: {name: payment, data: {paid: {amount: 12.5, currency: eur}}}
      - after: 4m
      - bot: convene.silence_for
      - bot: convene.silence_for
      - after: 10m
      - bot: convene.handoff
      - handoff: support
      - flow: b
      - {user: '3', who: 'user:ada'}
      - bot: Paid 12.50 EUR
      - flow: none
",
    ));
}
