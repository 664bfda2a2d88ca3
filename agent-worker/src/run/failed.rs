//! What becomes of an attempt that failed: another one, later; or the command is given up, and kept among the dead letters.

use std::time::Duration;

use convene_agent::{Error, ErrorKind, Usage};
use convene_bus::Rung;
use convene_proto::context::Claimed;
use rand::RngExt as _;

use super::{
    Verdict, attempt::Unwritten, brief, conclude, is_for, lease::Ending, pen::Stroke,
    scribe::Scribe,
};
use crate::worker::Shared;

/// What an attempt that failed wrote last, and what it has used.
pub(super) type Rest = (Vec<Stroke>, Option<Usage>);

pub(super) const fn nothing() -> Rest {
    (Vec::new(), None)
}

pub(super) async fn failed(
    shared: &Shared,
    scribe: &mut Scribe<'_>,
    claimed: &Claimed,
    rung: &mut Option<Rung>,
    error: &Error,
    (rest, usage): Rest,
) -> Result<Verdict, Unwritten> {
    if error.kind != ErrorKind::Transient || claimed.attempt >= shared.options.max_attempts {
        return bury(shared, scribe, claimed, rung, error, (rest, usage)).await;
    }
    let delay = jittered(shared.options.backoff(claimed.attempt));
    tracing::info!(
        code = error.code,
        ?delay,
        "the attempt failed; another follows"
    );
    try_again(shared, scribe, error, rest, delay).await
}

async fn try_again(
    shared: &Shared,
    scribe: &mut Scribe<'_>,
    error: &Error,
    rest: Vec<Stroke>,
    delay: Duration,
) -> Result<Verdict, Unwritten> {
    let ending = scribe.retry(rest, error, delay).await?;
    conclude(shared, if_not_stopped(ending, "retrying"));
    Ok(match ending {
        Ending::Written => Verdict::Retry(delay),
        Ending::Stopped => Verdict::Over,
    })
}

/// Puts the command among the dead letters and only then ends the run, so that no crash between
/// the two loses it: at worst an operator finds it twice. The doorbell goes there with it, so one
/// that was rung for what still waits is rung again before.
pub(super) async fn bury(
    shared: &Shared,
    scribe: &mut Scribe<'_>,
    claimed: &Claimed,
    rung: &mut Option<Rung>,
    error: &Error,
    (rest, usage): Rest,
) -> Result<Verdict, Unwritten> {
    tracing::warn!(code = error.code, "the run failed for good");
    if let Some(mut rung) = rung.take() {
        let waits = (!is_for(&rung.doorbell, claimed)).then(|| rung.doorbell.clone());
        rung.doorbell.command = brief::command(claimed).or(rung.doorbell.command);
        let reason = format!("{}: {}", error.code, error.message);
        let burying = async {
            if let Some(waits) = waits {
                shared.bus.ring(&waits, &rung.trace).await?;
            }
            rung.dead_letter(&reason).await
        };
        if let Err(refused) = scribe.lease().held_during(burying).await? {
            tracing::warn!(%refused, "the dead letter is not safe yet; trying again later");
            let delay = jittered(shared.options.backoff(u32::MAX));
            return try_again(shared, scribe, error, rest, delay).await;
        }
        shared.metrics.dead_letter();
    }
    let ending = scribe.fail(rest, error, usage).await?;
    conclude(shared, if_not_stopped(ending, "failed"));
    Ok(Verdict::Buried)
}

pub(super) const fn if_not_stopped(ending: Ending, outcome: &'static str) -> &'static str {
    match ending {
        Ending::Written => outcome,
        Ending::Stopped => "cancelled",
    }
}

/// A little less, so that what failed together does not return together, and so that the attempt
/// is due by the time when the broker, which knows round numbers only, rings for it again.
pub(super) fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(rand::rng().random_range(0.75..1.0))
}
