//! Invitations to a conversation: made, looked at, and followed.

use axum::{Json, extract::State};
use convene_proto::{
    error::ErrorCode,
    event::{Conversation, Participant, Role},
    id::{ConversationId, ParticipantId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Body, Path},
    conversations::{fetch, look},
    participants::add,
};
use crate::{
    auth::{self, Caller},
    error::{Refusal, Result},
    gateway::Gateway,
    limits::Budget,
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invite {
    /// Whoever has it can join: `POST /v1/join`.
    invite: String,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

/// Makes an invitation, to be passed on to whom one pleases.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/invites", tag = "conversations",
    params(("conversation" = String, Path)),
    responses((status = 200, body = Invite), Refusal))]
pub(super) async fn invite(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
) -> Result<Json<Invite>> {
    gateway.limits().check(&caller.id, Budget::Creation)?;
    let viewer = caller.participant();
    let looked = look(&gateway, &conversation, &viewer.to_string()).await?;
    let made_at = (looked.epoch, looked.conversation.head);
    let owner = looked
        .conversation
        .participants
        .into_iter()
        .find(|participant| participant.id == viewer && participant.role == Role::Owner)
        .ok_or_else(|| {
            Refusal::new(
                ErrorCode::Forbidden,
                "only an owner of the conversation may invite",
            )
        })?;
    let options = gateway.auth().options();
    let (invitation, invite) = auth::invitation(options, conversation, made_at, owner.name)?;
    Ok(Json(Invite {
        invite,
        expires_at: invitation.exp,
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    invite: String,
}

/// What an invitation invites to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invitation {
    conversation: ConversationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// What whoever made the invitation was called then.
    by: String,
    /// How many are in the conversation, its agents among them.
    participants: usize,
    /// Whether the caller is in it already: to join would change nothing.
    joined: bool,
    /// Seconds since 1970 (UTC).
    expires_at: u64,
}

/// Says what an invitation invites to, and changes nothing: for whoever has it to decide. One that
/// was made void is refused, as it is by joining, unless the caller is in the conversation anyhow.
#[utoipa::path(post, path = "/v1/invitation", tag = "conversations", request_body = Join,
    operation_id = "read_invitation", responses((status = 200, body = Invitation), Refusal))]
pub(super) async fn invitation(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body(Join { invite }): Body<Join>,
) -> Result<Json<Invitation>> {
    let (invitation, known, joined) = read(&gateway, &invite, &caller.participant()).await?;
    Ok(Json(Invitation {
        conversation: known.id,
        title: known.title,
        by: invitation.by,
        participants: known.participants.len(),
        joined,
        expires_at: invitation.exp,
    }))
}

/// An invitation, the conversation as it is now, and whether the reader is in it already.
async fn read(
    gateway: &Gateway,
    invite: &str,
    reader: &ParticipantId,
) -> Result<(auth::Invitation, Conversation, bool)> {
    let invitation = auth::read_invitation(gateway.auth().options(), invite)?;
    let looked = look(gateway, &invitation.conversation, "").await?;
    let known = looked.conversation;
    let joined = known.participants.iter().any(|one| one.id == *reader);
    // Whoever is in it sees as much without one.
    let void = !joined && invitation.head < looked.uninvited;
    if looked.epoch != invitation.epoch || void {
        return Err(auth::void_invitation());
    }
    Ok((invitation, known, joined))
}

/// Joins the conversation of an invitation.
#[utoipa::path(post, path = "/v1/join", tag = "conversations", request_body = Join,
    responses((status = 200, body = Conversation), Refusal))]
pub(super) async fn join(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body(join): Body<Join>,
) -> Result<Json<Conversation>> {
    gateway.limits().check(&caller.id, Budget::Creation)?;
    let viewer = caller.participant();
    let (invitation, ..) = read(&gateway, &join.invite, &viewer).await?;
    let conversation = invitation.conversation;
    let participant = Participant {
        id: viewer.clone(),
        name: caller.name,
        role: Role::Member,
    };
    let invited = Some(invitation.head);
    add(&gateway, &conversation, String::new(), participant, invited).await?;
    fetch(&gateway, &conversation, &viewer.to_string())
        .await
        .map(Json)
}
