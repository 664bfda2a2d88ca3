//! Messages: sending them, reading them back, stopping the answer.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use convene_proto::{
    context::{Entry, ReadEventsReply, ReadEventsRequest},
    convert::Invalid,
    event::Event,
    frame::{NewAct, NewMessage, Signal},
    id::{ConversationId, MessageId, RunId},
    position::Seq,
};
use convene_runtime::trace::TraceContext;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Path, Query},
    said::{Said, Stretch},
};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
    inbound::{self, Submitted},
    notes::{self, Sight},
};

const PAGE: u32 = 100;

/// How many pages of the log are looked through for what takes messages back: a run says no more than
/// fits into them, unless many others speak meanwhile.
const PAGES_AHEAD: usize = 10;

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
    trace(&headers).let_in(&span);
    let message = new.id.clone();
    let submitting = inbound::submit(&gateway, &caller, &conversation, new);
    accepted(message, submitting).instrument(span).await
}

pub(super) fn trace(headers: &HeaderMap) -> TraceContext {
    let header = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    TraceContext {
        traceparent: header("traceparent"),
        tracestate: header("tracestate"),
    }
}

async fn accepted(
    message: MessageId,
    submitting: impl Future<Output = Result<Submitted>>,
) -> Result<(StatusCode, Json<Sent>)> {
    let seq = taken(submitting).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent { message, seq })))
}

/// Where the log took it, once its doorbell is confirmed.
pub(super) async fn taken(submitting: impl Future<Output = Result<Submitted>>) -> Result<Seq> {
    let submitted = submitting.await?;
    let seq = submitted.seq();
    submitted.rung().await?;
    Ok(seq)
}

/// Presses or submits what a message offers. Doing it again with the same id changes nothing and is
/// answered alike.
#[utoipa::path(post, path = "/v1/conversations/{conversation}/acts", tag = "messages",
    params(("conversation" = String, Path)), request_body = NewAct,
    responses((status = 202, body = Sent), Refusal))]
pub(super) async fn act(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    headers: HeaderMap,
    Body(new): Body<NewAct>,
) -> Result<(StatusCode, Json<Sent>)> {
    let span = tracing::info_span!("act", %conversation);
    trace(&headers).let_in(&span);
    let message = new.id.clone();
    let submitting = inbound::act(&gateway, &caller, &conversation, new);
    accepted(message, submitting).instrument(span).await
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
    #[schema(value_type = Vec<Event>)]
    events: Vec<Box<RawValue>>,
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
    let page = page(&gateway, &caller, &conversation, &span).await?;
    let sight = Sight::of(&caller, gateway.options());
    let events = page.entries.iter().map(|entry| raw(entry, sight));
    let events = events.collect::<Result<_>>()?;
    Ok(Json(History {
        events,
        head: Seq(page.head),
        first: Seq(page.first),
    }))
}

/// The event as the log has it, whichever version wrote it, but for what is not for everyone.
fn raw(entry: &Entry, sight: Sight) -> Result<Box<RawValue>> {
    let hidden = match sight {
        Sight::Everything => None,
        Sight::WithoutNotes => notes::hidden(&entry.body),
    };
    let json = match hidden {
        None => entry.event_json()?,
        Some(body) => Entry {
            body: body.into(),
            ..entry.clone()
        }
        .event_json()?,
    };
    let json = RawValue::from_string(json);
    json.map_err(|error| Invalid::new("body", error.to_string()).into())
}

async fn page(
    gateway: &Gateway,
    caller: &Caller,
    conversation: &ConversationId,
    span: &Span,
) -> Result<ReadEventsReply> {
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
    let request = ReadEventsRequest {
        conversation: conversation.to_string(),
        viewer: caller.participant().to_string(),
        after: span.after.unwrap_or(0),
        before,
        limit: span.limit.unwrap_or(PAGE).clamp(1, 1000),
    };
    gateway.context().read_events(request).await
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Messages {
    /// Oldest first, without what was taken back. A page of the log in which little was said has few.
    messages: Vec<Said>,
    /// Give this as `before` for the page in front; absent: this is the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Seq>,
}

/// What was said, in whole messages. What a run that is not over has said may still be taken back.
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
    let page = page(&gateway, &caller, &conversation, &span).await?;
    let first = page.entries.first().map(|entry| Seq(entry.seq));
    let before = first.filter(|seq| seq.0 > page.first);
    let mut stretch = Stretch::default();
    for entry in &page.entries {
        stretch.read(entry);
    }
    let mut last = page.entries.last().map_or(page.head, |entry| entry.seq);
    for _ in 0..PAGES_AHEAD {
        if !stretch.wants_more() || last >= page.head {
            break;
        }
        let ahead = Span {
            after: Some(last),
            before: None,
            limit: None,
        };
        let ahead = self::page(&gateway, &caller, &conversation, &ahead).await?;
        for entry in &ahead.entries {
            stretch.read_on(entry);
        }
        last = ahead.entries.last().map_or(page.head, |entry| entry.seq);
    }
    Ok(Json(Messages {
        messages: stretch.into_said(),
        before,
    }))
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
