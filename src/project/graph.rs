//! `convene flows graph`: flows as pictures.

use anyhow::Context as _;
use clap::Args;
use convene_flows::{FlowName, Project, graph};

use super::FolderArgs;
use crate::say;

/// What to draw.
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Draw this flow alone
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
}

pub(super) fn run(arguments: &GraphArgs) -> anyhow::Result<()> {
    let project = Project::load(&arguments.folder.folder)
        .context("run `convene check` for all that is wrong")?;
    let flow = arguments.flow.as_deref().map(FlowName::from);
    let drawn = graph(&project, flow.as_ref()).with_context(|| {
        let flows: Vec<_> = project.flows().map(|flow| flow.name.to_string()).collect();
        format!("there is no such flow; there are: {}", flows.join(", "))
    })?;
    say(&drawn)
}
