//! Declarations that each look well and do nothing, or the same whatever is said.

use convene_source::Sources;

use super::tests::{flow, told};

const NONE: [&str; 0] = [];

/// A project with this in its `assistant.yaml`, these slots and steps, and these sentences.
fn project(assistant: &str, slots: &str, steps: &str, nlu: &str) -> Sources {
    let flows = format!(
        "flows:\n  a:\n    title: title\n    start: {{intents: [go]}}\n    slots:\n{slots}    steps:\n{steps}"
    );
    let languages = assistant.contains("languages");
    let languages = if languages { "" } else { "languages: [en]\n" };
    [
        (
            "assistant.yaml",
            format!("name: Test\n{assistant}{languages}"),
        ),
        ("flows/a.yaml", flows),
        (
            "texts/en.yaml",
            "hello: Hello\ntitle: Go\nask: {x: X?, y: Y?}\nwith: 'It is {x}'\n".to_owned(),
        ),
        (
            "nlu/en.yaml",
            format!("nlu:\n- intent: go\n  examples: |\n    - go\n{nlu}"),
        ),
    ]
    .into_iter()
    .collect()
}

fn of_slot(slot: &str, condition: &str) -> Vec<String> {
    let steps = format!(
        "      - ask: x\n      - branch:\n          - if: \"{condition}\"\n            then: end\n      - say: hello\n"
    );
    told(&project("", &format!("      x: {slot}\n"), &steps, ""))
}

#[test]
fn comparisons_that_come_out_the_same_whatever_is_said_are_told() {
    let choice = "{type: choice, values: [a, 'b']}";
    for (slot, condition, is_good) in [
        ("{type: date}", "x > 5", false),
        ("{type: date}", "x > '2026-01-31'", true),
        ("{type: date}", "x > today", true),
        ("{type: date}", "x == 'tomorrow'", false),
        ("{type: time}", "x < '09:00'", true),
        ("{type: time}", "x < '9:00'", false),
        (choice, "x == 5", false),
        (choice, "'c' == x or x == 'a'", false),
        (choice, "x == 'a' or x == 'b'", true),
        ("{type: integer}", "not (x > 3 and x == 'many')", false),
        ("{type: integer}", "3 < x", true),
        ("{type: money}", "x > 100", false),
        ("{type: money}", "x.amount > 100", true),
        ("{type: money}", "x.cents > 100", false),
        ("{type: boolean}", "x == 'yes'", false),
        ("{}", "x == 1234", false),
        ("{}", "x == '1234'", true),
        ("{type: integer}", "x.a.b", false),
        // What is judged only if what is in front of it leaves it open.
        ("{}", "x == 'a' and x.upper() == 'A'", false),
        ("{type: integer}", "x and x * 2 > 3", true),
    ] {
        let faults = of_slot(slot, condition);
        assert_eq!(faults.is_empty(), is_good, "{slot} {condition}: {faults:?}");
        let place = faults.iter().all(|fault| fault.contains(" 10:17"));
        assert!(place, "{slot} {condition}: {faults:?}");
    }
}

#[test]
fn a_condition_that_cannot_be_told_of_an_empty_slot_is_told() {
    let steps = |condition: &str| {
        format!(
            "      - ask: {{slot: amount, otherwise: out}}\n      - end: flow\n      - id: out\n        branch:\n          - if: \"{condition}\"\n            then: end\n      - say: hello\n"
        )
    };
    assert_eq!(told(&flow(&steps("amount * 2 > 5"))), ["maybe-unset 12:9"]);
    assert_eq!(told(&flow(&steps("amount and amount * 2 > 5"))), NONE);
    assert_eq!(told(&flow(&steps("amount > 5"))), NONE);
}

#[test]
fn members_of_what_has_none_are_told_in_texts() {
    for (slot, text, is_good) in [
        ("{type: integer}", "{x.value}", false),
        ("{type: date}", "{x.value} {x}", true),
        ("{type: date}", "{x.month}", false),
        (
            "{type: money}",
            "{x.value.amount|number} {x.currency}",
            true,
        ),
    ] {
        let sources = project(
            "",
            &format!("      x: {slot}\n"),
            "      - ask: x\n      - say: with\n",
            "",
        );
        let texts = format!("title: Go\nask: {{x: X?}}\nwith: '{text}'\n");
        let sources = sources.iter().chain([("texts/en.yaml", texts.as_str())]);
        let faults = told(&sources.collect());
        let expected: &[&str] = if is_good {
            &[]
        } else {
            &["unknown-placeholder 3:1"]
        };
        assert_eq!(faults, expected, "{slot} {text}");
    }
}

