//! The bus inside one process: the same promises as a broker's, without one.
//!
//! A [`LocalBroker`] holds the queues; each part of the process has a [`LocalBus`] on it, as it
//! would have a connection. Dead letters are kept in a folder; everything else is in memory. After a
//! crash the store's due set knows which conversations have work, and its sweeper rings for them
//! again; delays and letters are lost with the process.

mod doorbells;
mod inbox;
mod queue;
mod shelf;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    path::Path,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::{Tasks, trace::TraceContext};
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::{
    doorbells::LocalDoorbells,
    inbox::{LocalInbox, Mailbox},
    queue::{Held, Queue},
    shelf::Shelf,
};
use crate::{Bus, DeadLetter, Doorbells, Error, Letters, Result, metrics::Metrics};

/// How many bytes of letters may wait in an inbox; above that the oldest are dropped.
pub const INBOX_BYTES: usize = 16 * 1024 * 1024;

/// Dead letters of one pool. Above that none is taken in, and its command waits where it is.
pub const DEAD_LETTERS: usize = 10_000;

/// The queues of a process. Clones share them.
#[derive(Clone)]
pub struct LocalBroker(Arc<Shared>);

struct Shared {
    queues: Mutex<HashMap<Pool, Arc<Queue>>>,
    inboxes: Mutex<HashMap<Inbox, Arc<Mailbox>>>,
    inbox_bytes: usize,
    shelf: Shelf,
    tasks: Tasks,
    metrics: Metrics,
}

impl LocalBroker {
    /// An empty one, whose dead letters are lost with it. Doorbells that are put off are kept by
    /// `tasks`.
    #[must_use]
    pub fn new(tasks: &Tasks) -> Self {
        let metrics = Metrics::new();
        Self::with(
            Shelf::new(DEAD_LETTERS, metrics.clone()),
            metrics,
            tasks,
            INBOX_BYTES,
        )
    }

    /// As [`LocalBroker::new`], with its dead letters in a folder, and with those that an earlier
    /// process left there. Only one process at a time may have the folder. Blocks.
    ///
    /// # Errors
    /// Where the folder cannot be read or made.
    pub fn open(folder: &Path, tasks: &Tasks) -> io::Result<Self> {
        Self::open_with(folder, tasks, INBOX_BYTES, DEAD_LETTERS)
    }

    /// As [`LocalBroker::open`], with other bounds: of each inbox, and of a pool's dead letters.
    ///
    /// # Errors
    /// As [`LocalBroker::open`].
    pub fn open_with(
        folder: &Path,
        tasks: &Tasks,
        inbox_bytes: usize,
        dead_letters: usize,
    ) -> io::Result<Self> {
        let metrics = Metrics::new();
        let shelf = Shelf::open(folder, dead_letters, metrics.clone())?;
        Ok(Self::with(shelf, metrics, tasks, inbox_bytes))
    }

    fn with(shelf: Shelf, metrics: Metrics, tasks: &Tasks, inbox_bytes: usize) -> Self {
        Self(Arc::new(Shared {
            queues: Mutex::default(),
            inboxes: Mutex::default(),
            inbox_bytes,
            shelf,
            tasks: tasks.clone(),
            metrics,
        }))
    }

    /// A bus on these queues, to be closed by itself.
    #[must_use]
    pub fn connect(&self) -> Arc<LocalBus> {
        Arc::new(LocalBus {
            connection: Arc::new(Connection {
                broker: Arc::clone(&self.0),
                closed: CancellationToken::new(),
                out: Mutex::new(Some(Out::default())),
            }),
        })
    }
}

impl Shared {
    fn queue(&self, pool: &Pool) -> Arc<Queue> {
        let mut queues = self.queues.lock();
        let queue = queues.entry(pool.clone()).or_insert_with(|| {
            let queue = Queue::new(pool.clone(), self.shelf.clone(), self.tasks.clone());
            Arc::new(queue)
        });
        Arc::clone(queue)
    }
}

/// One part's bus on the process's queues.
pub struct LocalBus {
    connection: Arc<Connection>,
}

/// What one bus has in hand, handed back when it closes.
struct Connection {
    broker: Arc<Shared>,
    closed: CancellationToken,
    /// None once closed.
    out: Mutex<Option<Out>>,
}

/// Doorbells that are taken and not settled, by the order in which they were taken.
#[derive(Default)]
struct Out {
    next: u64,
    held: BTreeMap<u64, (Arc<Queue>, Held)>,
}

impl Connection {
    fn open(&self) -> Result<()> {
        if self.closed.is_cancelled() {
            return Err(Error::Closed);
        }
        Ok(())
    }

    fn close(&self) {
        self.closed.cancel();
        let out = self.out.lock().take().unwrap_or_default();
        // The newest first, so that the oldest ends up in front.
        for (queue, held) in out.held.into_values().rev() {
            queue.hand_back(held);
        }
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        self.connection.open()?;
        let pool = Pool::new(doorbell.pool.as_str()).map_err(Error::refused)?;
        let broker = &self.connection.broker;
        let begun = Instant::now();
        let outcome = broker.queue(&pool).ring(doorbell.clone(), trace.clone());
        broker.metrics.rung(&outcome, begun.elapsed());
        outcome
    }

    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>> {
        self.connection.open()?;
        let connection = Arc::clone(&self.connection);
        Ok(Box::new(LocalDoorbells::new(connection, pool, prefetch)))
    }

    async fn send(&self, to: &[Inbox], letter: &Letter, trace: &TraceContext) -> Result<()> {
        self.connection.open()?;
        let broker = &self.connection.broker;
        let mailboxes: Vec<_> = {
            let inboxes = broker.inboxes.lock();
            let names: HashSet<_> = to.iter().collect();
            names
                .into_iter()
                .filter_map(|name| inboxes.get(name).cloned())
                .collect()
        };
        for mailbox in mailboxes {
            mailbox.put(letter.clone(), trace.clone(), &broker.metrics);
        }
        Ok(())
    }

    async fn open_inbox(&self, owner: &str) -> Result<Box<dyn Letters>> {
        self.connection.open()?;
        let inbox = LocalInbox::open(Arc::clone(&self.connection), owner)?;
        Ok(Box::new(inbox))
    }

    async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
        self.connection.open()?;
        Ok(self.connection.broker.shelf.list(pool, limit))
    }

    async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<Option<DeadLetter>> {
        self.connection.open()?;
        Ok(self.connection.broker.shelf.find(pool, id))
    }

    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.connection.open()?;
        self.connection.broker.queue(pool).replay(id)
    }

    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.connection.open()?;
        self.connection.broker.shelf.remove(pool, id).await
    }

    async fn ping(&self) -> Result<()> {
        self.connection.open()
    }

    async fn close(&self, _within: Duration) {
        self.connection.close();
    }
}

impl Drop for LocalBus {
    fn drop(&mut self) {
        self.connection.close();
    }
}
