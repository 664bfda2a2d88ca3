//! Conversations, and who is in them.

use axum::{Json, extract::State, http::StatusCode};
use convene_proto::{
    context::{
        AddParticipantRequest, CreateConversationRequest, GetConversationRequest,
        ListConversationsRequest, RemoveParticipantRequest, RenameConversationRequest,
    },
    convert::Invalid,
    error::ErrorCode,
    event::{Conversation, Participant, Role, TurnPolicy},
    id::{ConversationId, ParticipantId},
    position::{Epoch, Seq},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    agents::choose_agent,
    body::{Body, Path, Query},
};
use crate::{
    auth::{self, Caller},
    error::{Refusal, Result},
    gateway::Gateway,
    inbound,
    limits::Budget,
    words::one_line,
};

const PAGE: u32 = 50;
const TITLE_CHARS: usize = 120;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// 1 to 100; 50 if absent.
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conversations {
    conversations: Vec<Conversation>,
    /// Absent: no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One's conversations, most recently used first.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations", params(Page),
    operation_id = "list_conversations",
    responses((status = 200, body = Conversations), Refusal))]
pub(super) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Conversations>> {
    let reply = gateway
        .context()
        .list_conversations(ListConversationsRequest {
            viewer: caller.participant().to_string(),
            limit: page.limit.unwrap_or(PAGE).clamp(1, 100),
            after: page.after.unwrap_or_default(),
        })
        .await?;
    let conversations = reply
        .conversations
        .into_iter()
        .map(Conversation::try_from)
        .collect::<std::result::Result<_, _>>()?;
    Ok(Json(Conversations {
        conversations,
        next: Some(reply.next).filter(|next| !next.is_empty()),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConversation {
    /// Chosen by the client so that a retry makes no second one; absent: the server chooses.
    #[schema(value_type = Option<String>)]
    id: Option<ConversationId>,
    title: Option<String>,
    /// Who answers; absent: the server's default. `""`: nobody, only people talk.
    agent: Option<String>,
    policy: Option<TurnPolicy>,
}

/// Begins a conversation, with the caller as its owner.
#[utoipa::path(post, path = "/v1/conversations", tag = "conversations", request_body = NewConversation,
    responses((status = 201, body = Conversation), (status = 200, body = Conversation), Refusal))]
pub(super) async fn create(
    State(gateway): State<Gateway>,
    caller: Caller,
    Body(new): Body<NewConversation>,
) -> Result<(StatusCode, Json<Conversation>)> {
    gateway.limits().check(&caller.id, Budget::Creation)?;
    let mut participants = vec![Participant {
        id: caller.participant(),
        name: caller.name.clone(),
        role: Role::Owner,
    }];
    let agent = choose_agent(&gateway, new.agent.as_deref()).await?;
    if let Some(agent) = &agent {
        participants.push(Participant {
            id: ParticipantId::Agent(agent.name.clone()),
            name: agent.title.clone(),
            role: Role::Agent,
        });
    }
    let (agent, pool) = agent.map_or_else(
        || (String::new(), "default".to_owned()),
        |agent| (agent.name.to_string(), agent.pool),
    );
    let reply = gateway
        .context()
        .create_conversation(CreateConversationRequest {
            conversation: new.id.unwrap_or_else(ConversationId::random).to_string(),
            title: new
                .title
                .as_deref()
                .map(title)
                .transpose()?
                .unwrap_or_default(),
            agent,
            pool,
            policy: new.policy.unwrap_or_default().as_str().to_owned(),
            participants: participants.into_iter().map(Into::into).collect(),
        })
        .await?;
    let conversation: Conversation = reply
        .conversation
        .ok_or_else(|| Invalid::missing("conversation"))?
        .try_into()?;
    let status = if reply.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(conversation)))
}

/// One conversation.
#[utoipa::path(get, path = "/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = String, Path)),
    responses((status = 200, body = Conversation), Refusal))]
pub(super) async fn show(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
) -> Result<Json<Conversation>> {
    fetch(&gateway, &conversation, &caller.participant().to_string())
        .await
        .map(Json)
}

async fn fetch(gateway: &Gateway, id: &ConversationId, viewer: &str) -> Result<Conversation> {
    Ok(look(gateway, id, viewer).await?.conversation)
}

/// A conversation, and which invitations to it are good.
struct Looked {
    conversation: Conversation,
    epoch: Epoch,
    /// Those from before this event are void.
    uninvited: Seq,
}

async fn look(gateway: &Gateway, id: &ConversationId, viewer: &str) -> Result<Looked> {
    let reply = gateway
        .context()
        .get_conversation(GetConversationRequest {
            conversation: id.to_string(),
            viewer: viewer.to_owned(),
        })
        .await?;
    let conversation = reply
        .conversation
        .ok_or_else(|| Invalid::missing("conversation"))?;
    Ok(Looked {
        epoch: Epoch(conversation.epoch),
        conversation: conversation.try_into()?,
        uninvited: Seq(reply.uninvited),
    })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    title: String,
}

/// Gives a conversation another title. Takes an owner.
#[utoipa::path(patch, path = "/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = String, Path)), request_body = Rename,
    responses((status = 204), Refusal))]
pub(super) async fn rename(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Body(rename): Body<Rename>,
) -> Result<StatusCode> {
    let written = gateway
        .context()
        .rename_conversation(RenameConversationRequest {
            conversation: conversation.to_string(),
            viewer: caller.participant().to_string(),
            title: title(&rename.title)?,
        })
        .await?;
    inbound::announce(&gateway, &conversation, written).await?;
    Ok(StatusCode::NO_CONTENT)
}

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
async fn add(
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

fn title(text: &str) -> Result<String> {
    let tidy = one_line(text);
    if tidy.chars().count() > TITLE_CHARS {
        return Err(Refusal::bad_request(format!(
            "title must be at most {TITLE_CHARS} characters"
        )));
    }
    Ok(tidy)
}
