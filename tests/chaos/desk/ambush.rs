//! An ambush at one of the desk's endpoints: whoever calls it next is named to who kills it, and hears no answer before
//! that. So a kill falls where a moment of the plan seldom would, between a call and its answer.

use std::{sync::Mutex, time::Duration};

use axum::http::HeaderMap;
use tokio::sync::Notify;

/// What the desk's flow calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    /// Where things are handed in.
    Things,
    /// What is called behind that.
    Marks,
}

/// Longer than it takes to kill somebody.
const HELD: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct Ambush {
    laid: Mutex<Laid>,
    caught: Notify,
}

#[derive(Default)]
struct Laid {
    at: Option<Endpoint>,
    /// Who is to be killed, and who was caught since it was laid: workers, by their number.
    prey: Option<usize>,
    caught: Option<usize>,
}

impl Ambush {
    pub(crate) fn lay(&self, at: Endpoint) {
        *self.laid.lock().unwrap() = Laid {
            at: Some(at),
            ..Laid::default()
        };
    }

    /// Ends it. Who was caught?
    pub(crate) fn lift(&self) -> Option<usize> {
        std::mem::take(&mut *self.laid.lock().unwrap()).caught
    }

    /// Waits for who walks into it.
    pub(crate) async fn prey(&self) -> usize {
        loop {
            if let Some(prey) = self.laid.lock().unwrap().prey.take() {
                return prey;
            }
            self.caught.notified().await;
        }
    }

    /// Whoever calls this endpoint is about to be answered.
    pub(super) async fn meets(&self, endpoint: Endpoint, headers: &HeaderMap) {
        if self.catches(endpoint, headers) {
            self.caught.notify_one();
            tokio::time::sleep(HELD).await;
        }
    }

    fn catches(&self, endpoint: Endpoint, headers: &HeaderMap) -> bool {
        let mut laid = self.laid.lock().unwrap();
        if laid.at.take_if(|at| *at == endpoint).is_none() {
            return false;
        }
        let node = headers["node"].to_str().unwrap();
        let index: usize = node.strip_prefix("worker-").unwrap().parse().unwrap();
        (laid.prey, laid.caught) = (Some(index), Some(index));
        true
    }
}
