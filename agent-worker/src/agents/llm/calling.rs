//! Requests to a provider: made again while that may help, and no more read of an answer than is wanted.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use reqwest::Response;

use super::refusal::{Failed, unreachable};

/// The longest wait between two calls, also where the provider asks for more: then the run fails
/// as transient, and the worker's slower retries take over.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How much of a refusal's body is read.
pub(super) const REFUSAL_BYTES: usize = 16 * 1024;

/// Calls up to so many times, until it is answered or refused for good. `told` hears of each failure
/// after which it is called again, and of the wait before that.
pub(super) async fn until_answered<T, F: Future<Output = Result<T, Failed>>>(
    attempts: usize,
    call: impl FnMut() -> F,
    told: impl FnMut(&Failed, Duration),
) -> Result<T, Failed> {
    let waits = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(300))
        .with_max_delay(Duration::from_secs(5))
        .with_max_times(attempts - 1)
        .with_jitter();
    call.retry(waits)
        .when(|failed: &Failed| failed.again)
        .adjust(|failed, usual| failed.wait(usual, LONGEST_WAIT))
        .notify(told)
        .await
}

/// The body, or its first `most` bytes.
pub(super) async fn read(mut answer: Response, most: usize) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..room.min(chunk.len())]);
        if chunk.len() >= room {
            break;
        }
    }
    Ok(body)
}
