//! Marks of a sentence are nobody's name, wherever names were taught to stand.

use convene_nlu::{Context, Understanding};
use jiff::Timestamp;

use crate::lessons::{Folder, settings};

const VISITS: &str = r#"version: "3.1"
language: en
nlu:
- intent: book
  examples: |
    - book a [check-up](service)
    - I want to book a [cleaning](service) for [Ann](person)
    - a [filling](service) for [Bob](person) on monday please
    - I need an appointment
    - can I get an appointment for [Zoe](person)
    - book a [cleaning](service) for [Tom](person) on tuesday
    - make an appointment for a [check-up](service) tomorrow
    - appointment for [Sue](person)
    - I would like a [check-up](service) for my daughter [Mia](person)
- intent: hours
  examples: |
    - when are you open
    - until when are you open
"#;

#[test]
fn a_full_stop_is_no_entity_and_takes_nothing_from_what_stands_before_it() {
    let data = Folder::with(&[("en.yml", VISITS)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    let said = "book a check-up for Ann on monday. And a cleaning for Bob on tuesday.";
    let understood = model.understand(said, &Context::at(Timestamp::UNIX_EPOCH));
    let found = understood.entities.iter();
    let found: Vec<_> = found.map(|one| one.entity.as_str()).collect();
    assert_eq!(
        found,
        ["service", "person", "time", "service", "person", "time"],
        "{understood:#?}"
    );
}
