use super::tests::told;
use convene_source::Sources;

fn project(flows: &str) -> Sources {
    [
        ("assistant.yaml", "name: Test\nlanguages: [en]\n"),
        ("flows/a.yaml", flows),
        ("texts/en.yaml", "hello: Hello\nask: {n: How many?}\n"),
    ]
    .into_iter()
    .collect()
}

/// A flow whose step this is, so many times, with these in front and behind.
fn of(times: usize, step: &str, between: &str) -> Sources {
    let all = |times: usize| format!("      - {step}\n").repeat(times);
    project(&format!(
        "flows:\n  a:\n    start: {{events: [go]}}\n    slots: {{n: {{type: integer}}}}\n    steps:\n{}{between}{}",
        all(times / 2),
        all(times - times / 2),
    ))
}

#[test]
fn what_goes_on_too_long_without_waiting_is_refused() {
    let none = Vec::<String>::new();
    let ask = "      - ask: {slot: n, again: true}\n";
    for (step, most) in [("set: {n: 1}", 500), ("say: hello", 100)] {
        assert_eq!(told(&of(most, step, "")), none, "{step}");
        assert_eq!(told(&of(most + 1, step, "")), ["too-long 6:9"], "{step}");
        // Somebody is waited for on the way.
        assert_eq!(told(&of(most + 1, step, ask)), none, "{step}");
    }
    // Behind the question it is too much.
    let behind = told(&of(2_100, "set: {n: 1}", ask));
    assert_eq!(behind, ["too-long 6:9"]);
    let short = "      - say: hello\n".to_owned() + ask;
    let long = "      - set: {n: 1}\n".repeat(501);
    let flow = format!(
        "flows:\n  a:\n    start: {{events: [go]}}\n    slots: {{n: {{type: integer}}}}\n    steps:\n{short}{long}"
    );
    assert_eq!(told(&project(&flow)), ["too-long 7:9"]);
}

/// Flows of which each calls the next one twice; the last one has these steps.
fn doubling(flows: usize, last: &str) -> Sources {
    let mut all = String::from("flows:\n");
    for flow in 0..flows {
        let start = if flow == 0 {
            "\n    start: {events: [go]}"
        } else {
            ""
        };
        let next = flow + 1;
        let steps = if next == flows {
            last.to_owned()
        } else {
            format!("[{{flow: f{next}}}, {{flow: f{next}}}]")
        };
        let slots = "slots: {n: {type: integer}}";
        let slots = if next == flows { slots } else { "slots: {}" };
        all += &format!("  f{flow}:{start}\n    {slots}\n    steps: {steps}\n");
    }
    project(&all)
}

#[test]
fn what_is_called_counts_as_often_as_it_is() {
    let none = Vec::<String>::new();
    let set = "[{set: {n: 1}}, {say: hello}]";
    assert_eq!(told(&doubling(7, set)), none);
    // 128 messages. It is told of the first that has too many, and of none that calls it.
    assert_eq!(told(&doubling(8, set)), ["too-long 5:13"]);
    assert_eq!(told(&doubling(9, set)).len(), 1);
    assert_eq!(told(&doubling(12, set)).len(), 1);
    // Each of them waits.
    let waits = "[{set: {n: 1}}, {ask: {slot: n, again: true}}]";
    assert_eq!(told(&doubling(12, waits)), none);
}
