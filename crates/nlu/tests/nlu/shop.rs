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

fn data(folder: &str) -> TrainingData {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    load(&folder).unwrap_or_else(|faults| panic!("{faults}"))
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
