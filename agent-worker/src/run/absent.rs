//! A run whose agent this worker does not host: another worker of the pool may, now or once it has
//! started.

use std::{collections::HashMap, sync::Arc, time::Duration};

use convene_proto::context::{Claimed, ListAgentsRequest};
use convene_runtime::clock::now_ms;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::worker::Shared;

const PERIOD: Duration = Duration::from_secs(5);

/// Asking must not cost the lease.
const DEADLINE: Duration = Duration::from_millis(200);

/// Who has not looked for so long does not know who was at work meanwhile.
const BLIND_AFTER: Duration = Duration::from_secs(15);

/// When this worker last saw which of its pool's agents at work, anywhere.
#[derive(Debug, Default)]
pub(crate) struct Sightings(Mutex<Option<Seen>>);

#[derive(Debug)]
struct Seen {
    /// Since when it has looked again and again.
    since: Instant,
    looked: Instant,
    agents: HashMap<String, Instant>,
}

impl Sightings {
    /// Takes down who is at work now, and forgets who was not for so long that it makes no difference.
    fn note(&self, at_work: impl Iterator<Item = String>, forget_after: Duration) {
        let now = Instant::now();
        let mut seen = self.0.lock();
        let seen = match &mut *seen {
            Some(seen) if now - seen.looked <= BLIND_AFTER => seen,
            blind => blind.insert(Seen {
                since: now,
                looked: now,
                agents: HashMap::new(),
            }),
        };
        seen.looked = now;
        seen.agents.retain(|_, at| now - *at < forget_after);
        seen.agents.extend(at_work.map(|agent| (agent, now)));
    }

    /// For how long it is known that nobody hosts the agent; `None` where somebody does, or may.
    fn absence(&self, agent: &str) -> Option<Duration> {
        let seen = self.0.lock();
        let seen = seen.as_ref()?;
        let last = *seen.agents.get(agent).unwrap_or(&seen.since);
        (last < seen.looked).then(|| last.elapsed())
    }
}

/// Looks who is at work now and then, for ever.
pub(crate) async fn look(shared: Arc<Shared>) {
    loop {
        look_now(&shared).await;
        sleep(PERIOD).await;
    }
}

/// Whether it could.
async fn look_now(shared: &Shared) -> bool {
    let mut context = shared.context.clone();
    match timeout(DEADLINE, context.list_agents(ListAgentsRequest {})).await {
        Ok(Ok(known)) => {
            let agents = known.into_inner().agents.into_iter();
            let ours = agents.filter(|known| known.pool == shared.options.pool.as_str());
            let forget_after = Duration::from_millis(shared.options.absence_ms);
            shared
                .sightings
                .note(ours.map(|known| known.name), forget_after);
            true
        }
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Whether the run has waited for long enough, and its agent has been away for as long: its only
/// worker may just be starting anew. Who cannot find out goes on waiting.
pub(super) async fn is_given_up(shared: &Shared, claimed: &Claimed) -> bool {
    let oldest = claimed.inputs.iter().map(|input| input.at).min();
    let waited = now_ms().saturating_sub(oldest.unwrap_or_default());
    let patience = Duration::from_millis(shared.options.absence_ms);
    Duration::from_millis(waited) >= patience
        && look_now(shared).await
        && shared
            .sightings
            .absence(&claimed.agent)
            .is_some_and(|absence| absence >= patience)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn look(sightings: &Sightings, at_work: &[&str]) {
        sightings.note(at_work.iter().map(ToString::to_string), MINUTE);
    }

    async fn look_for_a_minute(sightings: &Sightings, at_work: &[&str]) {
        for _ in 0..12 {
            advance(PERIOD).await;
            look(sightings, at_work);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_absence_begins_when_the_agent_was_last_seen() {
        let sightings = Sightings::default();
        look(&sightings, &[]);
        look_for_a_minute(&sightings, &["guide"]).await;
        assert_eq!(sightings.absence("guide"), None);
        assert_eq!(sightings.absence("other"), Some(MINUTE));
        look_for_a_minute(&sightings, &[]).await;
        assert!(sightings.absence("guide") >= Some(MINUTE));
        look(&sightings, &["guide"]);
        assert_eq!(sightings.absence("guide"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_known_to_be_absent_while_nobody_looked() {
        let sightings = Sightings::default();
        advance(MINUTE).await;
        assert_eq!(sightings.absence("guide"), None);
        look(&sightings, &["guide"]);
        advance(MINUTE).await;
        look(&sightings, &[]);
        assert_eq!(sightings.absence("guide"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_seen_long_ago_is_forgotten() {
        let sightings = Sightings::default();
        look(&sightings, &["guide"]);
        look_for_a_minute(&sightings, &[]).await;
        assert!(sightings.0.lock().as_ref().unwrap().agents.is_empty());
    }
}
