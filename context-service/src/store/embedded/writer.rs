//! The one writer: a thread that takes the steps that are ready, makes one transaction of them,
//! and answers when it is committed.
//!
//! A commit that must survive a crash waits for the disk. Steps that only stream text, renew
//! leases or listen do not need one: theirs are committed to memory, and reach the disk with the
//! next durable commit, or after [`FLUSH_AFTER`].
//!
//! A store in memory has no thread: each step is taken by whoever asks for it, in a transaction of its
//! own.
//!
//! A database that could not write once will not write again before it is opened anew. So the
//! writer ends then, and whoever holds the store hears of it ([`Steps::ended`]).

use std::{fmt, sync::Arc, time::Duration};

use convene_runtime::clock::now_ms;
use parking_lot::Mutex;
use redb::{Database, Durability, WriteTransaction};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    error::Failure,
    memory::Memory,
    step::{Step, Weight},
    tables::Tables,
};
use crate::store::{Error, Limits, Result};

/// Steps that wait for the writer; who comes when it is full waits for room.
const QUEUE: usize = 1024;

/// Steps in one commit, at most.
const BATCH: usize = 256;

/// What was committed to memory alone is on disk after this.
const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// How often what is past is forgotten.
const PURGE_EVERY: Duration = Duration::from_secs(1);

/// Does the step, and gives back who is to be answered when it is committed.
type Job = Box<dyn FnOnce(&mut Step<'_, '_>) -> Done + Send>;

pub(super) struct Done {
    /// Why the step failed, if it had written by then.
    spoiled: Option<Failure>,
    answer: Answer,
}

type Answer = Box<dyn FnOnce(std::result::Result<(), Failure>) + Send>;

pub(super) enum Order {
    Step(Job),
    Close(oneshot::Sender<()>),
}

/// The way to the writer.
#[derive(Clone)]
pub(super) enum Steps {
    /// On a thread of its own.
    Thread(mpsc::Sender<Order>),
    /// On the caller's.
    Caller(Arc<Mutex<Writer>>),
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Steps")
    }
}

impl Steps {
    /// Takes a step and waits until it is committed. Where a step fails, it has not been taken.
    pub(super) async fn take<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Step<'_, '_>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |step| {
            let outcome = work(step);
            let failure = outcome.as_ref().err();
            Done {
                spoiled: failure
                    .filter(|_| step.weight > Weight::Nothing)
                    .map(Failure::of),
                answer: Box::new(move |committed| {
                    let outcome = committed.map_err(Error::from).and(outcome);
                    // Who asked may have gone; what they asked for is done all the same.
                    drop(answer.send(outcome));
                }),
            }
        });
        match self {
            Self::Thread(orders) => order(orders, Order::Step(job)).await?,
            // What became of it is in its answer.
            Self::Caller(writer) => drop(writer.lock().commit(vec![job])),
        }
        answered.await.map_err(|_| Failure::Closed)?
    }

    /// Whether whoever asks for a step takes it, and so reads by themselves, too. Then nobody else
    /// forgets what is past.
    pub(super) fn are_the_caller_s(&self) -> bool {
        let Self::Caller(writer) = self else {
            return false;
        };
        let mut writer = writer.lock();
        if writer.purged.elapsed() >= PURGE_EVERY {
            // Where it fails, the next step does, too, and says why.
            drop(writer.commit(Vec::new()));
        }
        true
    }

    /// Brings everything to disk and ends the writer.
    pub(super) async fn close(&self) {
        let Self::Thread(orders) = self else { return };
        let (closed, closing) = oneshot::channel();
        if order(orders, Order::Close(closed)).await.is_ok() {
            // An error means that the writer has ended already.
            drop(closing.await);
        }
    }

    /// Ends when the writer has ended.
    pub(super) async fn ended(&self) {
        match self {
            Self::Thread(orders) => orders.closed().await,
            Self::Caller(_) => std::future::pending().await,
        }
    }
}

async fn order(orders: &mpsc::Sender<Order>, order: Order) -> std::result::Result<(), Failure> {
    orders.send(order).await.map_err(|_| Failure::Closed)
}

/// Starts the writer on a thread of its own. It ends when it is closed, or nobody is left who
/// could ask it anything.
pub(super) fn start(database: Arc<Database>, limits: Limits) -> std::io::Result<Steps> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (orders, queue) = mpsc::channel(QUEUE);
    let writer = Writer::new(database, limits);
    std::thread::Builder::new()
        .name("convene-store".to_owned())
        .spawn(move || runtime.block_on(writer.run(queue)))?;
    Ok(Steps::Thread(orders))
}

/// A writer without a thread.
pub(super) fn for_callers(database: Arc<Database>, limits: Limits) -> Steps {
    Steps::Caller(Arc::new(Mutex::new(Writer::new(database, limits))))
}

pub(super) struct Writer {
    database: Arc<Database>,
    limits: Limits,
    memory: Memory,
    unflushed_since: Option<Instant>,
    purged: Instant,
}

impl Writer {
    fn new(database: Arc<Database>, limits: Limits) -> Self {
        Self {
            database,
            limits,
            memory: Memory::default(),
            unflushed_since: None,
            purged: Instant::now(),
        }
    }

