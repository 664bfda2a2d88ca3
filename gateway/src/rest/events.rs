//! Events from outside: a backend tells a conversation that something happened.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use convene_proto::{
    error::ErrorCode,
    frame::NewEvent,
    id::{ConversationId, MessageId},
    position::Seq,
};
use serde::Serialize;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::{
    body::{Body, Path},
    messages,
};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
    inbound,
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told {
    #[schema(value_type = String)]
    event: MessageId,
    /// Where the log took it.
    seq: Seq,
}

/// Tells the conversation that something happened outside: it stands in the log, and wakes the
/// conversation's agent. For operators and administrators, who need not be in the conversation.
/// Telling it again with the same id changes nothing and is answered alike.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/events", tag = "messages",
    operation_id = "tell_event",
    params(("conversation" = String, Path)), request_body = NewEvent,
    responses((status = 202, body = Told), Refusal))]
pub(super) async fn tell(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    headers: HeaderMap,
    Body(new): Body<NewEvent>,
) -> Result<(StatusCode, Json<Told>)> {
    if !caller.is_staff() {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "events are told with the token of an operator or an administrator",
        ));
    }
    let span = tracing::info_span!("happen", %conversation);
    messages::trace(&headers).let_in(&span);
    let event = new.id.clone();
    let telling = inbound::happen(&gateway, &caller, &conversation, new);
    let seq = messages::taken(telling).instrument(span).await?;
    Ok((StatusCode::ACCEPTED, Json(Told { event, seq })))
}
