//! Who one is, and whom one can talk to.

use axum::{Extension, Json, extract::State};
use convene_proto::{context::ListAgentsRequest, frame::Problem, id::ParticipantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use crate::{
    accept::Peer,
    auth::{self, Account, Caller},
    error::{Refusal, Result},
    gateway::Gateway,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGuest {
    /// What to call them on screen.
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Guest {
    token: String,
    #[schema(value_type = String)]
    participant: ParticipantId,
    name: String,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

/// A token for somebody who comes in under a name alone, where guests are let in.
#[utoipa::path(post, path = "/v1/auth/guest", tag = "people", request_body = NewGuest,
    responses((status = 200, body = Guest), (status = "4XX", body = Problem)))]
pub(super) async fn guest(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Body(new): Body<NewGuest>,
) -> Result<Json<Guest>> {
    gateway.limits().check_stranger(peer.0)?;
    let name = auth::tidy_name(&new.name)
        .ok_or_else(|| Refusal::bad_request("name must say something"))?;
    let (claims, token) = auth::guest(gateway.auth().options(), name.clone())?;
    Ok(Json(Guest {
        token,
        participant: ParticipantId::User(claims.sub),
        name,
        expires_at: claims.exp,
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    #[schema(value_type = String)]
    participant: ParticipantId,
    name: String,
    role: Account,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

/// Who the token says that one is.
#[utoipa::path(get, path = "/v1/me", tag = "people",
    responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
pub(super) async fn me(caller: Caller) -> Json<Me> {
    Json(Me {
        participant: caller.participant(),
        name: caller.name,
        role: caller.account,
        expires_at: caller.expires_at,
    })
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Agent {
    name: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Whether it answers in conversations that name no agent.
    default: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Agents {
    agents: Vec<Agent>,
}

/// The agents that some worker hosts now.
#[utoipa::path(get, path = "/v1/agents", tag = "people",
    responses((status = 200, body = Agents), (status = "4XX", body = Problem)))]
pub(super) async fn agents(
    State(gateway): State<Gateway>,
    _caller: Caller,
) -> Result<Json<Agents>> {
    let reply = gateway.context().list_agents(ListAgentsRequest {}).await?;
    let default = gateway
        .default_agent()
        .map(|default| default.agent.as_str());
    let agents = reply
        .agents
        .into_iter()
        .map(|agent| Agent {
            default: default == Some(agent.name.as_str()),
            model: Some(agent.model).filter(|model| !model.is_empty()),
            name: agent.name,
            description: agent.description,
        })
        .collect();
    Ok(Json(Agents { agents }))
}
