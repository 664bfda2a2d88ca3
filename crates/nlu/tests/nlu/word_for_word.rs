//! What a project has taught word for word, and what is known in no word.

use convene_nlu::{Context, Decision, Understanding, Understood};
use jiff::Timestamp;

use crate::lessons::{Folder, settings};

/// A small table-keeping assistant, of which every intent has the others' words.
const TABLES: &str = r#"version: "3.1"
language: en
nlu:
- intent: greet
  examples: |
    - hello
    - good morning
    - good evening
    - good evening to you
    - hi there
- intent: cancel
  examples: |
    - cancel
    - stop that
    - forget it
    - never mind
    - not now
- intent: reserve
  examples: |
    - cancel my table and take another
    - a table for two
    - book a table
    - I want to reserve
    - can I cancel and book anew
    - not now but tomorrow a table
- intent: deny
  examples: |
    - no
    - not now
    - I do not want that
    - no thanks
    - rather not
- intent: oos
  examples: |
    - do you sell tables
    - how are you
"#;

fn heard(text: &str) -> Understood {
    let data = Folder::with(&[("en.yml", TABLES)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    model.understand(text, &Context::at(Timestamp::UNIX_EPOCH))
}

#[test]
fn a_sentence_that_was_taught_word_for_word_is_surely_what_it_was_taught_as() {
    for text in ["cancel", "Cancel!", " CANCEL. "] {
        let understood = heard(text);
        let first = understood.first().unwrap();
        assert_eq!(understood.decision, Decision::Sure, "{understood:#?}");
        assert_eq!(first.intent.as_str(), "cancel");
        assert!((first.confidence - 1.0).abs() < 1e-6 && first.score >= 1.0);
        let others = &understood.intents[1..];
        assert!(others.iter().all(|one| one.confidence < 1e-6));
        assert!(others.iter().all(|one| one.score < first.score));
    }
    assert_eq!(heard("Do you sell tables").decision, Decision::Lost);
}

#[test]
fn a_sentence_that_was_taught_as_two_things_is_what_the_model_makes_of_it() {
    let understood = heard("not now");
    let confident = understood.first().unwrap().confidence;
    assert!(confident < 0.99, "{understood:#?}");
}

#[test]
fn of_what_is_known_in_no_word_nothing_is_sure() {
    // It has the letters of "good morning".
    let understood = heard("Goodman");
    assert_eq!(understood.first().unwrap().intent.as_str(), "greet");
    assert_ne!(understood.decision, Decision::Sure, "{understood:#?}");
    assert_ne!(heard("Goodman's").decision, Decision::Sure);
    let understood = heard("good man");
    assert_eq!(understood.decision, Decision::Sure, "{understood:#?}");
}

#[test]
fn question_marks_alone_say_no_more_than_silence() {
    let asked = "nlu:
- intent: hours
  examples: |
    - when are you open?
    - are you open on sundays?
    - until when?
- intent: greet
  examples: |
    - hello
    - good morning
";
    let data = Folder::with(&[("en.yml", asked)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let heard = |text: &str| model.understand(text, &Context::at(Timestamp::UNIX_EPOCH));
    assert_eq!(heard("???").intents, heard("...").intents);
    assert_ne!(heard("open???").intents, heard("...").intents);
}

#[test]
fn a_number_makes_a_sentence_no_stranger_than_another_would() {
    let score = |text: &str| heard(text).first().unwrap().score;
    let plain = score("I want a table");
    let (number, strange) = (
        score("I want a table 98765432"),
        score("I want a table qwxzvbkj"),
    );
    assert!(
        plain - number < 0.5 * (plain - strange),
        "{plain} {number} {strange}"
    );
}
