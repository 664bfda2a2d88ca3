//! Says every few seconds which agents this worker hosts, so that people can choose among them.

use std::{sync::Arc, time::Duration};

use convene_proto::context::{Agent, AnnounceRequest};
use tokio::time::{sleep, timeout};

use crate::{run::lease::millis, worker::Shared};

const PERIOD: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_secs(3);

/// An agent is forgotten when its worker has been silent for so long.
const TTL: Duration = Duration::from_secs(15);

/// Announces now and then, for ever.
pub(crate) async fn announce(shared: Arc<Shared>) {
    let mut inbox = shared.inbox.clone();
    if inbox.wait_for(|name| !name.is_empty()).await.is_err() {
        return;
    }
    loop {
        let mut context = shared.context.clone();
        let request = AnnounceRequest {
            inbox: shared.inbox_name(),
            pool: shared.options.pool.to_string(),
            agents: agents(&shared),
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
        sleep(pause).await;
    }
}

fn agents(shared: &Shared) -> Vec<Agent> {
    let pool = shared.options.pool.to_string();
    let hosted = shared.agents.iter();
    hosted
        .map(|(name, agent)| Agent {
            name: name.to_string(),
            description: agent.description(),
            model: agent.model().unwrap_or_default(),
            pool: pool.clone(),
        })
        .collect()
}
