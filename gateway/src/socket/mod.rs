//! WebSockets: one task each, reading and writing at once. [`inbound`](inbound) takes what the client
//! says, [`lanes`](lanes) have it carried out as [`asks`](asks) says, each conversation's in its own
//! time; [`outbound`](outbound) writes what the client is told, at its pace. They share a [`line`](line).

mod asks;
mod half;
mod inbound;
mod lanes;
mod line;
mod outbound;
mod readers;
mod violation;

use std::{pin::pin, sync::Arc};

use axum::{
    extract::{
        Extension, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::Response,
};
use convene_proto::{
    error::{CloseCode, ErrorCode},
    frame::{ClientFrame, ServerFrame},
};
use futures_util::{
    FutureExt as _, Stream, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use tokio::time::{Duration, timeout};

use self::{
    half::Half,
    inbound::Inbound,
    line::{Line, Order},
    outbound::Outbound,
};
use crate::{
    auth::{self, Caller, bearer},
    connection::Pulse,
    error::{Refusal, Result},
    gateway::Gateway,
    hub::Encoded,
    limits::{Budget, Place},
    origin,
};

/// A client that has not said who it is by then is closed.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// Frames are read up to so many times their limit, so that one over it is refused in words and its
/// socket lives; beyond that the connection ends.
const READABLE: usize = 4;
/// Held by each connection, idle or not: most of what clients say is shorter. A frame that is longer
/// is read in pieces of this.
const READ_BUFFER_BYTES: usize = 512;
/// Beyond this what is written goes out before the turn is over.
const WRITE_BUFFER_BYTES: usize = 4096;

const NOT_BINARY: &str = "frames are JSON text, not binary";

#[doc(hidden)]
pub use self::violation::violation;

/// Why nobody was let in.
enum Unheard {
    Refused(Refusal),
    Broken(CloseFrame),
}

impl From<Refusal> for Unheard {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// `GET /v1/ws`
pub(crate) async fn upgrade(
    State(gateway): State<Gateway>,
    Extension(pulse): Extension<Arc<Pulse>>,
    headers: HeaderMap,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let upgrade = upgrade.map_err(|error| Refusal::bad_request(error.body_text()))?;
    origin::check(&gateway, &headers)?;
    let caller = match bearer(&headers) {
        Some((token, _)) => Some(Arc::new(gateway.auth().verify(token).await?)),
        None => None,
    };
    let upgrade = tuned(upgrade, gateway.options().max_frame_bytes);
    Ok(upgrade.on_upgrade(move |socket| {
        // The upgrade's own task is nobody's, and ends here; ours is awaited at shutdown.
        let owner = gateway.tasks().clone();
        owner.spawn(run(gateway, socket.split(), caller, pulse));
        std::future::ready(())
    }))
}

/// A socket as ours are, of frames that may have so many bytes. For tests of the protocol, which
/// need an echo.
#[doc(hidden)]
pub fn tuned(upgrade: WebSocketUpgrade, max_frame_bytes: usize) -> WebSocketUpgrade {
    let most = max_frame_bytes.saturating_mul(READABLE);
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(4 * 1024 * 1024)
        .max_message_size(most)
        .max_frame_size(most)
}

async fn run(
    gateway: Gateway,
    (sink, stream): (SplitSink<WebSocket, Message>, SplitStream<WebSocket>),
    caller: Option<Arc<Caller>>,
    pulse: Arc<Pulse>,
) {
    let _connected = gateway.metrics().connected();
    let line = Arc::new(Line::new(gateway));
    let (auth, holder) = (line.gateway.auth().clone(), line.holder.clone());
    // Whoever takes what is written slowly is told no more than that.
    let _limited = pulse.limit(|| auth::linger(auth.over(holder)));
    let mut outbound = Outbound::new(line.clone(), sink, pulse.clone());
    let mut reading = Half::new(read(line.clone(), stream, caller, pulse));
    let mut writing = pin!(outbound.write());
    let read = tokio::select! {
        biased;
        () = &mut writing => return,
        read = &mut reading => read,
    };
    drop(reading);
    // There may be room for them only once something is written; and they are written before the
    // writing half ends with its orders.
    let last_words = last_words(line, read).boxed();
    tokio::select! {
        () = &mut writing => {}
        () = last_words => writing.await,
    }
}

/// Reads until the client goes, or is not let in.
async fn read(
    line: Arc<Line>,
    mut stream: SplitStream<WebSocket>,
    caller: Option<Arc<Caller>>,
    pulse: Arc<Pulse>,
) -> std::result::Result<(), Unheard> {
    let (caller, _place) = let_in(&line, &mut stream, caller).boxed().await?;
    pulse.is_known();
    drop(pulse);
    Ok(Inbound::new(line, caller).read(&mut stream).await?)
}

/// Who the client is, and their place.
async fn let_in(
    line: &Line,
    stream: &mut SplitStream<WebSocket>,
    caller: Option<Arc<Caller>>,
) -> std::result::Result<(Arc<Caller>, Place), Unheard> {
    let gateway = &line.gateway;
    let caller = match caller {
        Some(caller) => {
            gateway.limits().check(&caller.id, Budget::Request)?;
            caller
        }
        None => timeout(HELLO_DEADLINE, hello(gateway, stream))
            .await
            .map_err(|_| no_hello())??
            .into(),
    };
    let place = gateway.limits().connect(&caller.id)?;
    line.hold(caller.clone());
    let welcome = Encoded::of(&welcome(gateway, &caller));
    line.order(Order::Write(vec![welcome])).await;
    Ok((caller, place))
}

/// What the client is told at its end.
async fn last_words(line: Arc<Line>, read: std::result::Result<(), Unheard>) {
    match read {
        Ok(()) => {}
        Err(Unheard::Broken(close)) => line.order(Order::Break(close)).await,
        Err(Unheard::Refused(refusal)) => {
            line.gateway.metrics().refused(refusal.code());
            let code = close_code(refusal.code());
            let frame = Encoded::of(&ServerFrame::Error {
                request: None,
                problem: refusal.0,
            });
            line.order(Order::Write(vec![frame])).await;
            line.order(Order::Close(code)).await;
        }
    }
    line.order(Order::Leave).await;
}

fn welcome(gateway: &Gateway, caller: &Caller) -> ServerFrame {
    ServerFrame::Welcome {
        participant: caller.participant(),
        name: caller.name.clone(),
        heartbeat_ms: millis(gateway.ping_every() * 2),
        expires_at: Some(caller.expires_at),
    }
}

/// Waits for the first frame, which must say who the client is.
async fn hello<S>(gateway: &Gateway, stream: &mut S) -> std::result::Result<Caller, Unheard>
where
    S: Stream<Item = std::result::Result<Message, axum::Error>> + Unpin,
{
    while let Some(message) = stream.next().await {
        let message = match message {
            Ok(message) => message,
            Err(error) => match violation(&error) {
                Some(close) => return Err(Unheard::Broken(close)),
                None => break,
            },
        };
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Refusal::bad_request(NOT_BINARY).into()),
            // Behind a close its answer is written, and the stream ends.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => continue,
        };
        return match serde_json::from_str(&text) {
            Ok(ClientFrame::Hello { token, .. }) => Ok(gateway.auth().verify(&token).await?),
            Ok(_) => Err(no_hello().into()),
            Err(error) => {
                let why = format!("the frame cannot be read: {error}");
                Err(Refusal::bad_request(why).into())
            }
        };
    }
    Err(no_hello().into())
}

/// How a socket ends whose client was not let in.
fn close_code(refusal: ErrorCode) -> CloseCode {
    match refusal {
        ErrorCode::TokenExpired => CloseCode::TokenExpired,
        ErrorCode::BadRequest => CloseCode::Protocol,
        code if code.retryable() => CloseCode::Unavailable,
        _ => CloseCode::Unauthenticated,
    }
}

fn no_hello() -> Refusal {
    Refusal::new(
        ErrorCode::Unauthenticated,
        "the first frame must be `hello` with a token, within 10 seconds",
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
