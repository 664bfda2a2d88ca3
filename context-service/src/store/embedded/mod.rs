//! The store of a single process: one database file in a folder, nothing to install.
//!
//! Every step goes through one writer, which gives it the tables and the memory alone (see
//! `writer`); so a step is atomic because nothing else happens meanwhile. Subscribing is a
//! step too, for the audience it joins is in that memory. Plain reads go beside the writer.

mod appends;
mod audience;
mod conversations;
mod error;
mod log;
mod mailbox;
mod memory;
mod offers;
mod open;
mod reads;
mod records;
mod revocations;
mod runs;
mod step;
mod submits;
mod tables;
mod text;
mod timers;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use convene_proto::{
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Nonce, Seq},
};
use parking_lot::Mutex;
use redb::{Database, ReadableDatabase as _};

pub use self::error::OpenError;
use self::{
    error::Failure,
    step::{Step, Weight},
    tables::Views,
    writer::Steps,
};
use super::{
    AgentInfo, Append, Appended, Cancel, Cancelled, Change, Claim, ClaimOutcome, Claimed, Created,
    Due, Events, Found, Limits, NewConversation, NewEntry, Page, PartText, Range, Release, Result,
    Revocation, Revocations, Signalled, Standing, Store, Submit, Submitted, Subscribe, Subscribed,
    Unsubscribe, Unsubscribed, Viewer, Written,
};

/// How long a call waits for its answer before it says that the store is unavailable.
const DEADLINE: Duration = Duration::from_secs(10);

/// How an [`EmbeddedStore`] is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How much of the file is kept in memory, at most, in bytes.
    pub cache_bytes: usize,
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            limits: Limits::default(),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct EmbeddedStore {
    steps: Steps,
    limits: Limits,
    /// For reads; none once closed.
    database: Mutex<Option<Arc<Database>>>,
}

impl EmbeddedStore {
    /// Opens the store in this folder, and makes it where there is none. The whole file is
    /// checked, so this blocks for about a second a gigabyte.
    ///
    /// No lease outlives the process that held it, and what waits for an agent is due at once.
    ///
    /// # Errors
    /// Where another process has the folder, the file is damaged, or a newer version wrote it.
    pub fn open(
        folder: impl AsRef<Path>,
        options: Options,
    ) -> std::result::Result<Self, OpenError> {
        let folder = folder.as_ref();
        let database = Arc::new(open::open(folder, &options)?);
        let steps = writer::start(database.clone(), options.limits);
        let steps = steps.map_err(|error| OpenError::Io {
            folder: folder.to_owned(),
            source: error.into(),
        })?;
        Ok(Self {
            steps,
            limits: options.limits,
            database: Mutex::new(Some(database)),
        })
    }

