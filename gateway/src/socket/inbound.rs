//! The reading half of a socket: one frame after the other, each answered by its request id.

use std::sync::Arc;

use axum::extract::ws::Message;
use convene_proto::{
    error::{CloseCode, ErrorCode},
    frame::{ClientFrame, RequestId, ServerFrame, Signal},
    id::ConversationId,
};
use convene_runtime::trace::TraceContext;
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream::FuturesUnordered};
use tokio::sync::{Semaphore, mpsc, watch};
use tracing::Instrument as _;

use super::Order;
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{Encoded, Wake},
    inbound::{self, Submitted},
    limits::Budget,
};

/// Messages whose doorbells are being confirmed; a client further ahead waits.
const CONFIRMING: usize = 32;

pub(super) struct Inbound<'a> {
    gateway: &'a Gateway,
    caller: Caller,
    orders: &'a mpsc::Sender<Order>,
    wake: &'a Arc<Wake>,
    expires: &'a watch::Sender<Option<u64>>,
    /// One subscription begins at a time.
    beginning: Arc<Semaphore>,
}

/// What a frame has come to.
enum Done {
    Nothing,
    Answer(Box<ServerFrame>),
    /// Stored; accepted once its doorbell is confirmed, which the next frame need not wait for.
    Ring(RequestId, ConversationId, Submitted),
}

/// The client is gone, or was told to go.
struct Gone;

impl<'a> Inbound<'a> {
    pub(super) fn new(
        gateway: &'a Gateway,
        caller: Caller,
        orders: &'a mpsc::Sender<Order>,
        wake: &'a Arc<Wake>,
        expires: &'a watch::Sender<Option<u64>>,
    ) -> Self {
        Self {
            gateway,
            caller,
            orders,
            wake,
            expires,
            beginning: Arc::new(Semaphore::new(1)),
        }
    }

    /// Reads until the client goes.
    pub(super) async fn read<S>(mut self, stream: &mut S)
    where
        S: Stream<Item = std::result::Result<Message, axum::Error>> + Unpin,
    {
        let orders = self.orders;
        let mut confirming = FuturesUnordered::new();
        loop {
            let message = tokio::select! {
                message = stream.next(), if confirming.len() < CONFIRMING => message,
                Some(confirmed) = confirming.next() => match confirmed {
                    Ok(()) => continue,
                    Err(Gone) => return,
                },
            };
            let step = match message {
                Some(Ok(Message::Text(text))) => self.take(&text).await,
                Some(Ok(Message::Binary(_))) => {
                    self.refuse(
                        None,
                        Refusal::bad_request("frames are JSON text, not binary"),
                    )
                    .await
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Done::Nothing),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            };
            match step {
                Ok(Done::Nothing) => {}
                Ok(Done::Answer(frame)) => {
                    if self.write(&frame).await.is_err() {
                        return;
                    }
                }
                Ok(Done::Ring(request, conversation, submitted)) => {
                    confirming.push(confirm(orders, request, conversation, submitted).boxed());
                }
                Err(Gone) => return,
            }
        }
    }

    async fn take(&mut self, text: &str) -> std::result::Result<Done, Gone> {
        self.gateway.metrics().frame_in();
        let most = self.gateway.options().max_frame_bytes;
        if text.len() > most {
            let why = format!(
                "a frame has at most {most} bytes; this one has {}",
                text.len()
            );
            let refusal = Refusal::new(ErrorCode::TooLarge, why);
            return self.refuse(request_id(text), refusal).await;
        }
        let frame: ClientFrame = match serde_json::from_str(text) {
            Ok(frame) => frame,
            Err(error) => {
                let request = request_id(text);
                let why = format!("the frame cannot be read: {error}");
                return self.refuse(request, Refusal::bad_request(why)).await;
            }
        };
        let request = match &frame {
            ClientFrame::Hello { request, .. }
            | ClientFrame::Subscribe { request, .. }
            | ClientFrame::Unsubscribe { request, .. }
            | ClientFrame::Send { request, .. }
            | ClientFrame::Cancel { request, .. }
            | ClientFrame::Ping { request } => Some(*request),
            ClientFrame::Typing { .. } | ClientFrame::Read { .. } => None,
        };
        let done = match self.admit(&frame) {
            Ok(()) => self.carry_out(frame).await,
            Err(refusal) => Err(refusal),
        };
        match done {
            Ok(done) => Ok(done),
            Err(refusal) if request.is_none() => {
                // A moment: nobody waits for its answer.
                tracing::debug!(%refusal, user = %self.caller.id, "a moment is not passed on");
                self.gateway.metrics().refused(refusal.code());
                Ok(Done::Nothing)
            }
            Err(refusal) => self.refuse(request, refusal).await,
        }
    }

    fn admit(&self, frame: &ClientFrame) -> Result<()> {
        // The writing half ends the socket then, but may be waiting for its client.
        if super::is_over(self.caller.expires_at) && !matches!(frame, ClientFrame::Hello { .. }) {
            let why = "the token has expired: get a fresh one";
            return Err(Refusal::new(ErrorCode::TokenExpired, why));
        }
        let limits = self.gateway.limits();
        limits.check(&self.caller.id, Budget::Request)
    }

