//! Projects of Rasa's, as they are.

use std::path::{Path, PathBuf};

use convene_training_data::{Expression, TrainingData, load, read};

use crate::folder::Folder;

fn project(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/rasa")
        .join(name)
}

fn intents(data: &TrainingData) -> Vec<&str> {
    let intents = data.examples.iter().flat_map(|one| &one.intent);
    let mut intents: Vec<_> = intents.map(|intent| intent.as_str()).collect();
    intents.sort_unstable();
    intents.dedup();
    intents
}

/// Names behind the project's root.
fn passed_over<'a>(data: &'a TrainingData, root: &Path) -> Vec<&'a str> {
    let root = format!("{}/", root.display());
    let files = data.passed_over.iter();
    files.map(|file| file.trim_start_matches(&root)).collect()
}

#[test]
fn a_project_that_has_just_begun_is_read_in_its_language() {
    let root = project("starter");
    let data = load(&root).unwrap();
    assert_eq!(intents(&data), ["bot_challenge", "goodbye", "greet"]);
    assert_eq!(data.examples.len(), 14);
    assert_eq!(data.languages(), ["de".parse().unwrap()]);
    assert_eq!(
        passed_over(&data, &root),
        ["data/rules.yml", "data/stories.yml"]
    );
}

#[test]
fn a_grown_project_is_read_with_its_lists_roles_and_families_of_intents() {
    let root = project("travel");
    let data = load(&root).unwrap();
    let expected = [
        "affirm",
        "book_trip",
        "cancel_booking",
        "change_booking",
        "deny",
        "faq/ask_luggage",
        "faq/ask_pets",
    ];
    assert_eq!(intents(&data), expected);
    let first = &data.examples[0];
    assert_eq!(first.text, "I want to fly from Leeds to Oslo");
    let roles = first.annotations.iter().map(|one| one.role.as_deref());
    assert_eq!(
        roles.collect::<Vec<_>>(),
        [Some("departure"), Some("destination")]
    );
    let groups = data.examples.iter().flat_map(|one| &one.annotations);
    let groups: Vec<_> = groups.filter_map(|one| one.group.as_deref()).collect();
    assert_eq!(groups, ["1", "2"]);
    let sad = data.examples.iter().find(|one| one.text.contains("cancel"));
    assert_eq!(sad.unwrap().text, "cancel my flight");
    assert_eq!(data.lookups[0].words[4], "New York");
    assert_eq!(data.patterns.len(), 2);
    assert_eq!(
        passed_over(&data, &root),
        [
            "data/flows/rules.yml",
            "data/flows/stories.yml",
            "data/responses.yml"
        ]
    );
}

#[test]
fn what_is_beside_the_data_may_lie_in_one_folder_with_it() {
    let files = ["config.yml", "credentials.yml", "endpoints.yml"].map(|name| {
        let text = std::fs::read_to_string(project("travel").join(name)).unwrap();
        (name, text)
    });
    let nlu = "nlu:\n- intent: a\n  examples: |\n    - b\n".to_owned();
    let files = files.into_iter().chain([("nlu.yml", nlu)]);
    let files: Vec<_> = files.collect();
    let data = read(files.iter().map(|(name, text)| (*name, text.as_str()))).unwrap();
    assert_eq!(
        data.passed_over,
        ["config.yml", "credentials.yml", "endpoints.yml"]
    );
    assert_eq!(data.examples.len(), 1);
}

#[test]
fn a_word_list_is_found_from_its_file_and_from_where_it_was_before() {
    let nlu = "nlu:
- lookup: city
  examples: |
    - data/lookup/city.txt
- intent: a
  examples: |
    - b
";
    for place in ["nlu/lookup/city.txt", "lookup/city.txt", "nlu/city.txt"] {
        let folder = Folder::with(&[("nlu/cities.yml", nlu), (place, "Bonn\r\n\n- Köln\n")]);
        assert_eq!(folder.load().lookups[0].words, ["Bonn", "Köln"], "{place}");
        let files = [("nlu/cities.yml", nlu), (place, "Bonn\n")];
        assert_eq!(read(files).unwrap().lookups[0].words, ["Bonn"], "{place}");
    }
    let [fault] = Folder::with(&[("nlu/cities.yml", nlu)])
        .faults()
        .try_into()
        .unwrap();
    assert!(fault.contains("error[unreadable]"), "{fault}");
    assert!(fault.contains("`data/lookup/city.txt`"), "{fault}");
}

#[test]
fn a_list_outside_of_the_data_is_not_read() {
    let nlu = "nlu:\n- lookup: city\n  examples: ../../city.txt\n";
    let folder = Folder::with(&[("city.txt", "Bonn\n"), ("a/b/nlu.yml", nlu)]);
    let faults = load(&folder.path("a/b")).unwrap_err();
    assert!(faults.to_string().contains("[unreadable]"), "{faults}");
}

#[test]
fn look_around_and_back_references_find_what_they_say() {
    for (expression, text, expected) in [
        (
            r"(?<!\w)[A-Z]{2}\d{4}(?!\w)",
            "AB1234, xAB1234, CD99991",
            vec!["AB1234"],
        ),
        (r"\b(\w)\d\1\b", "a1a b2c", vec!["a1a"]),
        (r"(?i)\bv-\d+", "V-12 v-3", vec!["V-12", "v-3"]),
        (r"(?P<sign>#)\d+|x*", "#1 a", vec!["#1"]),
    ] {
        let places = Expression::new(expression).unwrap().find(text).unwrap();
        let found: Vec<_> = places.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn an_expression_that_may_take_for_ever_is_a_fault_and_has_an_end() {
    let slow = r"(?=a)(\w+\w+)+(?<=b)$";
    let nlu = format!("nlu:\n- regex: slow\n  examples: |\n    - {slow}\n");
    let faults = Folder::with(&[("nlu.yml", &nlu)]).faults();
    assert!(
        faults[0].contains("nlu.yml:4:7: error[slow_pattern]"),
        "{faults:?}"
    );
    let text = "a".repeat(5_000) + "!";
    assert!(Expression::new(slow).unwrap().find(&text).is_err());
}
