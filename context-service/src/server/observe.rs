//! What every call has around it: a deadline, a count, and a line in the log if something of ours
//! is broken.

use std::{future::Future, time::Duration};

use convene_proto::error::ErrorCode;
use convene_runtime::metrics::Calls;
use tokio::time::{Instant, timeout};

use super::refusal::{Refusal, Result};

#[derive(Debug, Clone)]
pub(super) struct Observer {
    calls: Calls,
    deadline: Duration,
}

impl Observer {
    pub(super) fn new(deadline: Duration) -> Self {
        Self {
            calls: Calls::new("convene.context"),
            deadline,
        }
    }

    /// Carries out one call inside its span.
    pub(super) async fn run<R>(
        &self,
        call: &'static str,
        step: impl Future<Output = Result<R>>,
    ) -> Result<R> {
        let begun = Instant::now();
        let result = timeout(self.deadline, step)
            .await
            .unwrap_or(Err(Refusal::Late(self.deadline)));
        let outcome = match &result {
            Ok(_) => "ok",
            Err(refusal) => {
                note(refusal);
                refusal.code().as_str()
            }
        };
        self.calls.record(call, outcome, begun.elapsed());
        result
    }
}

fn note(refusal: &Refusal) {
    match refusal.code() {
        ErrorCode::Internal => tracing::error!(%refusal, "call failed"),
        ErrorCode::Unavailable => tracing::warn!(%refusal, "call failed"),
        _ => tracing::debug!(%refusal, "call refused"),
    }
}
