//! Runs what waits under a lease, one after the other, until nothing does or others shall do it.

use std::{sync::Arc, time::Duration};

use convene_bus::{Result as Settled, Rung};
use convene_proto::{
    bus::Doorbell,
    context::{Claimed, Entry},
};
use convene_runtime::trace::TraceContext;
use tokio::time::{Instant, timeout};

use super::settled::{done, hand_back, put_off};
use crate::{
    run::{
        Verdict, attempt, is_for,
        lease::{Lease, Lost},
        recall::Past,
    },
    worker::Shared,
};

/// Bounds a doorbell that is rung from here.
const RINGING_DEADLINE: Duration = Duration::from_secs(5);

/// Runs what waits, one after the other. Returns the doorbell if the lease was lost.
pub(super) async fn work_off(
    shared: &Shared,
    rung: Rung,
    (mut claimed, mut past): (Claimed, Arc<Past>),
    asked: Instant,
    losses: u32,
) -> Settled<Option<(Rung, Lost)>> {
    let mut doorbell = rung.doorbell.clone();
    let trace = rung.trace.clone();
    let mut rung = Some(rung);
    let mut settled_at = Instant::now() + Duration::from_millis(claimed.settles_ms);
    let ttl = shared.options.lease_ttl();
    let mut lease = Lease::new(
        shared.desk.clone(),
        shared.publisher.clone(),
        &claimed,
        ttl,
        asked,
    );
    loop {
        if let Some(restored) = claimed.restored.take() {
            tracing::warn!(
                seq = restored.seq,
                "the log had lost a command; it is restored"
            );
            accepted_again(&mut doorbell, &claimed, &restored);
            if let Some(rung) = &mut rung {
                rung.doorbell.clone_from(&doorbell);
            }
            lease.publish_entry(restored).await;
        }
        if let Some(rang) = claimed.rang.take() {
            lease.publish_entry(rang).await;
        }
        if !claimed.cancelled && claimed.pool != shared.options.pool.as_str() {
            let theirs = bare(&doorbell, &claimed.pool);
            return hand_over(shared, &mut lease, theirs, (rung, settled_at), &trace).await;
        }
        let verdict = attempt(shared, &mut lease, (&claimed, &past), &mut rung).await;
        if matches!(verdict, Verdict::Over) && is_for(&doorbell, &claimed) {
            settled_at = Instant::now();
        }
        let lost = match verdict {
            Verdict::Retry(delay) => return put_off(rung, delay).await,
            Verdict::Lost(lost) => {
                // The log lost its end: what the attempt stands on is gone, and another begins.
                if lost.is_of_the_log() && losses == 0 {
                    drop(lease.abandon().await);
                }
                lost
            }
            // Without a doorbell in hand we begin nothing; what waits gets one of its own.
            Verdict::Buried => match lease.abandon().await {
                Ok(_) => {
                    ring_again(shared, &doorbell, &trace).await;
                    return Ok(None);
                }
                Err(lost) => lost,
            },
            Verdict::Over if !shared.tasks.is_stopping() => {
                match lease.release(&shared.recall).await {
                    Ok(Some(next)) => {
                        (claimed, past) = next;
                        continue;
                    }
                    // Nothing waits, so the doorbell's own command does not.
                    Ok(None) => return done(rung, Instant::now()).await,
                    Err(lost) => lost,
                }
            }
            // Others shall do what waits. Its doorbells may be gone, since we had the lease.
            Verdict::Over => match lease.abandon().await {
                Ok(_) => {
                    return if ring_again(shared, &doorbell, &trace).await {
                        done(rung, settled_at).await
                    } else {
                        hand_back(rung).await
                    };
                }
                Err(lost) => lost,
            },
            Verdict::Absent(delay) => match lease.abandon().await {
                Ok(_) => return put_off(rung, delay).await,
                Err(lost) => lost,
            },
            // Another doorbell comes when it is time, or the sweeper: this one is one too many, unless it has a command.
            Verdict::Early(left) => match lease.abandon().await {
                Ok(_) if doorbell.command.is_none() => return done(rung, Instant::now()).await,
                Ok(_) => return put_off(rung, left).await,
                Err(lost) => lost,
            },
            Verdict::Abandoned => match lease.abandon().await {
                Ok(_) => return hand_back(rung).await,
                Err(lost) => lost,
            },
        };
        return Ok(rung.map(|rung| (rung, lost)));
    }
}

/// The command stands where it was restored, and so it is told from now on.
fn accepted_again(doorbell: &mut Doorbell, claimed: &Claimed, restored: &Entry) {
    if let (Some(command), Some(conversation)) = (&mut doorbell.command, &claimed.conversation) {
        command.epoch = conversation.epoch;
        command.seq = restored.seq;
        command.eid = restored.eid;
        command.prev = restored.prev;
    }
}

/// What waits is for the workers of another pool: they get the lease, and a doorbell.
async fn hand_over(
    shared: &Shared,
    lease: &mut Lease,
    doorbell: Doorbell,
    (rung, settled_at): (Option<Rung>, Instant),
    trace: &TraceContext,
) -> Settled<Option<(Rung, Lost)>> {
    if let Err(lost) = lease.abandon().await {
        return Ok(rung.map(|rung| (rung, lost)));
    }
    shared.metrics.claim("handed_over");
    if ring_again(shared, &doorbell, trace).await {
        done(rung, settled_at).await
    } else {
        hand_back(rung).await
    }
}

/// The same conversation's doorbell in a pool, without a command.
fn bare(doorbell: &Doorbell, pool: &str) -> Doorbell {
    Doorbell {
        conversation: doorbell.conversation.clone(),
        pool: pool.to_owned(),
        command: None,
    }
}

/// Rings for whatever waits behind the run that is over. Should this fail, the sweeper finds it.
async fn ring_again(shared: &Shared, doorbell: &Doorbell, trace: &TraceContext) -> bool {
    let bare = bare(doorbell, &doorbell.pool);
    match timeout(RINGING_DEADLINE, shared.bus.ring(&bare, trace)).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::warn!(%error, "a doorbell was not rung; it will be swept"),
        Err(_) => tracing::warn!("a doorbell was not rung in time; it will be swept"),
    }
    false
}
