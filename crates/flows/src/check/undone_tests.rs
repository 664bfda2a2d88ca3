//! Calls that stay done where people cancel.

use convene_source::Sources;

use super::tests::told;

/// A flow `main` with these lines from line 3 on, and beside it `ask` and `send`, which ask and which call.
fn project(main: &str) -> Sources {
    let flows = format!(
        "flows:
  main:
{main}
  ask:
    slots: {{how: {{}}}}
    steps: [{{ask: how}}, {{say: hello}}, {{set: {{how: null}}}}]
  send:
    steps: [{{call: {{url: 'https://x.example/', method: POST}}}}]
  both:
    start: {{intents: [both]}}
    steps: [{{flow: ask}}, {{flow: send}}, {{say: hello}}]
"
    );
    let nlu = "nlu:\n- intent: go\n  examples: '- go'\n- intent: both\n  examples: '- both'\n- intent: cancel\n  examples: '- cancel'\n";
    [
        (
            "assistant.yaml",
            "name: Desk\nlanguages: [en]\ncommands: {cancel: [cancel]}\n",
        ),
        ("flows/main.yaml", flows.as_str()),
        ("texts/en.yaml", "hello: Hello\nask: {how: How?}\n"),
        ("nlu/en.yaml", nlu),
    ]
    .into_iter()
    .collect()
}

/// What is told of steps from line 5 on, each with six spaces in front, in a flow that people begin.
fn told_of(head: &str, steps: &[&str]) -> Vec<String> {
    let steps: Vec<_> = steps.iter().map(|step| format!("      - {step}")).collect();
    told(&project(&format!(
        "    {head}\n    steps:\n{}",
        steps.join("\n")
    )))
}

const GO: &str = "start: {intents: [go]}";
const POST: &str = "call: {url: 'https://x.example/', method: POST}";
const GET: &str = "call: {url: 'https://x.example/'}";
const OFFER: &str = "choose: {text: hello, options: [{label: hello, then: end}]}";

#[test]
fn a_call_that_does_something_in_front_of_what_can_be_cancelled_is_told() {
    for (steps, line) in [
        ([POST, "wait: 1h", "say: hello"], 5),
        ([POST, "say: hello", OFFER], 5),
        ([POST, "flow: ask", "say: hello"], 5),
        (["flow: send", "flow: ask", "say: hello"], 5),
        (["say: hello", POST, "flow: both"], 6),
    ] {
        let expected = [format!("not-undone {line}:9")];
        assert_eq!(told_of(GO, &steps), expected, "{steps:?}");
    }
}

#[test]
fn where_nothing_stays_done_or_its_end_is_thought_of_nothing_is_told() {
    let quiet = Vec::<String>::new();
    for steps in [
        [GET, "wait: 1h", "say: hello"],
        ["flow: ask", POST, "say: hello"],
        ["wait: 1h", "flow: send", "say: hello"],
        // What went wrong was not done.
        [
            "call: {url: 'https://x.example/', method: PUT, on_error: again}",
            "end: flow",
            "{id: again, flow: ask}",
        ],
    ] {
        assert_eq!(told_of(GO, &steps), quiet, "{steps:?}");
    }
    let thought_of = format!("{GO}\n    on_cancel: end");
    let steps = [POST, "wait: 1h", "say: hello"];
    assert_eq!(told_of(&thought_of, &steps), quiet);
    let nobody_can = project(&format!(
        "    {GO}\n    steps: [{{{POST}}}, {{wait: 1h}}, {{say: hello}}]"
    ));
    let nobody_can: Sources = nobody_can
        .iter()
        .map(|(path, text)| (path, text.replace("commands: {cancel: [cancel]}\n", "")))
        .collect();
    assert_eq!(told(&nobody_can), quiet);
    // Nobody has begun it, so nobody can cancel it, unless it asks them.
    let by_event = "start: {events: [booked]}";
    assert_eq!(told_of(by_event, &steps), quiet);
    let told = told_of(by_event, &[POST, "wait: 1h", OFFER]);
    assert_eq!(told, ["not-undone 5:9"]);
}
