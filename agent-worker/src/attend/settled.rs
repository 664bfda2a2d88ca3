//! How a doorbell is settled: let go, put off or handed back, where it is in hand still.

use std::time::Duration;

use convene_bus::{Result as Settled, Rung};
use tokio::time::Instant;

use crate::run::lease::Lost;

/// Forgets the doorbell, once the log is as safe as it gets: until then, so is its command in the queue.
pub(super) async fn let_go(rung: Rung, settles: Duration) -> Settled<()> {
    if settles.is_zero() {
        rung.ack().await
    } else {
        rung.retry_later(settles).await
    }
}

/// Others do what waits, or nothing does.
pub(super) async fn done(rung: Option<Rung>, settled_at: Instant) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => {
            let settles = settled_at.saturating_duration_since(Instant::now());
            let_go(rung, settles).await.map(|()| None)
        }
        None => Ok(None),
    }
}

pub(super) async fn put_off(rung: Option<Rung>, delay: Duration) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => rung.retry_later(delay).await.map(|()| None),
        None => Ok(None),
    }
}

pub(super) async fn hand_back(rung: Option<Rung>) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => rung.requeue().await.map(|()| None),
        None => Ok(None),
    }
}
