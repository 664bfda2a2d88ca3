//! What a client may ask of a conversation, and how it is answered.

use std::{mem::discriminant, sync::Arc};

use convene_proto::{
    frame::{ClientFrame, NewAct, NewMessage, RequestId, ServerFrame, Signal},
    id::{ConversationId, RunId},
    position::Position,
};
use convene_runtime::trace::TraceContext;
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::OwnedSemaphorePermit;
use tracing::{Instrument as _, Span};

use super::line::{Line, Order};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    hub::{Encoded, Room},
    inbound::{self, Submitted},
};

/// A frame, by what it takes to answer it.
pub(super) enum Said {
    Hello { request: RequestId, token: String },
    Ping { request: RequestId },
    Ask(ConversationId, Ask),
}

/// What is asked of one conversation.
pub(super) enum Ask {
    Subscribe {
        request: RequestId,
        after: Option<Position>,
    },
    Unsubscribe {
        request: RequestId,
    },
    Send {
        request: RequestId,
        message: NewMessage,
        traceparent: Option<String>,
    },
    Act {
        request: RequestId,
        act: NewAct,
        traceparent: Option<String>,
    },
    Cancel {
        request: RequestId,
        run: Option<RunId>,
    },
    Moment(Signal),
}

/// And by whom.
pub(super) struct Asked {
    pub(super) caller: Arc<Caller>,
    pub(super) ask: Ask,
    /// As long as its frame was.
    pub(super) bytes: usize,
}

impl From<ClientFrame> for Said {
    fn from(frame: ClientFrame) -> Self {
        match frame {
            ClientFrame::Hello { request, token } => Self::Hello { request, token },
            ClientFrame::Ping { request } => Self::Ping { request },
            ClientFrame::Subscribe {
                request,
                conversation,
                after,
            } => Self::Ask(conversation, Ask::Subscribe { request, after }),
            ClientFrame::Unsubscribe {
                request,
                conversation,
            } => Self::Ask(conversation, Ask::Unsubscribe { request }),
            ClientFrame::Send {
                request,
                conversation,
                message,
                traceparent,
            } => {
                let ask = Ask::Send {
                    request,
                    message,
                    traceparent,
                };
                Self::Ask(conversation, ask)
            }
            ClientFrame::Act {
                request,
                conversation,
                act,
                traceparent,
            } => {
                let ask = Ask::Act {
                    request,
                    act,
                    traceparent,
                };
                Self::Ask(conversation, ask)
            }
            ClientFrame::Cancel {
                request,
                conversation,
                run,
            } => Self::Ask(conversation, Ask::Cancel { request, run }),
            ClientFrame::Typing { conversation } => {
                Self::Ask(conversation, Ask::Moment(Signal::Typing))
            }
            ClientFrame::Read { conversation, seq } => {
                Self::Ask(conversation, Ask::Moment(Signal::Read { seq }))
            }
        }
    }
}

impl Said {
    /// By which it is answered; nobody waits for the answer to a moment.
    pub(super) fn request(&self) -> Option<RequestId> {
        match self {
            Self::Hello { request, .. } | Self::Ping { request } => Some(*request),
            Self::Ask(_, ask) => ask.request(),
        }
    }
}

impl Ask {
    pub(super) fn request(&self) -> Option<RequestId> {
        match self {
            Self::Subscribe { request, .. }
            | Self::Unsubscribe { request }
            | Self::Send { request, .. }
            | Self::Act { request, .. }
            | Self::Cancel { request, .. } => Some(*request),
            Self::Moment(_) => None,
        }
    }

    /// Whether it is a moment that `later` takes the place of.
    pub(super) fn is_outdone_by(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Moment(moment), Self::Moment(later)) => {
                discriminant(moment) == discriminant(later)
            }
            _ => false,
        }
    }
}

/// Carries out and answers what is asked on one socket. Clones share it.
#[derive(Clone)]
pub(super) struct Clerk {
    line: Arc<Line>,
}

/// A message that stands in the log, and is accepted once its doorbell is confirmed.
struct Ringing {
    request: RequestId,
    conversation: ConversationId,
    submitted: Submitted,
    _place: OwnedSemaphorePermit,
}

impl Clerk {
    pub(super) fn new(line: Arc<Line>) -> Self {
        Self { line }
    }

