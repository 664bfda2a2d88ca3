//! The message-queue port: doorbells that wake workers, and inboxes that tell processes.
//!
//! Its whole surface is [`Bus`]. Two adapters: [`rabbitmq`] between processes, [`local`] inside
//! one. [`contract`] holds the cases that both must pass.

pub mod contract;
mod error;
pub mod local;
mod metrics;
pub mod rabbitmq;

use std::time::Duration;

use async_trait::async_trait;
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::trace::TraceContext;
use tokio::sync::watch;

pub use self::error::Error;

/// Result of a bus call.
pub type Result<T> = std::result::Result<T, Error>;

/// How many deliveries of one doorbell may fail (a worker died with it) before the broker itself
/// puts it among the dead letters.
pub const DELIVERY_LIMIT: u32 = 20;

/// The message queue, as one part of a process sees it. Dropping it closes it.
///
/// Every call fails with [`Error::Closed`] once it is closed.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Rings a doorbell in the queue of its pool. Returns once the broker keeps it safe.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the broker did not confirm in time: it may have it or not, so
    /// ring again; doorbells may be rung twice. [`Error::Refused`] when there can be no such
    /// queue.
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()>;

    /// Takes doorbells of one pool, at most `prefetch` of them unsettled at a time. The stream
    /// survives the loss of the connection; the broker need not be there yet. Dropping it frees
    /// what it did not hand out, and leaves what it did in its holders' hands.
    ///
    /// # Errors
    /// [`Error::Refused`] when the broker is there, and the queue is not as we need it.
    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>>;

    /// Sends a letter to inboxes, at most once, without waiting for anything but room to send.
    /// An inbox that no longer exists is skipped. Letters of one sender keep their order.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is no connection, or no room in time: it was not sent.
    async fn send(&self, to: &[Inbox], letter: &Letter, trace: &TraceContext) -> Result<()>;

    /// Opens this process's own inbox, under a fresh name at every connection. `owner` begins the
    /// name, so that an operator can tell whose it is. The broker need not be there yet.
    ///
    /// # Errors
    /// [`Error::Refused`] when no name can begin like that.
    async fn open_inbox(&self, owner: &str) -> Result<Box<dyn Letters>>;

    /// Up to `limit` dead letters of a pool, oldest first; they stay where they are. While this
    /// looks, others may not see them. Where there are more than can be looked at within half a
    /// minute, these are the oldest of those that were.
    async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>>;

    /// One dead letter of a pool, however many there are; it stays where it is.
    async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<Option<DeadLetter>>;

    /// Rings a dead letter again, from its first attempt, and removes it; its command, if it has
    /// one, then says of which letter it is the `replay`. False: no such one.
    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool>;

    /// Removes a dead letter. False: no such one.
    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool>;

    /// Whether the broker answers and takes messages, for readiness: a round trip, not a memory
    /// of one.
    async fn ping(&self) -> Result<()>;

    /// Stops taking, sends what is under way, and closes, all of it within about this long. What
    /// is in hand unsettled is delivered again, to others.
    async fn close(&self, within: Duration);
}

/// The doorbells of a pool, as they come.
#[async_trait]
pub trait Doorbells: Send {
    /// The next one; waits through the loss of the broker. `None` once the bus is closed.
    async fn next(&mut self) -> Option<Rung>;

    /// Whether any can come: false while the broker is away, the queue is gone or it is not ours to
    /// take from. It is [`Doorbells::next`] that subscribes, and finds a loss, while it is waited
    /// for.
    fn subscribed(&self) -> watch::Receiver<bool>;
}

/// A doorbell in hand. To hold it is to keep it: dropped unsettled, it is delivered again.
pub struct Rung {
    pub doorbell: Doorbell,
    pub trace: TraceContext,
    /// An earlier holder died, or dropped it, or kept it.
    pub redelivered: bool,
    settle: Box<dyn Settle>,
}

impl std::fmt::Debug for Rung {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rung")
            .field("conversation", &self.doorbell.conversation)
            .field("redelivered", &self.redelivered)
            .finish_non_exhaustive()
    }
}

impl Rung {
    /// Its work is done: forget it. Where the connection it came on is gone this does nothing,
    /// and it will be delivered again.
    pub async fn ack(self) -> Result<()> {
        self.settle.ack().await
    }

    /// Deliver it again after about this long (the nearest delay tier, with jitter), as if it
    /// were new. Waits for as long as the broker takes nothing, unless its connection goes. Where
    /// only the delays take nothing, it is delivered again behind what waits.
    pub async fn retry_later(self, delay: Duration) -> Result<()> {
        self.settle
            .put_off(self.doorbell, self.trace, Wait::About(delay))
            .await
    }

    /// Have the broker keep it, and deliver it again, as redelivered, by the end of this time at
    /// the latest: after the longest delay that is over by then, or the shortest that there is.
    /// Otherwise as [`Rung::retry_later`].
    pub async fn keep(self, at_most: Duration) -> Result<()> {
        self.settle
            .put_off(self.doorbell, self.trace, Wait::AtMost(at_most))
            .await
    }

    /// Give up on it: it waits in `runs.dead` for an operator, with the reason.
    pub async fn dead_letter(self, reason: &str) -> Result<()> {
        self.settle
            .dead_letter(self.doorbell, self.trace, reason)
            .await
    }

    /// Hand it back at once, for another worker. Counts as a failed delivery.
    pub async fn requeue(self) -> Result<()> {
        self.settle.requeue().await
    }
}

/// For how long a doorbell is put off, and so as what it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// As a new one.
    About(Duration),
    /// As one that is redelivered.
    AtMost(Duration),
}

/// A delay lasts up to this part longer than its least, so that what was put off together does not
/// come back together.
const JITTER: f64 = 0.2;

/// How an adapter settles a doorbell.
#[async_trait]
trait Settle: Send + Sync {
    async fn ack(self: Box<Self>) -> Result<()>;
    async fn put_off(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        wait: Wait,
    ) -> Result<()>;
    async fn dead_letter(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()>;
    async fn requeue(self: Box<Self>) -> Result<()>;
}

/// What comes out of an inbox.
#[derive(Debug)]
pub enum Arrival {
    /// The inbox has this name from now on. The first arrival, and again after each
    /// reconnection: letters sent to the old name are lost, so read the logs.
    Opened(Inbox),
    Letter(Letter, TraceContext),
    /// The connection is lost; `Opened` follows when there is a new one.
    Lost,
}

/// A process's own inbox.
#[async_trait]
pub trait Letters: Send {
    /// The next arrival. `None` once the bus is closed.
    async fn next(&mut self) -> Option<Arrival>;
}

/// A doorbell that was given up on.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub id: String,
    pub doorbell: Doorbell,
    pub reason: String,
    /// Milliseconds since 1970 (UTC).
    pub died_at: u64,
}
