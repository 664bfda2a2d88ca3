//! An agent of flows, and where its flow hands things in. Each answer tells everything that was kept
//! before it: so a step that was done twice shows in it, and so does an answer that was forgotten. Its timers
//! and the events that it waits for keep something, too.

mod ambush;
mod expected;
mod noted;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use convene_client::proto::{
    event::Event,
    id::{ConversationId, MessageId},
};
use convene_invariants::{Broken, Deed, Effect, Invariant::HealsInSight, Waking};
use convene_runtime::{Tasks, clock::now_ms};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use self::noted::Call;
pub(crate) use self::{
    ambush::{Ambush, Endpoint},
    expected::{answer, stamped},
};
use crate::harness::Shape;

/// Its name.
pub(crate) const NAME: &str = "desk";

/// Long enough to be struck in the middle.
const THINKING: Duration = Duration::from_millis(200);
/// Where the project says that things are handed in.
const ADDRESS: &str = "127.0.0.1:8099";

/// The event that it waits for.
pub(crate) const STAMP: &str = "stamp";

/// What it makes of what nobody says.
pub(crate) const WAKING: Waking = Waking {
    says: expected::answer,
    does: expected::hands_in,
};

/// What makes another version of its flow, and no difference.
const EDITION: &str = "edition: 0";

const PROJECT: [(&str, &str); 4] = [
    ("assistant.yaml", include_str!("project/assistant.yaml")),
    ("flows/keep.yaml", include_str!("project/flows/keep.yaml")),
    ("texts/en.yaml", include_str!("project/texts/en.yaml")),
    ("nlu/en.yaml", include_str!("project/nlu/en.yaml")),
];

/// A project folder, and the endpoint that its flow calls.
pub(crate) struct Desk {
    folder: TempDir,
    address: String,
    counter: Counter,
    editions: AtomicU32,
}

#[derive(Clone, Default)]
struct Counter {
    handed_in: Arc<Mutex<Vec<HandedIn>>>,
    /// Every call, whatever it was for.
    calls: Arc<Mutex<Vec<Call>>>,
    ambush: Arc<Ambush>,
    tasks: Tasks,
}

