//! The sweeper: finds conversations that have work and no lease, because their doorbell was lost,
//! and rings for them again. Every worker sweeps; the log gives each conversation to one of them.

use std::{sync::Arc, time::Duration};

use convene_proto::{
    bus::Doorbell,
    context::{Due, SweepRequest},
};
use convene_runtime::trace::TraceContext;
use rand::RngExt as _;
use tokio::time::{sleep, timeout};

use crate::worker::Shared;

const PERIOD: Duration = Duration::from_secs(5);
const DEADLINE: Duration = Duration::from_secs(3);

/// Conversations at once.
const LIMIT: u32 = 100;

/// Sweeps now and then, for ever.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    loop {
        let jitter = rand::rng().random_range(0.8..1.2);
        sleep(PERIOD.mul_f64(jitter)).await;
        while let Some(due) = due(&shared).await {
            let found = due.len();
            shared.metrics.swept(found);
            for conversation in due {
                ring(&shared, conversation).await;
            }
            if found < LIMIT as usize {
                break;
            }
        }
    }
}

async fn due(shared: &Shared) -> Option<Vec<Due>> {
    let mut context = shared.context.clone();
    match timeout(DEADLINE, context.sweep(SweepRequest { limit: LIMIT })).await {
        Ok(Ok(reply)) => Some(reply.into_inner().due),
        Ok(Err(status)) => {
            tracing::debug!(%status, "no sweep this time");
            None
        }
        Err(_) => None,
    }
}

async fn ring(shared: &Shared, due: Due) {
    tracing::warn!(
        conversation = due.conversation,
        "a doorbell was lost; ringing again"
    );
    let doorbell = Doorbell {
        conversation: due.conversation,
        pool: due.pool,
        command: None,
    };
    let trace = TraceContext::default();
    let ringing = shared.bus.ring(&doorbell, &trace);
    match timeout(DEADLINE, ringing).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a doorbell was not rung; it will be swept again"),
        Err(_) => tracing::warn!("a doorbell was not rung in time; it will be swept again"),
    }
}
