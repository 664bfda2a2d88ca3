//! The sweeper: finds conversations that have work and no lease, because their worker or their
//! doorbell was lost, and rings for them again; and those whose timers are to ring. Every worker sweeps; the log gives each
//! conversation to one of them.

use std::{sync::Arc, time::Duration};

use convene_bus::Error;
use convene_proto::{
    bus::Doorbell,
    context::{Due, SweepRequest},
};
use convene_runtime::trace::TraceContext;
use rand::RngExt as _;
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use crate::worker::Shared;

/// A run whose worker is gone is taken over so soon after its lease.
const PERIOD: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_secs(3);

/// Conversations that are rung for side by side: one pool's queue may take nothing for long, and
/// others must not wait for it.
const SIDE_BY_SIDE: usize = 100;

/// For how long a conversation is rung for. Then the log gives it out again, and to whoever sweeps.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sweeps now and then, for ever. The log counts what it has given out as rung for, and rests the
/// longer for it: so nothing is taken from it while nothing can be rung.
pub(crate) async fn sweep(shared: Arc<Shared>) {
    let hands = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    loop {
        let jitter = rand::rng().random_range(0.8..1.0);
        sleep(PERIOD.mul_f64(jitter)).await;
        while round(&shared, &hands).await {}
    }
}

/// Takes as much as can be rung for, and rings. Whether there may be more.
async fn round(shared: &Arc<Shared>, hands: &Arc<Semaphore>) -> bool {
    let Ok(hand) = hands.clone().acquire_owned().await else {
        return false;
    };
    let free = hands.available_permits() + 1;
    if !shared.health.broker_answers() {
        return false;
    }
    let Some(due) = due(shared, free).await else {
        return false;
    };
    drop(hand);
    let found = due.len();
    let overlooked = due.iter().filter(|due| !due.timer);
    shared.metrics.swept(overlooked.count());
    for due in due {
        let hand = hands.clone().acquire_owned().await;
        let ringing = shared.clone();
        shared.tasks.spawn_until_stop(async move {
            ring(&ringing, due).await;
            drop(hand);
        });
    }
    found == free
}

async fn due(shared: &Shared, limit: usize) -> Option<Vec<Due>> {
    let mut context = shared.context.clone();
    let limit = limit as u32;
    match timeout(DEADLINE, context.sweep(SweepRequest { limit })).await {
        Ok(Ok(reply)) => Some(reply.into_inner().due),
        Ok(Err(status)) => {
            tracing::debug!(%status, "no sweep this time");
            None
        }
        Err(_) => None,
    }
}

async fn ring(shared: &Shared, due: Due) {
    if due.timer {
        tracing::debug!(conversation = due.conversation, "a timer is to ring");
    } else {
        tracing::warn!(
            conversation = due.conversation,
            "work that nobody does; ringing for it"
        );
    }
    let overlooked = !due.timer;
    let doorbell = Doorbell {
        conversation: due.conversation,
        pool: due.pool,
        command: None,
    };
    if overlooked && doorbell.pool == shared.options.pool.as_str() {
        shared.overlooked.notify_one();
    }
    let trace = TraceContext::default();
    insist(|| shared.bus.ring(&doorbell, &trace)).await;
}

/// Rings until the broker has it, or the log gives it out again: nobody else rings meanwhile.
async fn insist<R>(ring: impl Fn() -> R)
where
    R: Future<Output = Result<(), Error>>,
{
    let ringing = async {
        loop {
            match ring().await {
                Ok(()) => return,
                Err(Error::Unavailable(why)) => {
                    tracing::debug!(why, "a doorbell was not rung; trying again");
                }
                Err(error) => {
                    tracing::warn!(%error, "a doorbell cannot be rung; it will be swept again");
                    return;
                }
            }
            sleep(PERIOD).await;
        }
    };
    if timeout(PATIENCE, ringing).await.is_err() {
        tracing::warn!("a doorbell was not rung in time; it will be swept again");
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_the_broker_never_takes_is_left_to_another_sweep() {
        let rings = async {
            insist(|| ready(Err(Error::Unavailable("it is blocked".into())))).await;
            insist(pending).await;
        };
        assert!(timeout(3 * PATIENCE, rings).await.is_ok());
    }
}
