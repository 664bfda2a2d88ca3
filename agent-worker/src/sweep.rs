//! The sweeper: finds conversations that have work and no lease, because their worker or their
//! doorbell was lost, and rings for them again. Every worker sweeps; the log gives each
//! conversation to one of them.

use std::{sync::Arc, time::Duration};

use convene_bus::Error;
use convene_proto::{
    bus::Doorbell,
    context::{Due, SweepRequest},
};
use convene_runtime::trace::TraceContext;
use rand::RngExt as _;
use tokio::time::{sleep, timeout};

use crate::worker::Shared;

/// A run whose worker is gone is taken over so soon after its lease.
const PERIOD: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(3);

/// Conversations at once.
const LIMIT: u32 = 100;

/// Sweeps now and then, for ever. The log counts what it has given out as rung for, and rests the
/// longer for it: so nothing is taken from it while nothing can be rung.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    loop {
        let jitter = rand::rng().random_range(0.8..1.0);
        sleep(PERIOD.mul_f64(jitter)).await;
        while shared.health.broker_answers()
            && let Some(due) = due(&shared).await
        {
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

/// Rings until the broker has it: nobody else will for a while.
async fn ring(shared: &Shared, due: Due) {
    tracing::warn!(
        conversation = due.conversation,
        "work that nobody does; ringing for it"
    );
    let doorbell = Doorbell {
        conversation: due.conversation,
        pool: due.pool,
        command: None,
    };
    let trace = TraceContext::default();
    loop {
        match timeout(DEADLINE, shared.bus.ring(&doorbell, &trace)).await {
            Ok(Ok(())) => return,
            Ok(Err(Error::Unavailable(why))) => {
                tracing::warn!(why, "a doorbell was not rung; trying again");
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a doorbell cannot be rung; it will be swept again");
                return;
            }
            Err(_) => tracing::warn!("a doorbell was not rung in time; trying again"),
        }
        sleep(PERIOD).await;
    }
}
