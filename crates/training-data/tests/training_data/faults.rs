//! What is wrong is said with its place and a remedy, and all at once.

use convene_training_data::load;

use crate::folder::Folder;

/// What is said of a file with this text.
#[track_caller]
fn faults(name: &str, text: &str) -> Vec<String> {
    Folder::with(&[(name, text)]).faults()
}

/// In a file of one intent.
#[track_caller]
fn of_example(example: &str) -> String {
    let text = format!("nlu:\n- intent: a\n  examples: |\n    - fine\n    - {example}\n");
    let faults = faults("nlu.yml", &text);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap()
}

#[test]
fn marks_that_cannot_be_read_are_found_at_their_letters() {
    for (example, place, code) in [
        ("to [Paris](city", "nlu.yml:5:10: ", "[annotation]"),
        ("to [Paris(city)", "nlu.yml:5:10: ", "has no `]`"),
        (
            "to [Paris(city) by [train](means)",
            "nlu.yml:5:10: ",
            "has no `]`",
        ),
        (
            "to [Paris{\"entity\": \"city\"}",
            "nlu.yml:5:10: ",
            "has no `]`",
        ),
        ("züge nach [Paris]()", "nlu.yml:5:24: ", "[annotation]"),
        (
            r#"to [Paris]{"role": "x"}"#,
            "nlu.yml:5:17: ",
            "missing field `entity`",
        ),
        (
            r#"to [Paris]{"entity": "c", "rolle": "x"}"#,
            "nlu.yml:5:17: ",
            "rolle",
        ),
        ("to [ ](city)", "nlu.yml:5:10: ", "between the brackets"),
    ] {
        let fault = of_example(example);
        assert!(
            fault.starts_with(place) && fault.contains(code),
            "{example}: {fault}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = "nlu:
- intent: a
  examples: |
    no dash
    -
- intent: b
- examples: |
    - c
- intent: d
  synonym: e
  examples: |
    - f
- intent: g
  exampels: |
    - h
  examples: |
    - h
- regex: i
  examples: |
    - (?=x
- just words
nul:
";
    let places: Vec<_> = faults("nlu.yml", text)
        .iter()
        .map(|fault| {
            let place = fault.split(':').nth(1).unwrap().to_owned();
            let (_, code) = fault.split_once("error[").unwrap();
            let code = code.split(']').next().unwrap().to_owned();
            (place, code)
        })
        .collect();
    let expected = [
        ("22", "unknown_key"),
        ("4", "malformed"),
        ("5", "empty"),
        ("6", "missing"),
        ("7", "missing"),
        ("9", "ambiguous"),
        ("14", "unknown_key"),
        ("20", "pattern"),
        ("21", "wrong_type"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(places, expected);
}

#[test]
fn files_that_break_their_format_are_named_with_the_place() {
    for (name, text, place) in [
        ("nlu.yml", "nlu:\n  - intent: a\n - b\n", "nlu.yml:3:"),
        ("nlu.yml", "nlu: *other\n", "nlu.yml:1:"),
        ("nlu.yml", "- a\n", "nlu.yml:1:1: "),
        ("nlu.yml", "language: klingon-4\nnlu:\n", "nlu.yml:1:11: "),
        ("a.json", "{\"train\": [\n[\"a\"]]}", "a.json:2:"),
        ("a.json", "{\"train\": [", "a.json:1:"),
        ("a.json", "{\"trian\": []}", "a.json:1:1: "),
        ("a.csv", "text,intent\na,b\nonly text\n", "a.csv:3:1: "),
        ("a.csv", "text,intent,language\na,b,?\n", "a.csv:2:1: "),
    ] {
        let faults = faults(name, text);
        assert!(faults[0].starts_with(place), "{text:?}: {faults:?}");
        assert!(faults[0].contains("\n    "), "no remedy: {faults:?}");
    }
}

#[test]
fn bio_files_that_do_not_fit_one_another_are_named() {
    let faults = Folder::with(&[
        ("label", "a\nb\n"),
        ("seq.in", "one two\nthree\n"),
        ("seq.out", "O O\nO O\n"),
    ])
    .faults();
    assert!(
        faults[0].starts_with("seq.out:2:1: error[malformed]: there are 1 words and 2 tags"),
        "{faults:?}"
    );
}

#[test]
fn what_is_not_there_or_no_training_data_is_said() {
    let folder = Folder::with(&[("notes.txt", "hello"), ("latin.yml", "nlu:\n")]);
    std::fs::write(folder.path("latin.yml"), b"nlu:\n- intent: caf\xe9\n").unwrap();
    for (name, words) in [
        ("nowhere.yml", "it is not there"),
        ("nowhere", "it is not there"),
        ("notes.txt", "`.txt`"),
        (
            "latin.yml",
            "latin.yml:2:1: error[malformed]: here is a letter that is not in UTF-8",
        ),
    ] {
        let fault = load(&folder.path(name)).unwrap_err().to_string();
        assert!(fault.contains(words), "{name}: {fault}");
    }
    let empty = Folder::with(&[("nlu.yml", "nlu:\n")]).faults();
    assert!(empty[0].contains("there is no training data"), "{empty:?}");
}

#[test]
fn words_without_a_tag_and_sentences_without_an_intent_are_told() {
    let told = faults("a.conll", "# intent: a\nhello O\nthere\n");
    assert!(
        told[0].starts_with("a.conll:3:1: ") && told[0].contains("no tag"),
        "{told:?}"
    );
    let told = faults("a.conll", "# id: 1\nhello O\n\n# intent: a\nhello O\n");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("a.conll:2:1: ") && told[0].contains("`# intent: name`"),
        "{told:?}"
    );
}
