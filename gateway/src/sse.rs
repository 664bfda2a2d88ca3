//! Server-sent events: one conversation a stream. The `id:` of each event is a position, so a
//! browser that reconnects resumes at the exact byte, on any gateway.

use std::{
    collections::VecDeque, convert::Infallible, ops::RangeInclusive, sync::Arc, time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use convene_proto::{id::ConversationId, position::Position};
use futures_util::{FutureExt as _, future::BoxFuture, stream};
use rand::RngExt as _;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

use crate::{
    accept,
    auth::{self, Caller, Holder},
    connection::{Limited, Pulse},
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{Encoded, Subscription, Turn, Wake},
    limits::Place,
    metrics::Connected,
    notes::Sight,
    rest::{Path, Query},
};

/// Milliseconds after which a client that lost the stream tries again.
const RETRY_MS: u32 = 1000;
/// The same where nothing could be read: all who were turned away would come back at once.
const LATER_MS: RangeInclusive<u32> = 5_000..=15_000;
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
///
/// A refusal with `retryable` is such a stream, too, with
/// status 200 and nothing but `ended`, also where this gateway has no place left: at any other status
/// a browser gives up for good. Without a good token the status is 401.
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
    caller: Result<Caller>,
    Path(conversation): Path<ConversationId>,
    Query(query): Query<After>,
    Extension(pulse): Extension<Arc<Pulse>>,
    headers: HeaderMap,
) -> Result<Response> {
    let begun = match caller {
        Ok(caller) => begin(gateway, (caller, pulse), &conversation, query, &headers).await,
        Err(refusal) => Err(refusal),
    };
    match begun {
        // To a browser's `EventSource` every other status is the end for good.
        Err(refusal) if refusal.0.retryable => Ok(later(conversation, refusal)),
        begun => begun,
    }
}

/// The same, where every place is taken.
pub(crate) async fn crowded(Path(conversation): Path<ConversationId>) -> Response {
    later(conversation, accept::no_place())
}

/// A stream that only says why it ends, and when to try again.
fn later(conversation: ConversationId, refusal: Refusal) -> Response {
    let code = refusal.code();
    let ended = Encoded::ended(&conversation, refusal);
    let retry_ms = rand::rng().random_range(LATER_MS);
    let mut response = answer(Body::from(first(retry_ms, &[ended], Sight::WithoutNotes)));
    // For whoever counts refusals.
    response.extensions_mut().insert(code);
    response
}

async fn begin(
    gateway: Gateway,
    (caller, pulse): (Caller, Arc<Pulse>),
    conversation: &ConversationId,
    query: After,
    headers: &HeaderMap,
) -> Result<Response> {
    // One that is no position of ours is as good as none. To refuse it would be the end of a
    // browser's stream, which cannot let go of the id.
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse::<Position>().ok());
    let place = gateway.limits().connect(&caller.id)?;
    let auth = gateway.auth().clone();
    let caller = Arc::new(caller);
    let holder = Holder::from(caller.clone());
    let over = move || auth.clone().over(holder.clone());
    let wake = Arc::new(Wake::default());
    let viewer = caller.participant();
    let sight = Sight::of(&caller, gateway.options());
    let after = last.or(query.after);
    let (frames, subscription) = gateway
        .hub()
        .open(conversation, &viewer, after, &wake, None)
        .await?;
    let reader = Reader {
        _connected: gateway.metrics().connected(),
        _place: place,
        over: over().boxed(),
        _limited: pulse.limit(move || auth::linger(over())),
        gateway,
        subscription,
        wake,
        first: Some(first(RETRY_MS, &frames, sight)),
        sight,
        ended: false,
    };
    let body = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), reader))
    });
    Ok(answer(Body::from_stream(body)))
}

fn first(retry_ms: u32, frames: &[Encoded], sight: Sight) -> String {
    format!("retry: {retry_ms}\n\n{}", chunk(frames, sight))
}

fn answer(body: Body) -> Response {
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
    (headers, body).into_response()
}

