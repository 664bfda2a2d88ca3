//! The agents at work: which there are, and which one answers.

use axum::{Json, extract::State};
use convene_proto::{
    context::{self, ListAgentsRequest},
    convert,
    id::AgentName,
    suggestion::Suggestion,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{self, Caller},
    error::{Refusal, Result},
    gateway::{DefaultAgent, Gateway},
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Agent {
    name: String,
    /// What to call it on screen.
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Whether it answers in conversations that name no agent.
    default: bool,
    /// False while it still learns: what is said to it waits until it is.
    ready: bool,
    /// What one could say to it first, in its languages.
    suggestions: Vec<Suggestion>,
    /// What keeps it from answering as it should, and what to do about it: told to operators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Agents {
    agents: Vec<Agent>,
}

/// The agents that some worker hosts now.
#[utoipa::path(get, path = "/v1/agents", tag = "people",
    responses((status = 200, body = Agents), Refusal))]
pub(super) async fn agents(State(gateway): State<Gateway>, caller: Caller) -> Result<Json<Agents>> {
    let reply = gateway.context().list_agents(ListAgentsRequest {}).await?;
    let default = gateway
        .default_agent()
        .map(|default| default.agent.as_str());
    let agents = reply
        .agents
        .into_iter()
        .map(|agent| Agent {
            default: default == Some(agent.name.as_str()),
            title: title_of(&agent),
            ready: !agent.learning,
            model: Some(agent.model).filter(|model| !model.is_empty()),
            name: agent.name,
            description: agent.description,
            suggestions: agent.suggestions.into_iter().map(Into::into).collect(),
            trouble: Some(agent.trouble).filter(|why| !why.is_empty() && caller.is_staff()),
        })
        .collect();
    Ok(Json(Agents { agents }))
}

/// What an agent is called on screen.
fn title_of(agent: &context::Agent) -> String {
    auth::tidy_name(&agent.title).unwrap_or_else(|| agent.name.clone())
}

/// Who answers in a conversation.
pub(super) struct Chosen {
    pub(super) name: AgentName,
    /// What to call it on screen.
    pub(super) title: String,
    pub(super) pool: String,
}

/// Whom the caller wants, or else the default; none where only people are to talk.
pub(super) async fn choose_agent(
    gateway: &Gateway,
    wanted: Option<&str>,
) -> Result<Option<Chosen>> {
    match wanted {
        Some("") => Ok(None),
        None => Ok(match gateway.default_agent() {
            Some(default) => Some(chosen_by_default(gateway, default).await),
            None => None,
        }),
        Some(wanted) => {
            let reply = gateway.context().list_agents(ListAgentsRequest {}).await?;
            let agent = reply
                .agents
                .iter()
                .find(|agent| agent.name == wanted)
                .ok_or_else(|| {
                    let mut at_work: Vec<_> = reply
                        .agents
                        .iter()
                        .map(|agent| agent.name.as_str())
                        .collect();
                    at_work.dedup();
                    Refusal::bad_request(format!(
                        "no agent {wanted:?} is at work; those that are: {}",
                        at_work.join(", ")
                    ))
                })?;
            Ok(Some(Chosen {
                name: convert::field("agent", &agent.name)?,
                title: title_of(agent),
                pool: agent.pool.clone(),
            }))
        }
    }
}

/// It answers also where no worker is there yet that could say what it is called.
async fn chosen_by_default(gateway: &Gateway, default: &DefaultAgent) -> Chosen {
    let name = default.agent.clone();
    let reply = gateway.context().list_agents(ListAgentsRequest {}).await;
    let agents = reply.map(|reply| reply.agents).unwrap_or_default();
    let announced = agents.iter().find(|agent| agent.name == name.as_str());
    let settled = default.title.as_deref().and_then(auth::tidy_name);
    let title = announced.map(title_of).or(settled);
    Chosen {
        title: title.unwrap_or_else(|| name.to_string()),
        name,
        pool: default.pool.to_string(),
    }
}
