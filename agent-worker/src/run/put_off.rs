//! Runs that this worker has put off without an attempt: each is tried when it is time and not before,
//! however many doorbells ring for it meanwhile.

use std::{collections::HashMap, time::Duration};

use convene_proto::id::RunId;
use parking_lot::Mutex;
use tokio::time::Instant;

/// Who has not come back for so long after its time was done by others.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// What was put off, and until when.
#[derive(Debug, Default)]
pub(crate) struct PutOff(Mutex<HashMap<RunId, Wait>>);

#[derive(Debug)]
struct Wait {
    since: Instant,
    tries: u32,
    until: Instant,
}

impl PutOff {
    /// How long the run has yet to wait; `None`: it may be tried.
    pub(super) fn left(&self, run: &RunId) -> Option<Duration> {
        let until = self.0.lock().get(run)?.until;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Puts it off behind a try in vain, for as long as `wait` says of so many tries, and no longer than is left of
    /// `patience` since the first one. `None` where nothing is: then it is known no more.
    pub(super) fn again(
        &self,
        run: &RunId,
        patience: Duration,
        wait: impl FnOnce(u32) -> Duration,
    ) -> Option<Duration> {
        let now = Instant::now();
        let mut waits = self.0.lock();
        waits.retain(|_, wait| now < wait.until + FORGOTTEN_AFTER);
        let known = waits.entry(run.clone()).or_insert(Wait {
            since: now,
            tries: 0,
            until: now,
        });
        let left = patience.saturating_sub(now - known.since);
        if left.is_zero() {
            waits.remove(run);
            return None;
        }
        known.tries = known.tries.saturating_add(1);
        let wait = wait(known.tries).min(left);
        known.until = now + wait;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::Options;

    #[tokio::test(start_paused = true)]
    async fn tries_in_vain_come_less_and_less_often_and_to_an_end() {
        let (put_off, run) = (PutOff::default(), RunId::random());
        let options = Options::default();
        let patience = Duration::from_secs(60);
        let mut waits = Vec::new();
        while let Some(wait) = put_off.again(&run, patience, |tries| options.backoff(tries)) {
            assert_eq!(put_off.left(&run), Some(wait));
            advance(wait).await;
            assert_eq!(put_off.left(&run), None);
            waits.push(wait.as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 29]);
        assert!(put_off.0.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_did_is_forgotten() {
        let put_off = PutOff::default();
        let second = |_| Duration::from_secs(1);
        put_off.again(&RunId::random(), Duration::MAX, second);
        advance(FORGOTTEN_AFTER * 2).await;
        put_off.again(&RunId::random(), Duration::MAX, second);
        assert_eq!(put_off.0.lock().len(), 1);
    }
}
