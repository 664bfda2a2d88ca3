//! The writing half of a socket. It pulls from its subscriptions when the client can take more,
//! so a slow client costs a cursor and nothing else. Those that have to read the log do so beside
//! it, each in its own time.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use convene_proto::{error::CloseCode, frame::ServerFrame, id::ConversationId};
use futures_util::{FutureExt as _, SinkExt as _, stream::SplitSink};
use rand::RngExt as _;
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, Sleep, sleep_until},
};

use super::{
    line::{Line, Order},
    readers::{Reader, Readers},
};
use crate::{
    connection::Pulse,
    error::{Refusal, Result},
    hub::{Behind, Encoded, Held, Subscription, Turn},
};

/// How long a client gets to answer a close before the connection is dropped.
const CLOSING: Duration = Duration::from_secs(2);

pub(super) struct Outbound {
    line: Arc<Line>,
    sink: SplitSink<WebSocket, Message>,
    pulse: Arc<Pulse>,
    /// Of what comes with time: the next ping, or the end of the token.
    timer: Pin<Box<Sleep>>,
    /// When the next ping leaves, and when the last two did.
    ping_at: Instant,
    pinged: [Option<Instant>; 2],
    subscriptions: Readers,
    catching_up: JoinSet<(Box<Subscription>, CaughtUp)>,
    ready: VecDeque<u64>,
}

/// What a subscription has read from the log.
type CaughtUp = Result<(Vec<Encoded>, Held)>;

/// What there is to do.
enum Task {
    /// To tell the client that the gateway drains.
    Drain,
    /// The client's token stands no longer.
    Over,
    /// It is time to ask for a sign of life.
    Ping,
    Order(Box<Order>),
    /// A subscription has read the log.
    TakeBack(std::result::Result<(Box<Subscription>, CaughtUp), JoinError>),
    /// It is a subscription's turn.
    Turn(u64),
}

/// Why writing ends.
enum End {
    /// The client is gone.
    Gone,
    Close(CloseCode),
    Break(CloseFrame),
}

type Step = std::result::Result<(), End>;

impl Outbound {
    pub(super) fn new(
        line: Arc<Line>,
        sink: SplitSink<WebSocket, Message>,
        pulse: Arc<Pulse>,
    ) -> Self {
        let ping_at = line.gateway.next_ping(Instant::now());
        Self {
            line,
            sink,
            pulse,
            timer: Box::pin(sleep_until(ping_at)),
            ping_at,
            pinged: [None; 2],
            subscriptions: Readers::new(),
            catching_up: JoinSet::new(),
            ready: VecDeque::new(),
        }
    }

    /// Writes until the client goes, the token expires or the gateway drains.
    pub(super) async fn write(&mut self) {
        let end = match self.write_on().await {
            // What was read may have ended first, and for the same reason.
            Ok(()) => self.gone(),
            Err(end) => end,
        };
        // Readers leave before the close is waited for.
        self.subscriptions.clear();
        self.catching_up.shutdown().await;
        let close = match end {
            End::Gone => None,
            End::Break(close) => Some(close),
            End::Close(code) => {
                self.line.gateway.metrics().closed(code);
                Some(CloseFrame {
                    code: code as u16,
                    reason: reason(code).into(),
                })
            }
        };
        if close.is_some() {
            let close = Message::Close(close);
            let closing = async {
                self.sink.send(close).await?;
                self.sink.close().await
            };
            drop(tokio::time::timeout(CLOSING, closing).await);
        }
    }

    async fn write_on(&mut self) -> Step {
        loop {
            match poll_fn(|cx| self.poll_task(cx)).await {
                Task::Drain => return self.drain().await,
                Task::Over => return Err(End::Close(CloseCode::TokenExpired)),
                Task::Ping => self.ping().await?,
                Task::Order(order) => match *order {
                    Order::Write(frames) => self.frames(frames).await?,
                    Order::Begin(frames, subscription, _held) => {
                        self.begin(subscription);
                        self.frames(frames).await?;
                    }
                    Order::End(conversation) => self.end(&conversation),
                    Order::Close(code) => return Err(End::Close(code)),
                    Order::Break(close) => return Err(End::Break(close)),
                    Order::Leave => return Ok(()),
                },
                Task::TakeBack(Ok((subscription, read))) => {
                    self.take_back(subscription, read).await?;
                }
                // It was ended meanwhile.
                Task::TakeBack(Err(error)) if error.is_cancelled() => {}
                Task::TakeBack(Err(error)) => {
                    tracing::error!(%error, "a subscription's task failed");
                    return Err(End::Close(CloseCode::Unavailable));
                }
                Task::Turn(key) => self.turn(key).await?,
            }
        }
    }

    fn poll_task(&mut self, cx: &mut Context<'_>) -> Poll<Task> {
        // What comes after this look wakes us again.
        self.line.wake.listen(cx);
        if let Some(task) = self.look_up(cx) {
            return Poll::Ready(task);
        }
        if let Some(order) = self.line.take_order() {
            return Poll::Ready(Task::Order(order));
        }
        if let Poll::Ready(Some(back)) = self.catching_up.poll_join_next(cx) {
            return Poll::Ready(Task::TakeBack(back));
        }
        if self.ready.is_empty() {
            self.line.wake.take_ready(&mut self.ready);
        }
        match self.ready.pop_front() {
            Some(key) => Poll::Ready(Task::Turn(key)),
            None => Poll::Pending,
        }
    }

