//! An agent of flows, and where its flow hands things in. Each answer tells everything that was kept
//! before it: so a step that was done twice shows in it, and so does an answer that was forgotten.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use convene_client::proto::id::MessageId;
use convene_invariants::{Effect, Question};
use convene_runtime::{Tasks, clock::now_ms};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::harness::Shape;

/// Its name.
pub(crate) const NAME: &str = "desk";

/// Long enough to be struck in the middle.
const THINKING: Duration = Duration::from_millis(200);
/// Where the project says that things are handed in.
const ADDRESS: &str = "127.0.0.1:8099";

const PROJECT: [(&str, &str); 3] = [
    ("assistant.yaml", include_str!("project/assistant.yaml")),
    ("flows/keep.yaml", include_str!("project/flows/keep.yaml")),
    ("texts/en.yaml", include_str!("project/texts/en.yaml")),
];

/// A project folder, and the endpoint that its flow calls.
pub(crate) struct Desk {
    folder: TempDir,
    counter: Counter,
}

#[derive(Clone, Default)]
struct Counter {
    handed_in: Arc<Mutex<Vec<HandedIn>>>,
    tasks: Tasks,
}

struct HandedIn {
    key: String,
    thing: String,
    at: u64,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in PROJECT {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text.replace(ADDRESS, &address)).unwrap();
        }
        let counter = Counter::default();
        let router = Router::new()
            .route("/things", post(hand_in))
            .with_state(counter.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        counter.tasks.spawn_until_stop(serving);
        Self { folder, counter }
    }

    pub(crate) fn settings(&self) -> [(&'static str, String); 3] {
        let project: PathBuf = self.folder.path().into();
        [
            ("agents.desk.pool", Shape::OWN_POOL.to_owned()),
            ("agents.desk.kind", "flow".to_owned()),
            ("agents.desk.project", project.display().to_string()),
        ]
    }

    /// What was handed in so far for the messages that are known, by their conversation and text. The
    /// key is the run's, unless one run has handed one thing in under two.
    pub(crate) fn effects(&self, message: impl Fn(&str, &str) -> Option<MessageId>) -> Vec<Effect> {
        let handed_in = self.counter.handed_in.lock().unwrap();
        let mut first = BTreeMap::new();
        let effects = handed_in.iter().filter_map(|one| {
            let (conversation, rest) = one.key.split_once('/')?;
            let (run, step) = rest.split_once('/')?;
            let message = message(conversation, &one.thing)?;
            let is_first = *first.entry((run, message.clone())).or_insert(step) == step;
            Some(Effect {
                key: if is_first { run } else { &one.key }.to_owned(),
                message,
                at: one.at,
            })
        });
        effects.collect()
    }
}

async fn hand_in(
    State(counter): State<Counter>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let thing = body["thing"].as_str().unwrap().to_owned();
    counter.handed_in.lock().unwrap().push(HandedIn {
        key: headers["idempotency-key"].to_str().unwrap().to_owned(),
        thing: thing.clone(),
        at: now_ms(),
    });
    tokio::time::sleep(THINKING).await;
    Json(json!({ "kept": thing }))
}

/// What it answers to these, after those.
pub(crate) fn answer(before: &[Question], now: &[Question]) -> String {
    let texts = before.iter().chain(now).map(|one| one.text.as_str());
    let texts: Vec<_> = texts.collect();
    let answers = (before.len()..texts.len()).map(|count| match count {
        0 => "What is it?".to_owned(),
        _ => format!("{count}: {}. What is it?", texts[1..=count].join(" ")),
    });
    answers.collect()
}

#[test]
fn the_project_says_what_is_expected() {
    let story = include_str!("project/tests/keep.yaml");
    let question = |text: &str| Question {
        name: "p0".into(),
        text: text.into(),
    };
    let said = [question("p0-0"), question("p0-1"), question("p0-2")];
    assert_eq!(
        answer(&said[..1], &said[1..]),
        "1: p0-1. What is it?2: p0-1 p0-2. What is it?"
    );
    for text in ["'1: p0-1. '", "'2: p0-1 p0-2. '"] {
        assert!(story.contains(text), "{text}");
    }
    let checked = std::process::Command::new(env!("CARGO_BIN_EXE_convene"))
        .arg("test")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chaos/desk/project"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
