//! Takes doorbells from the pool's queue, as many as there are hands.

use std::{sync::Arc, time::Duration};

use convene_bus::{Doorbells, Rung};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::{attend::attend, worker::Shared};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A queue that has said nothing for so long is doubted where a sweeper finds work of it undone: a
/// quorum queue that loses its leader may count doorbells as given to a consumer that never saw
/// them (rabbitmq-server #15473), and go on like that for as long as the consumer is there.
const SILENT: Duration = Duration::from_secs(1);
/// And by itself after so long without anything in hand: sweepers may all be elsewhere.
const IDLE: Duration = Duration::from_secs(300);

/// A doorbell for which there is no hand within this goes elsewhere, and comes again after a while:
/// what was in hand when the queue was doubted counts no longer among what the broker gives out.
const WITHOUT_HAND: Duration = Duration::from_millis(100);
const ELSEWHERE: Duration = Duration::from_secs(1);

/// Why doorbells are taken no more.
enum End {
    /// The bus is closed.
    Closed,
    /// The queue may have forgotten this consumer, or what it gave to it.
    Doubted,
}

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
        let why = tokio::select! {
            () = shared.tasks.stopping() => return shared.health.set_doorbells(None),
            () = shared.desk.away_for(shared.options.lease_ttl()) => {
                shared.health.set_doorbells(None);
                "the context service is away; taking no doorbells until it is back"
            }
            end = take_from(shared, doorbells) => match end {
                End::Closed => return shared.health.set_doorbells(None),
                // Open again before anybody looks whether it is.
                End::Doubted => "the queue is silent; taking its doorbells anew",
            }
        };
        tracing::warn!(pool = %shared.options.pool, "{why}");
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

/// What it has given out already stays in hand, whatever the end.
async fn take_from(shared: &Arc<Shared>, mut doorbells: Box<dyn Doorbells>) -> End {
    let mut heard = Instant::now();
    loop {
        // Before there is a hand for it: while nobody asks, nobody finds out that the queue is gone,
        // however long the runs are. The broker mostly gives out no more of them than there are hands.
        let next = tokio::select! {
            biased;
            next = doorbells.next() => next,
            () = doubt(shared, heard) => return End::Doubted,
        };
        let Some(rung) = next else {
            return End::Closed;
        };
        heard = Instant::now();
        let hand = timeout(WITHOUT_HAND, shared.hands.clone().acquire_owned()).await;
        let shared = shared.clone();
        let tasks = shared.tasks.clone();
        match hand {
            Ok(Ok(hand)) => tasks.spawn(async move {
                attend(shared, rung).await;
                drop(hand);
            }),
            Ok(Err(_)) => return End::Closed,
            Err(_) => tasks.spawn(send_elsewhere(rung)),
        };
    }
}

async fn send_elsewhere(rung: Rung) {
    if let Err(error) = rung.retry_later(ELSEWHERE).await {
        tracing::warn!(%error, "a doorbell was not sent elsewhere; it will ring again");
    }
}

/// Ends once the silence since then is suspicious.
async fn doubt(shared: &Shared, heard: Instant) {
    let idle = async {
        let mut begun = heard;
        loop {
            sleep_until(begun + IDLE).await;
            if shared.hands.available_permits() == usize::from(shared.options.concurrency) {
                return;
            }
            begun = Instant::now();
        }
    };
    let overlooked = async {
        loop {
            shared.overlooked.notified().await;
            if heard.elapsed() >= SILENT && shared.hands.available_permits() > 0 {
                return;
            }
        }
    };
    tokio::select! { () = idle => {} () = overlooked => {} }
}
