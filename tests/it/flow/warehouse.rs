//! The shop's warehouse, which answers once it may.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    routing::{get, post},
};
use convene_runtime::Tasks;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, time::timeout};

use crate::people::PATIENCE;

/// The shop's warehouse, which answers once it may.
#[derive(Clone)]
pub(crate) struct Warehouse {
    /// The idempotency key of each call.
    keys: Arc<Mutex<Vec<String>>>,
    open: watch::Sender<bool>,
    calls: watch::Sender<usize>,
    tasks: Tasks,
}

impl Warehouse {
    pub(crate) async fn start() -> (Self, String) {
        let warehouse = Self {
            keys: Arc::default(),
            open: watch::Sender::new(true),
            calls: watch::Sender::new(0),
            tasks: Tasks::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new()
            .route("/orders/{order}", get(order))
            .route("/free/{day}", get(free))
            .route("/receipts", post(async || Json(json!({ "id": 7 }))))
            .with_state(warehouse.clone());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        warehouse.tasks.spawn_until_stop(serving);
        (warehouse, address)
    }

    /// Whether it answers.
    pub(crate) fn opens(&self, open: bool) {
        self.open.send_replace(open);
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    pub(crate) async fn was_called(&self, times: usize) {
        let mut calls = self.calls.subscribe();
        let called = calls.wait_for(|calls| *calls >= times);
        drop(timeout(PATIENCE, called).await.unwrap().unwrap());
    }
}

async fn order(State(warehouse): State<Warehouse>, headers: HeaderMap) -> Json<Value> {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    warehouse.keys.lock().unwrap().push(key);
    warehouse.calls.send_modify(|calls| *calls += 1);
    let mut open = warehouse.open.subscribe();
    drop(open.wait_for(|open| *open).await.unwrap());
    Json(json!({ "status": "packed", "days": 24, "parcels": 3 }))
}

/// The hours that are free: on sundays none.
async fn free(Path(day): Path<String>) -> Json<Value> {
    let hour = |id: u32, hour: &str, who: &str| json!({ "id": id, "hour": hour, "dentist": { "name": who } });
    Json(json!({ "hours": match day.as_str() {
        "sunday" => vec![],
        "monday" => vec![hour(7, "9:00", "Ann"), hour(8, "10:30", "Bob")],
        _ => vec![hour(9, "8:00", "Cy")],
    } }))
}
