//! A provider that says what a test scripts, byte by byte, and notes what it was asked.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use convene_agent_worker::agents::llm::Options;
use convene_runtime::Tasks;
use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify, time::timeout};

/// What one call gets.
#[derive(Clone)]
pub(crate) enum Scene {
    Answer(StatusCode, &'static [(&'static str, &'static str)], String),
    Stream(Vec<Piece>),
}

/// A step of a streamed answer.
#[derive(Clone)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    /// Says nothing more, and keeps the connection.
    Stall,
    /// Breaks the connection without ending the body.
    Abort,
}

pub(crate) fn status(status: u16, body: &str) -> Scene {
    Scene::Answer(StatusCode::from_u16(status).unwrap(), &[], body.to_owned())
}

/// Each text is one chunk of the body; then the body ends cleanly.
pub(crate) fn chunks(texts: &[&str]) -> Scene {
    Scene::Stream(pieces(texts))
}

pub(crate) fn chunks_then(texts: &[&str], last: Piece) -> Scene {
    let mut pieces = pieces(texts);
    pieces.push(last);
    Scene::Stream(pieces)
}

fn pieces(texts: &[&str]) -> Vec<Piece> {
    texts
        .iter()
        .map(|text| Piece::Bytes(text.as_bytes().to_vec()))
        .collect()
}

/// An event that adds this text.
pub(crate) fn says(text: &str) -> String {
    event(
        &serde_json::json!({"id": "x", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
    )
}

pub(crate) fn event(json: &Value) -> String {
    format!("data: {json}\n\n")
}

pub(crate) const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";

pub(crate) struct Provider {
    url: String,
    stage: Arc<Stage>,
    tasks: Tasks,
}

#[derive(Default)]
struct Stage {
    scenes: Mutex<VecDeque<Scene>>,
    calls: Mutex<Vec<Call>>,
    closed: Notify,
}

#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Provider {
    /// Each call gets the next scene; the last one repeats.
    pub(crate) async fn start(scenes: impl IntoIterator<Item = Scene>) -> Self {
        let stage = Arc::new(Stage {
            scenes: Mutex::new(scenes.into_iter().collect()),
            ..Stage::default()
        });
        let app = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(stage.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let tasks = Tasks::new();
        tasks.spawn_until_stop(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, stage, tasks }
    }

    /// Settings that lead here, impatient enough for a test.
    pub(crate) fn options(&self) -> Options {
        Options {
            base_url: self.url.clone(),
            first_token_timeout_ms: 5_000,
            idle_timeout_ms: 5_000,
            ..Options::new("smol")
        }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.stage.calls.lock().clone()
    }

    /// Waits until a streamed answer was let go of.
    pub(crate) async fn closed(&self) {
        timeout(Duration::from_secs(60), self.stage.closed.notified())
            .await
            .expect("the connection should have been closed");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let tasks = self.tasks.clone();
        self.tasks
            .spawn(async move { tasks.stop(Duration::ZERO).await });
    }
}

async fn complete(
    State(stage): State<Arc<Stage>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    stage.calls.lock().push(Call { headers, body });
    let scene = {
        let mut scenes = stage.scenes.lock();
        let scene = scenes.pop_front().expect("a scene for each call");
        if scenes.is_empty() {
            scenes.push_back(scene.clone());
        }
        scene
    };
    match scene {
        Scene::Answer(status, headers, body) => {
            let mut answer = (status, body).into_response();
            answer.headers_mut().remove(header::CONTENT_TYPE);
            for (name, value) in headers {
                answer.headers_mut().insert(*name, value.parse().unwrap());
            }
            answer
        }
        Scene::Stream(pieces) => {
            let body = Body::from_stream(play(pieces, Curtain(stage)));
            ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
        }
    }
}

fn play(
    pieces: Vec<Piece>,
    curtain: Curtain,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, io::Error>> {
    stream::iter(pieces).then(move |piece| {
        let _held = &curtain;
        async move {
            match piece {
                Piece::Bytes(bytes) => {
                    // Each piece goes out as a chunk of its own.
                    tokio::task::yield_now().await;
                    Ok(bytes)
                }
                Piece::Stall => std::future::pending().await,
                Piece::Abort => {
                    // An abort takes with it what the socket has not sent yet.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Err(io::Error::other("aborted"))
                }
            }
        }
    })
}

/// Tells, when it falls, that nobody reads any more.
struct Curtain(Arc<Stage>);

impl Drop for Curtain {
    fn drop(&mut self) {
        self.0.closed.notify_one();
    }
}
