//! Who is in a conversation: brought in, and taken out.

use axum::{extract::State, http::StatusCode};
use convene_proto::{
    context::{AddParticipantRequest, RemoveParticipantRequest},
    event::{Participant, Role},
    id::{ConversationId, ParticipantId},
    position::Seq,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    agents::choose_agent,
    body::{Body, Path},
    conversations::fetch,
};
use crate::{
    auth::{self, Caller},
    error::{Refusal, Result},
    gateway::Gateway,
    inbound,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewParticipant {
    /// `user:<id>` or `agent:<name>`.
    #[schema(value_type = String)]
    id: ParticipantId,
    /// What to call them on screen; absent: as before, or else an agent's title and a person's id.
    name: Option<String>,
    /// What they may do; absent: a member. Agents are given none.
    role: Option<NewRole>,
}

/// The roles that an owner gives to people.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum NewRole {
    Owner,
    Member,
}

impl From<NewRole> for Role {
    fn from(role: NewRole) -> Self {
        match role {
            NewRole::Owner => Self::Owner,
            NewRole::Member => Self::Member,
        }
    }
}

/// Brings somebody in, or makes who is in it an owner: nobody loses a role in this way. Takes an
/// owner; staff may bring themselves in.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/participants", tag = "conversations",
    params(("conversation" = String, Path)), request_body = NewParticipant,
    responses((status = 204), Refusal))]
pub(super) async fn add_participant(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Body(new): Body<NewParticipant>,
) -> Result<StatusCode> {
    let own = new.id == caller.participant();
    let viewer = caller.participant().to_string();
    let mut agent = None;
    let (viewer, role) = match (&new.id, new.role) {
        (_, None) if own && caller.is_staff() => (String::new(), Role::Operator),
        (ParticipantId::User(_), role) => (viewer, role.unwrap_or(NewRole::Member).into()),
        (ParticipantId::Agent(name), None) => {
            agent = choose_agent(&gateway, Some(name.as_str())).await?;
            (viewer, Role::Agent)
        }
        (ParticipantId::Agent(_), Some(_)) => {
            return Err(Refusal::bad_request("an agent is given no role"));
        }
    };
    let name = match &new.name {
        _ if own => caller.name,
        Some(name) => {
            auth::tidy_name(name).ok_or_else(|| Refusal::bad_request("name must say something"))?
        }
        None => {
            let unknown = agent.map(|agent| agent.title);
            name_in(&gateway, &conversation, &viewer, &new.id, unknown).await?
        }
    };
    let participant = Participant {
        id: new.id,
        name,
        role,
    };
    add(&gateway, &conversation, viewer, participant, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What somebody is called in a conversation, or would be; an agent by its title.
async fn name_in(
    gateway: &Gateway,
    conversation: &ConversationId,
    viewer: &str,
    who: &ParticipantId,
    title: Option<String>,
) -> Result<String> {
    let known = fetch(gateway, conversation, viewer).await?;
    let known = known.participants.into_iter().find(|one| one.id == *who);
    Ok(match (known, who) {
        (Some(known), _) => known.name,
        (None, ParticipantId::User(id)) => id.to_string(),
        (None, ParticipantId::Agent(name)) => title.unwrap_or_else(|| name.to_string()),
    })
}

/// `invited`: they follow an invitation, made when this was the log's last event.
pub(super) async fn add(
    gateway: &Gateway,
    conversation: &ConversationId,
    viewer: String,
    participant: Participant,
    invited: Option<Seq>,
) -> Result<()> {
    let written = gateway
        .context()
        .add_participant(AddParticipantRequest {
            conversation: conversation.to_string(),
            viewer,
            participant: Some(participant.into()),
            invited: invited.map(|seq| seq.0),
        })
        .await?;
    inbound::announce(gateway, conversation, written).await
}

/// Takes somebody out. Takes an owner, or the one who goes; the only owner cannot leave other
/// people behind (`last_owner`). When an owner takes a person out, all invitations made before
/// are void, since whoever holds one could pass it on to them.
#[utoipa::path(delete, path = "/v1/conversations/{conversation}/participants/{participant}", tag = "conversations",
    params(("conversation" = String, Path), ("participant" = String, Path)),
    responses((status = 204), Refusal))]
pub(super) async fn remove_participant(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path((conversation, participant)): Path<(ConversationId, ParticipantId)>,
) -> Result<StatusCode> {
    let written = gateway
        .context()
        .remove_participant(RemoveParticipantRequest {
            conversation: conversation.to_string(),
            viewer: caller.participant().to_string(),
            participant: participant.to_string(),
        })
        .await?;
    inbound::announce(&gateway, &conversation, written).await?;
    Ok(StatusCode::NO_CONTENT)
}
