//! A desk as chaos has one, without what it does by itself, and the endpoint that its flow calls.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use convene_runtime::Tasks;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Where the project says that things are handed in.
const ADDRESS: &str = "127.0.0.1:8099";

/// Counts what is handed in.
#[derive(Clone, Default)]
pub(crate) struct Counter {
    address: String,
    keys: Arc<Mutex<Vec<String>>>,
    tasks: Tasks,
}

impl Counter {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let counter = Self {
            address: listener.local_addr().unwrap().to_string(),
            ..Self::default()
        };
        let router = Router::new()
            .route("/things", post(hand_in))
            .with_state(counter.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        counter.tasks.spawn_until_stop(serving);
        counter
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The desk's flows, which hand things in here.
    pub(crate) fn flows(&self) -> String {
        include_str!("desk/flows/keep.yaml").replace(ADDRESS, &self.address)
    }

    /// The idempotency keys of what was handed in, in its order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    pub(crate) fn forget(&self) {
        self.keys.lock().unwrap().clear();
    }
}

async fn hand_in(
    State(counter): State<Counter>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    counter.keys.lock().unwrap().push(key);
    Json(json!({ "kept": body["thing"] }))
}
