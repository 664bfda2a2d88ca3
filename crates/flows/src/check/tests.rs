//! What of a flow is told, and where: of its steps, its questions and its waits.

use convene_source::Sources;

use crate::{
    fault::{Code, Fault},
    project::{Project, Vocabulary},
};

const ASSISTANT: &str = "name: Shop\nlanguages: [en]\n";
const NLU: &str = "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hello\n- intent: order\n  examples: |\n    - where is [AB12](order_number)\n    - [AB12]{\"entity\": \"number_of_order\", \"role\": \"old\"}\n";

pub(super) fn project(files: &[(&str, &str)]) -> Sources {
    let base = [("assistant.yaml", ASSISTANT), ("nlu/en.yaml", NLU)];
    base.iter()
        .chain(files)
        .map(|(path, text)| (*path, *text))
        .collect()
}

/// A project of one flow that says what it needs to.
pub(super) fn flow(steps: &str) -> Sources {
    let flow = format!(
        "flows:\n  main:\n    start:\n      intents: [greet, order]\n    slots:\n      order_number: {{}}\n      amount: {{type: integer}}\n      kind: {{type: choice, values: [big, small]}}\n    steps:\n{steps}"
    );
    let texts = "hello: Hello\nshow: \"{amount} of {order_number}\"\nask:\n  order_number: Which?\n  amount: How many?\n  kind: Big or small?\n";
    project(&[("flows/main.yaml", &flow), ("texts/en.yaml", texts)])
}

pub(super) fn faults(sources: &Sources) -> Vec<Fault> {
    let faults = Project::check(sources, &Vocabulary::of(sources)).faults;
    // There is always a line to go to.
    let has_line = |fault: &Fault| fault.line > 0 && fault.column > 0 && !fault.file.ends_with('/');
    assert!(faults.iter().all(has_line), "{faults:#?}");
    faults
}

/// `code line:column`, but for what is of no use.
pub(super) fn told(sources: &Sources) -> Vec<String> {
    let faults = faults(sources);
    let of_use = faults.iter().filter(|fault| {
        !matches!(
            fault.code,
            Code::UnusedSlot | Code::UnusedText | Code::UnusedIntent
        )
    });
    of_use
        .map(|fault| format!("{} {}:{}", fault.code.as_str(), fault.line, fault.column))
        .collect()
}

#[test]
fn a_good_project_has_no_faults() {
    let sources = flow(
        "      - say: hello\n      - ask: order_number\n      - ask: {slot: amount, tries: 2, otherwise: end}\n      - ask: kind\n      - branch:\n          - if: kind == \"big\" and amount > 3\n            then:\n              - say: show\n          - else: end\n      - end: flow\n",
    );
    assert_eq!(faults(&sources), []);
}

#[test]
fn each_kind_of_fault_is_found_where_it_stands() {
    // The steps begin in line 10.
    for (steps, expected) in [
        ("      - say: hullo\n", "unknown-text 10:14"),
        ("      - ask: order_numbr\n", "unknown-slot 10:14"),
        (
            "      - ask: {slot: amount, as: choices}\n",
            "wrong-form 10:33",
        ),
        (
            "      - say: hello\n        next: nowhere\n",
            "unknown-step 11:15",
        ),
        ("      - flow: other\n", "unknown-flow 10:15"),
        ("      - flow: {name: main}\n", "flow-circle 10:22"),
        (
            "      - branch:\n          - if: amount >\n            then: end\n",
            "bad-expression 11:17",
        ),
        (
            "      - ask: kind\n      - branch:\n          - if: kind == \"tiny\"\n            then: end\n",
            "wrong-type 12:17",
        ),
        (
            "      - branch:\n          - if: unheard > 3\n            then: end\n",
            "unknown-placeholder 11:17",
        ),
        ("      - set: {amount: many}\n", "wrong-type 10:23"),
        ("      - set: {kind: tiny}\n", "wrong-type 10:21"),
        (
            "      - say: hello\n        sya: hello\n",
            "wrong-form 11:9",
        ),
        ("      - id: a\n", "wrong-form 10:9"),
        ("      - say: hello\n        end: flow\n", "wrong-form 10:9"),
        (
            "      - id: a\n        say: hello\n      - id: a\n        say: hello\n",
            "duplicate 12:13",
        ),
        ("      - id: 2a\n        say: hello\n", "bad-name 10:13"),
        (
            "      - end: flow\n      - say: hello\n      - say: hello\n",
            "unreachable 11:9",
        ),
        (
            "      - id: a\n        say: hello\n        next: a\n",
            "endless-loop 10:9",
        ),
        (
            "      - id: a\n        ask: amount\n        next: a\n",
            "endless-loop 10:9",
        ),
        (
            "      - branch:\n          - if: amount > 3\n            then: end\n",
            "never-set 10:9",
        ),
        (
            "      - ask: amount\n      - branch:\n          - if: amount > 3\n            then: [{ask: order_number}]\n      - say: show\n",
            "maybe-unset 14:9",
        ),
        ("      - wait: soon\n", "wrong-form 10:15"),
        ("      - wait: {}\n", "wrong-form 10:9"),
        ("      - ask: {slot: amount, tries: 0}\n", "wrong-form 10:9"),
        (
            "      - choose: {text: hello, options: []}\n",
            "wrong-form 10:9",
        ),
        (
            "      - branch: [{else: end}, {if: today, then: end}]\n",
            "wrong-form 10:9",
        ),
        (
            "      - call: {url: \"http://x/{order\"}\n",
            "bad-expression 10:21",
        ),
        (
            "      - call: {url: \"http://x/{order}\"}\n",
            "unknown-placeholder 10:21",
        ),
        (
            "      - call: {url: http://x, save: {amount: \"body.\"}}\n",
            "bad-expression 10:46",
        ),
    ] {
        assert_eq!(
            told(&flow(steps)),
            [expected],
            "{steps}\n{:#?}",
            faults(&flow(steps))
        );
    }
}

