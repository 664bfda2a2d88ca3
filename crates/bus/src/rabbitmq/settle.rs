//! Settling a doorbell on the channel that it came by.

use std::{future::Future, time::Duration};

use async_trait::async_trait;
use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::{clock::now_ms, trace::TraceContext};
use futures_util::FutureExt as _;
use lapin::{
    Acker, Channel,
    options::{BasicAckOptions, BasicNackOptions},
};
use prost::Message as _;
use tokio::time::timeout;

use super::{
    message,
    publisher::{Message, publish},
    supervisor::Link,
    topology::{Delay, Topology},
};
use crate::{Error, Result, Settle};

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
}

impl Delivered {
    /// Settles by `answer`. Where the connection is gone, the library says `Ok(false)` or an
    /// error; either way the broker delivers it again.
    async fn settle(&self, answer: impl Future<Output = lapin::Result<bool>>) -> Result<()> {
        match timeout(self.link.options.ring_timeout(), answer).await {
            Ok(Ok(true)) => {}
            Ok(late) => {
                tracing::debug!(pool = %self.pool, ?late, "settled too late; it comes again");
                self.link.metrics.settled_too_late();
            }
            Err(_) => return Err(Error::unavailable("it was not told in time")),
        }
        Ok(())
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
    async fn retry_later(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        delay: Duration,
    ) -> Result<()> {
        let Delay { queue, lasts } = self.link.topology.delay(&self.pool, delay);
        let message = Message {
            pool: &self.pool,
            queue,
            properties: message::delayed(&trace, lasts),
            body: doorbell.encode_to_vec(),
        };
        publish(&self.link, message).await?;
        self.done().await
    }

    async fn dead_letter(
        self: Box<Self>,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()> {
        let message = Message {
            pool: &self.pool,
            queue: Topology::dead(&self.pool),
            properties: message::dead(&trace, reason, now_ms()),
            body: doorbell.encode_to_vec(),
        };
        publish(&self.link, message).await?;
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
