//! A user of the TypeScript package, in a process of Node: `gateway/web/client/test/rolling.mjs`.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use convene_client::proto::id::ConversationId;
use convene_runtime::Tasks;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use super::Tally;
use crate::harness::PATIENCE;

/// What one saw, in the end. Only what is as it should be is equal to another's.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    pub(super) answers: Vec<String>,
    resets: usize,
    /// What a person would have been shown.
    problems: Vec<String>,
}

/// A line that it says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Begun { conversation: ConversationId },
    Waited { waited: u64 },
    Over(Seen),
}

/// One at work.
pub(super) struct Node {
    process: Child,
    ear: ChildStdin,
    begun: Option<oneshot::Receiver<ConversationId>>,
    listening: JoinHandle<Seen>,
}

impl Node {
    /// Who talks over a socket, in a conversation of its own.
    pub(super) fn talks(
        url: &str,
        token: &str,
        tokens: usize,
        tally: &Arc<Tally>,
        tasks: &Tasks,
    ) -> Self {
        let arguments = ["talk", &tokens.to_string()];
        Self::start(
            url,
            token,
            arguments,
            tally,
            tasks,
            "over a socket, in Node",
        )
    }

    /// Who reads along over server-sent events.
    pub(super) fn follows(
        url: &str,
        token: &str,
        conversation: &ConversationId,
        tally: &Arc<Tally>,
        tasks: &Tasks,
    ) -> Self {
        let arguments = ["follow", conversation.as_str()];
        Self::start(
            url,
            token,
            arguments,
            tally,
            tasks,
            "over an event stream, in Node",
        )
    }

    fn start(
        url: &str,
        token: &str,
        arguments: [&str; 2],
        tally: &Arc<Tally>,
        tasks: &Tasks,
        what: &'static str,
    ) -> Self {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway/web");
        assert!(
            web.join("client/dist/index.js").exists(),
            "the client is not built: `npm run build` in gateway/web, or cargo xtask test"
        );
        let mut process = Command::new("node")
            .arg(web.join("client/test/rolling.mjs"))
            .args(arguments)
            .env("CONVENE_URL", url)
            .env("CONVENE_TOKEN", token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let ear = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (begins, begun) = oneshot::channel();
        let listening = tasks.spawn(listen(lines, begins, tally.clone(), what));
        Self {
            process,
            ear,
            begun: Some(begun),
            listening,
        }
    }

    /// Where it talks.
    pub(super) async fn conversation(&mut self) -> ConversationId {
        let begun = self.begun.take().unwrap();
        timeout(PATIENCE, begun).await.unwrap().unwrap()
    }

    /// Tells it to end; answers what it saw, which must hold no error.
    pub(super) async fn ends(mut self, line: &str) -> Seen {
        self.ear
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
        let seen = timeout(PATIENCE, self.listening).await.unwrap().unwrap();
        assert_eq!(seen.problems, [] as [&str; 0]);
        assert_eq!(seen.resets, 0, "the log was reset");
        timeout(PATIENCE, self.process.wait())
            .await
            .unwrap()
            .unwrap();
        seen
    }
}

async fn listen(
    mut lines: Lines<BufReader<ChildStdout>>,
    begins: oneshot::Sender<ConversationId>,
    tally: Arc<Tally>,
    what: &'static str,
) -> Seen {
    let mut begins = Some(begins);
    while let Some(line) = lines.next_line().await.unwrap() {
        match serde_json::from_str(&line).unwrap() {
            Line::Begun { conversation } => {
                if let Some(begins) = begins.take() {
                    begins.send(conversation).unwrap();
                }
            }
            Line::Waited { waited } => tally.waited(Duration::from_millis(waited), what),
            Line::Over(seen) => return seen,
        }
    }
    panic!("Node ended without a word");
}