#[test]
fn nothing_follows_behind_a_flow_that_never_comes_back() {
    for (last, is_told) in [
        ("end: all", true),
        ("handoff: {}", true),
        ("end: flow", false),
        ("say: hello", false),
        (
            "branch: [{if: 'waiting > 3', then: end}, {else: all}]}, {id: all, end: all",
            false,
        ),
        ("flow: other", true),
    ] {
        let flows = format!(
            "flows:\n  first:\n    start: {{events: [go]}}\n    steps:\n      - say: hello\n      - flow: called\n      - say: hello\n  called:\n    steps: [{{say: hello}}, {{{last}}}]\n  other:\n    start: {{events: [gone]}}\n    steps: [{{say: hello}}, {{end: all}}]\n"
        );
        let sources = [
            ("assistant.yaml", ASSISTANT),
            ("flows/a.yaml", flows.as_str()),
            ("texts/en.yaml", "hello: Hello\n"),
        ];
        let told = told(&sources.into_iter().collect());
        let expected: &[&str] = if is_told { &["unreachable 7:9"] } else { &[] };
        assert_eq!(told, expected, "{last}");
    }
}

#[test]
fn circles_that_wait_are_good() {
    for steps in [
        "      - id: a\n        ask: {slot: amount, again: true}\n      - say: hello\n        next: a\n",
        "      - id: a\n        ask: amount\n      - set: {amount: null}\n        next: a\n",
        "      - say: hello\n      - id: a\n        wait: 10m\n        next: a\n",
        "      - id: a\n        ask: amount\n      - set: {amount: 3}\n      - say: hello\n      - set: {amount: null}\n        next: a\n",
        "      - set: {amount: 3}\n      - id: a\n        set: {amount: null}\n      - ask: amount\n        next: a\n",
        "      - id: a\n        say: hello\n      - wait: {event: paid, for: 1h}\n        next: a\n",
        "      - id: a\n        say: hello\n      - wait: 1h\n      - branch:\n          - if: waiting > 3\n            then: end\n          - else: a\n",
        "      - id: a\n        choose:\n          text: hello\n          options:\n            - {label: hello, then: a}\n",
    ] {
        assert_eq!(told(&flow(steps)), Vec::<String>::new(), "{steps}");
    }
    // One of its circles does not empty the slot.
    let steps = "      - id: a\n        ask: amount\n      - branch:\n          - if: amount > 3\n            then: a\n      - set: {amount: null}\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["endless-loop 10:9"]);
    // It is filled again by the time that the question is come to.
    let steps = "      - id: a\n        ask: amount\n      - set: {amount: null}\n      - say: hello\n      - set: {amount: 4}\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["endless-loop 10:9"]);
    // Nobody is ever waited for.
    let steps = "      - id: a\n        say: hello\n      - wait: 1s\n        next: a\n";
    assert_eq!(told(&flow(steps)), ["talks-alone 10:9"]);
    // Nor where an endpoint is away for good.
    let mute = "      - id: a\n        call: {url: http://x, on_error: [{wait: 1s, next: a}]}\n      - say: hello\n";
    assert_eq!(told(&flow(mute)), ["talks-alone 10:9"]);
    let ends = "      - id: a\n        call: {url: http://x, on_error: [{wait: 1s}, {branch: [{if: waiting > 3, then: end}, {else: a}]}]}\n      - say: hello\n";
    assert_eq!(told(&flow(ends)), Vec::<String>::new());
}

