//! The Autobahn test suite: some hundred ways to speak WebSocket, well and badly. It needs an echo,
//! which `/v1/ws` is not; so most of it speaks to an echo over a socket with the gateway's settings,
//! and what needs none to the gateway itself.
//!
//! It runs under Python 2.7 alone. `cargo xtask test` installs it where there is one.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use axum::{
    Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use convene_runtime::Tasks;
use serde::Deserialize;
use serde_json::json;

use crate::harness::Stack;

/// As a gateway has it by default.
const MAX_FRAME_BYTES: usize = 64 * 1024;

/// Compression is off; and messages over four times that limit end the connection, as they should.
const EXCLUDED: [&str; 16] = [
    "12.*", "13.*", "9.1.3", "9.1.4", "9.1.5", "9.1.6", "9.2.3", "9.2.4", "9.2.5", "9.2.6",
    "9.3.*", "9.4.*", "9.5.*", "9.6.*", "9.7.6", "9.8.6",
];

/// What needs no answer to a message: pings, reserved bits and opcodes, fragments, closing.
const WITHOUT_ECHO: [&str; 19] = [
    "2.*", "3.1", "3.5", "3.6", "3.7", "4.1.1", "4.1.2", "4.2.1", "4.2.2", "5.1", "5.2", "5.9",
    "5.10", "5.11", "5.12", "7.1.2", "7.3.*", "7.7.*", "7.9.*",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    behavior: String,
    behavior_close: String,
}

impl Outcome {
    fn is_good(&self) -> bool {
        [&self.behavior, &self.behavior_close]
            .iter()
            .all(|how| ["OK", "NON-STRICT", "INFORMATIONAL"].contains(&how.as_str()))
    }
}

/// Where it is installed; `None`: nowhere, which is said.
fn installed() -> Option<(String, String)> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = variable("CONVENE_TEST_AUTOBAHN_PYTHON").zip(variable("CONVENE_TEST_AUTOBAHN"));
    if found.is_none() {
        println!(
            "skipped: the Autobahn suite needs Python 2.7, and cargo xtask test to install it"
        );
    }
    found
}

/// Runs cases against a server, and returns those that went wrong, and how many there were.
fn fuzz(
    (python, packages): &(String, String),
    folder: &Path,
    url: &str,
    cases: &[&str],
) -> (Vec<String>, usize) {
    fs::create_dir_all(folder).unwrap();
    let reports = folder.join("reports");
    let spec = folder.join("spec.json");
    let text = json!({
        "outdir": reports,
        "servers": [{ "agent": "convene", "url": url }],
        "cases": cases,
        "exclude-cases": EXCLUDED,
        "exclude-agent-cases": {},
    });
    fs::write(&spec, text.to_string()).unwrap();
    let program = "import site, sys; site.addsitedir(sys.argv.pop(1)); \
                   from autobahntestsuite.wstest import run; run()";
    let mut fuzzing = Command::new(python);
    fuzzing
        .args(["-c", program, packages, "-m", "fuzzingclient", "-s"])
        .arg(&spec);
    let output = fuzzing.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let index = fs::read_to_string(reports.join("index.json")).unwrap();
    let mut index: BTreeMap<String, BTreeMap<String, Outcome>> =
        serde_json::from_str(&index).unwrap();
    let outcomes = index.remove("convene").unwrap();
    let wrong = outcomes.iter().filter(|(_, outcome)| !outcome.is_good());
    let wrong = wrong.map(|(case, outcome)| {
        format!(
            "{case}: {}, closing {}",
            outcome.behavior, outcome.behavior_close
        )
    });
    (wrong.collect(), outcomes.len())
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    convene_gateway::tuned(upgrade, MAX_FRAME_BYTES).on_upgrade(repeat)
}

async fn repeat(mut socket: WebSocket) {
    while let Some(message) = socket.recv().await {
        let sent = match message {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => socket.send(message).await,
            Ok(_) => Ok(()),
            Err(error) => {
                if let Some(close) = convene_gateway::violation(&error) {
                    drop(socket.send(Message::Close(Some(close))).await);
                }
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_speaks_websocket_as_autobahn_does() {
    let Some(installed) = installed() else { return };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(echo));
    Tasks::new().spawn(async move { axum::serve(listener, router).await.unwrap() });
    let folder = tempfile::tempdir().unwrap();
    let fuzzing = || fuzz(&installed, &folder.path().join("echo"), &url, &["*"]);
    let (wrong, count) = tokio::task::block_in_place(fuzzing);
    println!(
        "{count} cases against an echo, {} of them wrong",
        wrong.len()
    );
    assert!(count > 200, "only {count} cases have run");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_itself_speaks_websocket_as_autobahn_does() {
    let Some(installed) = installed() else { return };
    let stack = Stack::embedded().await;
    let url = format!("ws://127.0.0.1:{}/v1/ws", stack.gateway(0).port());
    let folder = stack.folder().join("autobahn");
    let fuzzing = || fuzz(&installed, &folder, &url, &WITHOUT_ECHO);
    let (wrong, count) = tokio::task::block_in_place(fuzzing);
    println!(
        "{count} cases against the gateway, {} of them wrong",
        wrong.len()
    );
    assert!(count > 50, "only {count} cases have run");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