    async fn carry_out(&mut self, frame: ClientFrame) -> Result<Done> {
        let accepted = |request, conversation, seq| {
            Done::Answer(Box::new(ServerFrame::Accepted {
                request,
                conversation,
                seq,
            }))
        };
        Ok(match frame {
            ClientFrame::Hello { request, token } => self.renew(request, &token).await?,
            ClientFrame::Ping { request } => Done::Answer(Box::new(ServerFrame::Pong { request })),
            ClientFrame::Subscribe {
                request,
                conversation,
                after,
            } => {
                let most = self.gateway.options().max_subscriptions;
                if !self.wake.has_room(&conversation, most) {
                    return Err(Refusal::new(
                        ErrorCode::TooLarge,
                        format!(
                            "one socket reads at most {most} conversations; unsubscribe from some"
                        ),
                    ));
                }
                let beginning = self.beginning.clone().acquire_owned().await;
                let permit = beginning.map_err(|_| Refusal::broken())?;
                let viewer = self.caller.participant();
                let (frames, subscription) = self
                    .gateway
                    .hub()
                    .open(&conversation, &viewer, after, self.wake, Some(request))
                    .await?;
                self.wake.begins(conversation);
                self.order(Order::Begin(frames, subscription, permit)).await;
                Done::Nothing
            }
            ClientFrame::Unsubscribe {
                request,
                conversation,
            } => {
                self.wake.ends(&conversation);
                self.order(Order::End(conversation.clone())).await;
                accepted(request, conversation, None)
            }
            ClientFrame::Send {
                request,
                conversation,
                message,
                traceparent,
            } => {
                let span = tracing::info_span!("send", %conversation);
                let trace = TraceContext {
                    traceparent,
                    tracestate: None,
                };
                trace.let_in(&span);
                let submitted = inbound::submit(self.gateway, &self.caller, &conversation, message)
                    .instrument(span)
                    .await?;
                Done::Ring(request, conversation, submitted)
            }
            ClientFrame::Cancel {
                request,
                conversation,
                run,
            } => {
                inbound::cancel(self.gateway, &self.caller, &conversation, run).await?;
                accepted(request, conversation, None)
            }
            ClientFrame::Typing { conversation } => {
                inbound::signal(self.gateway, &self.caller, &conversation, Signal::Typing).await?;
                Done::Nothing
            }
            ClientFrame::Read { conversation, seq } => {
                let signal = Signal::Read { seq };
                inbound::signal(self.gateway, &self.caller, &conversation, signal).await?;
                Done::Nothing
            }
        })
    }

    /// A fresh token of the same person keeps the socket alive past the old one's expiry.
    async fn renew(&mut self, request: RequestId, token: &str) -> Result<Done> {
        let caller = self.gateway.auth().verify(token).await?;
        if caller.id != self.caller.id {
            return Err(Refusal::new(
                ErrorCode::Forbidden,
                "that token is somebody else's: connect anew for them",
            ));
        }
        self.expires.send_replace(Some(caller.expires_at));
        self.caller = caller;
        tracing::debug!(request, "token renewed");
        Ok(Done::Answer(Box::new(ServerFrame::Welcome {
            participant: self.caller.participant(),
            name: self.caller.name.clone(),
            heartbeat_ms: super::millis(self.gateway.ping_every() * 2),
            expires_at: Some(self.caller.expires_at),
        })))
    }

    async fn refuse(
        &self,
        request: Option<RequestId>,
        refusal: Refusal,
    ) -> std::result::Result<Done, Gone> {
        self.gateway.metrics().refused(refusal.code());
        self.write(&ServerFrame::Error {
            request,
            problem: refusal.0,
        })
        .await?;
        // Nobody can tell which request failed: the conversation with this client is broken.
        if request.is_none() {
            self.order(Order::Close(CloseCode::Protocol)).await;
            return Err(Gone);
        }
        Ok(Done::Nothing)
    }

    async fn write(&self, frame: &ServerFrame) -> std::result::Result<(), Gone> {
        write(self.orders, frame).await
    }

    async fn order(&self, order: Order) {
        // The writing half only ends with the socket, which the next read finds out.
        drop(self.orders.send(order).await);
    }
}

async fn write(orders: &mpsc::Sender<Order>, frame: &ServerFrame) -> std::result::Result<(), Gone> {
    let order = Order::Write(vec![Encoded::of(frame)]);
    orders.send(order).await.map_err(|_| Gone)
}

async fn confirm(
    orders: &mpsc::Sender<Order>,
    request: RequestId,
    conversation: ConversationId,
    submitted: Submitted,
) -> std::result::Result<(), Gone> {
    let seq = submitted.seq();
    let frame = match submitted.rung().await {
        Ok(()) => ServerFrame::Accepted {
            request,
            conversation,
            seq: Some(seq),
        },
        Err(refusal) => ServerFrame::Error {
            request: Some(request),
            problem: refusal.0,
        },
    };
    write(orders, &frame).await
}

/// The request id of a frame that is wrong in some other way.
fn request_id(text: &str) -> Option<RequestId> {
    #[derive(serde::Deserialize)]
    struct Numbered {
        request: RequestId,
    }
    serde_json::from_str::<Numbered>(text)
        .ok()
        .map(|numbered| numbered.request)
}
