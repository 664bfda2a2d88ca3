//! Ownership of tasks: everything that runs was spawned here, hears of shutdown, and is awaited.

use std::{future::Future, time::Duration};

use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Owns a service's tasks. Clones share one set.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a future to its end. It should end soon after [`Tasks::stopping`] does.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tracker.spawn(future)
    }

    /// Runs a future until it ends or shutdown begins, whichever is first.
    pub fn spawn_until_stop<F>(&self, future: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            stop.run_until_cancelled_owned(future).await;
        })
    }

    /// Ends when shutdown begins.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Whether shutdown has begun.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// A token that is cancelled when shutdown begins; cancelling it does not begin shutdown.
    #[must_use]
    pub fn child_token(&self) -> CancellationToken {
        self.stop.child_token()
    }

    /// Begins shutdown, and waits for every task, but no longer than `deadline`. Returns how many
    /// had not ended by then.
    pub async fn stop(&self, deadline: Duration) -> usize {
        self.stop.cancel();
        self.tracker.close();
        match tokio::time::timeout(deadline, self.tracker.wait()).await {
            Ok(()) => 0,
            Err(_) => self.tracker.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn stop_waits_for_tasks_and_counts_those_that_will_not_end() {
        let tasks = Tasks::new();
        let own = tasks.clone();
        let drained = tasks.spawn(async move {
            own.stopping().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            "drained"
        });
        tasks.spawn(std::future::pending::<()>());
        assert_eq!(tasks.stop(Duration::from_secs(5)).await, 1);
        assert_eq!(drained.await.unwrap(), "drained");
    }
}
