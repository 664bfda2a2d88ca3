//! `convene check`: everything that is wrong with a project, in one go.

use clap::Args;
use convene_flows::{Fault, Project, Severity, Story, Vocabulary};

use super::{FolderArgs, count, read};
use crate::say;

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
    let sources = read(&arguments.folder.folder)?;
    let checked = Project::check(&sources, &Vocabulary::of(&sources));
    let mut faults: Vec<Fault> = checked.faults;
    faults.extend(Story::all(&sources).1);
    faults.sort();
    if arguments.json {
        say(&serde_json::to_string_pretty(&faults)?)?;
    } else {
        for fault in &faults {
            say(&fault.to_string())?;
        }
    }
    let is_bad = |fault: &Fault| arguments.strict || fault.severity() == Severity::Error;
    if faults.iter().any(is_bad) {
        anyhow::bail!("the project has {}", count(&faults));
    }
    if arguments.json {
        Ok(())
    } else if faults.is_empty() {
        say("the project is good")
    } else {
        say(&format!("the project runs, with {}", count(&faults)))
    }
}
