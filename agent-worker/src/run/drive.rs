//! The loop of one attempt: the agent writes, the log is written, until one of the ends.

use std::time::Duration;

use convene_agent::Error;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::{attempt::Unwritten, lease::Lost, live::Entered, pen::Strokes, scribe::Scribe};
use crate::worker::Shared;

/// How often the audience is told where the log stands.
const HEAD_BEAT: Duration = Duration::from_secs(1);

/// How long an agent that is stopped may take to let go.
const LETTING_GO: Duration = Duration::from_millis(250);

/// How an attempt ended, before the log knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Completed,
    /// Somebody wished so.
    Cancelled,
    /// The worker is draining, and the time is up.
    Abandoned,
    Failed(Error),
}

/// An agent at work, in a task of its own, so that its panics are its own too.
pub(super) struct AtWork {
    pub(super) task: AbortOnDropHandle<Result<(), Error>>,
    pub(super) strokes: Strokes,
    pub(super) entered: Entered,
}

/// Writes down what the agent writes. On return the agent has stopped, and what it wrote last may
/// still wait in the strokes.
pub(super) async fn drive(
    shared: &Shared,
    scribe: &mut Scribe<'_>,
    work: &mut AtWork,
    open_at: Instant,
) -> Result<End, Lost> {
    let end = watch(shared, scribe, work, open_at).await;
    work.task.abort();
    if !work.task.is_finished()
        && tokio::time::timeout(LETTING_GO, &mut work.task)
            .await
            .is_err()
    {
        tracing::warn!("the agent does not let go: it blocks its thread");
    }
    end
}

async fn watch(
    shared: &Shared,
    scribe: &mut Scribe<'_>,
    work: &mut AtWork,
    open_at: Instant,
) -> Result<End, Lost> {
    let begun = Instant::now();
    let ttl = shared.options.lease_ttl();
    let period = HEAD_BEAT.min(ttl / 3);
    let mut beat = interval_at(begun + period, period);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let deadline = begun + shared.options.run_deadline();
    let mut inbox = shared.inbox.clone();
    inbox.mark_unchanged();
    let mut head_due = begun + HEAD_BEAT;
    let mut gather_until = begun;
    let phase = shared.load.phase();
    let mut silent = true;

    loop {
        let written = tokio::select! {
            biased;
            () = work.entered.cancelled() => return Ok(End::Cancelled),
            () = shared.abandon.cancelled() => return Ok(End::Abandoned),
            () = sleep_until(deadline) => return Ok(End::Failed(too_slow())),
            _ = beat.tick() => {
                // After the inbox has changed its name a `cancel` sent to the old one is lost.
                let moved = inbox.has_changed().unwrap_or(false);
                if moved || scribe.lease().age() >= ttl / 3 {
                    scribe.lease().renew().await?;
                }
                Ok(0)
            }
            () = sleep_until(head_due) => {
                head_due = Instant::now() + HEAD_BEAT;
                scribe.publish_head().await;
                Ok(0)
            }
            ended = &mut work.task => return Ok(match ended {
                Ok(Ok(())) => End::Completed,
                Ok(Err(error)) => End::Failed(error),
                Err(failed) if failed.is_panic() => End::Failed(panicked()),
                Err(_) => End::Abandoned,
            }),
            () = gathered(&work.strokes, gather_until) => {
                let asked = Instant::now();
                let written = scribe.write(work.strokes.take()).await;
                if let Ok(bytes @ 1..) = written {
                    if silent {
                        silent = false;
                        shared.metrics.first_text(begun.elapsed());
                    }
                    shared.metrics.piece(bytes);
                    shared.load.observe(asked.elapsed());
                    // Each piece says where the log stands.
                    head_due = asked + HEAD_BEAT;
                    gather_until = shared.load.beat_after(asked, phase);
                }
                written
            }
            () = sleep_until(open_at), if scribe.is_unopened() => scribe.write(Vec::new()).await,
        };
        match written {
            Ok(_) => {}
            Err(Unwritten::Lost(lost)) => return Err(lost),
            Err(Unwritten::Refused(error)) => return Ok(End::Failed(error)),
        }
        if scribe.lease().is_cancelled() {
            return Ok(End::Cancelled);
        }
    }
}

/// Ends when there is text and it has been gathered for long enough.
async fn gathered(strokes: &Strokes, until: Instant) {
    strokes.ready().await;
    sleep_until(until).await;
}

fn too_slow() -> Error {
    Error::permanent("run_timed_out", "The agent did not finish in time")
}

fn panicked() -> Error {
    Error::transient("agent_panicked", "The agent crashed")
}
