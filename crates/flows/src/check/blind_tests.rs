//! What would always fail, be silent or go to another, and can be told before anybody talks to it.

use convene_source::Sources;

use super::tests::{flow, told};

/// A flow with more slots, further flows, and these steps.
fn with(slots: &str, steps: &str, more: &str) -> Vec<String> {
    let sources = flow(steps);
    let files = sources.iter().map(|(path, text)| {
        let text = text.replace(
            "      amount: {type",
            &format!("{slots}      amount: {{type"),
        );
        let text = match path {
            "flows/main.yaml" => format!("{text}{more}"),
            _ => text,
        };
        (path.to_owned(), text)
    });
    told(&files.collect::<Sources>())
}

fn of(code: &str, told: &[String]) -> usize {
    told.iter().filter(|told| told.starts_with(code)).count()
}

#[test]
fn a_value_that_goes_into_a_slot_of_another_type_is_told() {
    let asked = |ask: &str, into: &str| {
        with(
            "      x: {}\n      day: {type: date}\n      paid: {type: boolean}\n      size: {type: choice, values: ['1', '2']}\n      n: {type: number}\n",
            &format!(
                "      - ask: {{slot: {ask}}}\n      - set: {{{into}: '{{{ask}}}'}}\n      - say: hello\n"
            ),
            "",
        )
    };
    for (ask, into, code) in [
        ("order_number", "amount", "loose-type"),
        ("amount", "day", "wrong-type"),
        ("amount", "paid", "wrong-type"),
        ("kind", "amount", "wrong-type"),
    ] {
        assert_eq!(of(code, &asked(ask, into)), 1, "{ask} into {into}");
    }
    for (ask, into) in [
        ("amount", "n"),
        ("amount", "x"),
        ("order_number", "x"),
        ("size", "amount"),
        ("day", "x"),
    ] {
        let told = asked(ask, into);
        assert_eq!(
            of("loose-type", &told) + of("wrong-type", &told),
            0,
            "{told:?}"
        );
    }
}

#[test]
fn what_a_called_flow_is_given_and_gives_back_fits() {
    let call = "      - ask: order_number\n      - flow: {name: other, with: {count: order_number}, save: {amount: note}}\n      - say: hello\n";
    let other = "  other:\n    slots: {count: {type: integer}, note: {}}\n    steps: [{ask: {slot: note}}, {say: hello}, {branch: [{if: count, then: end}]}]\n";
    assert_eq!(of("loose-type", &with("", call, other)), 2);
}

#[test]
fn what_an_intent_says_is_a_value_of_its_slot() {
    let size = |intents: &str| {
        let slot = format!("      size: {{type: choice, values: [s, l], intents: {intents}}}\n");
        of("wrong-type", &with(&slot, "      - say: hello\n", ""))
    };
    assert_eq!(size("{order: xl}"), 1);
    assert_eq!(size("{order: l}"), 0);
    let count = "      count: {type: integer, max: 5, intents: {order: '99'}}\n";
    assert_eq!(
        of("wrong-type", &with(count, "      - say: hello\n", "")),
        1
    );
}

#[test]
fn what_cannot_be_reckoned_without_a_slot_needs_it() {
    let unset = |steps: &str| of("maybe-unset", &with("", steps, ""));
    assert_eq!(
        unset("      - set: {amount: '{amount + 1}'}\n      - say: hello\n"),
        1
    );
    for good in [
        "      - ask: amount\n      - set: {amount: '{amount + 1}'}\n      - say: hello\n",
        "      - branch:\n          - if: amount\n            then: [{set: {amount: '{amount + 1}'}}]\n          - else: [{set: {amount: 1}}]\n      - say: hello\n",
        "      - ask: amount\n      - set: {kind: '{\"big\" if amount else \"small\"}'}\n      - say: hello\n",
    ] {
        assert_eq!(unset(good), 0, "{good}");
    }
}

#[test]
fn nobody_who_talks_chooses_where_a_card_leads() {
    let card = |card: &str| {
        let steps = format!(
            "      - ask: order_number\n      - say: {{text: hello, card: {{title: hello, {card}}}}}\n"
        );
        of("open-host", &with("", &steps, ""))
    };
    assert_eq!(card("image: 'https://{order_number}/a.png'"), 1);
    let link = |url: &str| card(&format!("links: [{{label: hello, url: '{url}'}}]"));
    assert_eq!(link("https://a.example@{order_number}/"), 1);
    assert_eq!(link("https://a.example/{order_number}"), 0);
    assert_eq!(link("tel:{order_number}"), 0);
}

