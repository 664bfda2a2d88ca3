//! The agents that workers announce.

use std::time::Duration;

use convene_proto::{
    id::{AgentName, Inbox, Pool},
    suggestion::Suggestion,
};
use serde::{Deserialize, Serialize};

use super::{Call, RedisStore, Reply};
use crate::store::{AgentInfo, Error, Result};

/// An agent as it is kept, so that the port's type may change its fields' names.
#[derive(Serialize, Deserialize)]
struct Announced {
    name: AgentName,
    #[serde(default)]
    title: Option<String>,
    description: String,
    model: Option<String>,
    pool: Pool,
    #[serde(default)]
    is_learning: bool,
    #[serde(default)]
    suggestions: Vec<Suggestion>,
    #[serde(default)]
    trouble: Option<String>,
}

pub(super) async fn announce(
    store: &RedisStore,
    inbox: &Inbox,
    agents: &[AgentInfo],
    ttl: Duration,
) -> Result<()> {
    let agents: Vec<_> = agents
        .iter()
        .cloned()
        .map(|agent| Announced {
            name: agent.name,
            title: agent.title,
            description: agent.description,
            model: agent.model,
            pool: agent.pool,
            is_learning: agent.is_learning,
            suggestions: agent.suggestions,
            trouble: agent.trouble,
        })
        .collect();
    let call = Call::new("announce", &store.keys.agents())
        .text(inbox)
        .arg(serde_json::to_vec(&agents).map_err(corrupt)?)
        .time(ttl);
    store.value(call).await?;
    Ok(())
}

pub(super) async fn all(store: &RedisStore) -> Result<Vec<AgentInfo>> {
    latest(
        store
            .call(Call::new("agents", &store.keys.agents()))
            .await?,
    )
}

/// Each as it was announced last, from texts `<when> <agents>`.
fn latest(mut reply: Reply) -> Result<Vec<AgentInfo>> {
    let mut announced = Vec::new();
    while !reply.is_empty() {
        let text = reply.text()?;
        let (at, agents) = text.split_once(' ').unwrap_or_default();
        let at: u64 = at.parse().map_err(corrupt)?;
        let agents: Vec<Announced> = serde_json::from_str(agents).map_err(corrupt)?;
        announced.push((at, agents));
    }
    announced.sort_by_key(|(at, _)| *at);
    let agents = announced.into_iter().flat_map(|(_, agents)| agents);
    let infos = agents.map(|agent| AgentInfo {
        name: agent.name,
        title: agent.title,
        description: agent.description,
        model: agent.model,
        pool: agent.pool,
        is_learning: agent.is_learning,
        suggestions: agent.suggestions,
        trouble: agent.trouble,
    });
    Ok(AgentInfo::latest(infos))
}

fn corrupt(error: impl ToString) -> Error {
    Error::Corrupt(error.to_string())
}
