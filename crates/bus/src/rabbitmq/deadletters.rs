//! The dead letters of a pool, for operators.
//!
//! A queue cannot be searched: its messages are taken one by one, without acknowledging them, and
//! handed back at the end. Meanwhile nobody else sees them, so one operator at a time. Each is a round
//! trip, and in a quorum queue an entry of its log, so many are asked for at once: the answer that
//! there is none is as exact as with one.

use std::{collections::BTreeMap, pin::pin, time::Duration};

use convene_proto::{bus::Doorbell, id::Pool};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
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

/// And how long to hand them back, should looking have taken all of that.
const PUTTING_BACK: Duration = Duration::from_secs(5);

/// So many are asked for at once.
const READERS: usize = 16;

/// All that the channel has given out and not had back.
const EVERYTHING: u64 = 0;

/// Where there are more than can be looked at in time: the oldest of those that were.
pub(super) async fn list(link: &Link, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
    let shelf = Shelf::open(link, pool).await?;
    let mut oldest = BTreeMap::new();
    let looking = async {
        let mut letters = pin!(shelf.letters());
        // Handing back changes the order of some queues, so all of them are looked at.
        while let Some(found) = letters.try_next().await? {
            let letter = read(&found, pool);
            oldest.insert((letter.died_at, letter.id.clone()), letter);
            if oldest.len() > limit {
                oldest.pop_last();
            }
        }
        Ok::<_, Error>(())
    };
    let looked = timeout(PATIENCE, looking).await;
    shelf.put_back().await;
    match looked {
        Ok(looked) => looked?,
        Err(_) if oldest.is_empty() => return Err(late()),
        Err(_) => tracing::warn!(%pool, "there was no time to look at every dead letter"),
    }
    Ok(oldest.into_values().collect())
}

pub(super) async fn show(link: &Link, pool: &Pool, id: &str) -> Result<Option<DeadLetter>> {
    patiently(async {
        let shelf = Shelf::open(link, pool).await?;
        let found = shelf.find(id).await?;
        shelf.put_back().await;
        Ok(found.map(|found| read(&found, pool)))
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
    readers: Vec<Channel>,
    pool: Pool,
}

impl Shelf {
    async fn open(link: &Link, pool: &Pool) -> Result<Self> {
        let session = link.now()?;
        let readers = (0..READERS).map(|_| session.channel());
        Ok(Self {
            readers: try_join_all(readers).await?,
            pool: pool.clone(),
        })
    }

    /// All of them, in no order.
    fn letters(&self) -> impl Stream<Item = Result<BasicGetMessage>> + Send + '_ {
        let readers = self.readers.iter();
        stream::select_all(readers.map(|reader| {
            let letters = stream::try_unfold((), async |()| {
                Ok(self.take(reader).await?.map(|found| (found, ())))
            });
            letters.boxed()
        }))
    }

    /// The next one. None, too, where the pool has never had a queue.
    async fn take(&self, reader: &Channel) -> Result<Option<BasicGetMessage>> {
        const NOT_FOUND: u16 = 404;
        let queue = Topology::dead(&self.pool);
        match reader.basic_get(queue, BasicGetOptions::default()).await {
            Ok(found) => Ok(found),
            Err(error) => match error.kind() {
                ErrorKind::ProtocolError(answer) if answer.get_id() == NOT_FOUND => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    async fn find(&self, id: &str) -> Result<Option<BasicGetMessage>> {
        let mut letters = pin!(self.letters());
        while let Some(found) = letters.try_next().await? {
            if message::id(&found.properties) == id {
                return Ok(Some(found));
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
        let handing = self.readers.iter().map(async |reader| {
            reader.basic_nack(EVERYTHING, all).await?;
            reader.close(200, "read".into()).await
        });
        match timeout(PUTTING_BACK, try_join_all(handing)).await {
            Ok(Ok(_)) => {}
            outcome => tracing::debug!(?outcome, "the end of the channels hands them back"),
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
    done.unwrap_or_else(|_| Err(late()))
}

fn late() -> Error {
    Error::unavailable("it did not answer in time")
}
