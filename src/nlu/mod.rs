//! `convene nlu`: how well training data is understood, and what a sentence is taken for.

mod encoder;
mod evaluate;
mod parse;
mod picture;
mod table;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use convene_nlu::{
    Context, Encoder, Language, Settings,
    training_data::{self, TrainingData},
};

use crate::say::note;

use self::{encoder::EncoderArgs, evaluate::EvaluateArgs, parse::ParseArgs};

#[derive(Debug, Args)]
pub(crate) struct NluArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Train, and report how well held-out sentences are understood
    Evaluate(EvaluateArgs),
    /// Train, and show what sentences are taken for and why
    Parse(ParseArgs),
}

/// What to learn from.
#[derive(Debug, Args)]
struct Lessons {
    /// Training data: Rasa's NLU YAML, CLINC150's JSON, CSV of text and intent, a BIO folder, or a folder
    /// of these; may be given several times
    #[arg(long, required = true, value_name = "PATH")]
    train: Vec<PathBuf>,
    /// The language of data that does not say its own
    #[arg(long, default_value = "en")]
    language: Language,
    /// From this confidence on an intent is meant, instead of what cross-validation says
    #[arg(long, value_name = "0..1", value_parser = share)]
    sure: Option<f32>,
    /// Below this confidence no intent is meant, instead of what cross-validation says, which goes by scores
    #[arg(long, value_name = "0..1", value_parser = share)]
    lost: Option<f32>,
    #[command(flatten)]
    encoder: EncoderArgs,
}

impl Lessons {
    fn settings(&self) -> Settings {
        Settings {
            sure: self.sure,
            lost: self.lost,
            ..Settings::new(self.language.clone())
        }
    }

    /// What it understands with beside words.
    fn encoder(&self) -> anyhow::Result<Option<Box<dyn Encoder>>> {
        self.encoder.encoder()
    }
}

pub(crate) fn run(arguments: NluArgs) -> anyhow::Result<()> {
    match arguments.action {
        Action::Evaluate(arguments) => evaluate::run(&arguments),
        Action::Parse(arguments) => parse::run(&arguments),
    }
}

fn share(text: &str) -> Result<f32, String> {
    let share = text
        .parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1".to_owned())
}

/// All data below some paths, or all that is wrong with it.
fn load(paths: &[PathBuf]) -> anyhow::Result<TrainingData> {
    let mut data = TrainingData::default();
    for path in paths {
        data.extend(training_data::load(path)?);
    }
    if let Some(told) = passed_over(&data) {
        note(&told);
    }
    Ok(data)
}

/// Which files are about something else, if there are any.
pub(crate) fn passed_over(data: &TrainingData) -> Option<String> {
    let files = &data.passed_over;
    let told = || {
        format!(
            "passed over, since they are no training data: {}",
            files.join(", ")
        )
    };
    (!files.is_empty()).then(told)
}

/// A message that comes now, here.
fn here_and_now() -> Context {
    Context {
        zone: jiff::tz::TimeZone::system(),
        ..Context::at(jiff::Timestamp::now())
    }
}
