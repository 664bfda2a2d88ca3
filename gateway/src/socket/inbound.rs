//! The reading half of a socket. What takes no store is answered at once; what is asked of a
//! conversation goes to its [lane](super::lanes).

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use convene_proto::{
    error::{CloseCode, ErrorCode},
    frame::{ClientFrame, RequestId, ServerFrame},
};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use tokio::time::{Duration, timeout};

use super::{
    asks::{Asked, Clerk, Said},
    lanes::Lanes,
    line::{Line, Order},
};
use crate::{
    auth::Caller,
    error::{Refusal, Result},
    limits::Budget,
};

/// For what a client said before it went.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why the conversation with a client cannot go on.
enum Broken {
    /// Nobody can tell which request failed.
    Frame(Refusal),
    /// It does not speak WebSocket.
    Protocol(CloseFrame),
}

pub(super) struct Inbound {
    line: Arc<Line>,
    caller: Arc<Caller>,
    clerk: Clerk,
    lanes: Lanes,
}

impl Inbound {
    pub(super) fn new(line: Arc<Line>, caller: Arc<Caller>) -> Self {
        let clerk = Clerk::new(line.clone());
        Self {
            line,
            caller,
            lanes: Lanes::new(clerk.clone()),
            clerk,
        }
    }

    /// Reads until the client goes, or is told to.
    ///
    /// # Errors
    /// Where a defect of ours leaves the socket without an answer.
    pub(super) async fn read<S>(mut self, stream: &mut S) -> Result<()>
    where
        S: Stream<Item = std::result::Result<Message, axum::Error>> + Unpin,
    {
        loop {
            let message = tokio::select! {
                message = stream.next() => message,
                worked = self.lanes.work(), if !self.lanes.are_idle() => {
                    worked?;
                    continue;
                }
            };
            // In boxes, since a connection is idle most of the time and these are large.
            match message {
                Some(Ok(Message::Text(text))) => {
                    if let Some(broken) = self.hear(text).boxed().await? {
                        return self.end(Some(broken)).boxed().await;
                    }
                }
                Some(Ok(Message::Binary(_))) => {
                    let broken = Broken::Frame(Refusal::bad_request(super::NOT_BINARY));
                    return self.end(Some(broken)).boxed().await;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return self.end(None).boxed().await,
                Some(Err(error)) => {
                    let broken = super::violation(&error).map(Broken::Protocol);
                    return self.end(broken).boxed().await;
                }
            }
        }
    }

    /// Takes in a frame. What is returned ends the socket.
    async fn hear(&mut self, text: Utf8Bytes) -> Result<Option<Broken>> {
        match self.parse(&text) {
            Ok(said) => {
                if let Said::Ask(conversation, _) = &said {
                    self.lanes.make_room(conversation).await?;
                }
                self.take(said, text.len()).await;
            }
            Err((Some(request), unread)) => {
                // It costs as much as one that can be read.
                let refusal = self.admit(false).err().unwrap_or(unread);
                self.clerk.refuse(Some(request), refusal).await;
            }
            Err((None, refusal)) => return Ok(Some(Broken::Frame(refusal))),
        }
        Ok(None)
    }

    /// Has done what was said, and ends what cannot go on.
    async fn end(mut self, broken: Option<Broken>) -> Result<()> {
        let worked = timeout(LAST_WORDS, self.lanes.work()).await;
        match broken {
            Some(Broken::Frame(refusal)) => self.give_up(refusal).await,
            Some(Broken::Protocol(close)) => self.clerk.order(Order::Break(close)).await,
            None => {}
        }
        worked.unwrap_or(Ok(()))
    }

    /// Reads a frame, or says what is wrong with it, and if it can be told, with which request.
    fn parse(&self, text: &str) -> std::result::Result<Said, (Option<RequestId>, Refusal)> {
        self.line.gateway.metrics().frame_in();
        let most = self.line.gateway.options().max_frame_bytes;
        let length = text.len();
        let refusal = if length > most {
            let why = format!("a frame has at most {most} bytes; this one has {length}");
            Refusal::new(ErrorCode::TooLarge, why)
        } else {
            match serde_json::from_str::<ClientFrame>(text) {
                Ok(frame) => return Ok(frame.into()),
                Err(error) => Refusal::bad_request(format!("the frame cannot be read: {error}")),
            }
        };
        Err((request_id(text), refusal))
    }

    async fn take(&mut self, said: Said, bytes: usize) {
        let request = said.request();
        let taken = match self.admit(matches!(said, Said::Hello { .. })) {
            Ok(()) => self.answer(said, bytes).await,
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = taken {
            self.clerk.refuse(request, refusal).await;
        }
    }

    fn admit(&self, is_hello: bool) -> Result<()> {
        // The writing half ends the socket then, but may be waiting for its client.
        if !is_hello {
            self.line.gateway.auth().check_standing(&self.caller)?;
        }
        let limits = self.line.gateway.limits();
        limits.check(&self.caller.id, Budget::Request)
    }

    async fn answer(&mut self, said: Said, bytes: usize) -> Result<()> {
        match said {
            // What is said next is said under the new token.
            Said::Hello { request, token } => self.renew(request, &token).await,
            Said::Ping { request } => {
                self.clerk.write(&ServerFrame::Pong { request }).await;
                Ok(())
            }
            Said::Ask(conversation, ask) => {
                let caller = self.caller.clone();
                let asked = Asked { caller, ask, bytes };
                self.lanes.take(conversation, asked)
            }
        }
    }

    /// A fresh token of the same person keeps the socket alive past the old one's expiry.
    async fn renew(&mut self, request: RequestId, token: &str) -> Result<()> {
        let caller = self.line.gateway.auth().verify(token).await?;
        if caller.id != self.caller.id {
            return Err(Refusal::new(
                ErrorCode::Forbidden,
                "that token is somebody else's: connect anew for them",
            ));
        }
        self.caller = Arc::new(caller);
        self.line.hold(self.caller.clone());
        tracing::debug!(request, "token renewed");
        let welcome = super::welcome(&self.line.gateway, &self.caller);
        self.clerk.write(&welcome).await;
        Ok(())
    }

    async fn give_up(&self, refusal: Refusal) {
        self.line.gateway.metrics().refused(refusal.code());
        let frame = ServerFrame::Error {
            request: None,
            problem: refusal.0,
        };
        self.clerk.write(&frame).await;
        self.clerk.order(Order::Close(CloseCode::Protocol)).await;
    }
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
