//! Server-sent events: one conversation a stream. The `id:` of each event is a position, so a
//! browser that reconnects resumes at the exact byte, on any gateway.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use convene_proto::{id::ConversationId, position::Position};
use futures_util::stream;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{Encoded, Subscription, Turn, Wake},
    limits::Place,
    metrics::Connected,
    rest::{Path, Query},
};

/// Milliseconds after which a client that lost the stream tries again.
const RETRY_MS: u32 = 1000;
/// A draining gateway's streams send their clients elsewhere sooner.
const DRAIN_RETRY_MS: u32 = 200;
/// Between comments that keep proxies from closing a silent stream.
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    /// A position; the `Last-Event-ID` header, which browsers send by themselves, counts first.
    after: Option<Position>,
}

/// The conversation's events and deltas as server-sent events, beginning with `resumed`,
/// `snapshot` or `reset`. Each event's name is the frame's type, its data the same JSON as on the
/// WebSocket, its id the position behind it.
#[utoipa::path(
    get, path = "/v1/conversations/{conversation}/events", tag = "stream",
    params(("conversation" = String, Path), After, ("Last-Event-ID" = Option<String>, Header)),
    responses(
        (status = 200, content_type = "text/event-stream", body = convene_proto::frame::ServerFrame),
        Refusal,
    ),
)]
pub(crate) async fn events(
    State(gateway): State<Gateway>,
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Result<Response> {
    let last = headers
        .get("last-event-id")
        .map(|id| id.to_str().unwrap_or_default())
        .filter(|id| !id.is_empty())
        .map(|id| {
            id.parse::<Position>()
                .map_err(|error| Refusal::bad_request(format!("Last-Event-ID is {error}")))
        })
        .transpose()?;
    let place = gateway.limits().connect(&caller.id)?;
    let wake = Arc::new(Wake::default());
    let viewer = caller.participant();
    let (opening, subscription) = gateway
        .hub()
        .open(&conversation, &viewer, last.or(query.after), &wake)
        .await?;
    let mut first = format!("retry: {RETRY_MS}\n\n");
    for frame in opening.frames(None)? {
        push(&mut first, &frame);
    }
    let reader = Reader {
        _connected: gateway.metrics().connected(),
        _place: place,
        expires: Instant::now()
            + Duration::from_millis(
                caller
                    .expires_at
                    .saturating_mul(1000)
                    .saturating_sub(convene_runtime::clock::now_ms())
                    .min(24 * 3600 * 1000),
            ),
        gateway,
        subscription,
        wake,
        first: Some(first),
        ended: false,
    };
    let body = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), reader))
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

struct Reader {
    gateway: Gateway,
    subscription: Subscription,
    wake: Arc<Wake>,
    first: Option<String>,
    expires: Instant,
    ended: bool,
    _connected: Connected,
    _place: Place,
}

impl Reader {
    /// The next chunk; hyper asks for it when the last one has left, so the client sets the pace.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.ended {
            return None;
        }
        let tasks = self.gateway.tasks().clone();
        loop {
            tokio::select! {
                biased;
                () = tasks.stopping() => {
                    self.ended = true;
                    return Some(format!("retry: {DRAIN_RETRY_MS}\n\n"));
                }
                // The stream ends; the client's next request is told why.
                () = sleep_until(self.expires) => return None,
                _ = self.wake.ready() => {}
                () = tokio::time::sleep(HEARTBEAT) => return Some(":\n\n".to_owned()),
            }
            match self.turn().await {
                Ok(chunk) if chunk.is_empty() && self.ended => return None,
                Ok(chunk) if chunk.is_empty() => {}
                Ok(chunk) => return Some(chunk),
                Err(error) => {
                    tracing::info!(%error, "an event stream could not catch up");
                    return None;
                }
            }
        }
    }

    async fn turn(&mut self) -> Result<String> {
        let frames = match self.subscription.turn().await? {
            Turn::Idle => Vec::new(),
            Turn::Over => {
                self.ended = true;
                Vec::new()
            }
            Turn::Frames(frames) => frames,
            Turn::Lost => {
                let (opening, subscription) = self
                    .gateway
                    .hub()
                    .open(
                        self.subscription.conversation(),
                        self.subscription.viewer(),
                        Some(self.subscription.position()),
                        &self.wake,
                    )
                    .await?;
                self.subscription = subscription;
                opening.frames(None)?
            }
        };
        let mut chunk = String::new();
        for frame in &frames {
            push(&mut chunk, frame);
        }
        Ok(chunk)
    }
}

/// One event. The JSON has no line breaks: serde escapes them.
fn push(chunk: &mut String, frame: &Encoded) {
    chunk.reserve(frame.json.len() + 120);
    if let Some(position) = &frame.position {
        chunk.push_str("id: ");
        chunk.push_str(position);
        chunk.push('\n');
    }
    for piece in ["event: ", frame.name, "\ndata: ", &frame.json, "\n\n"] {
        chunk.push_str(piece);
    }
}
