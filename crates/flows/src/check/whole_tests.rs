//! What is told of a whole project with its stories, warnings too: each mistake as one fault, and in one go.

use super::tests::{faults, project};
use crate::{
    fault::Code,
    project::{Project, Vocabulary},
    story::Story,
};

#[test]
fn all_faults_of_all_files_are_told_in_one_go() {
    let sources = project(&[
        (
            "assistant.yaml",
            "name: Shop\nlanguages: [en, de]\nfallback: nothing\ncommands: {cancel: [stop]}\nslots:\n  size: {type: choice}\n",
        ),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [greet]}\n    steps:\n      - say: one\n      - sya: two\n      - say: three\n",
        ),
        (
            "flows/b.yaml",
            "flows:\n  b:\n    start: {intents: [greet, odrer]}\n    slots:\n      n: {type: integer, min: few, pattern: \"[\", entities: [order_nmber]}\n    steps: []\n  lonely:\n    steps: [{say: one}]\n",
        ),
        (
            "texts/en.yaml",
            "one: \"One {thing}\"\nunused: x\nbad: \"{\"\n",
        ),
        ("texts/de.yaml", "one: Eins\nconvene: {unheard_of: x}\n"),
        ("texts/fr.yaml", "one: Un\n"),
    ]);
    let told: Vec<_> = faults(&sources)
        .iter()
        .map(|fault| format!("{}:{} {}", fault.file, fault.line, fault.code.as_str()))
        .collect();
    for expected in [
        "assistant.yaml:3 unknown-flow",
        "assistant.yaml:4 unknown-intent",
        "assistant.yaml:6 wrong-type",
        "flows/a.yaml:6 wrong-form",
        "flows/a.yaml:7 unknown-text",
        "flows/b.yaml:3 ambiguous-start",
        "flows/b.yaml:3 unknown-intent",
        "flows/b.yaml:5 wrong-type",
        "flows/b.yaml:5 bad-expression",
        "flows/b.yaml:5 unknown-entity",
        "flows/b.yaml:6 wrong-form",
        "texts/en.yaml:1 unknown-placeholder",
        "texts/en.yaml:3 bad-expression",
        "texts/de.yaml:2 unknown-text",
        "texts/fr.yaml:1 unknown-language",
    ] {
        assert!(
            told.iter().any(|fault| fault == expected),
            "{expected} is not in {told:#?}"
        );
    }
}

/// All that is told, warnings too.
pub(super) fn all_told(files: &[(&str, &str)]) -> Vec<String> {
    let sources = project(files);
    let (stories, _) = Story::all(&sources);
    let vocabulary = Vocabulary::of(&sources);
    let checked = Project::check(&sources, &vocabulary);
    let mut faults = checked.faults;
    if let Some(project) = checked.project {
        faults.extend(Story::check(&stories, &project, &vocabulary));
    }
    // Flows without titles are the same in every test here.
    let of_use = faults
        .iter()
        .filter(|fault| fault.code != Code::Untranslated);
    of_use
        .map(|fault| format!("{} {}:{}", fault.code.as_str(), fault.file, fault.line))
        .collect()
}

pub(super) const FLOWS: &str = "flows:
  main:
    start: {intents: [greet, order]}
    slots: {kind: {type: choice, values: [big, small]}}
    steps: [{ask: kind}, {say: shown}]
";

pub(super) const TEXTS: &str = "shown: It is {kind}
ask: {kind: Big or small?}
";

