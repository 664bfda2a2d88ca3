//! `convene test`: the conversations in `tests/`, run against the project.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use convene_flows::{Heard, Project, Projects, Story, Utterance, run_stories};

use super::{FolderArgs, read};
use crate::say;

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Run the stories alone whose names have these words in them
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &TestArgs) -> anyhow::Result<()> {
    let folder: &Path = &arguments.folder.folder;
    let sources = read(folder)?;
    let project = Project::load(folder).context("run `convene check` for all that is wrong")?;
    let (mut stories, faults) = Story::all(&sources);
    if let Some(fault) = faults.first() {
        anyhow::bail!("{fault}");
    }
    if let Some(only) = &arguments.only {
        stories.retain(|story| story.story.contains(only));
    }
    anyhow::ensure!(
        !stories.is_empty(),
        "there are no such stories: write some in {}",
        folder.join("tests").display()
    );
    let report = run_stories(&Projects::new(project), &stories, &not_understood);
    say(&if arguments.json {
        serde_json::to_string_pretty(&report)?
    } else {
        report.to_string()
    })?;
    match report.failures() {
        0 => Ok(()),
        count => anyhow::bail!("{count} of {} stories failed", stories.len()),
    }
}

/// What a story's user says without naming an intent is not understood: what is trained on `nlu/` takes this place.
fn not_understood(_: Utterance<'_>) -> Heard {
    Heard::default()
}
