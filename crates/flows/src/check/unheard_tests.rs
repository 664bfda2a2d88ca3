//! What a project has and nobody would ever be able to say, see or answer.

use convene_source::Sources;

use super::tests::{flow, told};
use crate::{
    project::{Project, Vocabulary},
    story::Story,
};

/// A project in two languages of one flow, with its head, slots and steps, and what is taught in each language.
fn project(assistant: &str, flow: &str, de: &str) -> Sources {
    let texts = "hello: Hello\nask: {kind: Which?}\ntitle: Go\nred: Red\n";
    let assistant = format!("languages: [en, de]\n{assistant}");
    let flows = format!("flows:\n  main:\n{flow}");
    let en = "nlu:\n- intent: go\n  examples: |\n    - let us go\n- intent: cancel\n  examples: |\n    - leave it\n";
    [
        ("assistant.yaml", assistant.as_str()),
        ("flows/main.yaml", &flows),
        ("texts/en.yaml", texts),
        ("texts/de.yaml", texts),
        ("nlu/en.yaml", en),
        ("nlu/de.yaml", &format!("nlu:\n{de}")),
    ]
    .into_iter()
    .collect()
}

const NAMED: &str = "name: Desk\ncommands: {cancel: [cancel]}\n";
const FLOW: &str = "    title: title\n    start: {intents: [go]}\n    steps: [{say: hello}]\n";
const DE: &str = "- intent: go\n  examples: |\n    - los geht es\n- intent: cancel\n  examples: |\n    - lass es\n";

#[test]
fn what_nobody_can_say_in_one_of_the_languages_is_told() {
    assert_eq!(told(&project(NAMED, FLOW, DE)), Vec::<String>::new());
    let (go, _) = DE.split_once("- intent: cancel").unwrap();
    assert_eq!(told(&project(NAMED, FLOW, go)), ["untaught-language 1:17"]);
}

#[test]
fn what_is_shown_the_same_in_all_languages_is_told() {
    let untitled = FLOW.replace("    title: title\n", "");
    assert_eq!(told(&project(NAMED, &untitled, DE)), ["untranslated 2:3"]);
    let choosing = |values: &str| {
        let slots = format!(
            "    slots: {{kind: {{type: choice, values: {values}}}}}\n    steps: [{{ask: kind}}]\n"
        );
        project(
            NAMED,
            &FLOW.replace("    steps: [{say: hello}]\n", &slots),
            DE,
        )
    };
    assert_eq!(told(&choosing("[red, XL]")), ["untranslated 5:13"]);
    assert_eq!(
        told(&choosing("[{value: red, label: red}, XL, '38']")),
        Vec::<String>::new()
    );
}

#[test]
fn intents_that_say_two_things_are_told() {
    let told = |assistant: &str, flow: &str| told(&project(assistant, flow, DE));
    let nameless = NAMED.replace("Desk", "''");
    assert_eq!(told(&nameless, FLOW), ["wrong-form 2:7"]);
    let yes_and_no = NAMED.replace("{cancel", "{affirm: [go], deny: [go], cancel");
    assert_eq!(told(&yes_and_no, FLOW), ["duplicate 3:33"]);
    let human = NAMED.replace("{cancel", "{human: [go], cancel");
    assert_eq!(told(&human, FLOW), ["never-started 4:23"]);
    let both = FLOW.replace("[go]", "[go, go+cancel]");
    let of_both = |told: Vec<String>| told.contains(&"never-started 4:27".to_owned());
    assert!(of_both(told(NAMED, &both)));
}

#[test]
fn values_and_bounds_that_nothing_fits_are_told() {
    let set = |slot: &str, value: &str| {
        let steps = format!("      - set: {{x: {value}}}\n      - say: hello\n");
        let sources = flow(&steps);
        let with_slot = |(path, text): (&str, &str)| {
            let text = text.replace(
                "      amount: {type",
                &format!("      x: {slot}\n      amount: {{type"),
            );
            (path.to_owned(), text)
        };
        told(&sources.iter().map(with_slot).collect())
    };
    let wrong = |told: Vec<String>| told.iter().any(|told| told.starts_with("wrong-type"));
    assert!(wrong(set("{type: integer, max: 5}", "7")));
    assert!(!wrong(set("{type: integer, max: 5}", "5")));
    assert!(wrong(set("{type: date, min: today}", "2020-01-01")));
    assert!(wrong(set("{type: integer, min: 5, max: 1}", "'{amount}'")));
}

#[test]
fn a_story_names_texts_that_are_there() {
    let told = |bot: &str| {
        let sources = project(NAMED, FLOW, DE);
        let story = format!(
            "stories:\n  - story: it\n    steps:\n      - {{user: x, intent: go}}\n      - bot: {bot}\n"
        );
        let file = ("tests/a.yaml".to_owned(), story);
        let files = sources
            .iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()));
        let sources: Sources = files.chain([file]).collect();
        let checked = Project::check(&sources, &Vocabulary::of(&sources));
        let (stories, _) = Story::all(&sources);
        let faults = Story::check(
            &stories,
            &checked.project.unwrap(),
            &Vocabulary::of(&sources),
        );
        faults
            .iter()
            .map(|fault| fault.code.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(told("ask.kindd"), ["unknown-text"]);
    for said in ["ask.kind", "Hello", "example.com", "convene.which"] {
        assert!(told(said).is_empty(), "{said}");
    }
}
