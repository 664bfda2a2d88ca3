//! Agents that are not ready yet, such as one that still learns: what is for them waits, and that is no attempt.

use std::time::Duration;

use convene_agent::{AgentName, Error, RunId};
use convene_proto::bus::Doorbell;
use futures_util::FutureExt as _;
use tokio::{task::unconstrained, time::sleep};

use super::jittered;
use crate::worker::Shared;

/// A doorbell stays in hand for so long, so that its message is answered as soon as its agent is ready. Then
/// others get the hand.
const IN_HAND: Duration = Duration::from_secs(10);

/// Since it was found not ready.
const PATIENCE: Duration = Duration::from_mins(10);

/// Waits a while until the agent is ready that the doorbell names, if it is ours. False where the worker is to
/// stop before: others may be ready.
pub(crate) async fn awaited(shared: &Shared, doorbell: &Doorbell) -> bool {
    let named = doorbell.command.as_ref();
    let named = named.and_then(|command| command.agent.parse::<AgentName>().ok());
    let Some(agent) = named.and_then(|name| shared.agents.get(&name)) else {
        return true;
    };
    tokio::select! {
        biased;
        () = agent.ready() => true,
        () = shared.tasks.stopping() => false,
        () = sleep(IN_HAND) => true,
    }
}

/// Whether there is no reason to wait for it.
pub(super) fn is_so(shared: &Shared, name: &AgentName) -> bool {
    let agent = shared.agents.get(name);
    // It is asked once, however long its task has been at work.
    agent.is_none_or(|agent| unconstrained(agent.ready()).now_or_never().is_some())
}

/// Puts a run off, for longer each time; an error once its agent was not ready for too long.
pub(super) fn put_off(shared: &Shared, run: &RunId) -> Result<Duration, Error> {
    let wait = |tries| jittered(shared.options.backoff(tries));
    let wait = shared.put_off.again(run, PATIENCE, wait);
    wait.ok_or_else(|| {
        let sorry = "The agent has not become ready to answer";
        Error::permanent("agent_not_ready", sorry)
    })
}
