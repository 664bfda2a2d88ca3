//! Other splits of the public data than their makers': all sentences that are not kept for the test, dealt anew. Prints
//! what comes of them, and asserts nothing.
//!
//! `cargo test -p convene-nlu --test nlu -- --ignored --nocapture resplit`

use std::collections::BTreeMap;

use convene_nlu::{
    Context, Intent, Understanding,
    evaluation::{Report, judge},
    training_data::{Example, Split, TrainingData},
};
use jiff::Timestamp;

use crate::{lessons::settings, public_data::data_set, small_projects::place};

const SEED: u64 = 2026;

/// Of so many sentences of an intent, how many are held out.
type HeldOut = fn(usize) -> usize;

#[test]
#[ignore = "takes a minute, and asserts nothing"]
fn resplit() {
    let sets: [(&str, HeldOut); 3] = [
        ("clinc150/train_val.json", |all| all.saturating_sub(100)),
        ("banking77/train.csv", |all| all / 5),
        ("snips", |_| 100),
    ];
    for (name, held_out) in sets {
        if let Some(data) = data_set(name) {
            figures(name, &dealt(data, held_out));
        }
    }
}

fn figures(name: &str, data: &TrainingData) {
    let mut settings = settings();
    settings.built_ins.clear();
    let model = Understanding::train(data, &settings, None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let judged = judge(&model, data.of(Split::Validation), None, &context).unwrap();
    let report = Report::of(&judged, None);
    eprintln!(
        "{name}: {} learnt, {} and {} out of scope judged: accuracy {:.1}, AUROC {:?}, {:?}, F1 {:?}, {:?}",
        data.of(Split::Train).count(),
        report.in_scope,
        report.out_of_scope,
        100.0 * report.accuracy,
        report.auroc,
        report.paper_rule,
        report.spans.as_ref().map(|spans| spans.f1),
        report.decisions,
    );
}

/// The sentences in an order that looks like chance, and of each intent the first ones held out.
fn dealt(mut data: TrainingData, held_out: fn(usize) -> usize) -> TrainingData {
    let mut by_intent = BTreeMap::<Option<Intent>, Vec<Example>>::new();
    for example in data.examples.drain(..) {
        by_intent
            .entry(example.intent.clone())
            .or_default()
            .push(example);
    }
    for sentences in by_intent.values_mut() {
        sentences.sort_by_key(|one| place(SEED, &one.text));
        let held_out = held_out(sentences.len());
        for (number, example) in sentences.iter_mut().enumerate() {
            example.split = if number < held_out {
                Split::Validation
            } else {
                Split::Train
            };
        }
    }
    data.examples = by_intent.into_values().flatten().collect();
    data
}