#[test]
fn what_a_model_writes_may_be_missing() {
    let steps = "      - ask: amount\n      - generate: {prompt: Write, otherwise: hello, save: order_number}\n      - say: show\n";
    assert_eq!(of("maybe-unset", &with("", steps, "")), 1);
}

#[test]
fn a_wish_that_is_answered_with_silence_is_told() {
    let call = "      - call: {url: 'http://x/y'}\n";
    assert_eq!(of("says-nothing", &with("", call, "")), 1);
    for steps in [
        format!("{call}      - say: hello\n"),
        format!("{call}      - handoff: staff\n"),
        format!("{call}      - flow: other\n"),
        format!("{call}      - end: all\n"),
    ] {
        let other = "  other:\n    steps: [{say: hello}]\n";
        assert_eq!(of("says-nothing", &with("", &steps, other)), 0, "{steps}");
    }
}

#[test]
fn a_text_without_words_is_told() {
    let sources = flow("      - say: hello\n");
    for empty in ["''", "' '", "[Hello, '']"] {
        let files = sources.iter().map(|(path, text)| {
            (
                path,
                text.replace("hello: Hello", &format!("hello: {empty}")),
            )
        });
        let told = told(&files.collect());
        assert_eq!(told, ["says-nothing 1:1"], "{empty}");
    }
}

#[test]
fn things_that_are_called_the_same_are_told() {
    let size = |values: &str| {
        let slot = format!("      size: {{type: choice, values: {values}}}\n");
        of("called-the-same", &with(&slot, "      - say: hello\n", ""))
    };
    assert_eq!(size("[red, Red]"), 1);
    assert_eq!(size("[{value: red, synonyms: [blue]}, blue]"), 1);
    assert_eq!(size("[red, {value: blue, synonyms: [azure, Blue]}]"), 0);
    let choose = |labels: [&str; 2]| {
        let [one, two] = labels;
        let steps = format!(
            "      - choose:\n          text: hello\n          options:\n            - {{label: {one}, then: end}}\n            - {{label: {two}, then: end}}\n"
        );
        of("called-the-same", &with("", &steps, ""))
    };
    assert_eq!(choose(["hello", "hello"]), 1);
    assert_eq!(choose(["hello", "ask.kind"]), 0);
}

#[test]
fn a_slot_that_one_way_in_fills_may_be_empty_by_another() {
    let told_of = |flows: &str| {
        let sources: Sources = [
            ("assistant.yaml", "name: Test\nlanguages: [en]\n"),
            ("flows/a.yaml", flows),
            ("texts/en.yaml", "done: 'Order {x}'\nhi: Hi\n"),
            (
                "nlu/a.yaml",
                "nlu:\n  - intent: go\n    examples: |\n      - go\n      - go on\n  - intent: other\n    examples: |\n      - another\n      - one more\n",
            ),
        ]
        .into_iter()
        .collect();
        let told = told(&sources);
        assert!(
            !told.iter().any(|told| told.starts_with("unknown")),
            "{told:?}"
        );
        of("maybe-unset", &told)
    };
    let greet = |start: &str| {
        format!(
            "flows:\n  main:\n    start: {{intents: [go]}}\n    steps: [{{flow: {{name: greet, with: {{x: \"'Ada'\"}}}}}}]\n  greet:\n{start}    slots: {{x: {{}}}}\n    steps: [{{say: done}}]\n"
        )
    };
    assert_eq!(told_of(&greet("")), 0);
    assert_eq!(told_of(&greet("    start: {events: [e]}\n")), 0);
    assert_eq!(told_of(&greet("    start: {intents: [other]}\n")), 1);
    let waiting = |steps: &str| {
        format!(
            "flows:\n  main:\n    start: {{intents: [go]}}\n    slots: {{x: {{}}}}\n    steps: [{steps}]\n"
        )
    };
    assert_eq!(told_of(&waiting("{wait: {event: e}}, {say: done}")), 0);
    assert_eq!(
        told_of(&waiting("{say: done}, {wait: {event: e}}, {say: done}")),
        1
    );
}
