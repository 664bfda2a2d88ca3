//! One attempt at a run: what the agent may do, and how each way of ending stands in the log.

pub(crate) mod absent;
mod attempt;
mod back_reader;
pub(crate) mod brief;
mod draft;
mod drive;
mod failed;
pub(crate) mod lease;
pub(crate) mod live;
mod look_back;
pub(crate) mod notebook;
#[cfg(test)]
mod notebook_tests;
pub(crate) mod pace;
mod pen;
pub(crate) mod put_off;
pub(crate) mod ready;
pub(crate) mod recall;
mod scribe;
mod timers;

use std::time::Duration;

use convene_agent::{Error, ErrorKind, Run};
use convene_bus::Rung;
use convene_proto::{
    bus::Doorbell,
    context::Claimed,
    convert::{self, Invalid},
    error::ErrorCode,
    id::RunId,
    position::Seq,
};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, Span, field};

use self::{
    attempt::{Attempt, Unwritten},
    brief::{Brief, Unreadable},
    drive::{AtWork, End, drive},
    failed::{bury, failed, if_not_stopped, jittered, nothing},
    lease::{Lease, Lost},
    recall::Past,
    scribe::Scribe,
};
use crate::{desk, worker::Shared};

/// Text is written with the events that begin a run, unless the agent is silent for longer.
const OPENING: Duration = Duration::from_millis(20);

/// How an attempt ended, once it stands in the log.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The run is over; the lease is still ours.
    Over,
    /// The run failed for good and its doorbell is among the dead letters; the lease is ours.
    Buried,
    /// The lease is given back; the next attempt is due after this.
    Retry(Duration),
    /// Nothing of the attempt is left in the log; the lease is still ours.
    Abandoned,
    /// There was none: the agent is not among ours, is not ready, has no room for it, or what it is to answer is of a kind that
    /// only newer workers know. Others may try at once, we again after this.
    Absent(Duration),
    /// There was none: it was put off, and this is what is left of that.
    Early(Duration),
    /// The lease is not ours any more, or the log would not take our word.
    Lost(Lost),
}

/// Makes one attempt. `rung` is taken out where the run is given up for good.
///
/// The attempt is a part of the trace of the message that it answers, if that is the one for which
/// the doorbell was rung; a run that begins under the same lease for a later message has a trace
/// of its own, linked to this one.
pub(crate) async fn attempt(
    shared: &Shared,
    lease: &mut Lease,
    (claimed, past): (&Claimed, &Past),
    rung: &mut Option<Rung>,
) -> Verdict {
    let doorbell = Span::current();
    let own = rung
        .as_ref()
        .is_none_or(|rung| is_for(&rung.doorbell, claimed));
    let span = tracing::info_span!(
        parent: own.then(|| doorbell.id()).flatten(),
        "run",
        conversation = claimed.conversation.as_ref().map(|found| found.id.as_str()),
        run = claimed.run,
        attempt = claimed.attempt,
        agent = claimed.agent,
        outcome = field::Empty,
    );
    if !own {
        span.follows_from(&doorbell);
    }
    async {
        let live = shared.load.enter();
        let verdict = conduct(shared, lease, (claimed, past), rung).await;
        drop(live);
        if matches!(verdict, Ok(Verdict::Over)) {
            tracing::debug!(inputs = brief::asked(claimed), "the run is over");
        }
        verdict.unwrap_or_else(|unwritten| {
            let lost = match unwritten {
                Unwritten::Lost(lost) => lost,
                Unwritten::Refused(error) => Lost::Refused(desk::Error::Refused {
                    code: ErrorCode::Internal,
                    message: error.message,
                }),
            };
            let fenced = lost == Lost::Fenced;
            conclude(shared, if fenced { "fenced" } else { "lost" });
            tracing::warn!(%lost, "the run is left to whoever has the lease");
            Verdict::Lost(lost)
        })
    }
    .instrument(span)
    .await
}

