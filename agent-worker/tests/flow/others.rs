//! Whoever a flow asks may fail in any way: the flow goes where it goes without an answer, and no turn is lost.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use convene_agent::{ErrorKind, Message, Part, testing::Rehearsal};
use convene_runtime::Tasks;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::plain::Plain;

/// How an answer comes.
#[derive(Clone)]
enum Scene {
    /// All of it.
    Whole(String),
    /// It goes on and on behind this.
    Hangs(String),
}

/// A model, or an endpoint, that answers as it is told to.
#[derive(Clone)]
struct Other {
    address: String,
    scene: Arc<Mutex<Scene>>,
    asked: Arc<Mutex<Vec<Value>>>,
    tasks: Tasks,
}

impl Other {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = Self {
            address: format!("http://{}/v1", listener.local_addr().unwrap()),
            scene: Arc::new(Mutex::new(Scene::Whole(String::new()))),
            asked: Arc::default(),
            tasks: Tasks::new(),
        };
        let router = Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(other.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        other.tasks.spawn_until_stop(serving);
        other
    }

    fn plays(&self, scene: Scene) {
        *self.scene.lock().unwrap() = scene;
    }

    fn model(&self) -> Value {
        json!({ "model": { "model": "smol", "base_url": self.address, "attempts": 1 } })
    }
}

async fn answer(State(other): State<Other>, Json(asked): Json<Value>) -> Response {
    other.asked.lock().unwrap().push(asked);
    let scene = other.scene.lock().unwrap().clone();
    let (text, rest) = match scene {
        Scene::Whole(text) => (text, stream::empty().boxed()),
        Scene::Hangs(text) => (text, stream::pending().boxed()),
    };
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from(text))]);
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    (headers, Body::from_stream(first.chain(rest))).into_response()
}

fn says(text: &str) -> String {
    format!(
        "data: {}\n\n",
        json!({ "choices": [{ "delta": { "content": text } }] })
    )
}

fn ends(reason: &str) -> String {
    let end = json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
    format!("data: {end}\n\ndata: [DONE]\n\n")
}

const ASSISTANT: &str = "name: Plain\nlanguages: [en]\nfallback: a\nmodel: {use_for: generate}\n";
const TEXTS: &str = "ask: {thing: Thing?}\nsorry: Sorry\nkept: 'Kept {praise} of {thing}'\n";
const WRITING: &str = "flows:
  a:
    slots: {thing: {}, praise: {}}
    steps:
      - ask: thing
      - generate: {prompt: Praise it., facts: ['It is {thing}.'], otherwise: sorry, save: praise}
      - say: kept
";

#[tokio::test]
async fn a_model_whose_answer_is_not_whole_has_not_answered() {
    let model = Other::open().await;
    for (scene, expected) in [
        (
            Scene::Whole(says("Fine.") + &ends("stop")),
            "Fine. / Kept Fine. of a bike",
        ),
        // It breaks off.
        (
            Scene::Whole(says("Half of")),
            "Half of … / Sorry / Kept  of a bike",
        ),
        (
            Scene::Whole(says("Half of") + &ends("length")),
            "Half of … / Sorry / Kept  of a bike",
        ),
        (
            Scene::Whole(says("Half of") + &ends("content_filter")),
            "Half of … / Sorry / Kept  of a bike",
        ),
        (
            Scene::Whole(says("  ") + &says("\n") + &ends("stop")),
            "Sorry / Kept  of a bike",
        ),
        (
            Scene::Hangs(says("Half of")),
            "Half of … / Sorry / Kept  of a bike",
        ),
        (Scene::Hangs(String::new()), "Sorry / Kept  of a bike"),
    ] {
        model.plays(scene);
        let mut talk = Plain::begin_with(model.model(), ASSISTANT, WRITING, TEXTS);
        talk.agent = talk.agent.within(Duration::from_secs(2));
        assert_eq!(talk.says("hello").await, "Thing?");
        assert_eq!(talk.says("a bike").await, expected);
    }
}

