//! `convene test`: the conversations in `tests/`, run against the project.

use std::{path::Path, slice};

use anyhow::Context as _;
use clap::Args;
use convene_agent_worker::agents::flow::{Ear, Finder};
use convene_flows::{Hearing, Project, Projects, Report, Story, Utterance, run_stories};

use super::{FolderArgs, read};
use crate::{encoder::EncoderArgs, say};

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Run the stories alone whose names have these words in them, in capitals or not
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
    /// Let the project's own understanding hear what users say, in stories too that do not say `understand`;
    /// the intents and entities that stand beside it are what it must hear
    #[arg(long)]
    understand: bool,
    #[command(flatten)]
    encoder: EncoderArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &TestArgs) -> anyhow::Result<()> {
    let folder: &Path = &arguments.folder.folder;
    let sources = read(folder)?;
    let project =
        Project::from_sources(&sources).context("run `convene check` for all that is wrong")?;
    let (mut stories, faults) = Story::all(&sources);
    if let Some(fault) = faults.first() {
        anyhow::bail!("{fault}");
    }
    if let Some(only) = &arguments.only {
        let all = stories.len();
        let words = only.to_lowercase();
        stories.retain(|story| story.story.to_lowercase().contains(&words));
        anyhow::ensure!(
            all == 0 || !stories.is_empty(),
            "none of the {all} stories has `{only}` in its name: those that there are, `convene test` without `--only` lists"
        );
    }
    anyhow::ensure!(
        !stories.is_empty(),
        "there are no stories: write some in {}",
        folder.join("tests").display()
    );
    let is_asked = |story: &Story| story.understand.unwrap_or(arguments.understand);
    let ear = if stories.iter().any(is_asked) {
        let ear = Ear::train(&project, arguments.encoder.encoder()?)?;
        Some(ear.with_context(|| {
            let data = folder.join("nlu");
            format!(
                "{} teaches nothing: write examples there, or run the stories without `understand`",
                data.display()
            )
        })?)
    } else {
        None
    };
    // Stories that are told need no training data; what is wrong with it, `convene check` tells.
    let finder = Finder::of(&project).ok().flatten();
    let projects = Projects::new(project);
    let hear = ear
        .as_ref()
        .map(|ear| |said: Utterance<'_>| ear.hear(&projects, said.text, said.language, said.now));
    let find = finder.as_ref().map(|finder| {
        |said: Utterance<'_>| finder.find(&projects, said.text, said.language, said.now)
    });
    let hearing = |story: &Story| match (&hear, &find) {
        (Some(by), _) if is_asked(story) => Hearing::Understood { by, always: true },
        (_, Some(find)) => Hearing::Found(find),
        _ => Hearing::AsTold,
    };
    let told = stories
        .iter()
        .flat_map(|story| run_stories(&projects, slice::from_ref(story), hearing(story)).stories);
    let report = Report {
        stories: told.collect(),
    };
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