/// Whether the doorbell was rung for this run, or for whatever there is.
pub(crate) fn is_for(doorbell: &Doorbell, claimed: &Claimed) -> bool {
    let command = doorbell.command.as_ref();
    command.is_none_or(|command| claimed.inputs.iter().any(|input| input.eid == command.eid))
}

async fn conduct(
    shared: &Shared,
    lease: &mut Lease,
    (claimed, past): (&Claimed, &Past),
    rung: &mut Option<Rung>,
) -> Result<Verdict, Unwritten> {
    let unreadable = |error: Invalid| {
        Unwritten::Refused(Error::permanent("input_unreadable", error.to_string()))
    };
    let attempt = Attempt {
        run: convert::field("run", &claimed.run).map_err(unreadable)?,
        agent: convert::field("agent", &claimed.agent).map_err(unreadable)?,
        number: claimed.attempt,
        inputs: claimed.inputs.iter().map(|input| Seq(input.seq)).collect(),
    };
    let run = attempt.run.clone();
    if claimed.cancelled {
        let (streaming, complete) = brief::left(claimed).map_err(unreadable)?;
        let mut scribe = Scribe::new(lease, attempt, streaming, &complete)?;
        scribe.cancel(Vec::new(), None).await?;
        conclude(shared, "cancelled");
        return Ok(Verdict::Over);
    }
    if let Some(left) = shared.put_off.left(&run) {
        return Ok(Verdict::Early(left));
    }
    if !ready::is_so(shared, &attempt.agent) {
        match ready::put_off(shared, &run) {
            Ok(wait) => {
                conclude(shared, "unready");
                return Ok(Verdict::Absent(wait));
            }
            Err(error) => {
                let (streaming, complete) = brief::left(claimed).map_err(unreadable)?;
                let mut scribe = Scribe::new(lease, attempt, streaming, &complete)?;
                return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
            }
        }
    }
    let mut brief = match Brief::read(claimed, past) {
        Ok(brief) => brief,
        Err(Unreadable::FromTheFuture) => {
            tracing::warn!(
                "an input is of a kind that is not known here: a newer worker's to answer"
            );
            let Some(wait) = left_to_newer_ones(shared, &run) else {
                let mut scribe = Scribe::new(lease, attempt, None, &[])?;
                let error = none_newer("input_unknown");
                return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
            };
            conclude(shared, "unknown");
            return Ok(Verdict::Absent(wait));
        }
        Err(Unreadable::Invalid(error)) => {
            let mut scribe = Scribe::new(lease, attempt, None, &[])?;
            let error = Error::permanent("input_unreadable", error.to_string());
            return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
        }
    };
    let mut scribe = Scribe::new(lease, attempt, brief.streaming.clone(), &brief.complete)?;
    let asked = (&brief.context.agent, &brief.context.run);
    match look_back::notes(shared, scribe.lease(), (claimed, past), asked).await? {
        Ok(told) => {
            brief.context.notes = told.counts;
            brief.context.noted_in_vain = told.in_vain;
            brief.context.noted_before_failing = told.before_failing;
        }
        Err(error) => {
            return failed(shared, &mut scribe, claimed, rung, &error, nothing()).await;
        }
    }
    let mut work = match put_to_work(shared, brief) {
        Ok(work) => work,
        Err(Idle::Exhausted(error)) => {
            return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
        }
        Err(Idle::Absent(error)) if absent::is_given_up(shared, claimed).await => {
            return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
        }
        Err(Idle::Absent(_)) => {
            conclude(shared, "absent");
            return Ok(Verdict::Absent(for_a_while(shared, &run)));
        }
    };
    let open_at = Instant::now()
        + if claimed.attempt > 1 {
            Duration::ZERO
        } else {
            OPENING
        };
    let end = drive(shared, &mut scribe, &mut work, open_at).await?;
    let usage = work.strokes.usage();
    scribe.change_timers(work.strokes.timers());
    scribe.close_offers(work.strokes.closed_offers());
    match end {
        End::Completed => match scribe.complete(work.strokes.take(), usage).await {
            Err(Unwritten::Refused(error)) => {
                let rest = (Vec::new(), usage);
                failed(shared, &mut scribe, claimed, rung, &error, rest).await
            }
            ended => {
                conclude(shared, if_not_stopped(ended?, "completed"));
                Ok(Verdict::Over)
            }
        },
        End::Cancelled => {
            scribe.cancel(work.strokes.take(), usage).await?;
            conclude(shared, "cancelled");
            Ok(Verdict::Over)
        }
        End::Abandoned => {
            scribe.abandon(work.strokes.take()).await?;
            conclude(shared, "abandoned");
            Ok(Verdict::Abandoned)
        }
        End::Failed(error) if error.kind == ErrorKind::FromTheFuture => {
            tracing::warn!(code = error.code, "this is a newer worker's to answer");
            let Some(wait) = left_to_newer_ones(shared, &run) else {
                let error = none_newer(error.code);
                return bury(shared, &mut scribe, claimed, rung, &error, nothing()).await;
            };
            scribe.abandon(Vec::new()).await?;
            conclude(shared, "unknown");
            Ok(Verdict::Absent(wait))
        }
        End::Failed(error) if error.kind == ErrorKind::Busy => {
            tracing::debug!(code = error.code, "there is no room for it; put off");
            scribe.abandon(work.strokes.take()).await?;
            conclude(shared, "busy");
            Ok(Verdict::Absent(for_a_while(shared, &run)))
        }
        End::Failed(error) => {
            let rest = (work.strokes.take(), usage);
            failed(shared, &mut scribe, claimed, rung, &error, rest).await
        }
    }
}

