//! The bus between processes, over RabbitMQ (3.10 or newer).
//!
//! # Queues
//!
//! | queue | what it is | holds |
//! | --- | --- | --- |
//! | `runs.<pool>` | durable | doorbells of the pool |
//! | `runs.<pool>.retry.<ms>` | durable; messages expire, and return to `runs.<pool>` | doorbells put off |
//! | `runs.dead.<pool>` | durable | doorbells given up on |
//! | `<owner>.<uuid>` | exclusive, transient, bounded in bytes with drop-head | letters to one process |
//!
//! Everything is published through the default exchange, by queue name. There are no bindings: a
//! letter to several inboxes names the others in its `BCC` header. Durable queues are declared
//! when they are first needed on each connection, so one that is deleted comes back.
//!
//! # What can be lost
//!
//! * **Doorbells, `queue_type = "quorum"`** (the default): nothing that was confirmed, while a
//!   majority of the queue's nodes keep their disks. On the way from one queue to another
//!   (delay over, delivered too often) the first keeps a doorbell until the second has it.
//!   Doorbells may come twice: after a lost connection, and around a retry.
//!   A delay that ends while the whole broker is starting may last three minutes longer: that is
//!   when the broker tries again, unless its `dead_letter_worker_publisher_confirm_timeout` (ms, in
//!   `advanced.config`) is lower.
//!   Where a delay's queue confirms nothing, for want of a majority of its nodes, doorbells do
//!   without it: they come again behind what waits, and once more when that queue goes on.
//! * **Doorbells, `queue_type = "classic"`**: those on a node whose disk is lost; while that node
//!   is away, none can be rung or taken. Between two queues a doorbell is lost if the node stops
//!   at that moment. There is no limit to deliveries: a doorbell that kills every worker goes
//!   round until its attempts in the store are used up.
//! * In either case a doorbell that is held longer than the broker's `consumer_timeout` (30
//!   minutes) is delivered again, with all others of that taker. And the store's due set knows which conversations have work, and its sweeper
//!   rings for them again.
//! * **Letters**: any, at any time. They are never confirmed nor kept on disk; a full inbox drops
//!   its oldest; a lost connection takes the inbox with it. Whoever reads has the log.
//!
//! # The connections
//!
//! Three for each process, to the same node: one for what the broker confirms or answers, pings among
//! it, one for letters on their way out, one for what it delivers. So neither a flood of letters nor
//! a backlog of deliveries delays a confirm, and while the broker takes no messages, what it has
//! delivered is acknowledged all the same. What goes to delays and dead letters has a channel of its
//! own, since the broker holds up a channel for a queue that it cannot reach. A `supervisor` of our own keeps them, and gives up all when
//! one is lost. [`RabbitBus::connect`] does not wait for them: the order in which services and broker
//! start does not matter, and [`Bus::ping`] is red until the broker answers. Of a cluster every node is
//! named: a process begins with any of them, and goes on to the next at once when one is lost or cannot
//! be reached. While the broker is short of memory or disk, ringing fails at once and sending waits for
//! room, but not long.
//!
//! What goes wrong is logged here, once. The client library logs each of its errors again, and a
//! message that could not be routed with its whole body: leave its target, `lapin`, off.

mod consumer;
mod deadletters;
mod dial;
mod fate;
mod fuzz;
mod inbox;
mod lines;
mod message;
mod options;
mod outbox;
mod publisher;
mod session;
mod settle;
mod supervisor;
mod topology;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::{Tasks, trace::TraceContext};
use lapin::options::BasicPublishOptions;
use prost::Message as _;
use tokio::time::{Instant, timeout};

#[doc(hidden)]
pub use self::fuzz::fuzz_death;
pub use self::options::{Options, QueueType};
use self::{
    consumer::PoolDoorbells,
    inbox::OwnInbox,
    outbox::Parcel,
    publisher::{Message, Way, publish},
    supervisor::Link,
    topology::Topology,
};
use crate::{Bus, DeadLetter, Doorbells, Error, Letters, Result, metrics::LetterLoss};

