//! The tools for an assistant's project folder: `convene new`, `check`, `test`, `replay` and `flows`.

mod check;
mod graph;
mod new;
mod replay;
mod test;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use convene_flows::{ReadError, Severity, Sources};
use convene_source::is_rasa;

pub(crate) use self::{
    check::CheckArgs,
    new::NewArgs,
    replay::{ReplayArgs, run as replay},
    test::TestArgs,
};

/// What to do with a project's flows.
#[derive(Debug, Subcommand)]
pub(crate) enum FlowsAction {
    /// Draw one flow, or all of them, as a Mermaid flowchart
    Graph(graph::GraphArgs),
    /// Write the JSON Schemas of the project's files, for editors
    Schemas(FolderArgs),
}

/// Where the project is.
#[derive(Debug, Args)]
pub(crate) struct FolderArgs {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

pub(crate) fn new(arguments: &NewArgs) -> anyhow::Result<()> {
    new::run(arguments)
}

pub(crate) fn check(arguments: &CheckArgs) -> anyhow::Result<()> {
    check::run(arguments)
}

pub(crate) fn test(arguments: &TestArgs) -> anyhow::Result<()> {
    test::run(arguments)
}

pub(crate) fn flows(action: &FlowsAction) -> anyhow::Result<()> {
    match action {
        FlowsAction::Graph(arguments) => graph::run(arguments),
        FlowsAction::Schemas(arguments) => new::write_schemas(&arguments.folder),
    }
}

/// The files of a project.
fn read(folder: &Path) -> anyhow::Result<Sources> {
    explained(folder, Sources::read(folder))
}

/// Those that can be read, and why others cannot.
fn survey(folder: &Path) -> anyhow::Result<Sources> {
    explained(folder, Sources::survey(folder))
}

fn explained(folder: &Path, sources: Result<Sources, ReadError>) -> anyhow::Result<Sources> {
    if folder.is_file() {
        let parent = folder.parent().filter(|path| *path != Path::new(""));
        let parent = parent.unwrap_or_else(|| Path::new("."));
        anyhow::bail!(
            "{} is a file: name the folder of its project, such as {}",
            folder.display(),
            parent.display()
        );
    }
    if folder.join("assistant.yaml").exists() || is_rasa(folder) {
        return Ok(sources?);
    }
    sources.with_context(|| {
        format!(
            "{} is no project's folder: `convene new` makes one",
            folder.display()
        )
    })
}

/// `2 errors and 1 warning`.
fn count(severities: impl Iterator<Item = Severity>) -> String {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        severities.partition(|severity| *severity == Severity::Error);
    let word = |count, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!(
        "{} and {}",
        word(errors.len(), "error"),
        word(warnings.len(), "warning")
    )
}
