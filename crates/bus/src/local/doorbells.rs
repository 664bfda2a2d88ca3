//! Taking and settling doorbells.

use std::sync::Arc;

use async_trait::async_trait;
use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::trace::TraceContext;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    Connection,
    queue::{Held, Queue},
};
use crate::{Doorbells, Error, Result, Rung, Settle, Wait};

/// A pool's doorbells.
pub(super) struct LocalDoorbells {
    connection: Arc<Connection>,
    queue: Arc<Queue>,
    /// As many as may be out unsettled.
    hands: Arc<Semaphore>,
    subscribed: watch::Sender<bool>,
}

impl LocalDoorbells {
    pub(super) fn new(connection: Arc<Connection>, pool: &Pool, prefetch: u16) -> Self {
        Self {
            queue: connection.broker.queue(pool),
            connection,
            hands: Arc::new(Semaphore::new(prefetch.max(1).into())),
            subscribed: watch::Sender::new(true),
        }
    }

    async fn take(&self) -> Option<Rung> {
        let hand = Arc::clone(&self.hands).acquire_owned().await.ok()?;
        let held = self.queue.take().await;
        let (doorbell, trace) = (held.doorbell.clone(), held.trace.clone());
        let redelivered = held.kept || held.returns > 0;
        let number = self.connection.give_out(&self.queue, held)?;
        Some(Rung {
            doorbell,
            trace,
            redelivered,
            settle: Box::new(Delivered {
                connection: Arc::clone(&self.connection),
                queue: Arc::clone(&self.queue),
                number,
                _hand: hand,
            }),
        })
    }
}

#[async_trait]
impl Doorbells for LocalDoorbells {
    async fn next(&mut self) -> Option<Rung> {
        let closed = self.connection.closed.clone();
        let rung = closed.run_until_cancelled(self.take()).await.flatten();
        self.subscribed.send_replace(rung.is_some());
        rung
    }

    fn subscribed(&self) -> watch::Receiver<bool> {
        self.subscribed.subscribe()
    }
}

impl Connection {
    /// Notes that a doorbell is in hand. None, and it is handed back, where the bus has closed.
    fn give_out(&self, queue: &Arc<Queue>, held: Held) -> Option<u64> {
        let mut out = self.out.lock();
        let Some(out) = out.as_mut() else {
            queue.hand_back(held);
            return None;
        };
        let number = out.next;
        out.next += 1;
        out.held.insert(number, (Arc::clone(queue), held));
        Some(number)
    }

    /// The doorbell of that number, if it is still in hand.
    fn take_in(&self, number: u64) -> Option<Held> {
        let mut out = self.out.lock();
        let (_, held) = out.as_mut()?.held.remove(&number)?;
        Some(held)
    }
}

/// The right to settle one delivery. Dropped unused, it hands the delivery back.
struct Delivered {
    connection: Arc<Connection>,
    queue: Arc<Queue>,
    number: u64,
    _hand: OwnedSemaphorePermit,
}

impl Delivered {
    fn settled(&self) -> Option<Held> {
        let held = self.connection.take_in(self.number);
        if held.is_none() {
            self.connection.broker.metrics.settled_too_late();
        }
        held
    }
}

#[async_trait]
impl Settle for Delivered {
    async fn ack(self: Box<Self>) -> Result<()> {
        if let Some(held) = self.settled() {
            self.queue.forget(&held).await;
        }
        Ok(())
    }

    async fn put_off(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        wait: Wait,
    ) -> Result<()> {
        let mut held = self.settled().ok_or(Error::Closed)?;
        held.doorbell = doorbell;
        held.trace = trace;
        self.queue.put_off(held, wait);
        Ok(())
    }

    async fn dead_letter(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()> {
        let held = self.settled().ok_or(Error::Closed)?;
        let buried = self.queue.bury(&held, doorbell, trace, reason).await;
        if buried.is_err() {
            self.queue.hand_back(held);
        }
        buried
    }

    async fn requeue(self: Box<Self>) -> Result<()> {
        if let Some(held) = self.settled() {
            self.queue.hand_back(held);
        }
        Ok(())
    }
}

impl Drop for Delivered {
    fn drop(&mut self) {
        if let Some(held) = self.connection.take_in(self.number) {
            self.queue.hand_back(held);
        }
    }
}
