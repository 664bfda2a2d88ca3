//! `convene nlu evaluate`.

use std::{collections::BTreeSet, path::PathBuf, time::Instant};

use anyhow::Context as _;
use clap::Args;
use convene_nlu::{
    Context, Encoder, Intent, Remembered, Settings, Understanding,
    evaluation::{Report, cross_validate, judge},
    training_data::{Example, Split, TrainingData},
};
use serde::Serialize;

use super::{Lessons, Taught, here_and_now, load, picture, table};
use crate::{
    cpu,
    say::{note, say},
};

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    lessons: Lessons,
    /// Held-out data to judge by, may be given several times [default: what the training data holds out, else
    /// five folds of it]
    #[arg(long, value_name = "PATH", conflicts_with = "folds")]
    test: Vec<PathBuf>,
    /// Cross-validate: judge each sentence by a model that learnt from the other folds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: Option<u8>,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Draw what is taken for what
    #[arg(long, value_name = "FILE.svg")]
    confusion: Option<PathBuf>,
}

/// How many folds there are unless it is said.
const FOLDS: u8 = 5;

/// What is reported.
#[derive(Debug, Serialize)]
pub(super) struct Evaluation {
    /// Where the judged sentences come from.
    pub(super) judged_on: String,
    pub(super) training: Training,
    /// What a message took, in microseconds, with all built-in entities, as the server looks for them. Not for folds.
    pub(super) microseconds: Option<f64>,
    #[serde(flatten)]
    pub(super) report: Report,
}

/// What training took. Not for folds, of which each trains once.
#[derive(Debug, Serialize)]
pub(super) struct Training {
    pub(super) sentences: usize,
    /// Of the wall clock.
    pub(super) seconds: Option<f64>,
    /// Of all processors together.
    pub(super) cpu_seconds: Option<f64>,
    /// The model's, as a file.
    pub(super) bytes: Option<usize>,
}

pub(super) fn run(arguments: &EvaluateArgs) -> anyhow::Result<()> {
    let taught = arguments.lessons.taught()?;
    let test = match arguments.test.as_slice() {
        [] => None,
        paths => Some(load(paths)?),
    };
    if let Some(told) = test.as_ref().and_then(|test| untaught(&taught.data, test)) {
        note(&told);
    }
    let evaluation = match HeldOut::find(&taught.data, test.as_ref(), arguments.folds) {
        Some(held_out) => against(&arguments.lessons, &taught, &held_out)?,
        None => by_folds(
            &arguments.lessons,
            &taught,
            arguments.folds.unwrap_or(FOLDS),
        )?,
    };
    if let Some(file) = &arguments.confusion {
        std::fs::write(file, picture::draw(&evaluation.report))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    say(&if arguments.json {
        serde_json::to_string_pretty(&evaluation)?
    } else {
        table::draw(&evaluation)
    })
}

/// Which intents sentences to judge by have that nothing teaches.
fn untaught(data: &TrainingData, test: &TrainingData) -> Option<String> {
    let intents = |examples: &mut dyn Iterator<Item = &Example>| -> BTreeSet<Intent> {
        examples.filter_map(|one| one.intent.clone()).collect()
    };
    let known = intents(&mut data.of(Split::Train));
    let asked = intents(&mut test.examples.iter());
    let unknown: Vec<_> = asked.difference(&known).map(Intent::as_str).collect();
    let told = || {
        format!(
            "the training data has no sentence of what these sentences of --test are, so each counts as wrong: {}",
            unknown.join(", ")
        )
    };
    (!unknown.is_empty()).then(told)
}

/// Sentences to judge by, and those to choose the paper's threshold on.
struct HeldOut<'a> {
    name: &'static str,
    test: Vec<&'a Example>,
    validation: Vec<&'a Example>,
}

