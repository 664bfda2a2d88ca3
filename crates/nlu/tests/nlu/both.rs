//! Messages that were taught to mean two things at once.

use convene_nlu::{Context, Understanding};
use jiff::Timestamp;

use crate::lessons::{Folder, settings};

const DESK: &str = r#"version: "3.1"
language: en
nlu:
- regex: order
  examples: |
    - [A-Z]{2}[0-9]{4}
- intent: track
  examples: |
    - where is my order
    - where is [AB1234](order)
    - where's my parcel
    - track [XY1234](order)
    - track my order
    - what is the status of [KK1290](order)
    - has my order been shipped
- intent: change
  examples: |
    - can I change my order
    - I want to change [AB1234](order)
    - change the delivery of [CD1234](order)
    - please move [AB1234](order) to monday
    - deliver it on another day
    - change the day of [KI9999](order)
- intent: track+change
  examples: |
    - where is [AB1234](order) and can I change [CD1234](order)
    - track [AB1234](order) and move [CD1234](order) to friday
    - where's my parcel [AB1234](order) and please change [CD1234](order)
    - change [AB1234](order) and tell me where [CD1234](order) is
"#;

#[test]
fn of_what_was_taught_as_two_things_each_part_is_one() {
    let data = Folder::with(&[("en.yml", DESK)]).load();
    let model = Understanding::train(&data, &settings(), None).unwrap();
    for (text, first, expected) in [
        // Word for word as it was taught, and otherwise.
        (
            "where is AB1234 and can I change CD1234",
            "track+change",
            vec!["track: where is AB1234", "change: can I change CD1234"],
        ),
        (
            "where is KB1264, and can I change TR1134?",
            "track+change",
            vec!["track: where is KB1264", "change: can I change TR1134?"],
        ),
        (
            "change KL1234 and tell me where CD9934 is",
            "track+change",
            vec!["change: change KL1234", "track: tell me where CD9934 is"],
        ),
    ] {
        let understood = model.understand(text, &Context::at(Timestamp::UNIX_EPOCH));
        let clauses = understood.clauses.iter();
        let told =
            clauses.map(|one| format!("{}: {}", one.meant.intent, &text[one.start..one.end]));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(understood.first().unwrap().intent.as_str(), first, "{text}");
    }
}
