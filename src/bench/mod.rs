//! `convene bench`: load like that of people, and what they would have seen of it.
//!
//! People say things at times that were fixed beforehand, whether or not the answers to what they
//! said before have come, and each latency counts from the time that was meant. So a server that
//! stands still shows in every message of that while, and not in one (no coordinated omission).
//! Every reader checks what it is sent against where it stood: what is missing, comes twice or out
//! of place is counted, and makes the command fail.

mod frame;
mod judge;
mod link;
mod people;
mod plan;
mod plot;
mod report;
mod scene;
mod schedule;
mod seen;
mod streaming;
mod table;
mod tally;
mod turn;

use std::{
    io::{Write as _, stderr},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use convene_config::Loaded;
use convene_runtime::Tasks;
use tokio_util::sync::CancellationToken;

pub(crate) use self::plan::BenchArgs;
use self::{people::People, plan::Plan, report::Report, scene::Scene};
use crate::say::say;

pub(crate) async fn run(arguments: BenchArgs, loaded: &Loaded) -> anyhow::Result<()> {
    let outputs = (arguments.json.clone(), arguments.plot.clone());
    let people = People::of(&arguments, loaded);
    let plan = Arc::new(Plan::new(arguments)?);
    let interrupted = CancellationToken::new();
    let tasks = Tasks::new();
    tasks.spawn_until_stop(interrupt(interrupted.clone()));

    note(&format!(
        "{}: setting the scene; Ctrl-C ends it with what there is by then",
        plan.summary()
    ));
    let scene = Scene::set(plan.clone(), &people);
    let scene = match interrupted.run_until_cancelled(scene).await {
        Some(scene) => scene?,
        None => return Ok(()),
    };
    let report = schedule::run(&plan, scene, &tasks, &interrupted).await?;
    tasks.stop(std::time::Duration::from_secs(2)).await;
    show(&report, &outputs)?;
    match report.complaint() {
        Some(complaint) => bail!("{complaint}"),
        None => Ok(()),
    }
}

/// A second Ctrl-C ends the process as it always does.
async fn interrupt(interrupted: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        interrupted.cancel();
    }
}

/// Says how it goes on, beside the report.
fn note(text: &str) {
    drop(writeln!(stderr(), "bench: {text}"));
}

fn show(report: &Report, (json, plot): &(Option<String>, Option<String>)) -> anyhow::Result<()> {
    if let Some(file) = plot {
        write(file, &plot::draw(report))?;
    }
    let Some(file) = json else {
        return say(&table::draw(report));
    };
    let text = serde_json::to_string_pretty(report)?;
    if file == "-" {
        return say(&text);
    }
    write(file, &text)?;
    say(&table::draw(report))
}

fn write(file: &str, text: &str) -> anyhow::Result<()> {
    std::fs::write(Path::new(file), text).with_context(|| format!("{file} cannot be written"))
}
