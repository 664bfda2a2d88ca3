//! Settling a doorbell on the channel that it came by.

use std::future::Future;

use async_trait::async_trait;
use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::{clock::now_ms, trace::TraceContext};
use futures_util::FutureExt as _;
use lapin::{
    Acker, Channel,
    options::{BasicAckOptions, BasicNackOptions},
};
use prost::Message as _;
use tokio::time::{sleep, timeout};

use super::{
    fate::Fate,
    message,
    publisher::{Message, Way, publish},
    supervisor::{Link, waits},
    topology::{Delay, Topology},
};
use crate::{Error, Result, Settle, Wait};

const REQUEUE: BasicNackOptions = BasicNackOptions {
    multiple: false,
    requeue: true,
};

/// The right to settle one delivery. Dropped unused, it hands the delivery back.
pub(super) struct Delivered {
    pub(super) acker: Acker,
    /// Closing the channel would hand the delivery back, so it stays open as long as this.
    pub(super) _channel: Channel,
    pub(super) pool: Pool,
    pub(super) link: Link,
    /// Of the connection that it came by.
    pub(super) fate: Fate,
}

impl Delivered {
    /// Settles by `answer`. Where the connection is gone, the library says `Ok(false)` or an
    /// error, or now and then nothing at all; either way the broker delivers it again.
    async fn settle(&self, answer: impl Future<Output = lapin::Result<bool>>) -> Result<()> {
        let answered = async {
            tokio::select! {
                biased;
                answer = answer => answer,
                _ = self.fate.lost() => Ok(false),
            }
        };
        match timeout(self.link.options.ring_timeout(), answered).await {
            Ok(Ok(true)) => {}
            Ok(late) => {
                tracing::debug!(pool = %self.pool, ?late, "settled too late; it comes again");
                self.link.metrics.settled_too_late();
            }
            Err(_) => return Err(Error::unavailable("it was not told in time")),
        }
        Ok(())
    }

    /// Publishes, unless earlier ones to the same queue are overdue: it would be there twice, or
    /// more often, once that queue goes on.
    async fn publish_in_turn(&self, message: &Message<'_>) -> Result<()> {
        let session = self.link.now()?;
        let turn = session.outbox(message.way).caught_up(&message.queue);
        match timeout(self.link.options.ring_timeout(), turn).await {
            Ok(()) => publish(&self.link, message).await,
            Err(_) => Err(Error::unavailable("it confirms nothing")),
        }
    }

    async fn done(&self) -> Result<()> {
        self.settle(self.acker.ack(BasicAckOptions::default()))
            .await
    }
}

#[async_trait]
impl Settle for Delivered {
    async fn ack(self: Box<Self>) -> Result<()> {
        self.done().await
    }

    /// Confirmed in the tier before it is gone from here: at worst it is in both.
    ///
    /// Handed back while the broker takes nothing, it would come again at once, and use up its
    /// deliveries in no time. Where the tier alone takes nothing it goes to the end of its own queue,
    /// so that no hand is tied for longer than that takes to find out.
    async fn put_off(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        wait: Wait,
    ) -> Result<()> {
        let Delay { queue, lasts } = self.link.topology.delay(&self.pool, wait);
        let kept = matches!(wait, Wait::AtMost(_));
        let body = doorbell.encode_to_vec();
        let delayed = Message {
            way: Way::Aside,
            pool: &self.pool,
            queue,
            properties: message::delayed(&trace, lasts, kept),
            body: body.clone(),
        };
        let mut waits = waits();
        loop {
            match self.publish_in_turn(&delayed).await {
                Err(Error::Unavailable(why)) if self.acker.usable() => {
                    tracing::debug!(pool = %self.pool, why, "a doorbell cannot be put off yet");
                }
                outcome => break outcome?,
            }
            if self.link.now().is_ok_and(|session| !session.is_blocked()) {
                tracing::warn!(queue = %delayed.queue, "a delay confirms nothing; doing without");
                let at_once = Message {
                    way: Way::Rings,
                    pool: &self.pool,
                    queue: Topology::runs(&self.pool),
                    properties: message::again(&trace, kept),
                    body,
                };
                publish(&self.link, &at_once).await?;
                break;
            }
            sleep(waits.next().unwrap_or_default()).await;
        }
        self.done().await
    }

    async fn dead_letter(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()> {
        let message = Message {
            way: Way::Aside,
            pool: &self.pool,
            queue: Topology::dead(&self.pool),
            properties: message::dead(&trace, reason, now_ms()),
            body: doorbell.encode_to_vec(),
        };
        self.publish_in_turn(&message).await?;
        self.done().await
    }

    async fn requeue(self: Box<Self>) -> Result<()> {
        self.settle(self.acker.nack(REQUEUE)).await
    }
}

impl Drop for Delivered {
    fn drop(&mut self) {
        if self.acker.usable() {
            hand_back(&self.acker);
        }
    }
}

/// Hands a delivery back without waiting: the library queues the answer when it is first polled,
/// and the channel's end would hand it back anyway.
pub(super) fn hand_back(acker: &Acker) {
    if let Some(Err(error)) = acker.nack(REQUEUE).now_or_never() {
        tracing::debug!(%error, "the broker hands it back by itself");
    }
}
