//! Keeps the connections to the broker: makes them, watches them, and makes others when one is lost.
//!
//! The client library's own recovery is not used: it gives up for good on what it cannot restore,
//! hides losses from consumers that must know of them, and cannot rename an inbox. What stands on
//! a connection is rebuilt by its owners: they hold a [`Link`] and get the current [`Session`]
//! from it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use convene_runtime::Tasks;
use lapin::uri::AMQPUri;
use tokio::{
    sync::{SetOnce, watch},
    time::{Instant, sleep, timeout_at},
};

use super::{options::Options, session::Session, topology::Topology};
use crate::{Error, Result, metrics::Metrics};

/// A connection that lasted this long was a good one: after it, waits begin at the shortest.
const STEADY: Duration = Duration::from_secs(10);

/// What is told of one outage: so many nodes, each for so many reasons, and no more.
const TOLD: usize = 64;

/// Waits between attempts at what the broker may not be ready for: from 0.1 s, doubling up to
/// 0.4 s, and up to as much again of jitter. A broker that was away for long is back within a second.
pub(super) fn waits() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_millis(400))
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
}

#[derive(Clone)]
enum State {
    Down(Arc<str>),
    Up(Arc<Session>),
    Closed,
}

/// The way to the current connection. Clones share it.
#[derive(Clone)]
pub(super) struct Link {
    state: watch::Receiver<State>,
    /// Set once the bus begins to close: when it must be closed.
    closing: Arc<SetOnce<Instant>>,
    pub(super) options: Arc<Options>,
    pub(super) topology: Arc<Topology>,
    pub(super) metrics: Metrics,
    pub(super) tasks: Tasks,
}

impl Link {
    /// Begins to connect, and goes on until [`Link::close`].
    pub(super) fn start(options: Options, tasks: &Tasks) -> Self {
        let (state, current) = watch::channel(State::Down("not connected yet".into()));
        let link = Self {
            state: current,
            closing: Arc::default(),
            topology: Arc::new(Topology::new(&options)),
            options: Arc::new(options),
            metrics: Metrics::new(),
            tasks: tasks.clone(),
        };
        tasks.spawn(supervise(link.clone(), state));
        link
    }

    /// The connection, if there is one now.
    pub(super) fn now(&self) -> Result<Arc<Session>> {
        if self.is_closing() {
            return Err(Error::Closed);
        }
        match &*self.state.borrow() {
            State::Up(session) if session.fate().is_lost() => {
                Err(Error::unavailable(session.fate().why()))
            }
            State::Up(session) => Ok(Arc::clone(session)),
            State::Down(why) => Err(Error::unavailable(&**why)),
            State::Closed => Err(Error::Closed),
        }
    }

    /// The connection, when there is one.
    pub(super) async fn by(&self, deadline: Instant) -> Result<Arc<Session>> {
        match timeout_at(deadline, self.next()).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(Error::Closed),
            Err(_) => self.now(),
        }
    }

    /// The connection, whenever there is one. None once the bus is closed.
    pub(super) async fn next(&self) -> Option<Arc<Session>> {
        let mut state = self.state.clone();
        let settled = |state: &State| match state {
            State::Up(session) => !session.fate().is_lost(),
            State::Down(_) => false,
            State::Closed => true,
        };
        let settled = async { state.wait_for(settled).await.map(|state| state.clone()) };
        match self.unless_closing(settled).await {
            Some(Ok(State::Up(session))) => Some(session),
            _ => None,
        }
    }

    /// Ends when the bus begins to close; says when it must be closed.
    pub(super) async fn closing(&self) -> Instant {
        *self.closing.wait().await
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.initialized()
    }

    /// Begins to close, within this time.
    pub(super) fn close(&self, within: Duration) {
        // Whoever closed it first has said how long it may take.
        drop(self.closing.set(Instant::now() + within));
    }

    /// The outcome, unless the bus begins to close before.
    async fn unless_closing<T>(&self, outcome: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = self.closing() => None,
            outcome = outcome => Some(outcome),
        }
    }

    /// Ends when everything is closed.
    pub(super) async fn closed(&self) {
        let mut state = self.state.clone();
        // An error means that the supervisor is gone, and so the connection.
        drop(state.wait_for(|state| matches!(state, State::Closed)).await);
    }
}

/// The broker's nodes, in turn. Processes begin at different ones, so that a cluster shares them.
struct Round {
    nodes: Vec<AMQPUri>,
    next: usize,
    tried: usize,
}

impl Round {
    fn of(options: &Options) -> Self {
        let nodes = options.nodes().unwrap_or_default();
        let next = rand::random_range(0..nodes.len().max(1));
        Self {
            nodes,
            next,
            tried: 0,
        }
    }

    fn next(&mut self) -> Option<AMQPUri> {
        let node = self.nodes.get(self.next).cloned();
        self.next = (self.next + 1) % self.nodes.len().max(1);
        self.tried += 1;
        node
    }

    /// After a good connection, whose node is the last to be tried again.
    fn begin_again(&mut self) {
        self.tried = 1;
    }

    /// Whether every node was tried, and so it is time to wait.
    fn is_over(&mut self) -> bool {
        let over = self.tried >= self.nodes.len();
        if over {
            self.tried = 0;
        }
        over
    }
}

async fn supervise(link: Link, state: watch::Sender<State>) {
    let (options, metrics) = (&link.options, &link.metrics);
    let mut waits = waits();
    let mut told = BTreeSet::new();
    let mut round = Round::of(options);
    while let Some(node) = round.next() {
        let address = format!("{}:{}", node.authority.host, node.authority.port);
        let topology = Arc::clone(&link.topology);
        let opening = Session::open(&node, options, topology, metrics, &link.tasks);
        let why = match link.unless_closing(opening).await {
            None => break,
            Some(Ok(session)) => {
                metrics.connected();
                tracing::info!(node = address, "connected to the broker");
                let since = Instant::now();
                let session = Arc::new(session);
                state.send_replace(State::Up(Arc::clone(&session)));
                let why = tokio::select! {
                    biased;
                    deadline = link.closing() => {
                        session.close(deadline).await;
                        break;
                    }
                    why = session.watch() => why,
                };
                told.clear();
                if since.elapsed() > STEADY {
                    waits = self::waits();
                    round.begin_again();
                }
                state.send_replace(State::Down(why.as_str().into()));
                session.end(&why).await;
                why
            }
            Some(Err(error)) => error.to_string(),
        };
        if told.len() < TOLD && told.insert((address.clone(), why.clone())) {
            let node = address;
            tracing::warn!(
                node,
                why,
                "not connected to the broker; trying until it answers"
            );
        } else {
            tracing::debug!(node = address, why, "still not connected to the broker");
        }
        state.send_replace(State::Down(why.into()));
        if !round.is_over() {
            continue;
        }
        let wait = waits.next().unwrap_or(STEADY);
        if link.unless_closing(sleep(wait)).await.is_none() {
            break;
        }
    }
    state.send_replace(State::Closed);
}