#[test]
fn a_pattern_that_no_text_matches_is_told() {
    for (slot, is_good) in [
        ("{pattern: '[0-9]{4}-[0-9]', without: '0123456789-'}", false),
        ("{pattern: '[0-9]{4}-[0-9]', without: '-'}", false),
        ("{pattern: '[0-9]{5}', without: '-'}", true),
        ("{pattern: '^$'}", false),
        ("{pattern: 'a', min: 10}", false),
        ("{pattern: '[a-z]{3,}', max: 2}", false),
        ("{pattern: '[a-z]{3,}', min: 10}", true),
        ("{pattern: '[A-Z]{2}', case: lower}", true),
        ("{pattern: '(?!0)[0-9]'}", false),
    ] {
        let steps = "      - ask: x\n      - say: hello\n";
        let faults = told(&project("", &format!("      x: {slot}\n"), steps, ""));
        assert_eq!(faults.is_empty(), is_good, "{slot} {faults:?}");
        let place = faults.iter().all(|fault| fault.contains(" 6:20"));
        assert!(place, "{slot} {faults:?}");
    }
}

#[test]
fn what_depends_on_itself_is_told_once() {
    let steps = "      - ask: x\n      - ask: y\n      - say: hello\n";
    for (x, y, expected) in [
        ("{depends_on: [x]}", "{}", &["depends-on-itself 6:24"][..]),
        (
            "{depends_on: [y]}",
            "{depends_on: [x]}",
            &["depends-on-itself 6:24"],
        ),
        ("{}", "{depends_on: [x]}", &[]),
    ] {
        let slots = format!("      x: {x}\n      y: {y}\n");
        assert_eq!(told(&project("", &slots, steps, "")), expected, "{x} {y}");
    }
}

#[test]
fn what_is_taught_for_two_intents_and_roles_that_are_never_marked_are_told() {
    let hello = "      - say: hello\n";
    let twice = "- intent: other\n  examples: |\n    - stay\n    - Go!\n";
    let faults = told(&project("", "      {}\n", hello, twice));
    assert_eq!(faults, ["taught-twice 8:7"]);
    let marked = "    - from [Rome]{\"entity\": \"city\", \"role\": \"start\"}\n";
    let role = |role: &str| {
        let slot = format!("      x: {{entities: [city], role: {role}}}\n");
        told(&project(
            "",
            &slot,
            "      - ask: x\n      - say: with\n",
            marked,
        ))
    };
    assert_eq!(role("start"), NONE);
    assert_eq!(role("strat"), ["unknown-role 6:7"]);
}

#[test]
fn names_that_nobody_can_use_are_told() {
    let hello = "      - say: hello\n";
    let regions = "languages: [en, en-GB]\n";
    let faults = told(&project(regions, "      {}\n", hello, ""));
    assert!(
        faults.contains(&"never-spoken 2:17".to_owned()),
        "{faults:?}"
    );
    for (event, is_good) in [
        ("payment.received", true),
        ("'bad name!'", false),
        ("''", false),
    ] {
        let steps = format!("      - wait: {{event: {event}}}\n      - say: hello\n");
        let faults = told(&project("", "      {}\n", &steps, ""));
        let faults: Vec<_> = faults
            .iter()
            .filter(|fault| fault.starts_with("bad-name"))
            .collect();
        assert_eq!(faults.is_empty(), is_good, "{event} {faults:?}");
    }
}

#[test]
fn a_rule_that_fails_on_every_message_is_told() {
    for (rule, is_good) in [
        ("text.lower().startswith('bot')", false),
        ("addressed or text.lower() == 'bot'", false),
        ("addressed or people < 3", true),
    ] {
        let groups = format!("groups: {{rule: \"{rule}\"}}\n");
        let faults = told(&project(&groups, "      {}\n", "      - say: hello\n", ""));
        let expected: &[&str] = if is_good {
            &[]
        } else {
            &["bad-expression 2:16"]
        };
        assert_eq!(faults, expected, "{rule}");
    }
}

#[test]
fn a_title_a_label_and_a_suggestion_have_no_placeholders() {
    let slots = "      x: {type: choice, values: [{value: a, label: with}]}\n";
    let faults = told(&project(
        "",
        slots,
        "      - ask: x\n      - say: hello\n",
        "",
    ));
    assert_eq!(faults, ["unknown-placeholder 4:1"]);
}

#[test]
fn an_entity_that_is_known_in_one_language_alone_is_told() {
    let german = "title: Los\nhello: Hallo\nask: {x: X?}\n";
    let steps = "      - ask: x\n      - say: hello\n";
    let told = |english: &str, other: &str| {
        let slots = "      x: {entities: [city]}\n";
        let sources = project("languages: [en, de]\n", slots, steps, english);
        let nlu = format!("nlu:\n- intent: go\n  examples: |\n    - los\n{other}");
        let german = [("texts/de.yaml", german), ("nlu/de.yaml", nlu.as_str())];
        told(&sources.iter().chain(german).collect())
    };
    let lookup = "- lookup: city\n  examples: |\n    - Rome\n";
    assert_eq!(told(lookup, ""), ["untaught-language 2:17"]);
    assert_eq!(told("", lookup), ["untaught-language 2:13"]);
    assert_eq!(told(lookup, lookup), NONE);
    assert_eq!(told(lookup, "    - nach [Rom](city)\n"), NONE);
}
