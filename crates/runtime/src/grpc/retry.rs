//! Retrying calls that may be made twice.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use convene_proto::error::ErrorCode;
use tokio::time::timeout;
use tonic::Status;

const FIRST_DELAY: Duration = Duration::from_millis(10);
const LONGEST_DELAY: Duration = Duration::from_millis(200);

/// How long to try. The default suits a call that a user waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Retries after the first attempt.
    pub retries: usize,
    /// The deadline of one attempt.
    pub each: Duration,
    /// The deadline of all of them, with the pauses between.
    pub total: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            retries: 30,
            each: Duration::from_secs(3),
            total: Duration::from_secs(10),
        }
    }
}

/// Makes an idempotent call until it is answered, again and again while the answer is
/// [`ErrorCode::Unavailable`] or does not come. Any other answer stands.
///
/// The first retry follows within 20 ms, so that a call that met a dying server goes to another.
///
/// # Errors
/// The last attempt's, or `unavailable` when the time is up.
pub async fn retry<T, F>(limits: Retry, mut call: impl FnMut() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    let attempt = || {
        let call = call();
        async move {
            timeout(limits.each, call)
                .await
                .unwrap_or_else(|_| Err(late(limits.each)))
        }
    };
    let pauses = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(FIRST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .with_max_times(limits.retries);
    let retried = attempt
        .retry(pauses)
        .when(|status| ErrorCode::of(status) == ErrorCode::Unavailable)
        .notify(|status, pause| tracing::debug!(%status, ?pause, "call is made again"));
    timeout(limits.total, retried)
        .await
        .unwrap_or_else(|_| Err(late(limits.total)))
}

fn late(limit: Duration) -> Status {
    ErrorCode::Unavailable.status(format!("no answer within {limit:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_unavailable_is_tried_again_and_what_was_answered_is_not() {
        let mut calls = 0;
        let answer = retry(Retry::default(), || {
            calls += 1;
            let answer = if calls < 5 {
                Err(Status::unavailable("away"))
            } else {
                Ok(calls)
            };
            async move { answer }
        });
        assert_eq!(answer.await.unwrap(), 5);

        let mut calls = 0;
        let answer: Result<(), _> = retry(Retry::default(), || {
            calls += 1;
            async { Err(ErrorCode::Conflict.status("no")) }
        })
        .await;
        assert_eq!(ErrorCode::of(&answer.unwrap_err()), ErrorCode::Conflict);
        assert_eq!(calls, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn neither_silence_nor_refusal_lasts_longer_than_the_limits() {
        let limits = Retry {
            retries: 100,
            each: Duration::from_secs(1),
            total: Duration::from_secs(4),
        };
        let begun = tokio::time::Instant::now();
        let silent: Result<(), _> = retry(limits, std::future::pending).await;
        assert_eq!(ErrorCode::of(&silent.unwrap_err()), ErrorCode::Unavailable);
        assert_eq!(begun.elapsed().as_secs(), 4);

        let mut calls = 0;
        let limits = Retry {
            retries: 3,
            ..limits
        };
        let refused: Result<(), _> = retry(limits, || {
            calls += 1;
            async { Err(Status::unavailable("away")) }
        })
        .await;
        assert_eq!(refused.unwrap_err().message(), "away");
        assert_eq!(calls, 4);
    }
}
