//! The guide "Your first agent in ten minutes", followed to the letter.

use std::{path::Path, time::Duration};

use tokio::time::{Instant, sleep};
use xtask::{ports, process::Process};

use crate::{
    document::Document,
    documents::script_at,
    harness::{Run, convene},
    people::PATIENCE,
};

pub(crate) const GUIDE: &str = "docs/first-agent.md";

const POLL: Duration = Duration::from_millis(500);

/// What the guide has the reader do.
#[derive(Debug)]
pub(crate) enum Step {
    Serve,
    /// A script, with lines that are in what it prints.
    Run {
        script: String,
        shows: Vec<String>,
    },
}

pub(crate) fn steps(guide: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for (language, block) in Document::read(guide.to_owned()).all_blocks() {
        match (language.as_str(), steps.last_mut()) {
            ("bash", _) => steps.push(Step::Run {
                script: block,
                shows: Vec::new(),
            }),
            ("text", Some(Step::Run { shows, .. })) => {
                shows.extend(block.lines().map(ToOwned::to_owned));
            }
            ("sh", _) if block == "convene serve" => steps.push(Step::Serve),
            _ => {}
        }
    }
    steps
}

fn serve(folder: &Path, port: u16) -> Process {
    let mut command = convene(folder);
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
    Process::start("convene", command, &folder.join("log"), Duration::ZERO).unwrap()
}

/// Runs a script until it shows what the guide says: the server takes changed files within moments.
pub(crate) async fn run_until(folder: &Path, url: &str, script: &str, shows: &[String]) {
    let began = Instant::now();
    loop {
        let mut ran = Run::from(script_at(url, script).current_dir(folder).output().unwrap());
        // Numbers stick to their units.
        ran.out = ran.out.replace('\u{a0}', " ");
        let missing = shows.iter().find(|line| !ran.out.contains(line.as_str()));
        if ran.code == Some(0) && missing.is_none() {
            return;
        }
        let may_come = script.starts_with("convene chat") && began.elapsed() < PATIENCE;
        assert!(
            may_come,
            "{script}\nprints no {missing:?}:\n{}{}",
            ran.out, ran.err
        );
        sleep(POLL).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_agent_comes_to_be_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    let port = ports::free().unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let mut server = None;
    let mut shown = 0;
    for step in steps(GUIDE) {
        match step {
            Step::Serve => server = Some(serve(folder.path(), port)),
            Step::Run { script, shows } => {
                run_until(folder.path(), &url, &script, &shows).await;
                shown += shows.len();
            }
        }
    }
    assert!(server.is_some() && shown > 8, "the guide is followed");
}

#[test]
fn the_agent_in_the_guide_is_the_example() {
    let blocks = Document::read(GUIDE.to_owned()).all_blocks();
    let shown = blocks
        .iter()
        .find(|(language, _)| language.starts_with("rust"));
    let example = Document::read("agent-worker/examples/wrap.rs".to_owned());
    assert!(example.is(|text| text.trim_end().ends_with(&shown.unwrap().1)));
}