    async fn run(mut self, mut queue: mpsc::Receiver<Order>) {
        let mut closing = None;
        let mut failed = false;
        while closing.is_none() && !failed {
            let mut orders = Vec::new();
            let ready = queue.recv_many(&mut orders, BATCH);
            // With nothing to do there is still something to flush or to forget.
            if tokio::time::timeout(PURGE_EVERY, ready).await == Ok(0) {
                break;
            }
            let mut batch = Vec::with_capacity(orders.len());
            for order in orders {
                match order {
                    Order::Step(job) => batch.push(job),
                    Order::Close(closed) => closing = Some(closed),
                }
            }
            failed = self.commit(batch).is_err_and(|why| why.is_lasting());
        }
        if !failed {
            self.flush();
        }
        drop(queue);
        drop(self.database);
        if let Some(closed) = closing {
            // An error means that who closed it has stopped waiting.
            closed.send(()).ok();
        }
    }

    /// Takes the steps in one transaction, commits it, and answers.
    fn commit(&mut self, batch: Vec<Job>) -> std::result::Result<(), Failure> {
        let mut answers = Vec::with_capacity(batch.len());
        let committed = self.transact(batch, &mut answers).map_err(|error| {
            let failure = Failure::of(&error);
            tracing::error!(%failure, "the embedded store could not commit");
            failure
        });
        for answer in answers {
            answer(committed.clone());
        }
        committed
    }

    fn transact(&mut self, batch: Vec<Job>, answers: &mut Vec<Answer>) -> Result<()> {
        let mut transaction = self.database.begin_write()?;
        let weight = match self.take_all(&transaction, batch, answers) {
            Ok(Weight::Nothing | Weight::Relaxed) if self.is_flush_due() => Weight::Durable,
            Ok(weight) => weight,
            Err(error) => {
                // Where it cannot even be undone, the next transaction finds that out, too.
                if let Err(failed) = transaction.abort() {
                    tracing::debug!(%failed, "steps of the embedded store were not undone");
                }
                return Err(error);
            }
        };
        match weight {
            Weight::Nothing => transaction.abort()?,
            Weight::Relaxed => {
                transaction.set_durability(Durability::None)?;
                transaction.commit()?;
                self.unflushed_since.get_or_insert_with(Instant::now);
            }
            Weight::Durable => {
                transaction.commit()?;
                self.unflushed_since = None;
            }
        }
        Ok(())
    }

    /// Takes the steps one by one, each after what the ones before it wrote.
    ///
    /// # Errors
    /// Where a step failed half way: then all of them must be undone.
    fn take_all(
        &mut self,
        transaction: &WriteTransaction,
        batch: Vec<Job>,
        answers: &mut Vec<Answer>,
    ) -> Result<Weight> {
        let mut step = Step {
            tables: &mut Tables::open(transaction)?,
            memory: &mut self.memory,
            limits: &self.limits,
            now: now_ms(),
            weight: Weight::Nothing,
        };
        let mut heaviest = Weight::Nothing;
        let mut spoiled = None;
        for job in batch {
            step.now = now_ms();
            step.weight = Weight::Nothing;
            let done = job(&mut step);
            answers.push(done.answer);
            spoiled = spoiled.or(done.spoiled);
            heaviest = heaviest.max(step.weight);
        }
        if let Some(failure) = spoiled {
            return Err(failure.into());
        }
        if self.purged.elapsed() >= PURGE_EVERY {
            self.purged = Instant::now();
            step.purge()?;
        }
        Ok(heaviest.max(step.weight))
    }

    fn is_flush_due(&self) -> bool {
        self.unflushed_since
            .is_some_and(|since| since.elapsed() >= FLUSH_AFTER)
    }

    fn flush(&mut self) {
        if self.unflushed_since.is_some() {
            let flushed = self.database.begin_write().map_err(Error::from);
            let flushed = flushed.and_then(|empty| Ok(empty.commit()?));
            if let Err(error) = flushed {
                tracing::error!(%error, "the embedded store could not flush");
            }
            self.unflushed_since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::atomic::{AtomicBool, Ordering::SeqCst},
    };

    use redb::{Builder, StorageBackend, backends::InMemoryBackend};
    use tokio::time::timeout;

    use super::*;

    /// A disk that may have no room left.
    #[derive(Debug)]
    struct Disk {
        data: InMemoryBackend,
        full: Arc<AtomicBool>,
    }

    impl Disk {
        fn room(&self) -> io::Result<()> {
            match self.full.load(SeqCst) {
                true => Err(io::ErrorKind::StorageFull.into()),
                false => Ok(()),
            }
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.data.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.data.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.room()?;
            self.data.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.data.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room()?;
            self.data.write(offset, data)
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_called_so_and_ends_the_writer() {
        let full = Arc::new(AtomicBool::new(false));
        let disk = Disk {
            data: InMemoryBackend::new(),
            full: full.clone(),
        };
        let database = Builder::new().create_with_backend(disk).unwrap();
        let steps = start(Arc::new(database), Limits::default()).unwrap();
        let write = || {
            steps.take(|step| {
                step.weigh(Weight::Durable);
                step.tables.meta.insert("written", 1)?;
                Ok(())
            })
        };
        write().await.unwrap();
        full.store(true, SeqCst);
        let refused = write().await.unwrap_err().to_string();
        assert!(refused.contains("the disk is full"), "{refused}");
        full.store(false, SeqCst);
        let ended = timeout(Duration::from_secs(20), steps.ended()).await;
        assert!(ended.is_ok(), "it lives on, and can write no more");
    }
}
