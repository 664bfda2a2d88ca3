//! Messages: sending them, reading them back, stopping the answer.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use convene_proto::{
    context::ReadEventsRequest,
    event::{Event, EventBody, Message},
    frame::{NewMessage, Signal},
    id::{ConversationId, MessageId, RunId},
    position::{Eid, Seq},
};
use convene_runtime::trace::TraceContext;
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Path, Query};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
    inbound,
};

const PAGE: u32 = 100;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sent {
    #[schema(value_type = String)]
    message: MessageId,
    /// Where the log took it.
    seq: Seq,
}

/// Says something. Saying it again with the same id changes nothing and is answered alike.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/messages", tag = "messages",
    operation_id = "send_message",
    params(("conversation" = String, Path)), request_body = NewMessage,
    responses((status = 202, body = Sent), Refusal))]
pub(super) async fn send(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    headers: HeaderMap,
    Body(new): Body<NewMessage>,
) -> Result<(StatusCode, Json<Sent>)> {
    let span = tracing::info_span!("send", %conversation);
    let header = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let trace = TraceContext {
        traceparent: header("traceparent"),
        tracestate: header("tracestate"),
    };
    trace.let_in(&span);
    let message = new.id.clone();
    let sending = async {
        let submitted = inbound::submit(&gateway, &caller, &conversation, new).await?;
        let seq = submitted.seq();
        submitted.rung().await?;
        Ok((StatusCode::ACCEPTED, Json(Sent { message, seq })))
    };
    sending.instrument(span).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    /// Only what came after this number, oldest first.
    after: Option<u64>,
    /// Only what came before this number, the newest of it. Absent both: the newest of all.
    before: Option<u64>,
    /// 1 to 1000; 100 if absent.
    limit: Option<u32>,
}

/// A page of the log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    events: Vec<Event>,
    /// The number of the last event there is.
    head: Seq,
    /// The number of the oldest event that retention has kept.
    first: Seq,
}

/// The log itself, in pages.
#[utoipa::path(get, path = "/v1/conversations/{conversation}/history", tag = "messages",
    params(("conversation" = String, Path), Span),
    responses((status = 200, body = History), Refusal))]
pub(super) async fn history(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Query(span): Query<Span>,
) -> Result<Json<History>> {
    page(&gateway, &caller, &conversation, &span)
        .await
        .map(Json)
}

async fn page(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    span: &Span,
) -> Result<History> {
    if span.after.is_some() && span.before.is_some() {
        return Err(Refusal::bad_request("give `after` or `before`, not both"));
    }
    let before = match (span.after, span.before) {
        (Some(_), _) => 0,
        (None, before) => before.unwrap_or(u64::MAX),
    };
    if span.before == Some(0) {
        return Err(Refusal::bad_request(
            "`before` must be 1 or more: events count from 1",
        ));
    }
    let reply = gateway
        .context()
        .read_events(ReadEventsRequest {
            conversation: conversation.to_string(),
            viewer: caller.participant().to_string(),
            after: span.after.unwrap_or(0),
            before,
            limit: span.limit.unwrap_or(PAGE).clamp(1, 1000),
        })
        .await?;
    let mut events = Vec::with_capacity(reply.entries.len());
    for entry in reply.entries {
        events.push(Event {
            seq: Seq(entry.seq),
            eid: Eid(entry.eid),
            at: entry.at,
            body: EventBody::decode(&entry.body)?,
        });
    }
    Ok(History {
        events,
        head: Seq(reply.head),
        first: Seq(reply.first),
    })
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Said {
    seq: Seq,
    /// Milliseconds since 1970 (UTC).
    at: u64,
    #[serde(flatten)]
    message: Message,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Messages {
    /// Oldest first. A page of the log in which little was said has few.
    messages: Vec<Said>,
    /// Give this as `before` for the page in front; absent: this is the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Seq>,
}

/// What was said, in whole messages.
#[utoipa::path(get, path = "/v1/conversations/{conversation}/messages", tag = "messages",
    operation_id = "list_messages",
    params(("conversation" = String, Path), Span),
    responses((status = 200, body = Messages), Refusal))]
pub(super) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Query(span): Query<Span>,
) -> Result<Json<Messages>> {
    let history = page(&gateway, &caller, &conversation, &span).await?;
    let before = history
        .events
        .first()
        .map(|event| event.seq)
        .filter(|seq| *seq > history.first);
    let messages = history
        .events
        .into_iter()
        .filter_map(|event| match event.body {
            EventBody::MessageCreated { message } | EventBody::MessageCompleted { message, .. } => {
                Some(Said {
                    seq: event.seq,
                    at: event.at,
                    message,
                })
            }
            _ => None,
        })
        .collect();
    Ok(Json(Messages { messages, before }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    /// Only this run; absent: whichever is under way.
    #[schema(value_type = Option<String>)]
    run: Option<RunId>,
}

/// Stops the run under way; what it has said so far is kept.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/cancel", tag = "messages",
    params(("conversation" = String, Path)), request_body = Cancel,
    responses((status = 202), Refusal))]
pub(super) async fn cancel(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Body(cancel): Body<Cancel>,
) -> Result<StatusCode> {
    inbound::cancel(&gateway, &caller, &conversation, cancel.run).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Shows the others that one is typing, for a few seconds.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/typing", tag = "messages",
    params(("conversation" = String, Path)),
    responses((status = 204), Refusal))]
pub(super) async fn typing(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
) -> Result<StatusCode> {
    inbound::signal(&gateway, &caller, &conversation, Signal::Typing).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    seq: Seq,
}

/// Shows the others how far one has read.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/read", tag = "messages",
    params(("conversation" = String, Path)), request_body = Read,
    responses((status = 204), Refusal))]
pub(super) async fn read(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Body(read): Body<Read>,
) -> Result<StatusCode> {
    let signal = Signal::Read { seq: read.seq };
    inbound::signal(&gateway, &caller, &conversation, signal).await?;
    Ok(StatusCode::NO_CONTENT)
}
