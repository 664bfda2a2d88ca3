//! `convene nlu`: how well training data is understood, and what a sentence is taken for.

mod evaluate;
mod parse;
mod picture;
mod table;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use convene_agent_worker::agents::flow;
use convene_flows::Project;
use convene_nlu::{
    Context, Encoder, Language, Settings,
    training_data::{self, TrainingData},
};

use self::{evaluate::EvaluateArgs, parse::ParseArgs};
use crate::{encoder::EncoderArgs, say::note};

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
    /// Training data: Rasa's NLU YAML, CLINC150's JSON, CSV of text and intent, a BIO folder, a folder
    /// of these, or an assistant's project, with its languages and thresholds; may be given several times
    #[arg(long, required = true, value_name = "PATH")]
    train: Vec<PathBuf>,
    /// The language of data that does not say its own [default: the project's first one, else en]
    #[arg(long)]
    language: Option<Language>,
    /// From this confidence on an intent is meant, instead of what the project or cross-validation says
    #[arg(long, value_name = "0..1", value_parser = share)]
    sure: Option<f32>,
    /// Below this confidence no intent is meant, instead of what the project says, or cross-validation, which goes by
    /// scores
    #[arg(long, value_name = "0..1", value_parser = share)]
    lost: Option<f32>,
    #[command(flatten)]
    encoder: EncoderArgs,
}

/// What is learnt from, and how.
struct Taught {
    data: TrainingData,
    settings: Settings,
    /// The languages that are spoken; none: all that are taught.
    languages: Vec<Language>,
}

impl Lessons {
    /// Reads all of it.
    fn taught(&self) -> anyhow::Result<Taught> {
        let mut data = TrainingData::default();
        let (mut settings, mut languages) = (None, Vec::new());
        for path in &self.train {
            match of_project(path)? {
                Some(lessons) => {
                    data.extend(lessons.data);
                    languages.extend(lessons.languages);
                    settings.get_or_insert(lessons.settings);
                }
                None => data.extend(training_data::load(path)?),
            }
        }
        tell_passed_over(&data);
        let english = || Language::new("en").map(Settings::new);
        let mut settings = settings.map_or_else(english, Ok)?;
        if let Some(language) = &self.language {
            settings.language = language.clone();
        }
        settings.sure = self.sure.or(settings.sure);
        settings.lost = self.lost.or(settings.lost);
        Ok(Taught {
            data,
            settings,
            languages,
        })
    }

    /// What it understands with beside words.
    fn encoder(&self) -> anyhow::Result<Option<Box<dyn Encoder>>> {
        self.encoder.encoder()
    }
}

/// What an assistant's project teaches, where a folder is one.
fn of_project(folder: &Path) -> anyhow::Result<Option<flow::Lessons>> {
    if !folder.join("assistant.yaml").is_file() {
        return Ok(None);
    }
    let project = Project::load(folder).context("run `convene check` for all that is wrong")?;
    let lessons = flow::Lessons::of(&project)?;
    let none = || {
        format!(
            "{} teaches nothing: write examples in its nlu",
            folder.display()
        )
    };
    lessons.with_context(none).map(Some)
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
    tell_passed_over(&data);
    Ok(data)
}

fn tell_passed_over(data: &TrainingData) {
    if let Some(told) = passed_over(data) {
        note(&told);
    }
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
