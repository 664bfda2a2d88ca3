//! What waits to be written on one channel: bounded in bytes, in order.
//!
//! The client library keeps what it has not written without bound, and a confirm that nobody
//! awaits stays with it for good. So one task owns the channel's publishes to their end, whoever
//! gave up on them, and room is given back only then.

use std::{collections::HashMap, pin::pin, sync::Arc};

use convene_runtime::Tasks;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use lapin::{
    BasicProperties, Channel, Confirmation,
    options::{BasicPublishOptions, BasicQosOptions},
    types::ShortString,
};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use super::fate::Fate;
use crate::metrics::{LetterLoss, Metrics};

/// Publishes that may be under way at once.
const WINDOW: usize = 1024;

/// And how many of them to one queue that confirms: one that cannot, for want of a majority of its
/// nodes, must not hold up the others.
const SHARE: usize = 128;

/// Room is counted in pieces of this many bytes, at least one a message.
const PIECE: usize = 1024;

/// Pieces of room: 8 MiB.
const ROOM: usize = 8 * 1024;

/// A message and where it goes.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) queue: ShortString,
    pub(super) options: BasicPublishOptions,
    pub(super) properties: BasicProperties,
    pub(super) body: Vec<u8>,
}

/// What became of a message: what the channel said, or nothing where the connection went.
pub(super) type Receipt = oneshot::Receiver<lapin::Result<Confirmation>>;

type Sender = oneshot::Sender<lapin::Result<Confirmation>>;

struct Waiting {
    parcel: Parcel,
    awaited: Option<Awaited>,
    _room: OwnedSemaphorePermit,
}

/// What somebody waits for, or has waited for in vain.
struct Awaited {
    receipt: Sender,
    lane: Arc<Lane>,
    _share: OwnedSemaphorePermit,
}

/// A queue that confirms.
#[derive(Debug)]
struct Lane {
    share: Arc<Semaphore>,
    /// Publishes that are under way still, though nobody waits for them any more.
    overdue: watch::Sender<usize>,
}

impl Lane {
    fn new() -> Self {
        Self {
            share: Arc::new(Semaphore::new(SHARE)),
            overdue: watch::Sender::default(),
        }
    }

    /// Another one is overdue, until what is returned is dropped.
    fn overdue(&self) -> Overdue<'_> {
        self.overdue.send_modify(|overdue| *overdue += 1);
        Overdue(self)
    }
}

struct Overdue<'a>(&'a Lane);

impl Drop for Overdue<'_> {
    fn drop(&mut self) {
        self.0.overdue.send_modify(|overdue| *overdue -= 1);
    }
}

/// The way to a channel. Its task ends when this is dropped and everything is out, or when the
/// connection is lost.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    /// Queues are as many as the pools', and few.
    lanes: Mutex<HashMap<ShortString, Arc<Lane>>>,
    /// Lives as long as the connection: a channel that is closed while its connection says
    /// goodbye makes the client library hang up in the middle of it.
    channel: Channel,
}

impl Outbox {
    pub(super) fn new(channel: Channel, fate: Fate, metrics: Metrics, tasks: &Tasks) -> Self {
        let (waiting, inlet) = mpsc::channel(ROOM);
        let own = channel.clone();
        tasks.spawn(async move {
            tokio::select! {
                _ = fate.lost() => {}
                () = send_all(&own, inlet, &fate, &metrics) => {}
            }
        });
        Self {
            waiting,
            room: Arc::new(Semaphore::new(ROOM)),
            lanes: Mutex::default(),
            channel,
        }
    }

    /// Puts a message in, after those before it to the same queue; waits for that queue's share, and
    /// for room. The receipt tells its end.
    pub(super) async fn put(&self, parcel: Parcel) -> Receipt {
        let (sender, receipt) = oneshot::channel();
        let lane = self.lane(&parcel.queue);
        if let Ok(share) = Arc::clone(&lane.share).acquire_owned().await {
            let awaited = Awaited {
                receipt: sender,
                lane,
                _share: share,
            };
            self.add(parcel, Some(awaited)).await;
        }
        receipt
    }

    /// Ends when a queue has confirmed all that it did not confirm in time: until then another
    /// message would only wait behind those.
    pub(super) async fn caught_up(&self, queue: &ShortString) {
        let lane = self.lane(queue);
        // The sender is in our hands, and lives.
        drop(
            lane.overdue
                .subscribe()
                .wait_for(|overdue| *overdue == 0)
                .await,
        );
    }

    fn lane(&self, queue: &ShortString) -> Arc<Lane> {
        let mut lanes = self.lanes.lock();
        let lane = lanes.entry(queue.clone());
        lane.or_insert_with(|| Arc::new(Lane::new())).clone()
    }

    /// As [`Outbox::put`], for what nobody waits for.
    pub(super) async fn put_and_forget(&self, parcel: Parcel) {
        self.add(parcel, None).await;
    }

    /// Ends when the broker has passed on everything that was put in before. What is only written
    /// it drops, should the connection go: so it is asked something behind it.
    pub(super) async fn drained(&self) -> lapin::Result<()> {
        // Fails only where the semaphore is closed, which it never is.
        drop(self.room.acquire_many(ROOM as u32).await);
        self.channel.basic_qos(1, BasicQosOptions::default()).await
    }

    async fn add(&self, parcel: Parcel, awaited: Option<Awaited>) {
        let pieces = (parcel.body.len() / PIECE + 1).min(ROOM) as u32;
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(pieces).await else {
            return;
        };
        let waiting = Waiting {
            parcel,
            awaited,
            _room: room,
        };
        // A queue slot is there for every piece of room. Where the task has ended, the receipt
        // says so.
        drop(self.waiting.send(waiting).await);
    }
}

async fn send_all(
    channel: &Channel,
    mut inlet: mpsc::Receiver<Waiting>,
    fate: &Fate,
    metrics: &Metrics,
) {
    let mut under_way = FuturesUnordered::new();
    loop {
        tokio::select! {
            // Polled before the next is taken, so that they are written in order.
            biased;
            Some(()) = under_way.next() => {}
            waiting = inlet.recv(), if under_way.len() < WINDOW => match waiting {
                Some(waiting) => under_way.push(send(channel, waiting, fate, metrics)),
                None => break,
            }
        }
    }
    while under_way.next().await.is_some() {}
}

async fn send(channel: &Channel, waiting: Waiting, fate: &Fate, metrics: &Metrics) {
    let Waiting {
        parcel,
        mut awaited,
        _room,
    } = waiting;
    let mut publishing = pin!(publish(channel, parcel));
    let outcome = match &mut awaited {
        Some(Awaited { receipt, lane, .. }) => tokio::select! {
            biased;
            outcome = &mut publishing => outcome,
            () = receipt.closed() => {
                let _overdue = lane.overdue();
                publishing.await
            }
        },
        None => publishing.await,
    };
    if let Err(error) = &outcome {
        fate.give_up(error);
    }
    match awaited {
        // Whoever waited may have given up.
        Some(awaited) => drop(awaited.receipt.send(outcome)),
        None if outcome.is_err() => metrics.letter_lost(LetterLoss::Unsent),
        None => {}
    }
}

async fn publish(channel: &Channel, parcel: Parcel) -> lapin::Result<Confirmation> {
    let Parcel {
        queue,
        options,
        properties,
        body,
    } = parcel;
    let default_exchange = ShortString::default();
    let confirm = channel
        .basic_publish(default_exchange, queue, options, &body, properties)
        .await?;
    confirm.await
}