#[test]
fn one_mistake_is_one_fault() {
    let one = |flows: &str, texts: &str| {
        all_told(&[("flows/main.yaml", flows), ("texts/en.yaml", texts)])
    };
    assert_eq!(one(FLOWS, TEXTS), [""; 0]);
    for (from, to, expected) in [
        ("ask: kind", "ask: knid", "unknown-slot flows/main.yaml:5"),
        ("say: shown", "say: shwon", "unknown-text flows/main.yaml:5"),
        (
            "slots: {kind:",
            "slots: {knid:",
            "unknown-slot flows/main.yaml:5",
        ),
        ("{ask: kind}", "{aks: kind}", "wrong-form flows/main.yaml:5"),
        ("start: {", "start: [", "not-yaml flows/main.yaml:3"),
        ("[big, small]", "big", "wrong-form flows/main.yaml:4"),
    ] {
        let told = one(&FLOWS.replace(from, to), TEXTS);
        assert_eq!(told, [expected], "{to}");
    }
    for (from, to, expected) in [
        ("{kind}", "{knid}", "unknown-placeholder texts/en.yaml:1"),
        ("{kind}", "{kind", "bad-expression texts/en.yaml:1"),
        ("It is {kind}", "5", "wrong-form texts/en.yaml:1"),
        ("shown: It", "shown: 'It", "not-yaml texts/en.yaml:1"),
    ] {
        let told = one(FLOWS, &TEXTS.replace(from, to));
        assert_eq!(told, [expected], "{to}");
    }
}

#[test]
fn what_is_of_no_use_is_told_where_nothing_is_wrong() {
    let flows =
        FLOWS.replace("[greet, order]", "[greet]") + "  lonely:\n    steps: [{say: shown}]\n";
    let flows = flows.replace(
        "[{say: shown}]",
        "[{ask: kind}, {say: shown}]\n    slots: {kind: {type: choice, values: [a]}, idle: {}}",
    );
    let texts = format!("{TEXTS}unsaid: x\n");
    assert_eq!(
        all_told(&[("flows/main.yaml", &flows), ("texts/en.yaml", &texts)]),
        [
            "never-started flows/main.yaml:6",
            "unused-slot flows/main.yaml:8",
            "unused-intent nlu/en.yaml:8",
            "unused-text texts/en.yaml:3"
        ]
    );
}

#[test]
fn what_is_more_than_a_message_can_show_is_told() {
    let many: Vec<_> = (0..65).map(|n| format!("v{n}")).collect();
    let flows = FLOWS.replace("big, small", &many.join(", "));
    let told = |flows: &str, texts: &str| {
        all_told(&[("flows/main.yaml", flows), ("texts/en.yaml", texts)])
    };
    assert_eq!(told(&flows, TEXTS), ["too-much flows/main.yaml:4"]);
    let option = "{label: shown, then: end}, ";
    let choose = |options: usize| {
        let step = format!(
            "{{choose: {{text: shown, options: [{}]}}}}",
            option.repeat(options)
        );
        FLOWS.replace("{say: shown}", &step)
    };
    assert_eq!(told(&choose(64), TEXTS), [""; 0]);
    assert_eq!(told(&choose(65), TEXTS), ["too-much flows/main.yaml:5"]);
    let long = TEXTS.replace("It is", &"x".repeat(1000));
    assert_eq!(told(&choose(1), &long), ["too-much flows/main.yaml:5"]);
    let card = FLOWS.replace("{say: shown}", "{say: {text: shown, card: {title: shown}}}");
    assert_eq!(told(&card, TEXTS), [""; 0]);
    assert_eq!(told(&card, &long), ["too-much flows/main.yaml:5"]);
    let image = card.replace("{title: shown}", "{title: shown, image: 'http://x'}");
    assert_eq!(told(&image, TEXTS), ["wrong-form flows/main.yaml:5"]);
}

#[test]
fn what_stories_name_must_be_there() {
    let stories = "stories:
  - story: it
    steps:
      - {user: hello, intent: gret}
      - slot_was_set: {knid: big}
      - flow: mian
      - bot: ''
";
    let files = [
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
        ("tests/a.yaml", stories),
    ];
    assert_eq!(
        all_told(&files),
        [
            "unknown-intent tests/a.yaml:4",
            "unknown-slot tests/a.yaml:5",
            "unknown-flow tests/a.yaml:6",
            "wrong-form tests/a.yaml:7"
        ]
    );
}