/// Why an agent was not started.
enum Idle {
    /// It has been tried too often: a command that kills its workers never gets to report a failure.
    Exhausted(Error),
    /// Nobody here is called so.
    Absent(Error),
}

fn put_to_work(shared: &Shared, brief: Brief) -> Result<AtWork, Idle> {
    let name = &brief.context.agent;
    if brief.context.attempt > shared.options.max_attempts {
        return Err(Idle::Exhausted(Error::permanent(
            "attempts_exhausted",
            "The agent did not survive any attempt",
        )));
    }
    let Some(agent) = shared.agents.get(name) else {
        let sorry = format!("No agent called {name} is at work here");
        return Err(Idle::Absent(Error::permanent("agent_unknown", sorry)));
    };
    let entered = shared.runs.enter(brief.context.run.clone());
    let (pen, strokes) = pen::pen();
    let mut run = Run::new(brief.context, Box::new(pen));
    let running = async move { agent.run(&mut run).await };
    let task = shared.tasks.spawn(running.instrument(Span::current()));
    Ok(AtWork {
        task: AbortOnDropHandle::new(task),
        strokes,
        entered,
    })
}

fn conclude(shared: &Shared, outcome: &'static str) {
    Span::current().record("outcome", outcome);
    shared.metrics.attempt(outcome);
}

/// Puts off what newer workers know, for longer each time; `None` once none has come for `absence_ms`.
fn left_to_newer_ones(shared: &Shared, run: &RunId) -> Option<Duration> {
    let patience = Duration::from_millis(shared.options.absence_ms);
    let wait = |tries| jittered(shared.options.backoff(tries));
    shared.put_off.again(run, patience, wait)
}

fn none_newer(code: &'static str) -> Error {
    let sorry = "Only a newer version of this service can answer that, and none came to do it";
    Error::permanent(code, sorry)
}

/// Puts off what others may do, or may do soon: what it waits for ends elsewhere.
fn for_a_while(shared: &Shared, run: &RunId) -> Duration {
    let wait = jittered(shared.options.backoff(1));
    let put_off = shared.put_off.again(run, Duration::MAX, |_| wait);
    put_off.unwrap_or(wait)
}