struct Reader {
    gateway: Gateway,
    subscription: Subscription,
    wake: Arc<Wake>,
    first: Option<String>,
    sight: Sight,
    /// Ends with the token.
    over: BoxFuture<'static, ()>,
    ended: bool,
    _limited: Limited,
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
        let heartbeat = Instant::now() + HEARTBEAT;
        // There is one subscription: it is always its turn.
        let mut turns = VecDeque::new();
        loop {
            turns.clear();
            tokio::select! {
                biased;
                () = tasks.stopping() => {
                    self.ended = true;
                    return Some(format!("retry: {DRAIN_RETRY_MS}\n\n"));
                }
                // The stream ends; the client's next request is told why.
                () = &mut self.over => return None,
                () = self.wake.ready(&mut turns) => {}
                () = sleep_until(heartbeat) => return Some(":\n\n".to_owned()),
            }
            let caught_up = match self.subscription.turn() {
                Turn::Idle => continue,
                Turn::Frames(frames) => Ok(frames),
                Turn::Behind(behind) => tokio::select! {
                    biased;
                    () = tasks.stopping() => continue,
                    read = self.subscription.catch_up(behind) => read,
                },
                Turn::Over(refusal) => Err(refusal),
            };
            let frames = caught_up.unwrap_or_else(|refusal| {
                self.gateway.metrics().ended(refusal.code());
                self.ended = true;
                vec![Encoded::ended(self.subscription.conversation(), refusal)]
            });
            if frames.is_empty() {
                continue;
            }
            self.gateway.metrics().frames_out(frames.len());
            return Some(chunk(&frames, self.sight));
        }
    }
}

fn chunk(frames: &[Encoded], sight: Sight) -> String {
    let size = frames.iter().map(|frame| frame.json.len() + 120).sum();
    let mut chunk = String::with_capacity(size);
    for frame in frames {
        push(&mut chunk, frame, sight);
    }
    chunk
}

/// One event. Data ends with its line, so JSON that its writer broke into lines goes in as many:
/// readers put them together again.
fn push(chunk: &mut String, frame: &Encoded, sight: Sight) {
    if let Some(position) = &frame.position {
        chunk.push_str("id: ");
        chunk.push_str(position);
        chunk.push('\n');
    }
    chunk.push_str("event: ");
    chunk.push_str(frame.name);
    for line in frame.json_for(|| sight).split(['\n', '\r']) {
        chunk.push_str("\ndata: ");
        chunk.push_str(line);
    }
    chunk.push_str("\n\n");
}

#[cfg(test)]
mod tests {
    use convene_proto::position::{Eid, Epoch, Seq};
    use futures_util::StreamExt as _;

    use super::*;
    use crate::hub::{Change, Entry};

    #[tokio::test]
    async fn who_is_turned_away_comes_back_at_a_time_of_their_own() {
        let mut times = std::collections::HashSet::new();
        for _ in 0..20 {
            let body = later("c".parse().unwrap(), accept::no_place()).into_body();
            let body = axum::body::to_bytes(body, 10_000).await.unwrap();
            let text = std::str::from_utf8(&body).unwrap();
            let retry = text
                .strip_prefix("retry: ")
                .unwrap()
                .lines()
                .next()
                .unwrap();
            times.insert(retry.parse::<u32>().unwrap());
        }
        assert!(times.iter().all(|ms| LATER_MS.contains(ms)), "{times:?}");
        assert!(times.len() > 10, "{times:?}");
    }

    #[tokio::test]
    async fn an_event_is_one_event_whatever_lines_its_writer_made() {
        let position = Position {
            epoch: Epoch(1),
            seq: Seq(2),
            eid: Eid(3),
            text: None,
        };
        let entry = Entry {
            seq: Seq(2),
            eid: Eid(3),
            prev: Eid(2),
            at: 1,
            body: "{\"type\":\"x\",\r\n  \"y\": [\n1,\r2]\n}".into(),
        };
        let frame =
            Encoded::event(&"c".parse().unwrap(), &position, &entry, Change::Nothing).unwrap();
        let body = chunk(&[frame.clone(), frame], Sight::Everything);
        let read = convene_runtime::sse::events(
            stream::iter([Ok::<_, Infallible>(Bytes::from(body))]),
            10_000,
        );
        let read: Vec<_> = read.map(std::result::Result::unwrap).collect().await;
        assert_eq!(read.len(), 2);
        for event in read {
            assert_eq!(event.id.as_deref(), Some(&*position.to_string()));
            assert_eq!(event.event.as_deref(), Some("event"));
            let data: serde_json::Value = serde_json::from_str(&event.data.unwrap()).unwrap();
            assert_eq!(data["event"]["y"], serde_json::json!([1, 2]));
        }
    }
}
