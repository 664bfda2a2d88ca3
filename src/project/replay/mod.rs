//! `convene replay`: a stored conversation, run against the present files of a project.

mod again;
mod compare;
mod past;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use convene_agent_worker::agents::flow::Ear;
use convene_config::Loaded;
use convene_flows::{Project, Projects};
use convene_proto::{
    event::Event,
    id::{AgentName, ConversationId},
    position::Seq,
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::FolderArgs;
use crate::{encoder::EncoderArgs, operator::Reach, say};

/// Which conversation, and against which project.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// A conversation of a running Convene
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    conversation: Option<ConversationId>,
    /// A file with its events: JSON as `/v1/conversations/{id}/history` gives it, or a list of events
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The agent that answered [default: the first that has noted what its flows do]
    #[arg(long, value_name = "NAME")]
    agent: Option<AgentName>,
    /// The zone of the people, as in the agent's settings
    #[arg(long, default_value = "UTC", value_parser = TimeZone::get)]
    timezone: TimeZone,
    #[command(flatten)]
    encoder: EncoderArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: Reach,
}

const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// Events a page.
const PAGE: u32 = 1000;

#[derive(Deserialize)]
#[serde(untagged)]
enum Exported {
    Page { events: Vec<Event> },
    Events(Vec<Event>),
}

pub(crate) async fn run(arguments: ReplayArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let events = match (&arguments.file, &arguments.conversation) {
        (Some(file), _) => {
            let text = fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let exported = serde_json::from_str(&text)
                .with_context(|| format!("{} has no events of a conversation", file.display()))?;
            match exported {
                Exported::Page { events } | Exported::Events(events) => events,
            }
        }
        (None, Some(conversation)) => {
            let fetched = fetch(&arguments.reach, loaded, conversation).await;
            fetched.map_err(|error| arguments.reach.explain(loaded, error))?
        }
        (None, None) => anyhow::bail!("say which conversation, with --conversation or --file"),
    };
    let past = past::read(&events, arguments.agent.as_ref())?;
    let is_json = arguments.json;
    // It learns for long, and an encoder may have to be waited for.
    let compared = spawn_blocking(move || {
        let project = Project::load(&arguments.folder.folder)
            .context("run `convene check` for all that is wrong")?;
        let zone = arguments.timezone;
        let ear = Ear::train(&project, arguments.encoder.encoder()?)?;
        compare::compare(&past, &Projects::new(project), ear.as_ref(), &zone)
    });
    let compared = compared.await??;
    say(&if is_json {
        serde_json::to_string_pretty(&compared)?
    } else {
        compared.to_string()
    })?;
    anyhow::ensure!(!compared.parted, "they part");
    Ok(())
}

/// The whole of its log.
async fn fetch(
    reach: &Reach,
    loaded: &Loaded,
    conversation: &ConversationId,
) -> anyhow::Result<Vec<Event>> {
    let rest = reach.rest(loaded, ANSWERS_WITHIN)?;
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map_or(Seq(0), |event| event.seq);
        let page = rest.history_after(conversation, after, PAGE).await?;
        let is_over = page.events.is_empty();
        events.extend(page.events);
        if is_over || events.last().is_none_or(|last| last.seq >= page.head) {
            return Ok(events);
        }
    }
}
