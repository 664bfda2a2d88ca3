//! One doorbell in hand, from its claim until it is settled.
//!
//! A doorbell is acknowledged only when nothing could be lost by it: when its own command was
//! answered, or is as safe in the log as it gets and somebody else is sure to look there: the holder
//! of the lease, or whoever takes the doorbell that is rung for what waits.

use std::{sync::Arc, time::Duration};

use convene_bus::{Result as Settled, Rung};
use convene_proto::{
    bus::Doorbell,
    context::{ClaimReply, ClaimRequest, Claimed, Entry, claim_reply::Outcome},
    error::ErrorCode,
    id::RunId,
    position::Nonce,
};
use convene_runtime::trace::TraceContext;
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;

use crate::{
    desk,
    run::{
        Verdict, attempt, is_for,
        lease::{Lease, Lost, millis},
        ready,
        recall::Past,
    },
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

/// Bounds a doorbell that is rung from here.
const RINGING_DEADLINE: Duration = Duration::from_secs(5);

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

/// What tells one claim from another. It stays the same while the claim is not answered, so that
/// one which was carried out without our knowing is answered again.
struct Ticket {
    nonce: Nonce,
    run: RunId,
}

impl Ticket {
    fn fresh() -> Self {
        Self {
            nonce: Nonce::random(),
            run: RunId::random(),
        }
    }
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

/// Claims, and says what was said before what is claimed.
async fn claim(
    shared: &Shared,
    rung: &Rung,
    ticket: &Ticket,
) -> Result<(ClaimReply, Arc<Past>), desk::Error> {
    let doorbell = &rung.doorbell;
    let mut known = shared.recall.of(&doorbell.conversation);
    let (mut restored, mut rang) = (None, None);
    loop {
        let (history, history_from) = shared.recall.wanted(known.as_ref());
        let request = ClaimRequest {
            conversation: doorbell.conversation.clone(),
            holder: shared.inbox_name(),
            ttl_ms: millis(shared.options.lease_ttl()),
            history,
            history_from,
            restore: doorbell
                .command
                .clone()
                .map(|command| command.restore(doorbell.pool.clone())),
            nonce: ticket.nonce.0,
            run: ticket.run.to_string(),
        };
        let mut reply = shared.desk.claim(request).await?;
        let Some(Outcome::Claimed(claimed)) = &mut reply.outcome else {
            return Ok((reply, Arc::default()));
        };
        // A log that lost its end is one that we do not know, and only the first claim restores, or rings.
        restored = claimed.restored.take().or(restored);
        claimed.restored.clone_from(&restored);
        rang = claimed.rang.take().or(rang);
        claimed.rang.clone_from(&rang);
        if let Some(past) = shared.recall.learn(claimed, known.take()) {
            return Ok((reply, past));
        }
    }
}

/// Runs what waits, one after the other. Returns the doorbell if the lease was lost.
async fn work_off(
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

/// Forgets the doorbell, once the log is as safe as it gets: until then, so is its command in the queue.
async fn let_go(rung: Rung, settles: Duration) -> Settled<()> {
    if settles.is_zero() {
        rung.ack().await
    } else {
        rung.retry_later(settles).await
    }
}

/// Others do what waits, or nothing does.
async fn done(rung: Option<Rung>, settled_at: Instant) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => {
            let settles = settled_at.saturating_duration_since(Instant::now());
            let_go(rung, settles).await.map(|()| None)
        }
        None => Ok(None),
    }
}

async fn put_off(rung: Option<Rung>, delay: Duration) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => rung.retry_later(delay).await.map(|()| None),
        None => Ok(None),
    }
}

async fn hand_back(rung: Option<Rung>) -> Settled<Option<(Rung, Lost)>> {
    match rung {
        Some(rung) => rung.requeue().await.map(|()| None),
        None => Ok(None),
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
