//! One connection: it reads, checks and counts, says what it is told to, and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use convene_client::{
    Error, RawSocket, Unread, message,
    proto::frame::{ClientFrame, NewMessage},
};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    frame::{Frame, State},
    judge::Judge,
    scene::{Seat, SeatKind},
    streaming::Streaming,
    tally::{Latency, Tally},
    turn::{Turns, message_id},
};

const CONNECTS_WITHIN: Duration = Duration::from_secs(10);
/// The server pings far more often.
const SILENCE: Duration = Duration::from_secs(90);
/// Tries of a connection that is to come back, and the pause before the second; it doubles.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);
/// The request that subscribes. Messages have numbers above.
const SUBSCRIBE: u64 = 0;

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Say something that was to be said then.
    Say(Instant),
    /// Lose the connection, as was to happen then, and come back.
    Cut(Instant),
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) tally: Arc<Tally>,
    /// What is said.
    pub(super) text: String,
    /// The last event that anybody has seen, of each conversation.
    pub(super) heads: Vec<AtomicU64>,
    /// Messages that wait for their answers' end.
    pub(super) open: AtomicUsize,
    /// Told when `open` falls to nothing.
    pub(super) settled: Notify,
    /// Set to the time by which everybody should have read everything.
    pub(super) ending: watch::Sender<Option<Instant>>,
}

/// What a connection leaves open.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) unanswered: u64,
    pub(super) unaccepted: u64,
    /// Events that others have seen and this reader has not.
    pub(super) behind: u64,
}

/// See the module.
pub(super) struct Link {
    seat: Seat,
    shared: Arc<Shared>,
    orders: mpsc::Receiver<Order>,
    judge: Judge,
    turns: Turns,
    said: u64,
    text: Streaming,
}

/// Why reading ended.
enum Stop {
    /// The connection was cut on purpose, at this time.
    Cut(Instant),
    Lost(String),
    Over,
}

impl Link {
    pub(super) fn new(seat: Seat, shared: Arc<Shared>, orders: mpsc::Receiver<Order>) -> Self {
        Self {
            seat,
            shared,
            orders,
            judge: Judge::default(),
            turns: Turns::default(),
            said: SUBSCRIBE,
            text: Streaming::default(),
        }
    }

    /// Connects for the first time.
    pub(super) async fn open(&mut self) -> anyhow::Result<RawSocket> {
        let socket = self.connect().await;
        socket.with_context(|| format!("{} does not let a socket in", self.seat.url))
    }

    /// Reads until it is over.
    pub(super) async fn run(mut self, mut socket: RawSocket) -> Left {
        loop {
            let stop = self.read(&mut socket).await;
            drop(socket);
            self.judge.detach();
            let since = match stop {
                Stop::Over => break,
                Stop::Cut(since) => since,
                Stop::Lost(reason) => {
                    self.shared.tally.count(|counts| counts.dropped += 1);
                    let id = &self.seat.conversation;
                    self.shared
                        .tally
                        .example(|| format!("{id}: the connection ended: {reason}"));
                    Instant::now()
                }
            };
            match self.connect().await {
                Ok(back) => {
                    socket = back;
                    let tally = &self.shared.tally;
                    tally.latency(Latency::Resumed, since, since.elapsed());
                    tally.count(|counts| counts.resumed += 1);
                }
                Err(error) => {
                    let id = &self.seat.conversation;
                    self.shared.tally.example(|| format!("{id}: {error}"));
                    break;
                }
            }
        }
        let (unanswered, unaccepted) = self.turns.open();
        let head = self.shared.heads[self.seat.number].load(Ordering::Relaxed);
        Left {
            unanswered: unanswered as u64,
            unaccepted: unaccepted as u64,
            behind: head.saturating_sub(self.judge.seq()),
        }
    }

