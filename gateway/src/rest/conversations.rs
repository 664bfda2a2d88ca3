//! Conversations: those that one is in, a new one, and what one is called.

use axum::{Json, extract::State, http::StatusCode};
use convene_proto::{
    context::{
        CreateConversationRequest, GetConversationRequest, ListConversationsRequest,
        RenameConversationRequest,
    },
    convert::Invalid,
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
    auth::Caller,
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

pub(super) async fn fetch(
    gateway: &Gateway,
    id: &ConversationId,
    viewer: &str,
) -> Result<Conversation> {
    Ok(look(gateway, id, viewer).await?.conversation)
}

/// A conversation, and which invitations to it are good.
pub(super) struct Looked {
    pub(super) conversation: Conversation,
    pub(super) epoch: Epoch,
    /// Those from before this event are void.
    pub(super) uninvited: Seq,
}

pub(super) async fn look(gateway: &Gateway, id: &ConversationId, viewer: &str) -> Result<Looked> {
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

fn title(text: &str) -> Result<String> {
    let tidy = one_line(text);
    if tidy.chars().count() > TITLE_CHARS {
        return Err(Refusal::bad_request(format!(
            "title must be at most {TITLE_CHARS} characters"
        )));
    }
    Ok(tidy)
}
