//! WebSockets: one task each, reading and writing at once. [`inbound`](inbound) takes what the client
//! says, [`lanes`](lanes) have it carried out as [`asks`](asks) says, each conversation's in its own
//! time; [`outbound`](outbound) writes what the client is told, at its pace.

mod asks;
mod inbound;
mod lanes;
mod outbound;
mod violation;

use std::sync::Arc;

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
    FutureExt as _, StreamExt as _,
    stream::{FuturesUnordered, SplitSink, SplitStream},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Duration, timeout},
};

use self::{asks::Clerk, inbound::Inbound, outbound::Outbound};
use crate::{
    auth::{self, Caller, bearer},
    connection::Pulse,
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{CatchUps, Encoded, Held, Subscription, Wake},
    limits::Budget,
    origin,
};

/// A client that has not said who it is by then is closed.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// Answers that wait to be written; a client that does not read them is not read either.
const ANSWERS: usize = 64;
/// Frames are read up to so many times their limit, so that one over it is refused in words and its
/// socket lives; beyond that the connection ends.
const READABLE: usize = 4;
/// Held by each connection, idle or not: most of what clients say is shorter. A frame that is longer
/// is read in pieces of this.
const READ_BUFFER_BYTES: usize = 1024;
/// Beyond this what is written goes out before the turn is over.
const WRITE_BUFFER_BYTES: usize = 4096;

#[doc(hidden)]
pub use self::violation::violation;

/// What the reading half tells the writing half.
enum Order {
    Write(Vec<Encoded>),
    /// Begin a subscription with these frames, in place of any on the same conversation.
    Begin(Vec<Encoded>, Box<Subscription>, Held),
    End(convene_proto::id::ConversationId),
    Close(CloseCode),
    /// The client does not speak WebSocket.
    Break(CloseFrame),
}

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
        Some((token, _)) => Some(gateway.auth().verify(token).await?),
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

type Halves = (SplitSink<WebSocket, Message>, SplitStream<WebSocket>);

async fn run(
    gateway: Gateway,
    (sink, mut stream): Halves,
    caller: Option<Caller>,
    pulse: Arc<Pulse>,
) {
    let _connected = gateway.metrics().connected();
    let (orders, inbox) = mpsc::channel(ANSWERS);
    let wake = Arc::new(Wake::default());
    let (known, caller_now) = watch::channel(None);
    let catch_ups = CatchUps::new();
    let reads = (wake.clone(), catch_ups.clone());
    let over = gateway.auth().clone().over(caller_now.clone());
    // Whoever takes what is written slowly is told no more than that.
    let auth = gateway.auth().clone();
    let limit = async move { auth::linger(auth.over(caller_now)).boxed().await };
    let _limited = pulse.limit(limit);
    let is_known = pulse.clone();
    let mut outbound = Outbound::new(gateway.clone(), sink, inbox, reads, over, pulse);

    let reading = async {
        let caller = match caller {
            Some(caller) => {
                gateway.limits().check(&caller.id, Budget::Request)?;
                caller
            }
            None => timeout(HELLO_DEADLINE, hello(&gateway, &mut stream).boxed())
                .await
                .map_err(|_| no_hello())??,
        };
        let _place = gateway.limits().connect(&caller.id)?;
        is_known.is_known();
        let caller = Arc::new(caller);
        known.send_replace(Some(caller.clone()));
        let clerk = Clerk::new(gateway.clone(), orders.clone(), wake, catch_ups);
        clerk.write(&welcome(&gateway, &caller)).await;
        let inbound = Inbound::new(&gateway, caller, &known, clerk);
        Ok(inbound.read(&mut stream).await?)
    };
    // Each half is looked at when something has come for it, and not whenever the other moves.
    // In a box, since the set keeps room for one more.
    let mut reading = FuturesUnordered::from_iter([reading.boxed()]);
    let writing = outbound.write();
    tokio::pin!(writing);
    tokio::select! {
        () = &mut writing => {}
        Some(read) = reading.next() => {
            drop(reading);
            let last_words = async {
                if let Err(Unheard::Broken(close)) = read {
                    drop(orders.send(Box::new(Order::Break(close))).await);
                } else if let Err(Unheard::Refused(refusal)) = read {
                    gateway.metrics().refused(refusal.code());
                    let code = close_code(refusal.code());
                    let frame = Encoded::of(&ServerFrame::Error { request: None, problem: refusal.0 });
                    if orders.send(Box::new(Order::Write(vec![frame]))).await.is_ok() {
                        drop(orders.send(Box::new(Order::Close(code))).await);
                    }
                }
                drop(orders);
            };
            // There may be room for them only once something is written; and they are written before
            // the writing half ends with its orders.
            tokio::select! {
                () = &mut writing => {}
                () = last_words => writing.await,
            }
        }
    }
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
    S: futures_util::Stream<Item = std::result::Result<axum::extract::ws::Message, axum::Error>>
        + Unpin,
{
    while let Some(message) = stream.next().await {
        let message = match message {
            Ok(message) => message,
            Err(error) => match violation(&error) {
                Some(close) => return Err(Unheard::Broken(close)),
                None => break,
            },
        };
        let axum::extract::ws::Message::Text(text) = message else {
            continue;
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
