//! A process's own inbox: a queue of this connection, under a name that no other ever had.
//!
//! A name that outlived its connection would race with its own predecessor, which the broker may
//! still hold; one that the broker chose cannot be had again. So each connection has a fresh one,
//! and whoever reads is told.

use async_trait::async_trait;
use convene_proto::{bus::Letter, id::Inbox};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::{DeliveryTag, FieldTable},
};
use prost::Message as _;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    message,
    session::Session,
    supervisor::{Link, waits},
    topology::Topology,
};
use crate::{Arrival, Error, Letters, Result, metrics::LetterLoss};

/// Letters on their way to us at once; the rest wait in the broker, where the inbox's bound is.
const PREFETCH: u16 = 256;

/// Letters are acknowledged by so many, or when no other is there.
const ACK_EVERY: u16 = PREFETCH / 4;

/// An inbox, over its incarnations.
pub(super) struct OwnInbox {
    link: Link,
    owner: String,
    open: Option<Open>,
    /// Kept over cancelled calls, so that no half-made inbox is left behind.
    opening: Option<BoxFuture<'static, Option<Open>>>,
}

struct Open {
    name: Inbox,
    consumer: Consumer,
    /// The newest letter that is not acknowledged, and how many there are.
    newest: Option<DeliveryTag>,
    unacked: u16,
    channel: Channel,
}

impl OwnInbox {
    /// # Errors
    /// Where `owner` cannot begin a name.
    pub(super) fn new(link: Link, owner: &str) -> Result<Self> {
        name(owner)?;
        Ok(Self {
            link,
            owner: owner.to_owned(),
            open: None,
            opening: None,
        })
    }

    fn read(&self, delivery: &Delivery) -> Option<Arrival> {
        match Letter::decode(delivery.data.as_slice()) {
            Ok(letter) => Some(Arrival::Letter(
                letter,
                message::trace(&delivery.properties),
            )),
            Err(error) => {
                tracing::warn!(%error, "unreadable letter");
                self.link.metrics.letter_lost(LetterLoss::Unreadable);
                None
            }
        }
    }
}

impl Open {
    /// The next letter. None, or an error, once there will be no more.
    async fn next(&mut self) -> Option<lapin::Result<Delivery>> {
        let delivery = match self.consumer.next().now_or_never() {
            Some(delivery) => delivery,
            None => {
                self.acknowledge();
                self.consumer.next().await
            }
        };
        if let Some(Ok(delivery)) = &delivery {
            self.newest = Some(delivery.delivery_tag);
            self.unacked += 1;
            if self.unacked >= ACK_EVERY {
                self.acknowledge();
            }
        }
        delivery
    }

    /// Acknowledges all letters so far. Does not wait: a socket that is stuck must not keep us
    /// from reading, and no more of these can pile up than letters are let through. Said on the
    /// channel, which keeps the order; an acker hands each to a task, and what is acknowledged
    /// out of order is a protocol error.
    fn acknowledge(&mut self) {
        self.unacked = 0;
        if let Some(newest) = self.newest.take() {
            let ack = self
                .channel
                .basic_ack(newest, BasicAckOptions { multiple: true });
            drop(ack.now_or_never());
        }
    }
}

#[async_trait]
impl Letters for OwnInbox {
    async fn next(&mut self) -> Option<Arrival> {
        loop {
            let Some(open) = &mut self.open else {
                let opening = self
                    .opening
                    .get_or_insert_with(|| open(self.link.clone(), self.owner.clone()).boxed());
                let opened = opening.await;
                self.opening = None;
                let name = opened.as_ref().map(|open| open.name.clone());
                self.open = opened;
                return name.map(Arrival::Opened);
            };
            let delivery = tokio::select! {
                biased;
                _ = self.link.closing() => return None,
                delivery = open.next() => delivery,
            };
            match delivery {
                Some(Ok(delivery)) => {
                    if let Some(letter) = self.read(&delivery) {
                        return Some(letter);
                    }
                }
                ended => {
                    let why = ended.and_then(lapin::Result::err);
                    tracing::debug!(name = %open.name, ?why, "the inbox is lost");
                    self.open = None;
                    return Some(Arrival::Lost);
                }
            }
        }
    }
}

fn name(owner: &str) -> Result<Inbox> {
    let name = format!("{owner}.{}", Uuid::now_v7().simple());
    Inbox::new(name).map_err(Error::refused)
}

/// Opens an inbox, again and again until it works. None once the bus is closed.
async fn open(link: Link, owner: String) -> Option<Open> {
    let mut waits = waits();
    let mut told = String::new();
    loop {
        let session = link.next().await?;
        match declare(&session, &link.topology, &owner).await {
            Ok(open) => return Some(open),
            Err(error) => {
                let error = error.to_string();
                if told != error {
                    tracing::warn!(owner, error, "no inbox; trying until there is");
                    told = error;
                }
            }
        }
        if let Some(wait) = waits.next() {
            sleep(wait).await;
        }
    }
}

async fn declare(session: &Session, topology: &Topology, owner: &str) -> Result<Open> {
    let name = name(owner)?;
    let channel = session.channel().await?;
    let consuming = async {
        let (options, arguments) = topology.inbox();
        channel
            .queue_declare(name.as_str().into(), options, arguments)
            .await?;
        channel
            .basic_qos(PREFETCH, BasicQosOptions::default())
            .await?;
        let exclusive = BasicConsumeOptions {
            exclusive: true,
            ..BasicConsumeOptions::default()
        };
        let queue = name.as_str().into();
        channel
            .basic_consume(queue, "".into(), exclusive, FieldTable::default())
            .await
    };
    let consumer = session.patiently(consuming).await?;
    Ok(Open {
        name,
        consumer,
        newest: None,
        unacked: 0,
        channel,
    })
}
