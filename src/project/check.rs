//! `convene check`: everything that is wrong with a project, in one go.

use clap::Args;
use convene_flows::{Project, Severity, Story, Vocabulary};
use convene_nlu::training_data;
use convene_source::{Fault, FaultCode};
use serde::Serialize;
use serde_json::Value as Json;

use super::{FolderArgs, count, survey};
use crate::{nlu::passed_over, say};

/// What to check, and how strictly.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &CheckArgs) -> anyhow::Result<()> {
    let sources = survey(&arguments.folder.folder)?;
    let (data, untaught) = training_data::survey(sources.inside("nlu"));
    let vocabulary = Vocabulary::from(&data);
    let checked = Project::check(&sources, &vocabulary);
    let mut of_flows = checked.faults;
    let (stories, untold) = Story::all(&sources);
    of_flows.extend(untold);
    if let Some(project) = &checked.project {
        of_flows.extend(Story::check(&stories, project, &vocabulary));
    }
    of_flows.sort();
    let faults: Vec<_> = untaught
        .into_sorted()
        .iter()
        .map(Found::of)
        .chain(of_flows.iter().map(Found::of))
        .collect::<Result<_, _>>()?;
    if arguments.json {
        let faults: Vec<_> = faults.iter().map(|fault| &fault.json).collect();
        say(&serde_json::to_string_pretty(&faults)?)?;
    } else {
        if let Some(told) = passed_over(&data) {
            say(&format!("note: {told}"))?;
        }
        for fault in &faults {
            say(&fault.told)?;
        }
    }
    let severities = || faults.iter().map(|fault| fault.severity);
    if severities().any(|severity| arguments.strict || severity == Severity::Error) {
        anyhow::bail!("the project has {}", count(severities()));
    }
    if arguments.json {
        Ok(())
    } else if faults.is_empty() {
        say("the project is good")
    } else {
        say(&format!("the project runs, with {}", count(severities())))
    }
}

/// A fault of any kind, as it is printed.
struct Found {
    severity: Severity,
    told: String,
    json: Json,
}

impl Found {
    fn of<C: FaultCode + Serialize>(fault: &Fault<C>) -> serde_json::Result<Self> {
        Ok(Self {
            severity: fault.severity(),
            told: fault.to_string(),
            json: serde_json::to_value(fault)?,
        })
    }
}