/// How long a round trip to the broker may take.
const PING: Duration = Duration::from_secs(2);

/// How long a bus that is dropped may take to say goodbye.
const DROPPED: Duration = Duration::from_secs(3);

/// Inboxes that one publish can name: its header must fit in a frame.
const INBOXES: usize = 500;

/// The message queue, over RabbitMQ.
///
/// It works on while its tasks are told to stop, so that services can drain over it. It ends when
/// it is closed, or dropped.
pub struct RabbitBus {
    link: Link,
}

impl RabbitBus {
    /// Begins to connect, and stays connected. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Refused`] where the URL or the authority's file cannot be read.
    pub fn connect(options: Options, tasks: &Tasks) -> Result<Arc<Self>> {
        options.nodes().map_err(Error::refused)?;
        options.authority().map_err(Error::refused)?;
        let link = Link::start(options, tasks);
        Ok(Arc::new(Self { link }))
    }
}

#[async_trait]
impl Bus for RabbitBus {
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        let pool = Pool::new(doorbell.pool.as_str()).map_err(Error::refused)?;
        let message = Message {
            way: Way::Rings,
            pool: &pool,
            queue: Topology::runs(&pool),
            properties: message::doorbell(trace),
            body: doorbell.encode_to_vec(),
        };
        let begun = Instant::now();
        let outcome = publish(&self.link, &message).await;
        self.link.metrics.rung(&outcome, begun.elapsed());
        outcome
    }

    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>> {
        match self.link.now() {
            Ok(session) => match session.ensure(pool).await {
                // It will go on trying when it is polled.
                Ok(()) | Err(Error::Unavailable(_)) => {}
                Err(refused) => return Err(refused),
            },
            Err(Error::Unavailable(_)) => {}
            Err(closed) => return Err(closed),
        }
        let doorbells = PoolDoorbells::new(self.link.clone(), pool.clone(), prefetch);
        Ok(Box::new(doorbells))
    }

    async fn send(&self, to: &[Inbox], letter: &Letter, trace: &TraceContext) -> Result<()> {
        if to.is_empty() {
            return Ok(());
        }
        let session = self.link.now()?;
        let body = letter.encode_to_vec();
        let sending = async {
            for inboxes in to.chunks(INBOXES) {
                let [first, others @ ..] = inboxes else {
                    continue;
                };
                let parcel = Parcel {
                    queue: first.as_str().into(),
                    options: BasicPublishOptions::default(),
                    properties: message::letter(trace, others),
                    body: body.clone(),
                };
                session.letters.put_and_forget(parcel).await;
            }
        };
        let sent = timeout(self.link.options.send_timeout(), sending).await;
        sent.map_err(|_| {
            self.link.metrics.letter_lost(LetterLoss::NoRoom);
            Error::unavailable("there was no room to send")
        })
    }

    async fn open_inbox(&self, owner: &str) -> Result<Box<dyn Letters>> {
        if self.link.is_closing() {
            return Err(Error::Closed);
        }
        Ok(Box::new(OwnInbox::new(self.link.clone(), owner)?))
    }

    async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
        deadletters::list(&self.link, pool, limit).await
    }

    async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<Option<DeadLetter>> {
        deadletters::show(&self.link, pool, id).await
    }

    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool> {
        deadletters::replay(&self.link, pool, id).await
    }

    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool> {
        deadletters::remove(&self.link, pool, id).await
    }

    async fn ping(&self) -> Result<()> {
        self.link.now()?.round_trip(PING).await
    }

    async fn close(&self, within: Duration) {
        self.link.close(within);
        self.link.closed().await;
    }
}

impl Drop for RabbitBus {
    fn drop(&mut self) {
        self.link.close(DROPPED);
    }
}