#[test]
fn training_data_of_which_nothing_is_learnt_is_refused() {
    let lookup = "nlu:\n- lookup: city\n  examples: |\n    - Rome\n";
    let told = |nlu: &str| {
        let sources = [
            ("assistant.yaml", ASSISTANT),
            (
                "flows/a.yaml",
                "flows: {a: {start: {events: [go]}, steps: [{say: hello}]}}\n",
            ),
            ("texts/en.yaml", "hello: Hello\n"),
            ("nlu/en.yaml", nlu),
        ];
        told(&sources.into_iter().collect())
    };
    for (nlu, place) in [
        (lookup, "1:1"),
        ("version: '3.1'\n", "1:1"),
        ("", "1:1"),
        ("nlu:\n- intent: oos\n  examples: |\n    - hm\n", "4:7"),
    ] {
        assert_eq!(told(nlu), [format!("nothing-taught {place}")], "{nlu}");
    }
    let taught = format!("{lookup}- intent: greet\n  examples: |\n    - hello\n");
    assert_eq!(told(&taught), Vec::<String>::new());
}

#[test]
fn numbers_of_the_assistant_have_bounds() {
    for (more, column) in [
        ("ask: {tries: 0}", 14),
        ("thresholds: {sure: 1.5}", 20),
        ("thresholds: {sure: 0.2, lost: 0.4}", 31),
    ] {
        let good = flow("      - say: hello\n");
        let assistant = format!("{ASSISTANT}{more}\n");
        let files: Sources = good
            .iter()
            .chain([("assistant.yaml", assistant.as_str())])
            .collect();
        assert_eq!(told(&files), [format!("wrong-form 3:{column}")], "{more}");
    }
}

#[test]
fn a_fault_says_what_to_do() {
    let sources = flow("      - say: helo\n");
    let faults_of = faults(&sources);
    let fault = faults_of
        .iter()
        .find(|fault| fault.code == Code::UnknownText)
        .unwrap();
    assert_eq!(
        fault.to_string(),
        "flows/main.yaml:10:14: error[unknown-text]: there is no text `helo`\n    did you mean `hello`?"
    );
    let none = Sources::default();
    assert_eq!(faults(&none)[0].code, Code::Unreadable);
}

#[test]
fn a_name_that_is_taken_is_told_which_others_are() {
    let sources = project(&[(
        "flows/a.yaml",
        "flows:\n  a:\n    start: {intents: [greet]}\n    slots: {people: {type: integer}}\n    steps: [{say: one}]\n",
    )]);
    let faults = faults(&sources);
    let mut bad = faults.iter().filter(|fault| fault.code == Code::BadName);
    let taken = bad.next().unwrap();
    assert!(
        taken.message.contains("`people` is no name for a slot: "),
        "{taken}"
    );
    for name in ["`people`", "`text`", "`value`"] {
        assert!(taken.remedy.contains(name), "{taken}");
    }
}

#[test]
fn what_can_be_no_moment_is_not_waited_for() {
    let told_of = |steps: &str| {
        let flow = format!(
            "flows:\n  main:\n    start: {{intents: [greet, order]}}\n    slots: {{day: {{type: date}}, hour: {{type: time}}, n: {{type: integer}}}}\n    steps:\n{steps}"
        );
        let texts = "hello: Hello\nask: {day: Which?, hour: When?, n: How many?}\n";
        told(&project(&[
            ("flows/main.yaml", &flow),
            ("texts/en.yaml", texts),
        ]))
    };
    let asked = "      - ask: day\n      - ask: hour\n      - ask: n\n";
    for (wait, expected) in [
        ("{until: day}", None),
        ("{until: hour}", None),
        ("{until: day, at: hour}", None),
        ("{until: n}", Some("wrong-type 9:23")),
        ("{until: hour, at: hour}", Some("wrong-type 9:23")),
        ("{until: day, at: day}", Some("wrong-type 9:32")),
        ("{until: week}", Some("unknown-slot 9:23")),
        ("{until: day, for: 5m}", Some("wrong-form 9:23")),
        ("{at: hour}", Some("wrong-form 9:20")),
    ] {
        let told = told_of(&format!(
            "{asked}      - wait: {wait}\n      - say: hello\n"
        ));
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{wait}");
    }
    assert_eq!(told_of("      - wait: {until: day}\n"), ["never-set 6:9"]);
    let maybe = "      - ask: {slot: day, tries: 1, otherwise: late}\n      - id: late\n        wait: {until: day}\n";
    assert_eq!(told_of(maybe), ["maybe-unset 7:9"]);
    // It may be past.
    let round =
        format!("{asked}      - id: again\n        wait: {{until: day}}\n        next: again\n");
    assert_eq!(told_of(&round), ["endless-loop 9:9"]);
}
