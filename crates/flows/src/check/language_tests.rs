//! What is said of a project's languages: texts that one lacks, and sentences that one has none of.

use super::{
    tests::{faults, project},
    whole_tests::{FLOWS, TEXTS, all_told},
};
use crate::fault::Code;

#[test]
fn a_language_without_built_in_texts_needs_its_own() {
    let sources = project(&[
        ("assistant.yaml", "name: Shop\nlanguages: [nl]\n"),
        (
            "flows/a.yaml",
            "flows:\n  a:\n    start: {intents: [greet]}\n    steps: [{say: one}]\n",
        ),
        ("texts/nl.yaml", "one: Een\n"),
    ]);
    let faults = faults(&sources);
    let missing = faults
        .iter()
        .find(|fault| fault.code == Code::MissingTranslation)
        .unwrap();
    assert!(missing.message.contains("convene.which"), "{missing}");
    assert_eq!((missing.file.as_str(), missing.line), ("assistant.yaml", 2));
}

#[test]
fn the_languages_that_are_built_in_need_nothing_of_their_own() {
    for language in ["en", "de", "es", "fr"] {
        let assistant = format!("name: Shop\nlanguages: [{language}]\n");
        let texts = format!("texts/{language}.yaml");
        let sources = project(&[
            ("assistant.yaml", &assistant),
            (
                "flows/a.yaml",
                "flows:\n  a:\n    start: {intents: [greet]}\n    steps: [{say: one}]\n",
            ),
            (&texts, "one: 1\n"),
        ]);
        let found = faults(&sources);
        let missing = found
            .iter()
            .find(|fault| fault.code == Code::MissingTranslation);
        assert_eq!(missing, None, "{language}");
    }
}

#[test]
fn a_language_is_missed_once_and_a_misspelt_key_is_guessed() {
    let assistant = ("assistant.yaml", "name: Shop\nlanguages: [en, de]\n");
    let files = [
        assistant,
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
    ];
    assert_eq!(all_told(&files), ["missing-translation assistant.yaml:2"]);
    let german = TEXTS.replace("shown", "shwon");
    let files = [&files[..], &[("texts/de.yaml", german.as_str())]].concat();
    let told = all_told(&files);
    assert_eq!(told.last().unwrap(), "missing-translation texts/en.yaml:1");
    assert_eq!(told.len(), 2, "and that nothing is learnt in it: {told:?}");
    let mut found = faults(&project(&files));
    found.retain(|fault| fault.code == Code::MissingTranslation);
    assert!(
        found[0].remedy.contains("did you mean `shwon`?"),
        "{}",
        found[0]
    );
}

#[test]
fn sentences_that_nobody_will_be_heard_with_are_told() {
    let nlu = "nlu:\n- intent: greet\n  examples: |\n    - bonjour\n";
    let files = [
        ("flows/main.yaml", FLOWS),
        ("texts/en.yaml", TEXTS),
        ("nlu/fr.yaml", nlu),
    ];
    assert_eq!(all_told(&files), ["foreign-sentences nlu/fr.yaml:4"]);
}

#[test]
fn a_language_that_nothing_is_learnt_in_is_told() {
    let flows = FLOWS.replace("greet, order", "greet");
    let files = |sentences| {
        [
            ("assistant.yaml", "name: Shop\nlanguages: [en, de]\n"),
            ("flows/main.yaml", flows.as_str()),
            ("texts/en.yaml", TEXTS),
            ("texts/de.yaml", TEXTS),
            (
                sentences,
                "nlu:\n- intent: greet\n  examples: |\n    - hallo\n",
            ),
        ]
    };
    let told = |sentences| all_told(&files(sentences));
    assert_eq!(told("nlu/en.yaml"), ["untaught-language assistant.yaml:2"]);
    // Beside the English sentences that every project here has.
    assert_eq!(told("nlu/de.yaml"), ["unused-intent nlu/en.yaml:8"]);
}
