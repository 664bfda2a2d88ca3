//! What each kind of file is read as.

use convene_training_data::{Split, load, read, survey};

use crate::folder::Folder;

/// Everything that Rasa's format has.
const RASA: &str = r#"version: "3.1"
language: en
nlu:
- intent: book_flight
  metadata:
    owner: travel
  examples: |
    - fly me from [Berlin]{"entity": "city", "role": "departure"} to [SF]{"entity": "city", "role": "destination", "value": "San Francisco"}

    # a comment
    - to [paris](city) [tomorrow](date)
- intent: faq/ask_yes
  examples:
  - text: |
      yes
    metadata: {sentiment: neutral}
  - text: of course
  - naturally
- intent: yes
  examples: "- y\n- 007"
- synonym: New York City
  examples: |
    - NYC
    - the big apple
- lookup: country
  examples: |
    - Peru
    - Côte d'Ivoire
- regex: order_number
  examples: |
    - \b[A-Z]{2}-\d{4,6}\b
stories: []
"#;

#[test]
fn rasas_yaml_is_read_with_all_that_it_has() {
    let folder = Folder::with(&[("nlu.yml", RASA)]);
    let data = folder.load();
    let texts: Vec<_> = data
        .examples
        .iter()
        .map(|example| {
            let place = (example.place.line, example.place.column);
            (
                example.intent.as_ref().unwrap().as_str(),
                example.text.as_str(),
                place,
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            ("book_flight", "fly me from Berlin to SF", (8, 7)),
            ("book_flight", "to paris tomorrow", (11, 7)),
            ("faq/ask_yes", "yes", (15, 7)),
            ("faq/ask_yes", "of course", (17, 11)),
            ("faq/ask_yes", "naturally", (18, 5)),
            ("yes", "y", (20, 15)),
            ("yes", "007", (20, 15)),
        ]
    );
    let [from, to] = data.examples[0].annotations.as_slice() else {
        panic!("{:?}", data.examples[0]);
    };
    assert_eq!(
        (from.start, from.end, from.entity.as_str()),
        (12, 18, "city")
    );
    assert_eq!(from.role.as_deref(), Some("departure"));
    assert_eq!(to.value.as_deref(), Some("San Francisco"));
    assert_eq!(data.examples[1].annotations[1].entity.as_str(), "date");
    assert!(
        data.examples
            .iter()
            .all(|one| one.language.as_ref().unwrap().as_str() == "en")
    );
    assert_eq!(data.synonyms[1].words, "the big apple");
    assert_eq!(data.synonyms[1].value, "New York City");
    assert_eq!(data.lookups[0].words, ["Peru", "Côte d'Ivoire"]);
    assert_eq!(data.patterns[0].pattern, r"\b[A-Z]{2}-\d{4,6}\b");
}

#[test]
fn clincs_json_has_its_splits_and_what_is_out_of_scope() {
    let text =
        r#"{"train": [["hi", "greet"]], "oos_val": [["why", "oos"]], "test": [["bye", "leave"]]}"#;
    let data = Folder::with(&[("data.json", text)]).load();
    let named = |split| -> Vec<_> {
        let of = data.of(split);
        of.map(|one| {
            (
                one.text.as_str(),
                one.intent.as_ref().map(|intent| intent.as_str()),
            )
        })
        .collect()
    };
    assert_eq!(named(Split::Train), [("hi", Some("greet"))]);
    assert_eq!(named(Split::Validation), [("why", None)]);
    assert_eq!(named(Split::Test), [("bye", Some("leave"))]);
}

#[test]
fn csv_is_read_with_and_without_a_head() {
    let plain = "\"hello, you\",greet\nbye,leave\nwhat is love,oos\n";
    let named = "id,Category,text,language\n1,greet,\"hello\nyou\",de\n2,leave,bye,\n";
    for (name, text, expected) in [
        (
            "a.csv",
            plain,
            vec![
                ("hello, you", Some("greet"), 1),
                ("bye", Some("leave"), 2),
                ("what is love", None, 3),
            ],
        ),
        (
            "a.csv",
            named,
            vec![("hello\nyou", Some("greet"), 2), ("bye", Some("leave"), 4)],
        ),
    ] {
        let data = Folder::with(&[(name, text)]).load();
        let read: Vec<_> = data
            .examples
            .iter()
            .map(|one| {
                let intent = one.intent.as_ref().map(|intent| intent.as_str());
                (one.text.as_str(), intent, one.place.line)
            })
            .collect();
        assert_eq!(read, expected);
    }
}

#[test]
fn bio_folders_are_read_with_their_splits() {
    let data = Folder::with(&[
        ("train/label", "book\nplay\n"),
        ("train/seq.in", "to new york  today\nplay it \n"),
        ("train/seq.out", "O B-city I-city B-date\nO O \n"),
        ("valid/label", "book"),
        ("valid/seq.in", "paris rome"),
        ("valid/seq.out", "B-city B-city"),
    ])
    .load();
    let marked: Vec<_> = data
        .examples
        .iter()
        .map(|one| (one.split, one.text.as_str()))
        .collect();
    assert_eq!(
        marked,
        [
            (Split::Train, "to new york  today"),
            (Split::Train, "play it"),
            (Split::Validation, "paris rome"),
        ]
    );
    let pieces = |at: usize| -> Vec<_> {
        let example = &data.examples[at];
        let pieces = example.annotations.iter();
        pieces
            .map(|one| (&example.text[one.start..one.end], one.entity.as_str()))
            .collect()
    };
    assert_eq!(pieces(0), [("new york", "city"), ("today", "date")]);
    assert_eq!(pieces(2), [("paris", "city"), ("rome", "city")]);
}

#[test]
fn words_with_tags_are_read_with_the_intent_above_them() {
    let folder = Folder::with(&[
        (
            "train.conll",
            "# id: 1\n# intent: book\nto O\nnew B-city\nyork I-city\ntoday B-date\n\n\n# intent = play\n1\tplay\tx\tO\n2\t#5\tx\tB-track\n",
        ),
        ("valid.bio", "-DOCSTART- O\n\n# intent: oos\r\nhm O\r\n"),
    ]);
    let data = folder.load();
    let read = data.examples.iter().map(|one| {
        let pieces = one.annotations.iter();
        let pieces = pieces.map(|piece| (&one.text[piece.start..piece.end], piece.entity.as_str()));
        let intent = one
            .intent
            .as_ref()
            .map(convene_training_data::Intent::as_str);
        (
            one.text.as_str(),
            intent,
            one.split,
            pieces.collect::<Vec<_>>(),
        )
    });
    let expected = [
        (
            "to new york today",
            Some("book"),
            Split::Train,
            vec![("new york", "city"), ("today", "date")],
        ),
        ("play #5", Some("play"), Split::Train, vec![("#5", "track")]),
        ("hm", None, Split::Validation, vec![]),
    ];
    assert_eq!(read.collect::<Vec<_>>(), expected);
}

#[test]
fn columns_stand_between_the_signs_that_spreadsheets_write() {
    for sign in [",", ";", "\t"] {
        let text = format!("text{sign}intent\nhello{sign}greet\n\"well, hello\"{sign}greet\n");
        let data = Folder::with(&[("a.csv", &text)]).load();
        let texts: Vec<_> = data.examples.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["hello", "well, hello"], "{sign:?}");
    }
}

