//! Connected to the broker, with what belongs to that: connections, channels, outboxes, and the
//! pools whose queues are known to exist. All of it is lost as soon as one connection is.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    sync::Arc,
    time::Duration,
};

use convene_proto::id::Pool;
use convene_runtime::Tasks;
use futures_util::{
    StreamExt as _,
    future::{join_all, try_join_all},
};
use lapin::{
    Channel, Event,
    options::{BasicQosOptions, ConfirmSelectOptions},
    uri::AMQPUri,
};
use parking_lot::Mutex;
use tokio::{
    sync::{OnceCell, watch},
    time::{Instant, MissedTickBehavior, interval, timeout, timeout_at},
};

use super::{
    fate::Fate,
    lines::{Line, Lines, Use},
    options::Options,
    outbox::Outbox,
    publisher::Way,
    topology::Topology,
};
use crate::{Error, Result, metrics::Metrics};

/// How often a connection's own idea of itself is looked at, should it die without a word.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The connections to one node. They end with its last handle.
pub(super) struct Session {
    lines: Lines,
    fate: Fate,
    /// For round trips that nothing depends on.
    control: Channel,
    /// Doorbells on their way to workers.
    rings: Outbox,
    /// Doorbells on their way to a delay or to the dead letters.
    aside: Outbox,
    /// What may be lost.
    pub(super) letters: Outbox,
    /// The connections from which the broker takes nothing.
    blocked: watch::Sender<BTreeSet<Use>>,
    topology: Arc<Topology>,
    declared: Mutex<HashMap<Pool, Arc<OnceCell<()>>>>,
    patience: Duration,
}

impl Session {
    pub(super) async fn open(
        node: &AMQPUri,
        options: &Options,
        topology: Arc<Topology>,
        metrics: &Metrics,
        tasks: &Tasks,
    ) -> Result<Self> {
        // Read anew for each connection: authorities are renewed, too.
        let authority = options.authority().map_err(Error::unavailable)?;
        let patience = options.connect_timeout();
        let lines = Lines::open(node, authority.as_deref(), patience).await?;
        let fate = Fate::default();
        let channels = within(patience, async {
            let control = lines.commands.connection.create_channel().await?;
            let letters = lines.letters.connection.create_channel().await?;
            let rings = confirmed(&lines.commands).await?;
            let aside = confirmed(&lines.commands).await?;
            Ok((control, letters, rings, aside))
        });
        let (control, letters, rings, aside) = channels.await?;
        let outbox = |channel| Outbox::new(channel, fate.clone(), metrics.clone(), tasks);
        Ok(Self {
            lines,
            control,
            rings: outbox(rings),
            aside: outbox(aside),
            letters: outbox(letters),
            fate: fate.clone(),
            blocked: watch::Sender::new(BTreeSet::new()),
            topology,
            declared: Mutex::default(),
            patience,
        })
    }

    pub(super) const fn fate(&self) -> &Fate {
        &self.fate
    }

    pub(super) const fn outbox(&self, way: Way) -> &Outbox {
        match way {
            Way::Rings => &self.rings,
            Way::Aside => &self.aside,
        }
    }

    /// A channel of one's own, for what the broker delivers.
    pub(super) async fn channel(&self) -> Result<Channel> {
        let connection = &self.lines.deliveries.connection;
        self.patiently(connection.create_channel()).await
    }

