//! `convene bench` as the generator, in a process of its own.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::{
    fs,
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{lab::settings, node::BINARY};

/// Setting a scene of ten thousand takes a while.
const BEGINS_WITHIN: Duration = Duration::from_secs(600);
const ENDS_WITHIN: Duration = Duration::from_secs(600);

/// A load under way.
pub(crate) struct Load {
    child: Child,
    words: tokio::io::Lines<BufReader<tokio::process::ChildStderr>>,
}

/// The report of one that is over.
#[derive(Debug, Clone)]
pub(crate) struct Outcome(Value);

impl Load {
    /// Starts one against these addresses.
    pub(crate) fn start(urls: &str, arguments: &[String], folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(BINARY);
        command
            .current_dir(folder)
            .args(["bench", "--json=-", "--url", urls])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (key, value) in settings() {
            command.args(["--set", &format!("{key}={value}")]);
        }
        let mut child = command.spawn().context("convene bench cannot be started")?;
        let words = child.stderr.take().context("it has no standard error")?;
        Ok(Self {
            child,
            words: BufReader::new(words).lines(),
        })
    }

    /// Waits until everybody is there.
    pub(crate) async fn begun(&mut self) -> anyhow::Result<()> {
        let mut said = Vec::new();
        let beginning = async {
            while let Some(line) = self.words.next_line().await? {
                if line.contains("it begins") {
                    return Ok(());
                }
                said.push(line);
            }
            bail!("convene bench did not begin: {}", said.join("\n"))
        };
        timeout(BEGINS_WITHIN, beginning).await?
    }

    /// Waits for its report.
    pub(crate) async fn finish(self) -> anyhow::Result<Outcome> {
        let Self { child, mut words } = self;
        let reading = async {
            let mut all = String::new();
            while let Ok(Some(line)) = words.next_line().await {
                all.push_str(&line);
                all.push('\n');
            }
            all
        };
        let ending = async { tokio::join!(child.wait_with_output(), reading) };
        let (output, complaint) = timeout(ENDS_WITHIN, ending).await?;
        let output = output?;
        if !output.status.success() {
            let report = String::from_utf8_lossy(&output.stdout);
            bail!("convene bench failed: {complaint}{report}");
        }
        Ok(Outcome(serde_json::from_slice(&output.stdout)?))
    }
}

/// Plays one to its end.
pub(crate) async fn play(urls: &str, line: &str, folder: &Path) -> anyhow::Result<Outcome> {
    let mut load = Load::start(urls, &words(line), folder)?;
    load.begun().await?;
    load.finish().await
}

/// The same, and draws the latency over time.
pub(crate) async fn draw(
    urls: &str,
    line: &str,
    folder: &Path,
) -> anyhow::Result<(Outcome, String)> {
    let file = folder.join("latency.svg");
    let line = format!("{line} --plot={}", file.display());
    let outcome = play(urls, &line, folder).await?;
    let picture = fs::read_to_string(file).await;
    Ok((outcome, picture.context("convene bench drew nothing")?))
}

/// Arguments, from a line without quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

impl Outcome {
    /// A number of the report, such as `/latency_ms/first_token/p50`.
    pub(crate) fn number(&self, path: &str) -> anyhow::Result<f64> {
        let found = self.0.pointer(path).and_then(Value::as_f64);
        found.with_context(|| format!("the report has no {path}"))
    }
}
