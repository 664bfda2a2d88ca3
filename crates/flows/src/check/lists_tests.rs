//! What is told of lists and of the choices that come from them.

use convene_source::Sources;

use super::tests::{faults, project};

const SLOTS: &str = "      free: {type: list, item: {value: id, label: 'hour ~ \", \" ~ place'}}\n      when: {type: choice, from: free}\n";
const STEPS: &str = "      - call: {url: 'http://x', save: {free: body}}\n      - ask: when\n      - branch: [{if: free | length > 1, then: [{say: more}]}]\n";

fn sources(slots: &str, steps: &str, shared: &str) -> Sources {
    let flow = format!(
        "flows:\n  main:\n    start: {{intents: [greet, order]}}\n    slots:\n{slots}    steps:\n{steps}"
    );
    let assistant = format!("name: Shop\nlanguages: [en]\n{shared}");
    let texts = "ask: {when: When?}\nmore: 'Of {free}, {when}'\n";
    let files = [
        ("assistant.yaml", assistant.as_str()),
        ("flows/main.yaml", &flow),
        ("texts/en.yaml", texts),
    ];
    project(&files)
}

fn told(slots: &str, steps: &str, shared: &str) -> Vec<String> {
    let faults = faults(&sources(slots, steps, shared));
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_choice_from_a_list_has_no_faults() {
    assert_eq!(told(SLOTS, STEPS, ""), Vec::<String>::new());
    let shared = format!("slots:\n{}", SLOTS.replace("      ", "  "));
    assert_eq!(told("", STEPS, &shared), Vec::<String>::new());
}

#[test]
fn what_cannot_be_offered_is_told_with_its_line() {
    let with = |from: &str, to: &str| {
        assert!(SLOTS.contains(from), "{from}");
        told(&SLOTS.replace(from, to), STEPS, "")
    };
    for (from, to, expected) in [
        (
            ", from: free",
            "",
            "a choice has `values`, or the list that they come `from`",
        ),
        (
            "from: free",
            "from: free, values: [a]",
            "either `values` or the list",
        ),
        (
            "choice, from: free",
            "text, from: free",
            "only a choice comes `from` a list",
        ),
        ("from: free", "from: fre", "there is no slot `fre` here"),
        ("from: free", "from: when", "`when` is no list"),
        ("value: id", "value: 'id ~'", "this cannot be read"),
        ("value: id, ", "", "`value` is missing"),
        ("type: list", "type: integer", "only a list has an `item`"),
        (
            "type: list",
            "type: list, values: [a]",
            "only a choice has `values`",
        ),
        (
            "type: list",
            "type: list, min: 1",
            "the bound `1` does not fit its type",
        ),
        (
            "type: list",
            "type: list, pattern: a",
            "only words have a `pattern`",
        ),
        (
            "type: list",
            "type: list, depends_on: [when]",
            "depends on itself",
        ),
    ] {
        let told = with(from, to);
        assert!(
            told.iter().any(|told| told.contains(expected)),
            "{to}: {told:#?}"
        );
        assert!(
            told.iter().all(|told| told.starts_with("flows/main.yaml:")),
            "{told:#?}"
        );
    }
    let shared = "slots:\n  when: {type: choice, from: free}\n";
    let told = told("      free: {type: list}\n", STEPS, shared);
    assert!(told[0].starts_with("assistant.yaml:4:30"), "{told:#?}");
    assert!(
        told[0].contains("what all flows see comes from what all see"),
        "{told:#?}"
    );
}

#[test]
fn what_is_done_with_lists_is_told_with_its_line() {
    for (steps, expected) in [
        ("      - ask: when\n", "nothing ever sets the slot `free`"),
        (
            "      - branch: [{if: 'today', then: [{call: {url: 'http://x', save: {free: body}}}]}]\n      - ask: when\n",
            "`free` may be empty",
        ),
        (
            "      - ask: free\n",
            "`free` is a list, and nobody is asked for one",
        ),
        (
            &STEPS.replace("| length > 1", "== 'a'"),
            "compare `free | length`",
        ),
        (
            "      - set: {free: a}\n      - ask: when\n",
            "this is no value for the slot `free`",
        ),
        (
            "      - set: {free: [a]}\n      - set: {when: '{free}'}\n",
            "nothing that `free` holds fits `when`",
        ),
    ] {
        let told = told(SLOTS, steps, "");
        assert!(
            told.iter().any(|told| told.contains(expected)),
            "{steps}{told:#?}"
        );
    }
}

#[test]
fn a_circle_of_questions_that_may_have_nothing_to_choose_is_one() {
    let asks = |step: &str, otherwise: &str| {
        format!(
            "      - id: {step}\n        ask: {{slot: when, again: true, otherwise: {otherwise}}}\n"
        )
    };
    let filled = "      - set: {free: [{id: 1, hour: 9, place: here}]}\n";
    let told = |asked: String| told(SLOTS, &format!("{filled}{asked}"), "").concat();
    let endless = |asked: String| told(asked).contains("endless-loop");
    assert!(endless(asks("one", "one")));
    assert!(endless(asks("one", "other") + &asks("other", "one")));
    assert!(!endless(asks("one", "end")));
    assert!(!endless(asks("one", "other") + &asks("other", "end")));
}
