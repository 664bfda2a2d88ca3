//! The writing half of a socket. It pulls from its subscriptions when the client can take more,
//! so a slow client costs a cursor and nothing else. Those that have to read the log do so beside
//! it, each in its own time.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use convene_proto::{error::CloseCode, frame::ServerFrame, id::ConversationId};
use futures_util::{
    FutureExt as _, SinkExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{FuturesUnordered, SplitSink},
};
use rand::RngExt as _;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep},
};

use super::Order;
use crate::{
    connection::Pulse,
    error::{Refusal, Result},
    gateway::Gateway,
    hub::{Behind, CatchUps, Encoded, Held, Subscription, Turn, Wake},
};

/// How long a client gets to answer a close before the connection is dropped.
const CLOSING: Duration = Duration::from_secs(2);

pub(super) struct Outbound {
    gateway: Gateway,
    sink: SplitSink<WebSocket, Message>,
    orders: mpsc::Receiver<Box<Order>>,
    wake: Arc<Wake>,
    catch_ups: CatchUps,
    /// Looked at when there is one, and not for each frame.
    signs: FuturesUnordered<BoxFuture<'static, Sign>>,
    pulse: Arc<Pulse>,
    /// When the last two pings left.
    pinged: [Option<Instant>; 2],
    subscriptions: HashMap<u64, Reader>,
    catching_up: JoinSet<(Box<Subscription>, CaughtUp)>,
    keys: HashMap<ConversationId, u64>,
    ready: VecDeque<u64>,
}

/// What a subscription has read from the log.
type CaughtUp = Result<(Vec<Encoded>, Held)>;

/// What comes seldom.
enum Sign {
    /// The gateway drains.
    Stopping,
    /// The client's token stands no longer.
    Over,
    /// It is time to ask for a sign of life.
    Ping,
}

/// Where a subscription is.
enum Reader {
    Here(Box<Subscription>),
    /// With a task that reads the log.
    Away(AbortHandle),
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
        gateway: Gateway,
        sink: SplitSink<WebSocket, Message>,
        orders: mpsc::Receiver<Box<Order>>,
        (wake, catch_ups): (Arc<Wake>, CatchUps),
        over: impl Future<Output = ()> + Send + 'static,
        pulse: Arc<Pulse>,
    ) -> Self {
        let tasks = gateway.tasks().clone();
        let stopping = async move {
            tasks.stopping().await;
            Sign::Stopping
        };
        let signs = FuturesUnordered::from_iter([
            stopping.boxed(),
            over.map(|()| Sign::Over).boxed(),
            ping_after(gateway.ping_every()),
        ]);
        Self {
            gateway,
            sink,
            orders,
            wake,
            catch_ups,
            signs,
            pulse,
            pinged: [None; 2],
            subscriptions: HashMap::new(),
            catching_up: JoinSet::new(),
            keys: HashMap::new(),
            ready: VecDeque::new(),
        }
    }

    /// Writes until the client goes, the token expires or the gateway drains.
    pub(super) async fn write(&mut self) {
        let end = match self.write_on().await {
            Ok(()) => End::Gone,
            Err(end) => end,
        };
        // Readers leave before the close is waited for.
        self.subscriptions.clear();
        self.catching_up.shutdown().await;
        let close = match end {
            End::Gone => None,
            End::Break(close) => Some(close),
            End::Close(code) => {
                self.gateway.metrics().closed(code);
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
            tokio::select! {
                biased;
                Some(sign) = self.signs.next() => match sign {
                    Sign::Stopping => return self.drain().await,
                    Sign::Over => return Err(End::Close(CloseCode::TokenExpired)),
                    Sign::Ping => self.ping().await?,
                },
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(*order).await?,
                    None => return Ok(()),
                },
                Some(caught_up) = self.catching_up.join_next() => match caught_up {
                    Ok((subscription, read)) => self.come_back(subscription, read).await?,
                    // It was ended meanwhile.
                    Err(error) if error.is_cancelled() => {}
                    Err(error) => {
                        tracing::error!(%error, "a subscription's task failed");
                        return Err(End::Close(CloseCode::Unavailable));
                    }
                },
                () = std::future::ready(()), if !self.ready.is_empty() => self.turn().await?,
                () = self.wake.ready(&mut self.ready) => self.turn().await?,
            }
        }
    }

    async fn carry_out(&mut self, order: Order) -> Step {
        match order {
            Order::Write(frames) => self.frames(frames).await,
            Order::Begin(frames, subscription, _held) => {
                let conversation = subscription.conversation().clone();
                self.end(&conversation);
                self.wake.goes_on(&conversation);
                self.keys.insert(conversation, subscription.key);
                // Its bell may have rung before it came here.
                self.ready.push_back(subscription.key);
                self.subscriptions
                    .insert(subscription.key, Reader::Here(subscription));
                self.frames(frames).await
            }
            Order::End(conversation) => {
                self.end(&conversation);
                Ok(())
            }
            Order::Close(code) => Err(End::Close(code)),
            Order::Break(close) => Err(End::Break(close)),
        }
    }

    fn end(&mut self, conversation: &ConversationId) {
        self.wake.ends(conversation);
        let key = self.keys.remove(conversation);
        let reader = key.and_then(|key| self.subscriptions.remove(&key));
        if let Some(Reader::Away(task)) = reader {
            task.abort();
        }
    }

    /// Gives the subscription that has waited longest its share.
    async fn turn(&mut self) -> Step {
        let Some(key) = self.ready.pop_front() else {
            return Ok(());
        };
        let Some(Reader::Here(subscription)) = self.subscriptions.get_mut(&key) else {
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
        let Some(Reader::Here(mut subscription)) = self.subscriptions.remove(&key) else {
            return;
        };
        let catch_ups = self.catch_ups.clone();
        let reading = async move {
            let read = catch_ups.read(subscription.catch_up(behind).boxed()).await;
            (subscription, read)
        };
        let task = self.catching_up.spawn(reading);
        self.subscriptions.insert(key, Reader::Away(task));
    }

    /// Takes back one that has read the log.
    async fn come_back(&mut self, subscription: Box<Subscription>, read: CaughtUp) -> Step {
        let (key, conversation) = (subscription.key, subscription.conversation().clone());
        let Some(reader) = self.subscriptions.get_mut(&key) else {
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
        self.gateway.metrics().ended(refusal.code());
        self.end(conversation);
        self.frames(vec![Encoded::ended(conversation, refusal)])
            .await
    }

    async fn frames(&mut self, frames: Vec<Encoded>) -> Step {
        self.gateway.metrics().frames_out(frames.len());
        for frame in frames {
            self.push(Message::Text(frame.json.clone())).await?;
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
        self.pinged = [last, Some(Instant::now())];
        self.signs.push(ping_after(self.gateway.ping_every()));
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
        let spread = self.gateway.options().drain_spread_ms;
        let delay_ms = rand::rng().random_range(0..=spread);
        let drain = Encoded::of(&ServerFrame::Drain { delay_ms });
        self.frames(vec![drain]).await?;
        Err(End::Close(CloseCode::Draining))
    }
}

fn ping_after(time: Duration) -> BoxFuture<'static, Sign> {
    sleep(time).map(|()| Sign::Ping).boxed()
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