#[tokio::test]
async fn an_endpoint_that_gives_no_json_or_takes_too_long_has_failed() {
    let endpoint = Other::open().await;
    let deep = "[".repeat(300) + &"]".repeat(300);
    let flows = format!(
        "flows:\n  a:\n    slots: {{thing: {{}}, praise: {{}}}}\n    steps:\n      - ask: thing\n      - call: {{method: POST, url: '{}/chat/completions', body: {{}}, timeout: 5m, save: {{praise: body.praise}}, on_error: sorry}}\n      - {{say: kept, next: end}}\n      - {{id: sorry, say: sorry}}\n",
        endpoint.address
    );
    for (scene, expected) in [
        (
            Scene::Whole("{\"praise\": \"All\"}".into()),
            "Kept All of a bike",
        ),
        (Scene::Whole("<h1>Maintenance</h1>".into()), "Sorry"),
        (Scene::Whole(deep), "Sorry"),
        (Scene::Whole(String::new()), "Sorry"),
        (Scene::Hangs("{\"praise\":".into()), "Sorry"),
    ] {
        endpoint.plays(scene);
        let mut talk = Plain::begin_with(json!({}), ASSISTANT, &flows, TEXTS);
        talk.agent = talk.agent.within(Duration::from_secs(2));
        assert_eq!(talk.says("hello").await, "Thing?");
        assert_eq!(talk.says("a bike").await, expected);
    }
}

#[tokio::test]
async fn a_model_that_answers_by_itself_knows_what_was_said_before() {
    let model = Other::open().await;
    model.plays(Scene::Whole(says("In Berlin.") + &ends("stop")));
    let assistant = "name: Plain\nlanguages: [en]\nfallback: a\nmodel: {prompt: You are kind., facts: ['The shop\n\n- is closed']}\n";
    let mut talk = Plain::begin_with(model.model(), assistant, WRITING, TEXTS);
    let scene = Rehearsal::new("where do I live?").with(|context| {
        let input = &context.inputs[0];
        let earlier = Message {
            parts: vec![Part::Text {
                text: "I live in Berlin".into(),
            }],
            ..input.clone()
        };
        context.history.push(earlier);
    });
    assert_eq!(talk.goes(scene).await.messages, ["In Berlin."]);
    let asked = model.asked.lock().unwrap()[0].clone();
    let turns = asked["messages"].as_array().unwrap();
    let system = turns[0]["content"].as_str().unwrap();
    assert!(system.starts_with("You are kind."), "{system}");
    assert!(system.contains("\"The shop - is closed\""), "{system}");
    let said: Vec<_> = turns[1..].iter().map(|turn| &turn["content"]).collect();
    assert_eq!(said, ["I live in Berlin\n\nwhere do I live?"]);
}

#[tokio::test]
async fn a_slow_endpoint_holds_up_half_of_the_runs_and_no_more() {
    let endpoint = Other::open().await;
    endpoint.plays(Scene::Hangs(String::new()));
    let flows = format!(
        "flows:\n  a:\n    steps:\n      - call: {{method: POST, url: '{}/chat/completions', body: {{}}, timeout: 5m, on_error: sorry}}\n      - {{id: sorry, say: sorry}}\n",
        endpoint.address
    );
    let talk = Plain::begin_with(json!({}), ASSISTANT, &flows, "sorry: Sorry\n");
    let agent = talk.agent.clone().among(2);
    let (slow, tasks) = (agent.clone(), Tasks::new());
    tasks.spawn_until_stop(async move {
        Rehearsal::new("hello").perform(&slow).await;
    });
    let asked = || endpoint.asked.lock().unwrap().len();
    while asked() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let other = Rehearsal::new("hello").perform(&agent).await;
    assert_eq!(other.result.unwrap_err().kind, ErrorKind::Busy);
    assert_eq!(asked(), 1, "nobody else waits there");
}
