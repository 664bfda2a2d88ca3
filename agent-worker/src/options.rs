//! What can be set about a worker.

use std::time::Duration;

use convene_proto::id::Pool;
use convene_runtime::bounds::Bounds;
use serde::{Deserialize, Serialize};

const HOUR_MS: u64 = 3_600_000;

/// A worker's settings; every one has a default that suits production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The pool whose doorbells the worker takes; it hosts that pool's agents.
    pub pool: Pool,
    /// How many runs at once; also how many doorbells it holds of the broker's. 1 to 10000.
    pub concurrency: u16,
    /// How long a lease lasts unless it is renewed: how soon another worker takes over from a
    /// dead one. 500 to 300000.
    pub lease_ttl_ms: u64,
    /// How many of the log's last events an agent gets to see, 0 to 1000.
    pub history: u32,
    /// After this many failed attempts a command is put among the dead letters. 1 to 100.
    pub max_attempts: u32,
    /// The wait before the second attempt; it doubles with each further one.
    pub retry_base_ms: u64,
    /// The longest wait between attempts.
    pub retry_max_ms: u64,
    /// What is for an agent that no worker of the pool hosts waits for so long, and until its agent
    /// was not announced for so long; then it is put among the dead letters. So does
    /// what only newer workers know. It uses up no attempts.
    pub absence_ms: u64,
    /// Text that follows the first words is gathered for so long when the worker has little to
    /// do, and for up to `coalesce_busy_ms` when it has much. At most 1000.
    pub coalesce_idle_ms: u64,
    /// See `coalesce_idle_ms`. At most 1000.
    pub coalesce_busy_ms: u64,
    /// An attempt that takes longer than this has failed for good.
    pub run_deadline_ms: u64,
    /// At shutdown runs may go on for so long; then they are left to other workers.
    pub drain_deadline_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pool: Pool::default(),
            concurrency: 64,
            lease_ttl_ms: 10_000,
            history: 200,
            max_attempts: 5,
            retry_base_ms: 1_000,
            retry_max_ms: 60_000,
            absence_ms: 60_000,
            coalesce_idle_ms: 33,
            coalesce_busy_ms: 100,
            run_deadline_ms: 600_000,
            drain_deadline_ms: 20_000,
        }
    }
}

impl Options {
    /// What is wrong with these settings: each fault with its key and a remedy.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut bounds = Bounds::of("agent_worker");
        bounds.within("concurrency", self.concurrency.into(), 1, 10_000);
        bounds.within("lease_ttl_ms", self.lease_ttl_ms, 500, 300_000);
        bounds.within("history", self.history.into(), 0, 1_000);
        bounds.within("max_attempts", self.max_attempts.into(), 1, 100);
        bounds.within("retry_base_ms", self.retry_base_ms, 1, HOUR_MS);
        bounds.within(
            "retry_max_ms",
            self.retry_max_ms,
            self.retry_base_ms,
            HOUR_MS,
        );
        bounds.within("absence_ms", self.absence_ms, 0, 24 * HOUR_MS);
        bounds.within("coalesce_idle_ms", self.coalesce_idle_ms, 0, 1_000);
        bounds.within(
            "coalesce_busy_ms",
            self.coalesce_busy_ms,
            self.coalesce_idle_ms,
            1_000,
        );
        bounds.within("run_deadline_ms", self.run_deadline_ms, 1_000, 24 * HOUR_MS);
        bounds.within("drain_deadline_ms", self.drain_deadline_ms, 0, HOUR_MS);
        bounds.into_faults()
    }

    pub(crate) fn lease_ttl(&self) -> Duration {
        Duration::from_millis(self.lease_ttl_ms)
    }

    pub(crate) fn run_deadline(&self) -> Duration {
        Duration::from_millis(self.run_deadline_ms)
    }

    pub(crate) fn drain_deadline(&self) -> Duration {
        Duration::from_millis(self.drain_deadline_ms)
    }

    /// How long to wait after this attempt, before jitter.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(32);
        let wait = self.retry_base_ms.saturating_mul(1 << doublings);
        Duration::from_millis(wait.min(self.retry_max_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_and_each_wrong_setting_is_named() {
        assert!(Options::default().faults().is_empty());
        let wrong = Options {
            coalesce_busy_ms: 5,
            concurrency: 0,
            ..Options::default()
        };
        assert_eq!(
            wrong.faults(),
            [
                "agent_worker.concurrency must be from 1 to 10000, and is 0",
                "agent_worker.coalesce_busy_ms must be from 33 to 1000, and is 5"
            ]
        );
        assert!(serde_json::from_str::<Options>(r#"{"pol":"x"}"#).is_err());
        assert!(serde_json::from_str::<Options>(r#"{"pool":"a b"}"#).is_err());
    }

    #[test]
    fn attempts_wait_longer_and_longer_up_to_a_bound() {
        let options = Options::default();
        let waits: Vec<_> = [1, 2, 3, 7, 60]
            .map(|attempt| options.backoff(attempt).as_millis())
            .into();
        assert_eq!(waits, [1_000, 2_000, 4_000, 60_000, 60_000]);
    }
}
