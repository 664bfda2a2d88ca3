//! Public data sets, where they are: how well it does must not fall.

use std::path::PathBuf;

use convene_nlu::{
    Context, Settings, Understanding,
    evaluation::{Chosen, Judgement, Report, judge},
    training_data::{Split, TrainingData, load},
};
use jiff::Timestamp;

use crate::lessons::settings;

/// A data set of `shared/nlu` beside the repository. None, with a notice, where there is none.
pub(crate) fn data_set(name: &str) -> Option<TrainingData> {
    let root: PathBuf = env!("CARGO_MANIFEST_DIR").into();
    let folder = root.ancestors().nth(3)?.join("shared/nlu").join(name);
    if folder.exists() {
        return Some(load(&folder).unwrap_or_else(|faults| panic!("{faults}")));
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

fn report(data: &TrainingData, settings: &Settings) -> Report {
    let model = Understanding::train(data, settings, None).unwrap();
    let context = Context::at(Timestamp::UNIX_EPOCH);
    let judgements = judge(&model, data.of(Split::Validation), None, &context).unwrap();
    let is_cut = |one: &&Judgement<'_>| !one.understood.clauses.is_empty();
    let cut = judgements.iter().filter(is_cut).count();
    assert!(
        cut * 200 <= judgements.len(),
        "each has one intent, and {cut} are cut"
    );
    Report::of(&judgements, None)
}

/// Of CLINC150 each seventh intent, and what is out of scope.
#[test]
fn of_clincs_intents_and_strange_sentences_most_are_told_apart() {
    let Some(mut data) = data_set("clinc150/train_val.json") else {
        return;
    };
    let mut names: Vec<_> = data
        .examples
        .iter()
        .filter_map(|one| one.intent.clone())
        .collect();
    names.sort();
    names.dedup();
    assert_eq!((names.len(), data.examples.len()), (150, 18_200));
    let kept: Vec<_> = names.into_iter().step_by(7).collect();
    data.examples.retain(|one| match &one.intent {
        Some(intent) => kept.contains(intent),
        None => one.split == Split::Validation,
    });
    let report = report(&data, &settings());
    assert_eq!((report.in_scope, report.out_of_scope), (440, 100));
    assert!(report.accuracy > 0.97, "{report:#?}");
    assert!(report.auroc.unwrap() > 0.97, "{report:#?}");
    assert!(
        report.decisions.out_of_scope_recall > Some(0.8),
        "{report:#?}"
    );
    assert!(report.decisions.helped > 0.93, "{report:#?}");
    let rule = report.paper_rule.unwrap();
    assert_eq!(rule.chosen_on, Chosen::Halves);
    assert!(
        rule.accuracy > 0.93 && rule.out_of_scope_recall > 0.75,
        "{rule:?}"
    );
}

#[test]
fn bankings_hundreds_of_near_misses_are_read() {
    let Some(data) = data_set("banking77/train.csv") else {
        return;
    };
    assert_eq!(data.examples.len(), 10_003);
    // Some texts have more than one line.
    assert_eq!(data.examples.last().unwrap().place.line, 10_017);
}

/// Of SNIPS 100 sentences of each intent.
#[test]
fn of_snips_entities_most_are_found_after_a_hundred_sentences() {
    let Some(mut data) = data_set("snips") else {
        return;
    };
    let mut taken = std::collections::BTreeMap::new();
    data.examples.retain(|one| {
        let count = taken.entry(one.intent.clone()).or_insert(0);
        *count += 1;
        one.split == Split::Validation || *count <= 100
    });
    let mut settings = settings();
    settings.built_ins.clear();
    let report = report(&data, &settings);
    assert!(report.accuracy > 0.95, "{report:#?}");
    let spans = report.spans.unwrap();
    assert!(spans.f1 > 0.72 && spans.counts.there == 1_794, "{spans:?}");
}
