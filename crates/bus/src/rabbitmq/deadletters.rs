//! The dead letters of a pool, for operators.
//!
//! A queue cannot be searched: its messages are taken one by one, without acknowledging them, and
//! handed back at the end. Meanwhile nobody else sees them, so one operator at a time.

use std::{collections::BTreeMap, time::Duration};

use convene_proto::{bus::Doorbell, id::Pool};
use lapin::{
    Channel, ErrorKind,
    message::BasicGetMessage,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions},
};
use prost::Message as _;
use tokio::time::timeout;

use super::{
    message,
    publisher::{Message, Way, publish},
    supervisor::Link,
    topology::Topology,
};
use crate::{DeadLetter, Error, Result};

/// How long one of these may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// No more than these are looked through.
const SEARCHED: usize = 10_000;

/// All that the channel has given out and not had back.
const EVERYTHING: u64 = 0;

pub(super) async fn list(link: &Link, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
    patiently(async {
        let shelf = Shelf::open(link, pool).await?;
        // Handing back changes the order of some queues, so all of them are looked at.
        let mut oldest = BTreeMap::new();
        for _ in 0..SEARCHED {
            let Some(found) = shelf.take().await? else {
                break;
            };
            let letter = read(&found, pool);
            oldest.insert((letter.died_at, letter.id.clone()), letter);
            if oldest.len() > limit {
                oldest.pop_last();
            }
        }
        shelf.put_back().await;
        Ok(oldest.into_values().collect())
    })
    .await
}

pub(super) async fn replay(link: &Link, pool: &Pool, id: &str) -> Result<bool> {
    patiently(async {
        let shelf = Shelf::open(link, pool).await?;
        let Some(found) = shelf.find(id).await? else {
            shelf.put_back().await;
            return Ok(false);
        };
        let rung = ring_again(link, pool, &found).await;
        if rung.is_ok() {
            found.acker.ack(BasicAckOptions::default()).await?;
        }
        shelf.put_back().await;
        rung.map(|()| true)
    })
    .await
}

pub(super) async fn remove(link: &Link, pool: &Pool, id: &str) -> Result<bool> {
    patiently(async {
        let shelf = Shelf::open(link, pool).await?;
        let found = shelf.find(id).await?;
        if let Some(found) = &found {
            found.acker.ack(BasicAckOptions::default()).await?;
        }
        shelf.put_back().await;
        Ok(found.is_some())
    })
    .await
}

/// A pool's dead letters, in hand.
struct Shelf {
    channel: Channel,
    pool: Pool,
}

impl Shelf {
    async fn open(link: &Link, pool: &Pool) -> Result<Self> {
        Ok(Self {
            channel: link.now()?.channel().await?,
            pool: pool.clone(),
        })
    }

    /// The next one. None, too, where the pool has never had a queue.
    async fn take(&self) -> Result<Option<BasicGetMessage>> {
        const NOT_FOUND: u16 = 404;
        let queue = Topology::dead(&self.pool);
        match self
            .channel
            .basic_get(queue, BasicGetOptions::default())
            .await
        {
            Ok(found) => Ok(found),
            Err(error) => match error.kind() {
                ErrorKind::ProtocolError(answer) if answer.get_id() == NOT_FOUND => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    async fn find(&self, id: &str) -> Result<Option<BasicGetMessage>> {
        for _ in 0..SEARCHED {
            match self.take().await? {
                Some(found) if message::id(&found.properties) == id => return Ok(Some(found)),
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    /// Hands back what is still in hand, before somebody looks again.
    async fn put_back(self) {
        let all = BasicNackOptions {
            multiple: true,
            requeue: true,
        };
        let handing = async {
            self.channel.basic_nack(EVERYTHING, all).await?;
            self.channel.close(200, "read".into()).await
        };
        if let Err(error) = handing.await {
            tracing::debug!(%error, "the end of the channel hands them back");
        }
    }
}

async fn ring_again(link: &Link, pool: &Pool, found: &BasicGetMessage) -> Result<()> {
    let mut doorbell = Doorbell::decode(found.data.as_slice()).map_err(Error::refused)?;
    if let Some(command) = &mut doorbell.command {
        message::id(&found.properties).clone_into(&mut command.replay);
    }
    let message = Message {
        way: Way::Rings,
        pool,
        queue: Topology::runs(pool),
        properties: message::doorbell(&message::trace(&found.properties)),
        body: doorbell.encode_to_vec(),
    };
    publish(link, &message).await
}

fn read(found: &BasicGetMessage, pool: &Pool) -> DeadLetter {
    let (reason, died_at) = message::death(&found.properties);
    // One that cannot be read is shown all the same: it can still be dropped.
    let doorbell = Doorbell::decode(found.data.as_slice()).unwrap_or_else(|_| Doorbell {
        pool: pool.to_string(),
        ..Doorbell::default()
    });
    DeadLetter {
        id: message::id(&found.properties).to_owned(),
        doorbell,
        reason,
        died_at,
    }
}

async fn patiently<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| Err(Error::unavailable("it did not answer in time")))
}
