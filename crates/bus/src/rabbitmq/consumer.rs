//! Takes a pool's doorbells, on a channel of its own, through the loss of channel, queue and
//! connection.

use async_trait::async_trait;
use convene_proto::{bus::Doorbell, id::Pool};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions},
    types::FieldTable,
};
use prost::Message as _;
use tokio::{runtime::Handle, sync::watch, time::sleep};

use super::{
    fate::Fate,
    message,
    session::{Session, within},
    settle::{Delivered, hand_back},
    supervisor::{Link, waits},
    topology::Topology,
};
use crate::{Doorbells, Result, Rung};

/// A pool's doorbells.
pub(super) struct PoolDoorbells {
    link: Link,
    pool: Pool,
    prefetch: u16,
    subscription: Option<Subscription>,
    subscribed: watch::Sender<bool>,
    /// Kept over cancelled calls, so that no half-made subscription is left behind.
    subscribing: Option<BoxFuture<'static, Option<Subscription>>>,
}

struct Subscription {
    channel: Channel,
    fate: Fate,
    consumer: Consumer,
}

impl PoolDoorbells {
    pub(super) fn new(link: Link, pool: Pool, prefetch: u16) -> Self {
        Self {
            link,
            pool,
            prefetch,
            subscription: None,
            subscribed: watch::Sender::new(false),
            subscribing: None,
        }
    }

    async fn subscription(&mut self) -> Option<&mut Subscription> {
        if self.subscription.is_none() {
            let subscribing = self.subscribing.get_or_insert_with(|| {
                subscribe(self.link.clone(), self.pool.clone(), self.prefetch).boxed()
            });
            let subscription = subscribing.await;
            self.subscribing = None;
            self.subscribed.send_replace(subscription.is_some());
            self.subscription = subscription;
        }
        self.subscription.as_mut()
    }

    fn unsubscribed(&mut self) {
        self.subscribed.send_replace(false);
        self.subscription = None;
    }

    fn unpack(&self, delivery: Delivery, channel: Channel, fate: Fate) -> Option<Rung> {
        // Buffered when the connection went: the broker delivers it again.
        if !delivery.acker.usable() {
            return None;
        }
        match Doorbell::decode(delivery.data.as_slice()) {
            Ok(doorbell) => Some(Rung {
                doorbell,
                trace: message::trace(&delivery.properties),
                redelivered: delivery.redelivered || message::kept(&delivery.properties),
                settle: Box::new(Delivered {
                    acker: delivery.acker,
                    _channel: channel,
                    pool: self.pool.clone(),
                    link: self.link.clone(),
                    fate,
                }),
            }),
            Err(error) => {
                tracing::error!(pool = %self.pool, %error, "unreadable doorbell: dead-lettered");
                let reject = delivery.acker.reject(BasicRejectOptions { requeue: false });
                drop(reject.now_or_never());
                None
            }
        }
    }
}

#[async_trait]
impl Doorbells for PoolDoorbells {
    async fn next(&mut self) -> Option<Rung> {
        loop {
            let link = self.link.clone();
            let subscription = self.subscription().await?;
            let (channel, fate) = (subscription.channel.clone(), subscription.fate.clone());
            let delivery = tokio::select! {
                biased;
                _ = link.closing() => {
                    self.subscribed.send_replace(false);
                    return None;
                }
                delivery = subscription.consumer.next() => delivery,
            };
            match delivery {
                Some(Ok(delivery)) => {
                    if let Some(rung) = self.unpack(delivery, channel, fate) {
                        return Some(rung);
                    }
                }
                Some(Err(error)) => {
                    tracing::debug!(pool = %self.pool, %error, "doorbells stopped");
                    self.unsubscribed();
                }
                // The broker cancelled us: the queue was deleted, or moves.
                None => {
                    tracing::debug!(pool = %self.pool, "doorbells ended");
                    if let Ok(session) = self.link.now() {
                        session.forget(&self.pool);
                    }
                    self.unsubscribed();
                }
            }
        }
    }

    fn subscribed(&self) -> watch::Receiver<bool> {
        self.subscribed.subscribe()
    }
}

impl Drop for PoolDoorbells {
    /// Doorbells that nobody took go back at once. The channel stays open until those in hand
    /// are settled.
    fn drop(&mut self) {
        if let Some(subscription) = self.subscription.take()
            && !self.link.is_closing()
            && Handle::try_current().is_ok()
        {
            let patience = self.link.options.connect_timeout();
            self.link.tasks.spawn(async move {
                let Subscription {
                    channel,
                    mut consumer,
                    ..
                } = subscription;
                let cancel = channel.basic_cancel(consumer.tag(), BasicCancelOptions::default());
                if let Err(error) = within(patience, cancel).await {
                    tracing::debug!(%error, "the broker hands back what was not taken");
                    return;
                }
                while let Some(Some(Ok(delivery))) = consumer.next().now_or_never() {
                    hand_back(&delivery.acker);
                }
            });
        }
    }
}

/// Subscribes, again and again until it works. None once the bus is closed.
async fn subscribe(link: Link, pool: Pool, prefetch: u16) -> Option<Subscription> {
    let mut waits = waits();
    let mut told = String::new();
    loop {
        let session = link.next().await?;
        match consume(&session, &pool, prefetch).await {
            Ok(subscription) => return Some(subscription),
            Err(error) => {
                let error = error.to_string();
                if told != error {
                    tracing::warn!(%pool, error, "no doorbells; trying until there are");
                    told = error;
                }
            }
        }
        if let Some(wait) = waits.next() {
            sleep(wait).await;
        }
    }
}

async fn consume(session: &Session, pool: &Pool, prefetch: u16) -> Result<Subscription> {
    session.ensure(pool).await?;
    let channel = session.channel().await?;
    let consuming = async {
        // Without a bound the library would buffer whatever the queue holds.
        channel
            .basic_qos(prefetch.max(1), BasicQosOptions::default())
            .await?;
        channel
            .basic_consume(
                Topology::runs(pool),
                "".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await
    };
    let consumer = session.patiently(consuming).await?;
    Ok(Subscription {
        channel,
        fate: session.fate().clone(),
        consumer,
    })
}
