//! Ownership of tasks: everything that runs was spawned here, hears of shutdown, and is awaited.
//!
//! Some a process cannot do without. Where such a one ends before shutdown, the process must not
//! live on without it and look well: [`Tasks::broken`] says so to whoever holds the process.

use std::{future::Future, time::Duration};

use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Owns a service's tasks. Clones share one set.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    broken: watch::Sender<Option<&'static str>>,
}

/// Goes with a task that must not end before shutdown, however it ends.
struct Vital {
    name: &'static str,
    tasks: Tasks,
}

impl Drop for Vital {
    fn drop(&mut self) {
        if self.tasks.is_stopping() {
            return;
        }
        tracing::error!(part = self.name, "it has ended before its time");
        self.tasks.broken.send_if_modified(|broken| {
            let first = broken.is_none();
            broken.get_or_insert(self.name);
            first
        });
    }
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

    /// Runs what the process cannot do without. Should it end before shutdown begins, by itself or
    /// by a panic, [`Tasks::broken`] ends.
    pub fn spawn_vital<F>(&self, name: &'static str, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let vital = Vital {
            name,
            tasks: self.clone(),
        };
        self.tracker.spawn(async move {
            let _vital = vital;
            future.await
        })
    }

    /// As [`Tasks::spawn_vital`], for what has nothing to do at shutdown.
    pub fn spawn_vital_until_stop<F>(&self, name: &'static str, future: F) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.spawn_vital(name, async move {
            stop.run_until_cancelled_owned(future).await;
        })
    }

    /// Ends with the name of the first vital task that ended before shutdown began; never, where
    /// none does.
    pub async fn broken(&self) -> &'static str {
        let mut broken = self.broken.subscribe();
        // The sender is ours, and lives.
        let name = broken.wait_for(Option::is_some).await;
        match name.ok().and_then(|name| *name) {
            Some(name) => name,
            None => std::future::pending().await,
        }
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

    #[tokio::test(start_paused = true)]
    async fn a_vital_task_that_ends_before_shutdown_is_named_however_it_ends() {
        let tasks = Tasks::new();
        tasks.spawn_vital("door", async {});
        assert_eq!(tasks.broken().await, "door");
        tasks.spawn_vital("later", async {});
        assert_eq!(tasks.broken().await, "door", "the first is the cause");

        let tasks = Tasks::new();
        tasks.spawn_vital("hub", async { unreachable!("a defect") });
        assert_eq!(tasks.broken().await, "hub");

        let tasks = Tasks::new();
        tasks.spawn_vital_until_stop("loop", std::future::pending());
        assert_eq!(tasks.stop(Duration::from_secs(5)).await, 0);
        let broken = tokio::time::timeout(Duration::from_secs(5), tasks.broken());
        assert!(broken.await.is_err(), "at shutdown everything ends");
    }
}