    /// Waits for one of the broker's answers, but not forever.
    pub(super) async fn patiently<T>(
        &self,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T> {
        within(self.patience, answer).await
    }

    /// Sees to it that a pool's queues exist; once in each session.
    pub(super) async fn ensure(&self, pool: &Pool) -> Result<()> {
        let declared = Arc::clone(self.declared.lock().entry(pool.clone()).or_default());
        let connection = &self.lines.commands.connection;
        let declare = || self.patiently(self.topology.declare(connection, pool));
        declared.get_or_try_init(declare).await.copied()
    }

    /// A queue of the pool turned out to be missing: look again next time.
    pub(super) fn forget(&self, pool: &Pool) {
        self.declared.lock().remove(pool);
    }

    /// Whether the broker takes messages: it may have run out of memory or disk.
    pub(super) fn is_blocked(&self) -> bool {
        !self.blocked.borrow().is_empty()
    }

    /// Ends when the broker stops taking messages.
    pub(super) async fn blocked(&self) {
        // The sender is ours, and lives.
        let mut blocked = self.blocked.subscribe();
        drop(blocked.wait_for(|lines| !lines.is_empty()).await);
    }

    /// Asks the broker something and waits for the answer.
    pub(super) async fn round_trip(&self, deadline: Duration) -> Result<()> {
        if self.is_blocked() {
            return Err(blocked());
        }
        within(
            deadline,
            self.control.basic_qos(1, BasicQosOptions::default()),
        )
        .await
    }

    /// Watches the connections until one is lost; says why.
    pub(super) async fn watch(&self) -> String {
        let watching = self.lines.all().map(|line| self.watch_one(line));
        tokio::select! {
            why = self.fate.lost() => why.to_owned(),
            _ = join_all(watching) => self.fate.why().to_owned(),
        }
    }

    async fn watch_one(&self, line: &Line) {
        let mut events = std::pin::pin!(line.connection.events_listener());
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.fate.is_lost() {
            tokio::select! {
                event = events.next() => match event {
                    // Also told of a mere channel, which is its owner's affair.
                    Some(Event::Error(error)) if line.is_up() => {
                        tracing::debug!(%error, "a channel ended");
                    }
                    Some(Event::Error(error)) => self.fate.give_up(error),
                    Some(Event::ConnectionBlocked(reason)) => {
                        if !self.is_blocked() {
                            tracing::warn!(reason, "the broker takes no messages for now");
                        }
                        self.blocked.send_modify(|lines| {
                            lines.insert(line.usage);
                        });
                    }
                    Some(Event::ConnectionUnblocked) => {
                        self.blocked.send_modify(|lines| {
                            lines.remove(&line.usage);
                        });
                        if !self.is_blocked() {
                            tracing::info!("the broker takes messages again");
                        }
                    }
                    Some(_) => {}
                    None => self.fate.give_up("the connection ended"),
                },
                _ = looks.tick() => {
                    if !line.is_up() {
                        self.fate.give_up("the connection ended");
                    }
                }
            }
        }
    }

    /// Sends what is under way, by this time, and says goodbye.
    pub(super) async fn close(&self, by: Instant) {
        let outboxes = [&self.rings, &self.aside, &self.letters];
        let drained = try_join_all(outboxes.map(Outbox::drained));
        tokio::select! {
            _ = self.fate.lost() => {}
            drained = timeout_at(by, drained) => if !matches!(drained, Ok(Ok(_))) {
                tracing::warn!("messages were still under way when the bus closed");
            }
        }
        self.end("closed").await;
    }

    /// Ends the connections, politely where the broker still listens.
    pub(super) async fn end(&self, why: &str) {
        self.fate.give_up(why);
        self.lines.end().await;
    }
}

/// A channel whose messages are confirmed.
async fn confirmed(line: &Line) -> lapin::Result<Channel> {
    let channel = line.connection.create_channel().await?;
    let options = ConfirmSelectOptions::default();
    channel.confirm_select(options).await?;
    Ok(channel)
}

/// What publishing meets while the broker is short of memory or disk.
pub(super) fn blocked() -> Error {
    Error::unavailable("it takes no messages, for want of memory or disk")
}

/// Waits for the broker's answer, but no longer than `deadline`.
pub(super) async fn within<T>(
    deadline: Duration,
    answer: impl Future<Output = lapin::Result<T>>,
) -> Result<T> {
    match timeout(deadline, answer).await {
        Ok(answer) => answer.map_err(Error::from),
        Err(_) => Err(Error::unavailable("it did not answer in time")),
    }
}
