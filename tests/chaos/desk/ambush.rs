//! An ambush at one of the desk's endpoints: whoever calls it next is named to who kills it, and hears no answer before
//! that. So a kill falls where a moment of the plan seldom would, between a call and its answer.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

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

/// Workers are named by their number.
#[derive(Default)]
struct Laid {
    at: Vec<Endpoint>,
    /// Who is to be killed, and who was caught since somebody asked.
    prey: VecDeque<usize>,
    caught: Vec<usize>,
}

impl Ambush {
    /// Whoever calls this endpoint next is caught, be it much later.
    pub(crate) fn lay(&self, at: Endpoint) {
        self.laid.lock().unwrap().at.push(at);
    }

    /// Whether somebody is to be caught, or killed.
    pub(crate) fn is_laid(&self) -> bool {
        let laid = self.laid.lock().unwrap();
        !laid.at.is_empty() || !laid.prey.is_empty()
    }

    /// Who was caught since this was asked last?
    pub(crate) fn caught(&self) -> Vec<usize> {
        std::mem::take(&mut self.laid.lock().unwrap().caught)
    }

    /// Nobody is caught any more.
    pub(crate) fn lift(&self) {
        *self.laid.lock().unwrap() = Laid::default();
    }

    /// Waits for who walks into it.
    pub(crate) async fn prey(&self) -> usize {
        loop {
            if let Some(prey) = self.laid.lock().unwrap().prey.pop_front() {
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
        let Some(index) = laid.at.iter().position(|at| *at == endpoint) else {
            return false;
        };
        laid.at.remove(index);
        let node = headers["node"].to_str().unwrap();
        let worker = node.strip_prefix("worker-").unwrap().parse().unwrap();
        laid.prey.push_back(worker);
        laid.caught.push(worker);
        true
    }
}