    /// A store without a folder, which is lost with it, and without a thread: whoever asks for a
    /// step takes it, so what it does depends on nothing but the order of the calls. For tests and
    /// simulations.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn in_memory(options: Options) -> Result<Self> {
        let database = Arc::new(open::in_memory(&options)?);
        Ok(Self {
            steps: writer::for_callers(database.clone(), options.limits),
            limits: options.limits,
            database: Mutex::new(Some(database)),
        })
    }

    /// Brings everything to disk and gives the folder free. Calls that come later are answered
    /// with [`Error::Unavailable`](super::Error::Unavailable). Without this, dropping the store does the same a little later.
    pub async fn close(&self) {
        drop(self.database.lock().take());
        let closed = tokio::time::timeout(DEADLINE, self.steps.close()).await;
        if closed.is_err() {
            tracing::warn!("the disk is slow: the embedded store is still writing");
        }
    }

    /// Ends when nothing can be written any more: once it is closed, its thread has died, or a
    /// write has failed; what the folder holds is then as good as ever, to be opened anew.
    pub async fn ended(&self) {
        self.steps.ended().await;
    }

    /// Takes an atomic step.
    async fn step<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Step<'_, '_>) -> Result<T> + Send + 'static,
    {
        let taken = tokio::time::timeout(DEADLINE, self.steps.take(work)).await;
        taken.map_err(|_| Failure::TooSlow)?
    }

    /// Reads as of the last commit.
    async fn read<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Views) -> Result<T> + Send + 'static,
    {
        let database = self.database.lock().clone().ok_or(Failure::Closed)?;
        let reading = move || {
            let transaction = database.begin_read()?;
            work(&Views::open(&transaction)?)
        };
        if self.steps.are_the_caller_s() {
            return reading();
        }
        let reading = tokio::task::spawn_blocking(reading);
        let read = tokio::time::timeout(DEADLINE, reading).await;
        read.map_err(|_| Failure::TooSlow)?
            .map_err(|_| Failure::Read)?
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn create(&self, new: NewConversation) -> Result<Created> {
        self.step(move |step| step.create(new)).await
    }

    async fn conversation(&self, id: &ConversationId, viewer: &Viewer) -> Result<Found> {
        let (id, viewer) = (id.clone(), viewer.clone());
        self.step(move |step| step.conversation(&id, &viewer)).await
    }

    async fn conversations(
        &self,
        viewer: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page> {
        let (viewer, after) = (viewer.clone(), after.map(str::to_owned));
        self.read(move |views| reads::conversations(views, &viewer, limit, after.as_deref()))
            .await
    }

    async fn change(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        entry: NewEntry,
    ) -> Result<Written> {
        let (id, viewer) = (id.clone(), viewer.clone());
        self.step(move |step| step.change(&id, &viewer, change, entry))
            .await
    }

    async fn submit(&self, submit: Submit) -> Result<Submitted> {
        self.step(move |step| step.submit(submit)).await
    }

    async fn cancel(&self, cancel: Cancel) -> Result<Cancelled> {
        self.step(move |step| step.cancel(cancel)).await
    }

    async fn read_events(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        range: Range,
    ) -> Result<Events> {
        let (id, viewer) = (id.clone(), viewer.clone());
        let bytes = self.limits.page_bytes;
        self.read(move |views| reads::events(views, &id, &viewer, range, bytes))
            .await
    }

    async fn read_text(
        &self,
        id: &ConversationId,
        message: &MessageId,
        part: u16,
        offset: u64,
    ) -> Result<PartText> {
        let (id, message) = (id.clone(), message.clone());
        self.read(move |views| reads::text(views, &id, &message, part, offset))
            .await
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Subscribed> {
        self.step(move |step| step.subscribe(subscribe)).await
    }

    async fn unsubscribe(&self, unsubscribe: Unsubscribe) -> Result<Unsubscribed> {
        self.step(move |step| Ok(step.unsubscribe(&unsubscribe)))
            .await
    }

    async fn audit(
        &self,
        inbox: &Inbox,
        ttl: Duration,
        conversations: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Result<Option<Standing>>>> {
        let (inbox, conversations) = (inbox.clone(), conversations.to_vec());
        self.step(move |step| Ok(step.audit(&inbox, ttl, conversations)))
            .await
    }

    async fn signal(
        &self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Signalled> {
        let (id, viewer) = (id.clone(), viewer.clone());
        self.step(move |step| step.signal(&id, &viewer, read)).await
    }

    async fn claim(&self, claim: Claim) -> Result<ClaimOutcome> {
        self.step(move |step| step.claim(claim)).await
    }

    async fn append(&self, append: Append) -> Result<Appended> {
        self.step(move |step| step.append(append)).await
    }

    async fn renew(&self, id: &ConversationId, nonce: Nonce, ttl: Duration) -> Result<Appended> {
        let id = id.clone();
        self.step(move |step| step.renew(&id, nonce, ttl)).await
    }

    async fn release(&self, release: Release) -> Result<Option<Claimed>> {
        self.step(move |step| step.release(release)).await
    }

    async fn sweep(&self, limit: usize) -> Result<Vec<Due>> {
        self.step(move |step| step.sweep(limit)).await
    }

    async fn announce(&self, inbox: &Inbox, agents: &[AgentInfo], ttl: Duration) -> Result<()> {
        let (inbox, agents) = (inbox.clone(), agents.to_vec());
        self.step(move |step| {
            let until = step.after(ttl);
            step.memory.announce(&inbox, agents, step.now, until);
            Ok(())
        })
        .await
    }

    async fn agents(&self) -> Result<Vec<AgentInfo>> {
        self.step(|step| {
            let announced = step.memory.agents(step.now);
            Ok(AgentInfo::latest(announced.cloned()))
        })
        .await
    }

    async fn revoke(&self, revocation: Revocation) -> Result<()> {
        self.step(move |step| step.revoke(&revocation)).await
    }

    async fn revocations(&self, after: u64, limit: usize) -> Result<Revocations> {
        self.read(move |views| revocations::after(views, after, limit))
            .await
    }

    async fn ping(&self) -> Result<()> {
        self.step(|step| {
            step.weigh(Weight::Durable);
            step.tables.meta.insert("pinged", step.now)?;
            Ok(())
        })
        .await
    }
}
