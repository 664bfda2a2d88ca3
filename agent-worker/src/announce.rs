//! Says every few seconds which agents this worker hosts, so that people can choose among them, and at once when
//! one has become ready.

use std::{collections::BTreeSet, future, sync::Arc, time::Duration};

use convene_agent::AgentName;
use convene_proto::{
    context::{Agent, AnnounceRequest},
    suggestion::{MOST_SUGGESTIONS, Suggestion},
};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    task::unconstrained,
    time::{sleep, timeout},
};

use crate::{run::lease::millis, worker::Shared};

const PERIOD: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_secs(3);

/// An agent is forgotten when its worker has been silent for so long.
const TTL: Duration = Duration::from_secs(15);

/// The longest text about an agent that the context service takes, in bytes.
const LONGEST: usize = 1000;

/// Announces now and then, for ever.
pub(crate) async fn announce(shared: Arc<Shared>) {
    let mut inbox = shared.inbox.clone();
    if inbox.wait_for(|name| !name.is_empty()).await.is_err() {
        return;
    }
    let mut pupils = Pupils::of(&shared);
    loop {
        pupils.count();
        let mut context = shared.context.clone();
        let request = AnnounceRequest {
            inbox: shared.inbox_name(),
            pool: shared.options.pool.to_string(),
            agents: agents(&shared, &pupils.learning),
            ttl_ms: millis(TTL),
        };
        let pause = match timeout(DEADLINE, context.announce(request)).await {
            Ok(Ok(_)) => PERIOD,
            Ok(Err(status)) => {
                tracing::debug!(%status, "the agents are not announced");
                SOON
            }
            Err(_) => SOON,
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = pupils.one_has_learnt() => {}
        }
    }
}

/// Those that are not ready yet: each is asked once, and then waited for.
struct Pupils {
    learning: BTreeSet<AgentName>,
    asked: FuturesUnordered<BoxFuture<'static, AgentName>>,
}

impl Pupils {
    fn of(shared: &Shared) -> Self {
        let ask = |(name, agent): (&AgentName, &Arc<dyn convene_agent::Agent>)| {
            let (name, agent) = (name.clone(), agent.clone());
            async move {
                agent.ready().await;
                name
            }
            .boxed()
        };
        Self {
            learning: shared.agents.iter().map(|(name, _)| name.clone()).collect(),
            asked: shared.agents.iter().map(ask).collect(),
        }
    }

    /// Takes out whoever is ready now.
    fn count(&mut self) {
        while let Some(Some(name)) = unconstrained(self.asked.next()).now_or_never() {
            self.learning.remove(&name);
        }
    }

    /// Ends once another one is ready; where all are, never.
    async fn one_has_learnt(&mut self) {
        match self.asked.next().await {
            Some(name) => self.learning.remove(&name),
            None => future::pending().await,
        };
    }
}

fn agents(shared: &Shared, learning: &BTreeSet<AgentName>) -> Vec<Agent> {
    let pool = shared.options.pool.to_string();
    let hosted = shared.agents.iter();
    hosted
        .map(|(name, agent)| Agent {
            name: name.to_string(),
            title: clipped(shared.agents.title(name).unwrap_or_default()),
            description: clipped(agent.description()),
            model: agent.model().unwrap_or_default(),
            pool: pool.clone(),
            learning: learning.contains(name),
            suggestions: suggestions(agent.as_ref()),
            trouble: clipped(agent.trouble().unwrap_or_default()),
        })
        .collect()
}

fn suggestions(agent: &dyn convene_agent::Agent) -> Vec<convene_proto::context::Suggestion> {
    let short = agent.suggestions().into_iter().filter(Suggestion::is_short);
    short.take(MOST_SUGGESTIONS).map(Into::into).collect()
}

/// One that is too long must not keep all of them unknown.
fn clipped(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}
