//! What was found in words is held against a choice's value, its synonyms and its labels; where it is none of these, the words
//! are compared.

use convene_source::Sources;

use super::tests::{ASSISTANT, goes_with_more, taught, with_assistant};

const FLOWS: &str = "
flows:
  book:
    description: To book
    start: {intents: [book]}
    slots:
      dentist:
        type: choice
        entities: [dentist]
        values:
          - {value: weber, label: weber, synonyms: [Weber]}
          - {value: lopez, label: lopez, synonyms: [Lopez]}
    steps: [{ask: dentist}, {say: booked}]
";

const TEXTS: &str = "ask: {dentist: 'With whom?'}\nweber: Dr Weber\nlopez: Dr Lopez\nbooked: 'Booked {dentist.value}'\n";

fn told(said: &[&str]) -> Sources {
    let stories: String = said
        .iter()
        .map(|said| {
            format!("  - story: It is {said}\n    steps:\n      - {{user: book, intent: book}}\n      - bot: ask.dentist\n      - user: '{said}'\n      - bot: Booked lopez\n  - story: With {said}\n    steps:\n      - {{user: 'book with {said}', intent: book}}\n      - bot: Booked lopez\n")
        })
        .collect();
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, &format!("stories:\n{stories}"));
    let intents = ["book", "yes", "no", "cancel", "human", "correct"];
    taught(&files, &intents, "x [Dr Weber](dentist)")
}

#[test]
fn a_label_that_was_found_is_the_value() {
    goes_with_more(&told(&[
        "[Dr Lopez](dentist)",
        "[dr. lopez](dentist)",
        "[Dr Lopez](dentist) please",
        "[Lopez](dentist)",
        "[lopez](dentist)",
    ]));
}

#[test]
fn where_what_was_found_is_no_value_the_words_are_compared() {
    let stories = "stories:
  - story: The words
    steps:
      - {user: book, intent: book}
      - bot: ask.dentist
      - user: '[with Dr Lopez](dentist) on tuesday'
      - bot: Booked lopez
  - story: Neither
    steps:
      - {user: book, intent: book}
      - bot: ask.dentist
      - user: '[Dr Who](dentist)'
      - bot: convene.invalid.choice
      - bot: ask.dentist
";
    let files = with_assistant(ASSISTANT, FLOWS, TEXTS, stories);
    let intents = ["book", "yes", "no", "cancel", "human", "correct"];
    goes_with_more(&taught(&files, &intents, "x [Dr Weber](dentist)"));
}
