//! The shop that ships, by what people say to it: sentences that were written before its training data was last added
//! to, and none of which is in it.

use std::path::Path;

use convene_nlu::{
    Context, Understanding,
    evaluation::{Report, judge},
    training_data::{TrainingData, load},
};
use jiff::Timestamp;

use crate::lessons::settings;

pub(crate) fn data(folder: &str) -> TrainingData {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    load(&folder).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Prints the table of docs/understanding.md, and asserts nothing.
///
/// `cargo test -p convene-nlu --test nlu -- --ignored --nocapture shop`
#[test]
#[ignore = "asserts nothing"]
fn shop_figures() {
    let lessons = data("../../examples/shop/nlu");
    let model = Understanding::train(&lessons, &settings(), None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let (count, figures) = (
        lessons.examples.len(),
        "right helped wrong lost oos-lost oos-sure",
    );
    eprintln!("{count} sentences: {figures}");
    for list in ["tests/shop", "tests/shop2", "tests/shop3"] {
        let heard = data(list);
        let judged = judge(&model, heard.examples.iter(), None, &context).unwrap();
        let report = Report::of(&judged, None);
        let decisions = &report.decisions;
        let wrong = decisions.sure * (1.0 - decisions.sure_and_right);
        let lost = decisions.lost;
        let (told, answered) = (
            decisions.out_of_scope_recall,
            decisions.out_of_scope_answered,
        );
        let all = [
            report.accuracy,
            decisions.helped,
            wrong,
            lost,
            told.unwrap_or_default(),
            answered.unwrap_or_default(),
        ];
        eprintln!("{list}: {:.1?}", all.map(|share| 100.0 * share));
    }
}

#[test]
fn a_shop_with_sentences_out_of_scope_knows_what_it_is_told_and_is_seldom_sure_of_anything_else() {
    let (lessons, heard) = (data("../../examples/shop/nlu"), data("tests/shop"));
    let learnt: Vec<&str> = lessons
        .examples
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    let known = heard
        .examples
        .iter()
        .find(|one| learnt.contains(&one.text.as_str()));
    assert!(
        known.is_none(),
        "{known:?} is judged by what was learnt from it"
    );
    let model = Understanding::train(&lessons, &settings(), None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let judged = judge(&model, heard.examples.iter(), None, &context).unwrap();
    let report = Report::of(&judged, None);
    assert_eq!((report.in_scope, report.out_of_scope), (120, 40));
    let decisions = &report.decisions;
    assert!(decisions.helped > 0.9, "{report:#?}");
    assert!(decisions.sure_and_right > 0.95, "{report:#?}");
    assert!(decisions.lost < 0.05, "{report:#?}");
    assert!(decisions.out_of_scope_recall > Some(0.4), "{report:#?}");
    assert!(decisions.out_of_scope_answered < Some(0.13), "{report:#?}");
}

#[test]
fn of_several_things_that_are_said_to_the_shop_at_once_each_is_heard() {
    let model = Understanding::train(&data("../../examples/shop/nlu"), &settings(), None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    for (text, meant) in [
        (
            "what are your opening hours and where is AB1234",
            vec!["opening_hours", "track_order"],
        ),
        (
            "when are you open, and where is CD5678?",
            vec!["opening_hours", "track_order"],
        ),
        (
            "cancel, I want to track CD5678 instead",
            vec!["cancel", "track_order"],
        ),
        (
            "ich möchte AB1234 zurückschicken und wann habt ihr geöffnet",
            vec!["return_item", "opening_hours"],
        ),
        (
            "return AB1234, track CD5678 and return EF9012",
            vec!["return_item", "track_order", "return_item"],
        ),
        (
            "where's AB1234 and can I return CD5678",
            vec!["track_order", "return_item"],
        ),
    ] {
        let clauses = model.understand(text, &context).clauses;
        let heard: Vec<_> = clauses
            .iter()
            .map(|clause| clause.meant.intent.as_str())
            .collect();
        assert_eq!(heard, meant, "{text}");
    }
}
