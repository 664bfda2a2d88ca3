//! What small projects may expect: fifteen of CLINC150's intents at a time, with a few sentences each, judged by
//! its validation sentences. Prints a table, and asserts nothing: thresholds are chosen by it.
//!
//! `cargo test -p convene-nlu --test nlu -- --ignored --nocapture small_projects`

use std::collections::BTreeMap;

use convene_nlu::{
    Context, Intent, Understanding,
    evaluation::{Report, judge},
    training_data::{Example, Split, TrainingData},
};
use jiff::Timestamp;

use crate::{lessons::settings, public_data::data_set};

const INTENTS: usize = 15;
const SEEDS: u64 = 2;

/// The mean of some reports.
#[derive(Default)]
struct Mean([f64; 8], f64);

impl Mean {
    fn add(&mut self, report: &Report) {
        let decisions = &report.decisions;
        let figures = [
            report.accuracy,
            decisions.helped,
            decisions.sure,
            decisions.sure * (1.0 - decisions.sure_and_right),
            decisions.lost,
            decisions.out_of_scope_recall.unwrap_or_default(),
            decisions.out_of_scope_answered.unwrap_or_default(),
            report.auroc.unwrap_or_default(),
        ];
        for (sum, figure) in self.0.iter_mut().zip(figures) {
            *sum += figure;
        }
        self.1 += 1.0;
    }

    fn draw(&self) -> String {
        let percent = |sum: &f64| format!("{:>10.1}", 100.0 * sum / self.1);
        self.0.iter().map(percent).collect()
    }
}

#[test]
#[ignore = "takes a minute, and asserts nothing"]
fn small_projects() {
    if let Some(data) = data_set("clinc150/train_val.json") {
        for strange in [0, 5, 10, 25] {
            eprintln!("with {strange} sentences of its own that are out of scope:");
            figures(&data, strange);
        }
    }
}

fn figures(data: &TrainingData, strange: usize) {
    let mut settings = settings();
    settings.built_ins.clear();
    let heads = [
        "examples", "accuracy", "helped", "sure", "wrong", "lost", "oos lost", "oos sure", "AUROC",
    ];
    let heads: String = heads.iter().map(|head| format!("{head:>10}")).collect();
    eprintln!("{heads}");
    for examples in [6, 10, 30, 100] {
        let mut mean = Mean::default();
        for seed in 1..=SEEDS {
            for project in projects(data, examples, strange, seed) {
                let model = Understanding::train(&project, &settings, None).unwrap();
                let context = Context::at(Timestamp::UNIX_EPOCH);
                let held_out = project.of(Split::Validation);
                let judgements = judge(&model, held_out, None, &context).unwrap();
                mean.add(&Report::of(&judgements, None));
            }
        }
        eprintln!("{examples:>10}{}", mean.draw());
    }
}

/// All intents in groups, with so many training sentences each and so many out of scope, and all validation sentences that are theirs or
/// out of scope. What goes together, and which sentences are taken, is by the seed.
fn projects(data: &TrainingData, examples: usize, strange: usize, seed: u64) -> Vec<TrainingData> {
    let mut by_intent = BTreeMap::<&Intent, Vec<&Example>>::new();
    for example in data.of(Split::Train) {
        if let Some(intent) = &example.intent {
            by_intent.entry(intent).or_default().push(example);
        }
    }
    let mut groups: Vec<_> = by_intent.into_iter().collect();
    groups.sort_by_key(|(intent, _)| place(seed, intent.as_str()));
    let own = data.of(Split::Train).filter(|one| one.intent.is_none());
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|one| place(seed, &one.text));
    own.truncate(strange);
    let project = |group: &[(&Intent, Vec<&Example>)]| {
        let taken = group.iter().flat_map(|(_, sentences)| {
            let mut sentences = sentences.clone();
            sentences.sort_by_key(|one| place(seed, &one.text));
            sentences.into_iter().take(examples)
        });
        let is_judged = |one: &&Example| {
            let intent = one.intent.as_ref();
            intent.is_none_or(|intent| group.iter().any(|(own, _)| *own == intent))
        };
        let judged = data.of(Split::Validation).filter(is_judged);
        TrainingData {
            examples: taken
                .chain(own.iter().copied())
                .chain(judged)
                .cloned()
                .collect(),
            ..TrainingData::default()
        }
    };
    groups.chunks(INTENTS).map(project).collect()
}

/// Something that looks like chance (FNV-1a).
pub(crate) fn place(seed: u64, text: &str) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
