//! Calls of one agent that are more than a worker has hands for.

use std::{collections::BTreeSet, fs, time::Duration};

use axum::{Router, extract::State, http::HeaderMap, routing::get};
use convene_agent::{AgentName, Agents};
use convene_agent_worker::{
    Options,
    agents::{
        flow::{self, FlowAgent},
        guide::Guide,
    },
};
use convene_bus::Bus as _;
use convene_proto::id::Pool;
use convene_runtime::Tasks;
use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    house::{House, PATIENCE, name, quick, until_at_least},
    log::{answers, kinds, outcomes},
    room::Room,
};

const ASSISTANT: &str = "name: Plain\nlanguages: [en]\nfallback: a\ngroups: always\n";
const TEXTS: &str = "moment: A moment\nkept: Kept\nsorry: Sorry\n";

/// An endpoint that answers once it is open, and by which key each call came.
#[derive(Clone)]
struct Gate {
    address: String,
    open: watch::Sender<bool>,
    keys: watch::Sender<Vec<String>>,
    tasks: Tasks,
}

impl Gate {
    async fn shut() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Self {
            address: format!("http://{}/", listener.local_addr().unwrap()),
            open: watch::Sender::new(false),
            keys: watch::Sender::default(),
            tasks: Tasks::new(),
        };
        let router = Router::new().route("/", get(pass)).with_state(gate.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        gate.tasks.spawn_until_stop(serving);
        gate
    }

    fn keys(&self) -> Vec<String> {
        self.keys.borrow().clone()
    }
}

async fn pass(State(gate): State<Gate>, headers: HeaderMap) -> &'static str {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    gate.keys.send_modify(|keys| keys.push(key));
    let mut open = gate.open.subscribe();
    open.wait_for(|open| *open).await.unwrap();
    "{}"
}

/// An agent that asks there before it says that something is kept.
fn asking(gate: &Gate, tasks: &Tasks) -> (FlowAgent, TempDir) {
    let flow = format!(
        "flows:\n  a:\n    steps:\n      - say: moment\n      - call: {{method: GET, url: '{}', timeout: 5m, on_error: sorry}}\n      - {{say: kept, next: end}}\n      - {{id: sorry, say: sorry}}\n",
        gate.address
    );
    let project = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("assistant.yaml", ASSISTANT),
        ("flows/a.yaml", &flow),
        ("texts/en.yaml", TEXTS),
    ] {
        let file = project.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let settings = json!({ "project": project.path() });
    let options: flow::Options = serde_json::from_value(settings).unwrap();
    let agent = FlowAgent::load(&options).unwrap();
    let learning = agent.clone();
    tasks.spawn_until_stop(async move { learning.watch().await });
    (agent, project)
}

/// Of six calls two are under way, and one waits in line.
fn few() -> Options {
    Options {
        concurrency: 4,
        ..quick()
    }
}

async fn tries(rooms: &[Room]) -> usize {
    let logs = join_all(rooms.iter().map(Room::log)).await;
    let started = |kinds: Vec<String>| kinds.iter().filter(|kind| *kind == "run.started").count();
    logs.iter().map(|log| started(kinds(log))).sum()
}

async fn until_tried(rooms: &[Room], least: usize) {
    let tried = async {
        while tries(rooms).await < least {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, tried).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_wait_for_one_another_and_other_agents_for_none_of_them() {
    let (house, gate, tasks) = (House::new(), Gate::shut().await, Tasks::new());
    let (agent, _project) = asking(&gate, &tasks);
    let guide: AgentName = "other".parse().unwrap();
    let agents = Agents::new()
        .with(name(), agent.among(few().concurrency))
        .with(guide.clone(), Guide::new());
    let _worker = house.worker(few(), agents);
    let mut rooms = Vec::new();
    for _ in 0..6 {
        let room = house.conversation().await;
        room.say("hello").await;
        rooms.push(room);
    }
    until_at_least(2, || gate.keys().len()).await;
    let elsewhere = house.conversation().await;
    elsewhere.bring(&guide).await;
    elsewhere.say_to(&guide, "/echo good morning").await;
    assert_eq!(
        answers(&elsewhere.finished(1).await).last().unwrap(),
        "good morning"
    );
    // Whoever was refused would be tried no more.
    until_tried(&rooms, 40).await;
    assert_eq!(gate.keys().len(), 2, "half of the runs ask, and no more");
    gate.open.send_replace(true);
    for room in &rooms {
        let log = room.finished(1).await;
        assert_eq!(answers(&log), ["A moment", "Kept"]);
        assert_eq!(outcomes(&log), ["completed"]);
    }
    let keys = gate.keys();
    assert_eq!(keys.len(), 6, "{keys:?}");
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 6, "{keys:?}");
    let dead = house.bus.dead_letters(&Pool::default(), 10).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
}