    /// Carries it out. What is returned answers it later; the next need not wait for that.
    pub(super) async fn carry_out(
        self,
        conversation: &ConversationId,
        Asked { caller, ask, .. }: Asked,
    ) -> Option<BoxFuture<'static, ()>> {
        let request = ask.request();
        match self.begin(conversation, &caller, ask).await {
            Ok(ringing) => ringing.map(|ringing| self.confirm(ringing).boxed()),
            Err(refusal) => {
                self.refuse(request, refusal).await;
                None
            }
        }
    }

    async fn begin(
        &self,
        conversation: &ConversationId,
        caller: &Caller,
        ask: Ask,
    ) -> Result<Option<Ringing>> {
        match ask {
            Ask::Subscribe { request, after } => {
                self.subscribe(request, conversation, caller, after).await?;
            }
            Ask::Unsubscribe { request } => {
                self.order(Order::End(conversation.clone())).await;
                self.accept(request, conversation).await;
            }
            Ask::Send {
                request,
                message,
                traceparent,
            } => {
                let span = tracing::info_span!("send", %conversation, user = %caller.id);
                let submitting = inbound::submit(&self.line.gateway, caller, conversation, message);
                let ringing = self.submit(request, conversation, submitting, traceparent, span);
                return ringing.await.map(Some);
            }
            Ask::Act {
                request,
                act,
                traceparent,
            } => {
                let span = tracing::info_span!("act", %conversation, user = %caller.id);
                let submitting = inbound::act(&self.line.gateway, caller, conversation, act);
                let ringing = self.submit(request, conversation, submitting, traceparent, span);
                return ringing.await.map(Some);
            }
            Ask::Cancel { request, run } => {
                inbound::cancel(&self.line.gateway, caller, conversation, run).await?;
                self.accept(request, conversation).await;
            }
            Ask::Moment(signal) => {
                inbound::signal(&self.line.gateway, caller, conversation, signal).await?;
            }
        }
        Ok(None)
    }

    async fn submit(
        &self,
        request: RequestId,
        conversation: &ConversationId,
        submitting: impl Future<Output = Result<Submitted>>,
        traceparent: Option<String>,
        span: Span,
    ) -> Result<Ringing> {
        let trace = TraceContext {
            traceparent,
            tracestate: None,
        };
        trace.let_in(&span);
        let place = self.line.confirming().await?;
        Ok(Ringing {
            request,
            conversation: conversation.clone(),
            submitted: submitting.instrument(span).await?,
            _place: place,
        })
    }

    async fn subscribe(
        &self,
        request: RequestId,
        conversation: &ConversationId,
        caller: &Caller,
        after: Option<Position>,
    ) -> Result<()> {
        let most = self.line.gateway.options().max_subscriptions;
        let room = self.line.wake.begins(conversation, most);
        if room == Room::None {
            return Err(Refusal::new(
                convene_proto::error::ErrorCode::TooLarge,
                format!("one socket reads at most {most} conversations; unsubscribe from some"),
            ));
        }
        let viewer = caller.participant();
        let hub = self.line.gateway.hub();
        let opening = hub.open(conversation, &viewer, after, &self.line.wake, Some(request));
        match self.line.catch_ups.read(opening.boxed()).await {
            Ok(((frames, subscription), held)) => {
                let subscription = Box::new(subscription);
                self.order(Order::Begin(frames, subscription, held)).await;
                Ok(())
            }
            Err(refusal) => {
                if room == Room::New {
                    self.line.wake.ends(conversation);
                }
                Err(refusal)
            }
        }
    }

    async fn confirm(self, ringing: Ringing) {
        let seq = ringing.submitted.seq();
        match ringing.submitted.rung().await {
            Ok(()) => {
                self.write(&ServerFrame::Accepted {
                    request: ringing.request,
                    conversation: ringing.conversation,
                    seq: Some(seq),
                })
                .await;
            }
            Err(refusal) => self.refuse(Some(ringing.request), refusal).await,
        }
    }

    async fn accept(&self, request: RequestId, conversation: &ConversationId) {
        self.write(&ServerFrame::Accepted {
            request,
            conversation: conversation.clone(),
            seq: None,
        })
        .await;
    }

    /// Answers a request that cannot be granted. A moment that cannot is passed over in silence.
    pub(super) async fn refuse(&self, request: Option<RequestId>, refusal: Refusal) {
        self.line.gateway.metrics().refused(refusal.code());
        if request.is_none() {
            tracing::debug!(%refusal, "a moment is not passed on");
            return;
        }
        self.write(&ServerFrame::Error {
            request,
            problem: refusal.0,
        })
        .await;
    }

    pub(super) async fn write(&self, frame: &ServerFrame) {
        self.order(Order::Write(vec![Encoded::of(frame)])).await;
    }

    pub(super) async fn order(&self, order: Order) {
        self.line.order(order).await;
    }
}
