//! Takes doorbells from the pool's queue, as many as there are hands.

use std::{sync::Arc, time::Duration};

use convene_bus::Doorbells;
use tokio::time::sleep;

use crate::{attend::attend, worker::Shared};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Takes doorbells until the tasks stop. A worker that has lost the context service gives back
/// what it holds of the queue, since others may be better off.
pub(crate) async fn take(shared: &Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.tasks.stopping() => return,
            () = ready(shared) => {}
        }
        let Some(doorbells) = open(shared).await else {
            return;
        };
        shared.health.set_doorbells(Some(doorbells.subscribed()));
        let stopped = tokio::select! {
            () = shared.tasks.stopping() => true,
            () = shared.desk.away_for(shared.options.lease_ttl()) => false,
            () = take_from(shared, doorbells) => true,
        };
        shared.health.set_doorbells(None);
        if stopped {
            return;
        }
        tracing::warn!("the context service is away; taking no doorbells until it is back");
    }
}

/// Without an inbox no `cancel` would reach us, without a work stream we could not claim.
async fn ready(shared: &Shared) {
    let mut inbox = shared.inbox.clone();
    if inbox.wait_for(|name| !name.is_empty()).await.is_err() {
        std::future::pending::<()>().await;
    }
    shared.desk.opened().await;
}

/// Opens the queue, however long it takes; `None` where the tasks stop before.
async fn open(shared: &Shared) -> Option<Box<dyn Doorbells>> {
    let mut pause = FIRST_PAUSE;
    loop {
        let opening = shared
            .bus
            .doorbells(&shared.options.pool, shared.options.concurrency);
        tokio::select! {
            () = shared.tasks.stopping() => return None,
            opened = opening => match opened {
                Ok(doorbells) => return Some(doorbells),
                Err(error) => tracing::warn!(%error, "the queue cannot be opened; trying again"),
            }
        }
        tokio::select! {
            () = shared.tasks.stopping() => return None,
            () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

/// Ends where the bus is closed.
async fn take_from(shared: &Arc<Shared>, mut doorbells: Box<dyn Doorbells>) {
    loop {
        // Before there is a hand for it: while nobody asks, nobody finds out that the queue is gone,
        // however long the runs are. The broker gives out no more of them than there are hands.
        let Some(rung) = doorbells.next().await else {
            return;
        };
        let Ok(hand) = shared.hands.clone().acquire_owned().await else {
            return;
        };
        let shared = shared.clone();
        let tasks = shared.tasks.clone();
        tasks.spawn(async move {
            attend(shared, rung).await;
            drop(hand);
        });
    }
}