    /// Connects, subscribes where it stood, and says again what was not accepted.
    async fn connect(&mut self) -> Result<RawSocket, Error> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match timeout(CONNECTS_WITHIN, self.try_connect()).await {
                Ok(Ok(socket)) => return Ok(socket),
                Ok(Err(error)) if !error.may_pass() => return Err(error),
                _ => {}
            }
            self.shared
                .tally
                .count(|counts| counts.failed_connects += 1);
            sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
        self.try_connect().await
    }

    async fn try_connect(&mut self) -> Result<RawSocket, Error> {
        let token = self.seat.token.token().await?;
        let mut socket =
            RawSocket::open_frugal(&self.seat.url, Some(&token), CONNECTS_WITHIN).await?;
        let subscribe = ClientFrame::Subscribe {
            request: SUBSCRIBE,
            conversation: self.seat.conversation.clone(),
            after: self.judge.position(),
        };
        socket.send(&subscribe).await?;
        while !self.judge.is_live() {
            match timeout(CONNECTS_WITHIN, socket.receive()).await {
                Err(_) => return Err(Error::Timeout(CONNECTS_WITHIN)),
                Ok(unread) => match unread? {
                    Unread::Text(text) => self.take(&text)?,
                    Unread::Closed { code, reason } => return Err(Error::Closed { code, reason }),
                    Unread::Alive | Unread::Binary => {}
                },
            }
        }
        for frame in self.turns.unaccepted() {
            socket.send_text(frame).await?;
        }
        Ok(socket)
    }

    async fn read(&mut self, socket: &mut RawSocket) -> Stop {
        let mut ending = self.shared.ending.subscribe();
        // It may have been said while this one was connecting.
        let mut until = *ending.borrow_and_update();
        loop {
            if until.is_some() && self.has_read_everything() {
                return Stop::Over;
            }
            let done = tokio::select! {
                unread = timeout(SILENCE, socket.receive()) => match unread {
                    Ok(Ok(Unread::Text(text))) => self.take(&text),
                    Ok(Ok(Unread::Alive | Unread::Binary)) => Ok(()),
                    Ok(Ok(Unread::Closed { code, reason })) => {
                        return Stop::Lost(format!("{code} {reason}"));
                    }
                    Ok(Err(error)) => return Stop::Lost(error.to_string()),
                    Err(_) => return Stop::Lost("no sign of life".into()),
                },
                Some(order) = self.orders.recv() => match order {
                    Order::Say(intended) => self.say(socket, intended).await,
                    Order::Cut(intended) => return Stop::Cut(intended),
                },
                changed = ending.changed() => {
                    if changed.is_err() {
                        return Stop::Over;
                    }
                    until = *ending.borrow_and_update();
                    Ok(())
                }
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    return Stop::Over;
                }
            };
            if let Err(error) = done {
                return Stop::Lost(error.to_string());
            }
        }
    }

    fn has_read_everything(&self) -> bool {
        let head = self.shared.heads[self.seat.number].load(Ordering::Relaxed);
        self.judge.is_live() && self.judge.seq() >= head && self.turns.open() == (0, 0)
    }

    async fn say(&mut self, socket: &mut RawSocket, intended: Instant) -> Result<(), Error> {
        let tally = &self.shared.tally;
        tally.latency(Latency::Late, intended, intended.elapsed());
        tally.count(|counts| counts.said += 1);
        self.said += 1;
        let id = message_id(self.seat.conversation.as_str(), self.said);
        let new = NewMessage {
            id: id
                .parse()
                .map_err(|_| Error::Protocol("an id that is too long".into()))?,
            ..message(self.shared.text.as_str())
        };
        let frame = ClientFrame::Send {
            request: self.said,
            conversation: self.seat.conversation.clone(),
            message: new,
            traceparent: None,
        };
        let frame =
            serde_json::to_string(&frame).map_err(|error| Error::Protocol(error.to_string()))?;
        self.turns.say(self.said, intended, frame.clone());
        socket.send_text(frame).await
    }

    fn take(&mut self, text: &str) -> Result<(), Error> {
        let frame = Frame::read(text).ok_or_else(|| Error::Protocol(text.to_owned()))?;
        let tally = &self.shared.tally;
        match &*frame.kind {
            "delta" | "event" | "resumed" | "snapshot" | "reset" => {}
            "accepted" => {
                self.turns
                    .accepted(frame.request.unwrap_or_default(), tally);
                return Ok(());
            }
            "error" => return self.refused(&frame),
            "ended" | "drain" => return Err(Error::Lost(frame.kind.into_owned())),
            _ => return Ok(()),
        }
        let fault = self.judge.take(&frame);
        if let Some(fault) = &fault {
            tally.fault(fault, &frame.conversation);
        }
        self.shared.heads[self.seat.number].fetch_max(self.judge.seq(), Ordering::Relaxed);
        let bytes = text.len() as u64;
        match &*frame.kind {
            "delta" => {
                let tokens = counted(self.seat.kind, self.text.take(&frame, tally));
                tally.count(|counts| {
                    counts.frames += 1;
                    counts.deltas += 1;
                    counts.bytes += bytes;
                    counts.tokens += tokens;
                });
                self.turns.delta(&frame, tally);
            }
            "event" => {
                tally.count(|counts| {
                    counts.frames += 1;
                    counts.events += 1;
                    counts.bytes += bytes;
                });
                if let Some(event) = &frame.event {
                    let tokens = counted(self.seat.kind, self.text.complete(event, tally));
                    tally.count(|counts| counts.tokens += tokens);
                    let id = self.seat.conversation.as_str();
                    if self.turns.event(id, event, tally) {
                        self.shared.answered();
                    }
                }
            }
            "snapshot" | "reset" => self.replaced(&frame),
            _ => {}
        }
        Ok(())
    }

    /// What happened meanwhile is in the snapshot alone.
    fn replaced(&mut self, frame: &Frame<'_>) {
        let tally = &self.shared.tally;
        if self.said > SUBSCRIBE {
            tally.count(|counts| counts.replaced += 1);
        }
        let Some(state) = State::read(frame.state) else {
            return;
        };
        for event in &state.events {
            if self
                .turns
                .event(self.seat.conversation.as_str(), event, tally)
            {
                self.shared.answered();
            }
        }
    }

    fn refused(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        let request = frame.request.unwrap_or_default();
        if request == SUBSCRIBE {
            return Err(Error::Lost(format!("{}: {}", frame.code, frame.message)));
        }
        let tally = &self.shared.tally;
        tally.count(|counts| counts.refused += 1);
        tally.example(|| format!("refused as {}: {}", frame.code, frame.message));
        if self.turns.refused(request) {
            self.shared.answered();
        }
        Ok(())
    }
}

/// Tokens count where they were asked for.
fn counted(kind: SeatKind, tokens: u32) -> u64 {
    match kind {
        SeatKind::Speaker => u64::from(tokens),
        SeatKind::Reader | SeatKind::Idle => 0,
    }
}

impl Shared {
    /// One message less is open.
    fn answered(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.settled.notify_waiters();
        }
    }
}