struct HandedIn {
    key: String,
    run: String,
    thing: String,
    at: u64,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let counter = Counter::default();
        let router = Router::new()
            .route("/things", post(hand_in))
            .route("/marks", post(mark))
            .with_state(counter.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        counter.tasks.spawn_until_stop(serving);
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            address,
            counter,
            editions: AtomicU32::new(0),
        };
        desk.write();
        desk
    }

    /// Where whoever calls can be caught at it.
    pub(crate) fn ambush(&self) -> &Ambush {
        &self.counter.ambush
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn write(&self) {
        let edition = self.editions.fetch_add(1, SeqCst);
        let edition = EDITION.replace('0', &edition.to_string());
        for (name, text) in PROJECT {
            let file = self.project().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let text = text.replace(ADDRESS, &self.address);
            fs::write(file, text.replace(EDITION, &edition)).unwrap();
        }
    }

    /// Its files change: flows that begin from now on are of another version.
    pub(crate) fn changes(&self) {
        self.write();
    }

    pub(crate) fn settings(&self) -> [(&'static str, String); 4] {
        let project = self.project();
        let versions = self.folder.path().join("versions");
        [
            ("agents.desk.pool", Shape::OWN_POOL.to_owned()),
            ("agents.desk.kind", "flow".to_owned()),
            ("agents.desk.project", project.display().to_string()),
            ("agents.desk.versions", versions.display().to_string()),
        ]
    }

    /// What was handed in so far for the messages that are known, by their conversation and text. The
    /// key is the run's, unless one run has handed one thing in under two.
    pub(crate) fn effects(&self, message: impl Fn(&str, &str) -> Option<MessageId>) -> Vec<Effect> {
        let handed_in = self.counter.handed_in.lock().unwrap();
        let mut first = BTreeMap::new();
        let effects = handed_in.iter().filter_map(|one| {
            let (run, (conversation, step)) = (&one.run, one.key.split_once('/')?);
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

    /// What is wrong with what was noted in this conversation, by its log as staff have it. Where `lingers`, somebody who was
    /// taken for dead may have made a call late, which its key is for.
    pub(crate) fn judge(
        &self,
        conversation: &ConversationId,
        log: &[Event],
        lingers: bool,
    ) -> Vec<Broken> {
        let calls = self.counter.calls.lock().unwrap();
        let is_here = |call: &&Call| {
            let here = call.key.split_once('/').map(|(here, _)| here);
            here == Some(conversation.as_str())
        };
        let calls: Vec<_> = calls.iter().filter(is_here).cloned().collect();
        let mut broken = noted::judge(conversation, log, (!lingers).then_some(&calls));
        broken.extend(self.done_twice(conversation));
        broken
    }

    /// What nobody has said and one run has handed in under several keys; what somebody has said is an effect.
    fn done_twice(&self, conversation: &ConversationId) -> Vec<Broken> {
        let handed_in = self.counter.handed_in.lock().unwrap();
        let mut keys: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for one in handed_in.iter() {
            let here = one.key.split_once('/').map(|(here, _)| here);
            if here == Some(conversation.as_str()) && expected::is_no_message(&one.thing) {
                let done = (&one.run, &one.thing);
                keys.entry(done).or_default().insert(&one.key);
            }
        }
        let twice = keys.into_iter().filter(|(_, keys)| keys.len() > 1);
        let told = twice.map(|((run, thing), keys)| {
            let what = format!("{thing}, of run {run}, was done under {keys:?}");
            Broken::new(HealsInSight, conversation, what)
        });
        told.collect()
    }

    /// What was handed in, in this conversation, that nobody had said.
    pub(crate) fn deeds(&self, conversation: &ConversationId) -> Vec<Deed> {
        let handed_in = self.counter.handed_in.lock().unwrap();
        let deeds = handed_in.iter().filter_map(|one| {
            let (here, _) = one.key.split_once('/')?;
            let is_ours = here == conversation.as_str() && expected::is_no_message(&one.thing);
            is_ours.then(|| Deed {
                run: one.run.parse().unwrap(),
                at: one.at,
            })
        });
        deeds.collect()
    }
}

async fn hand_in(
    State(counter): State<Counter>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let thing = body["thing"].as_str().unwrap().to_owned();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    counter.is_called(&headers);
    counter.handed_in.lock().unwrap().push(HandedIn {
        key: header("idempotency-key"),
        run: header("convene-run"),
        thing: thing.clone(),
        at: now_ms(),
    });
    counter.thinks(Endpoint::Things, &headers).await;
    Json(json!({ "kept": thing }))
}

/// What keeps a run busy whose first call was answered.
async fn mark(State(counter): State<Counter>, headers: HeaderMap) -> Json<Value> {
    counter.is_called(&headers);
    counter.thinks(Endpoint::Marks, &headers).await;
    Json(json!({}))
}

impl Counter {
    fn is_called(&self, headers: &HeaderMap) {
        let key = headers["idempotency-key"].to_str().unwrap().to_owned();
        let at = now_ms();
        self.calls.lock().unwrap().push(Call { key, at });
    }

    /// What was noted before the call is in the log by then.
    async fn thinks(&self, at: Endpoint, headers: &HeaderMap) {
        tokio::time::sleep(THINKING).await;
        self.ambush.meets(at, headers).await;
    }
}

#[test]
fn the_project_says_what_is_expected() {
    let (story, keep) = (
        include_str!("project/tests/keep.yaml"),
        include_str!("project/flows/keep.yaml"),
    );
    assert!(keep.contains(EDITION));
    let mut said = expected::story();
    let now = said.split_off(1);
    let told = answer(&said, &now);
    for text in told
        .split_inclusive(". ")
        .filter(|text| text.starts_with(char::is_numeric))
    {
        assert!(
            story.contains(&format!("bot: '{text}'")),
            "{text} of {told}"
        );
    }
    let checked = std::process::Command::new(env!("CARGO_BIN_EXE_convene"))
        .arg("test")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chaos/desk/project"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