impl<'a> HeldOut<'a> {
    /// None: there is nothing but training sentences, or folds are asked for.
    fn find(
        data: &'a TrainingData,
        test: Option<&'a TrainingData>,
        folds: Option<u8>,
    ) -> Option<Self> {
        if folds.is_some() {
            return None;
        }
        let validation: Vec<_> = data.of(Split::Validation).collect();
        if let Some(test) = test {
            let splits = [Split::Test, Split::Validation, Split::Train];
            let filled = splits
                .into_iter()
                .find(|split| test.of(*split).next().is_some());
            return Some(Self {
                name: "the sentences of --test",
                test: test.of(filled.unwrap_or_default()).collect(),
                validation,
            });
        }
        let test: Vec<_> = data.of(Split::Test).collect();
        if !test.is_empty() {
            return Some(Self {
                name: "the test sentences of the data",
                test,
                validation,
            });
        }
        (!validation.is_empty()).then_some(Self {
            name: "the validation sentences of the data",
            test: validation,
            validation: Vec::new(),
        })
    }
}

fn against(
    lessons: &Lessons,
    taught: &Taught,
    held_out: &HeldOut<'_>,
) -> anyhow::Result<Evaluation> {
    let data = &taught.data;
    let encoder = lessons.encoder()?;
    let remembered = encoder.as_deref().map(Remembered::new);
    let encoder = remembered.as_ref().map(|one| one as &dyn Encoder);
    if let Some(encoder) = encoder {
        // What the encoder takes is its own; here is measured what is learnt and understood.
        let sentences = data.of(Split::Train).chain(held_out.test.iter().copied());
        encoder.encode(&sentences.map(|one| one.text.as_str()).collect::<Vec<_>>())?;
    }
    let (begin, worked) = (Instant::now(), cpu::used());
    let settings = settings(taught, held_out.test.iter().copied());
    let model = Understanding::train(data, &settings, encoder)?;
    let (took, worked) = (begin.elapsed(), cpu::used().saturating_sub(worked));
    let context = Context {
        languages: taught.languages.clone(),
        ..here_and_now()
    };
    let judgements = judge(&model, held_out.test.iter().copied(), encoder, &context)?;
    let served = model
        .clone()
        .with_built_ins(taught.settings.built_ins.clone());
    for example in &held_out.test {
        served.get_ready_for(&example.text, &context);
    }
    let begin = Instant::now();
    judge(&served, held_out.test.iter().copied(), encoder, &context)?;
    let each = begin.elapsed() / u32::try_from(judgements.len().max(1))?;
    let validation = judge(
        &model,
        held_out.validation.iter().copied(),
        encoder,
        &context,
    )?;
    let validation = (!validation.is_empty()).then_some(validation.as_slice());
    Ok(Evaluation {
        judged_on: held_out.name.to_owned(),
        training: Training {
            sentences: data.of(Split::Train).count(),
            seconds: Some(took.as_secs_f64()),
            cpu_seconds: Some(worked.as_secs_f64()),
            bytes: Some(model.to_bytes()?.len()),
        },
        microseconds: Some(each.as_secs_f64() * 1e6),
        report: Report::of(&judgements, validation),
    })
}

fn by_folds(lessons: &Lessons, taught: &Taught, folds: u8) -> anyhow::Result<Evaluation> {
    let data = &taught.data;
    let judgements = cross_validate(
        data,
        usize::from(folds),
        &taught.settings,
        lessons.encoder()?.as_deref(),
        &here_and_now(),
    )?;
    Ok(Evaluation {
        judged_on: format!("each training sentence, in {folds} folds"),
        training: Training {
            sentences: data.of(Split::Train).count(),
            seconds: None,
            cpu_seconds: None,
            bytes: None,
        },
        microseconds: None,
        report: Report::of(&judgements, None),
    })
}

/// Built-in entities are looked for only as far as there is something to judge them by.
fn settings<'a>(taught: &Taught, examples: impl Iterator<Item = &'a Example>) -> Settings {
    let mut settings = taught.settings.clone();
    let annotated: BTreeSet<&str> = examples
        .flat_map(|example| &example.annotations)
        .map(|annotation| annotation.entity.as_str())
        .collect();
    settings
        .built_ins
        .retain(|kind| annotated.contains(kind.as_str()));
    settings
}