    /// What has come with an alarm, or with time.
    fn look_up(&mut self, cx: &mut Context<'_>) -> Option<Task> {
        while self.line.wake.heard_alarm() || self.timer.as_mut().poll(cx).is_ready() {
            if self.line.gateway.tasks().is_stopping() {
                return Some(Task::Drain);
            }
            let Some(left) = self.line.gateway.auth().standing(&self.line.holder) else {
                return Some(Task::Over);
            };
            let now = Instant::now();
            if now >= self.ping_at {
                return Some(Task::Ping);
            }
            self.timer.as_mut().reset(self.ping_at.min(now + left));
        }
        None
    }

    fn begin(&mut self, subscription: Box<Subscription>) {
        let (key, conversation) = (subscription.key, subscription.conversation());
        self.end(conversation);
        self.line.wake.goes_on(conversation);
        self.subscriptions.put(key, Reader::Here(subscription));
        // Its bell may have rung before it came here.
        self.ready.push_back(key);
    }

    fn end(&mut self, conversation: &ConversationId) {
        self.line.wake.ends(conversation);
        if let Some(Reader::Away(_, task)) = self.subscriptions.take_of(conversation) {
            task.abort();
        }
    }

    /// Gives a subscription its share.
    async fn turn(&mut self, key: u64) -> Step {
        let Some(Reader::Here(subscription)) = self.subscriptions.get(key) else {
            return Ok(());
        };
        match subscription.turn() {
            Turn::Idle => Ok(()),
            Turn::Frames(frames) => self.frames(frames).await,
            Turn::Behind(behind) => {
                self.send_away(key, behind);
                Ok(())
            }
            Turn::Over(refusal) => {
                let conversation = subscription.conversation().clone();
                self.over(&conversation, refusal).await
            }
        }
    }

    /// Has a subscription read the log.
    fn send_away(&mut self, key: u64, behind: Behind) {
        let Some(Reader::Here(mut subscription)) = self.subscriptions.take(key) else {
            return;
        };
        let (line, conversation) = (self.line.clone(), subscription.conversation().clone());
        let reading = async move {
            let reading = subscription.catch_up(behind).boxed();
            let read = line.catch_ups.read(reading).await;
            (subscription, read)
        };
        let task = self.catching_up.spawn(reading);
        self.subscriptions
            .put(key, Reader::Away(conversation, task));
    }

    /// Takes back one that has read the log.
    async fn take_back(&mut self, subscription: Box<Subscription>, read: CaughtUp) -> Step {
        let (key, conversation) = (subscription.key, subscription.conversation().clone());
        let Some(reader) = self.subscriptions.get(key) else {
            // It was ended meanwhile.
            return Ok(());
        };
        match read {
            Ok((frames, _held)) => {
                *reader = Reader::Here(subscription);
                // Its bell may have rung meanwhile.
                self.ready.push_back(key);
                self.frames(frames).await
            }
            Err(refusal) => self.over(&conversation, refusal).await,
        }
    }

    async fn over(&mut self, conversation: &ConversationId, refusal: Refusal) -> Step {
        self.line.gateway.metrics().ended(refusal.code());
        self.end(conversation);
        self.frames(vec![Encoded::ended(conversation, refusal)])
            .await
    }

    async fn frames(&mut self, frames: Vec<Encoded>) -> Step {
        self.line.gateway.metrics().frames_out(frames.len());
        for frame in frames {
            let json = frame.json_for(|| self.line.sight()).clone();
            self.push(Message::Text(json)).await?;
        }
        self.flush().await
    }

    /// Asks the client for a sign of life, unless it has given none for the last two.
    async fn ping(&mut self) -> Step {
        let [before_last, last] = self.pinged;
        if before_last.is_some_and(|then| self.pulse.is_silent_since(then)) {
            return Err(End::Close(CloseCode::Silent));
        }
        self.push(Message::Ping(Default::default())).await?;
        self.flush().await?;
        let now = Instant::now();
        self.pinged = [last, Some(now)];
        self.ping_at = self.line.gateway.next_ping(now);
        // The timer is set anew, and to the end of the token where that comes first.
        self.line.wake.alarm();
        Ok(())
    }

    async fn push(&mut self, message: Message) -> Step {
        let fed = self.sink.feed(message).await;
        fed.map_err(|_| self.gone())
    }

    async fn flush(&mut self) -> Step {
        let flushed = self.sink.flush().await;
        flushed.map_err(|_| self.gone())
    }

    /// Why nothing can be written any more.
    fn gone(&self) -> End {
        if self.pulse.is_stalled() {
            End::Close(CloseCode::SlowReader)
        } else if self.pulse.is_cut() {
            End::Close(CloseCode::TokenExpired)
        } else {
            End::Gone
        }
    }

    /// Tells the client to come back, each at a time of its own, and lets it go.
    async fn drain(&mut self) -> Step {
        let spread = self.line.gateway.options().drain_spread_ms;
        let delay_ms = rand::rng().random_range(0..=spread);
        let drain = Encoded::of(&ServerFrame::Drain { delay_ms });
        self.frames(vec![drain]).await?;
        Err(End::Close(CloseCode::Draining))
    }
}

fn reason(code: CloseCode) -> &'static str {
    match code {
        CloseCode::Draining => "draining: reconnect",
        CloseCode::SlowReader => "too slow: reconnect and resume",
        CloseCode::Silent => "no pong: reconnect and resume",
        CloseCode::Unavailable => "something behind the gateway is away: reconnect",
        CloseCode::Unauthenticated => "no good token",
        CloseCode::TokenExpired => "the token has expired or was revoked: get a fresh one",
        CloseCode::Protocol => "a frame could not be read",
    }
}
