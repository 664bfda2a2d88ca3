//! What waits to be written on one channel: bounded in bytes, in order.
//!
//! The client library keeps what it has not written without bound, and a confirm that nobody
//! awaits stays with it for good. So one task owns the channel's publishes to their end, whoever
//! gave up on them, and room is given back only then.

use std::{collections::HashMap, sync::Arc};

use convene_runtime::Tasks;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use lapin::{
    BasicProperties, Channel, Confirmation,
    options::{BasicPublishOptions, BasicQosOptions},
    types::ShortString,
};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

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
    receipt: Option<Sender>,
    _room: OwnedSemaphorePermit,
    _share: Option<OwnedSemaphorePermit>,
}

/// The way to a channel. Its task ends when this is dropped and everything is out, or when the
/// connection is lost.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    /// What each queue has left of its share. Queues are as many as the pools', and few.
    shares: Mutex<HashMap<ShortString, Arc<Semaphore>>>,
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
            shares: Mutex::default(),
            channel,
        }
    }

    /// Puts a message in, after those before it to the same queue; waits for that queue's share, and
    /// for room. The receipt tells its end.
    pub(super) async fn put(&self, parcel: Parcel) -> Receipt {
        let (sender, receipt) = oneshot::channel();
        let queue = self
            .shares
            .lock()
            .entry(parcel.queue.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(SHARE)))
            .clone();
        if let Ok(share) = queue.acquire_owned().await {
            self.add(parcel, Some((sender, share))).await;
        }
        receipt
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

    async fn add(&self, parcel: Parcel, awaited: Option<(Sender, OwnedSemaphorePermit)>) {
        let pieces = (parcel.body.len() / PIECE + 1).min(ROOM) as u32;
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(pieces).await else {
            return;
        };
        let (receipt, share) = awaited.unzip();
        let waiting = Waiting {
            parcel,
            receipt,
            _room: room,
            _share: share,
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
        receipt,
        _room,
        _share,
    } = waiting;
    let outcome = publish(channel, parcel).await;
    if let Err(error) = &outcome {
        fate.give_up(error);
    }
    match receipt {
        // Whoever waited may have given up.
        Some(receipt) => drop(receipt.send(outcome)),
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
