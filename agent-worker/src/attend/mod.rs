//! One doorbell in hand, from its claim until it is settled.
//!
//! A doorbell is acknowledged only when nothing could be lost by it: when its own command was
//! answered, or is as safe in the log as it gets and somebody else is sure to look there: the holder
//! of the lease, or whoever takes the doorbell that is rung for what waits.

mod claim;
mod settled;
mod work_off;

use std::{sync::Arc, time::Duration};

use convene_bus::{Result as Settled, Rung};
use convene_proto::{context::claim_reply::Outcome, error::ErrorCode};
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;

use self::{
    claim::{Ticket, claim},
    settled::let_go,
    work_off::work_off,
};
use crate::{
    desk,
    run::{lease::Lost, ready},
    worker::Shared,
};

/// How often the lease of one doorbell may be lost before another worker shall have it.
const LOSSES: u32 = 3;

/// What is left of somebody's lease is waited for with the doorbell in hand where it is no more than
/// this: the broker's delays are no finer.
const IN_HAND: Duration = Duration::from_secs(1);

/// Added to what is left of somebody's lease, so that it is over when we come again.
const MARGIN: Duration = Duration::from_millis(20);

/// Between claims that are not answered.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Does what the doorbell asks for.
pub(crate) async fn attend(shared: Arc<Shared>, rung: Rung) {
    let span = tracing::info_span!(
        "doorbell",
        conversation = rung.doorbell.conversation,
        redelivered = rung.redelivered,
    );
    rung.trace.adopt(&span);
    let attending = async {
        let settled = tokio::select! {
            settled = settle(&shared, rung) => settled,
            // Nobody comes back for a doorbell that is not settled by then; dropping it returns it.
            () = shared.overdue.cancelled() => Ok(()),
        };
        if let Err(error) = settled {
            tracing::warn!(%error, "a doorbell was not settled; it will ring again");
        }
    };
    attending.instrument(span).await;
}

async fn settle(shared: &Shared, rung: Rung) -> Settled<()> {
    if !ready::awaited(shared, &rung.doorbell).await {
        return rung.requeue().await;
    }
    // Perhaps the lease is that of a worker which died with this very doorbell in hand: then no
    // other will follow.
    let mut only_one = rung.redelivered;
    let mut losses = 0;
    let mut rung = rung;
    let mut pause = FIRST_PAUSE;
    let mut ticket = Ticket::fresh();
    let mut waited_in_hand = false;
    loop {
        let asked = Instant::now();
        let reply = claim(shared, &rung, &ticket).await;
        if !matches!(reply, Err(desk::Error::Unavailable)) {
            ticket = Ticket::fresh();
            pause = FIRST_PAUSE;
        }
        match reply.map(|(reply, past)| (reply.outcome, past)) {
            Ok((Some(Outcome::Claimed(claimed)), past)) => {
                shared.metrics.claim("claimed");
                match work_off(shared, rung, (claimed, past), asked, losses).await? {
                    None => return Ok(()),
                    Some((returned, lost)) => {
                        rung = returned;
                        only_one = true;
                        let begins_anew = lost.is_of_the_log() && losses == 0;
                        losses += 1;
                        let refused = matches!(lost, Lost::Refused(_)) && !begins_anew;
                        if losses >= LOSSES || refused {
                            return rung.retry_later(shared.options.backoff(u32::MAX)).await;
                        }
                    }
                }
            }
            Ok((Some(Outcome::Held(held)), _)) => {
                shared.metrics.claim("held");
                if !only_one {
                    // The holder will look.
                    return let_go(rung, Duration::from_millis(held.settles_ms)).await;
                }
                let left = Duration::from_millis(held.left_ms).min(shared.options.lease_ttl());
                // Who renews a lease lives, perhaps for long: then the doorbell is the broker's.
                if waited_in_hand || left > IN_HAND {
                    return rung.keep(left).await;
                }
                waited_in_hand = true;
                if waited(shared, left + MARGIN).await.is_none() {
                    return rung.requeue().await;
                }
            }
            Ok((Some(Outcome::BackoffMs(left)), _)) => {
                shared.metrics.claim("backoff");
                return rung.retry_later(Duration::from_millis(left)).await;
            }
            Ok((Some(Outcome::Empty(_)), _)) => {
                shared.metrics.claim("empty");
                return rung.ack().await;
            }
            Err(desk::Error::Refused { code, message }) => {
                shared.metrics.claim("refused");
                return refused(shared, rung, code, &message).await;
            }
            // It had been carried out, and others have the lease by now.
            Err(desk::Error::Fenced) => shared.metrics.claim("fenced"),
            Ok((None, _)) | Err(desk::Error::Unavailable) => {
                shared.metrics.claim("unavailable");
                if !answers_again(shared, pause).await {
                    return rung.requeue().await;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Waits before the next try. False where another worker is better off with the doorbell: we
/// drain, or cannot reach the context service. Where only its store is away nobody is, and handing
/// the doorbell around would use up its deliveries.
async fn answers_again(shared: &Shared, pause: Duration) -> bool {
    let patience = shared.options.lease_ttl() * 2;
    let waiting = async {
        sleep(pause).await;
        timeout(patience, shared.desk.opened()).await.is_ok()
    };
    tokio::select! {
        answers = waiting => answers,
        () = shared.tasks.stopping() => false,
    }
}

/// The log will not have it. What can never be claimed is given up; what is our own defect may
/// be mended by the next version.
async fn refused(shared: &Shared, rung: Rung, code: ErrorCode, message: &str) -> Settled<()> {
    tracing::error!(code = code.as_str(), message, "a claim was refused");
    match code {
        ErrorCode::BadRequest | ErrorCode::NotFound | ErrorCode::TooLarge => {
            shared.metrics.dead_letter();
            rung.dead_letter(&format!("{}: {message}", code.as_str()))
                .await
        }
        _ => rung.retry_later(shared.options.backoff(u32::MAX)).await,
    }
}

/// Waits; `None` where the worker drains meanwhile.
async fn waited(shared: &Shared, duration: Duration) -> Option<()> {
    tokio::select! {
        () = sleep(duration) => Some(()),
        () = shared.tasks.stopping() => None,
    }
}