#[test]
fn a_language_comes_from_the_file_its_name_or_its_folder() {
    let with = |language: &str| format!("{language}nlu:\n- intent: a\n  examples: |\n    - b\n");
    let folder = Folder::with(&[
        ("1/nlu.de.yml", &with("")),
        ("2/de/nlu.yml", &with("")),
        ("3/fr/nlu.yml", &with("language: de-AT\n")),
        ("4/de.csv", "b,a\n"),
        ("5/nlu.yml", &with("")),
        ("5/.hidden.yml", "no: yaml: at: all"),
        ("5/readme.md", "# not data"),
    ]);
    let languages: Vec<_> = folder
        .load()
        .examples
        .into_iter()
        .map(|one| one.language.map(|language| language.to_string()))
        .collect();
    let de = || Some("de".to_owned());
    assert_eq!(languages, [de(), de(), de(), de(), None]);
}

#[test]
fn an_older_version_and_a_mark_of_bytes_are_no_trouble() {
    let text = "\u{FEFF}version: \"2.0\"\r\nnlu:\r\n- intent: greet\r\n  examples: |\r\n    - hi\r\n    - hello\r\n";
    let folder = Folder::with(&[("nlu.yml", text)]);
    let data = load(&folder.path("nlu.yml")).unwrap();
    assert_eq!(data.examples[1].text, "hello");
    assert_eq!(data.examples[1].place.line, 6);
}

#[test]
fn names_of_files_and_folders_say_the_language_and_what_it_is_for() {
    let files = [
        ("nlu/de/a.yml", "nlu:\n- intent: a\n  examples: '- eins'\n"),
        ("nlu/test/a.en.csv", "two,a\n"),
        ("nlu/notes.md", "no data"),
        ("nlu/val/label", "a\n"),
        ("nlu/val/seq.in", "three\n"),
        ("nlu/val/seq.out", "O\n"),
    ];
    let told: Vec<_> = read(files)
        .unwrap()
        .examples
        .into_iter()
        .map(|one| (one.text, one.language.map(String::from), one.split))
        .collect();
    let told_of = |text: &str| told.iter().find(|one| one.0 == text).unwrap();
    assert_eq!(told.len(), 3);
    assert_eq!(told_of("eins").1.as_deref(), Some("de"));
    assert_eq!(told_of("two").1.as_deref(), Some("en"));
    assert_eq!(told_of("two").2, Split::Test);
    assert_eq!(told_of("three").2, Split::Validation);
}

#[test]
fn what_is_good_beside_faults_is_there_for_who_looks() {
    let text = "nlu:\n- intent: a\n  examples: '- fine'\n- intent: b\n";
    let (data, faults) = survey([("nlu/a.yml", text)]);
    assert_eq!((data.examples.len(), faults.len()), (1, 1));
    assert_eq!(read([("nlu/a.yml", text)]).unwrap_err(), faults);
}

#[test]
fn a_file_that_is_named_is_meant() {
    let folder = Folder::with(&[("test.csv", "one,a\n"), ("train.csv", "two,a\n")]);
    let named = load(&folder.path("test.csv")).unwrap();
    assert_eq!(named.examples[0].split, Split::Train);
    let splits: Vec<_> = folder.load().examples.iter().map(|one| one.split).collect();
    assert_eq!(splits, [Split::Test, Split::Train]);
}
