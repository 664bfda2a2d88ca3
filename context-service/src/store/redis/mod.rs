//! The store of a cluster: Redis 7 or newer, alone or as Redis Cluster.
//!
//! Every step of the port is one function that runs in Redis (`scripts/`), so it is atomic, and
//! touches the keys of one conversation only, so it works on a cluster. Four things stand
//! outside a conversation's keys: the due set (`due.rs`) and people's lists (`lists.rs`), which are
//! written so that a crash in between is mended, the agents that workers announce, and the tokens
//! that are good no longer. Where one server has everything, a submit's lists and a claim's reminder
//! are written in its own step.
//!
//! The scripts take the time from Redis, and what is random from the caller.
//!
//! # What can be lost
//! What Redis's own configuration lets it lose: see [`Durability`]. A failover to a replica may
//! lose the last writes under either; `min-replicas-to-write` bounds how many. Readers whose
//! position was lost are told so by its `eid`, and commands come back from the queue.
//!
//! # Settings of the server
//! `maxmemory-policy noeviction`, since nothing here is a cache. `hash-max-listpack-value 256`
//! keeps what is small in the small form, though it has a long title.

mod agents;
mod append;
mod audience;
mod call;
mod connection;
mod conversations;
mod due;
mod health;
mod keys;
mod lists;
mod log;
mod options;
mod reply;
mod revocations;
mod runs;
mod scripts;
mod shorthand;
mod submit;

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use convene_proto::{
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Nonce, Seq},
};
use redis::Value;
use tokio::time::timeout;

pub use self::options::{Durability, Options, Retention};
use self::{
    call::{Call, Failure},
    connection::Connection,
    keys::Keys,
    reply::Reply,
};
use super::{
    AgentInfo, Append, Appended, Cancel, Cancelled, Change, Claim, ClaimOutcome, Claimed, Created,
    Due, Error, Events, Found, Limits, NewConversation, NewEntry, Page, PartText, Range, Release,
    Result, Revocation, Revocations, Signalled, Standing, Store, Submit, Submitted, Subscribe,
    Subscribed, Unsubscribe, Unsubscribed, Viewer, Written,
};

/// Keeps everything in Redis; cheap calls over one connection.
pub struct RedisStore {
    connection: Connection,
    keys: Keys,
    limits: Limits,
    /// What was written longer ago is as safe as Redis keeps anything.
    settling: Duration,
    /// Milliseconds after which an idle conversation is forgotten; 0: never.
    idle_ms: u64,
    /// Which shard to begin with, so that several sweepers and pings spread.
    turn: AtomicU32,
}

impl RedisStore {
    /// Connects to Redis and loads the scripts; where no server answers yet, each later call tries
    /// to do so first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the options make no sense, or the server is there and refuses
    /// us or is too old.
    pub async fn connect(options: Options) -> Result<Self> {
        let limits = options.limits();
        Self::connect_with(options, limits).await
    }

    /// As [`RedisStore::connect`], with limits that go before the options' retention.
    ///
    /// # Errors
    /// As [`RedisStore::connect`].
    pub async fn connect_with(options: Options, limits: Limits) -> Result<Self> {
        let faults = options.faults();
        if !faults.is_empty() {
            return Err(Error::Unavailable(faults.join("; ").into()));
        }
        Ok(Self {
            keys: Keys::new(&options.namespace),
            limits,
            settling: options.durability.settling(),
            idle_ms: options.idle_ms(),
            turn: AtomicU32::new(0),
            connection: Connection::open(options)
                .await
                .map_err(|error| Error::Unavailable(Box::new(error)))?,
        })
    }

    /// The name of a key outside a conversation's, where its script may write that, too; empty on a
    /// cluster, where it may be on another node.
    fn at_hand(&self, name: impl FnOnce(&Keys) -> String) -> String {
        if self.connection.is_cluster() {
            return String::new();
        }
        name(&self.keys)
    }

    /// Another number at each call.
    fn turn(&self) -> u32 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    async fn call(&self, call: Call) -> std::result::Result<Reply, Failure> {
        self.value(call).await.map(Reply::of)
    }

    async fn value(&self, call: Call) -> std::result::Result<Value, Failure> {
        Ok(self.connection.send(call.command()).await?)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("keys", &self.keys)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How long a message waits for what stands outside of its conversation.
const SOON: Duration = Duration::from_millis(500);

/// What a step comes to, unless it takes longer than `limit`: then it is as if the store were away.
async fn within<T>(limit: Duration, step: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(limit, step)
        .await
        .unwrap_or_else(|late| Err(Error::Unavailable(late.into())))
}

/// A viewer as the scripts know them; `None` is one of our own services.
fn viewer(viewer: &Viewer) -> Option<&ParticipantId> {
    match viewer {
        Viewer::Participant(participant) => Some(participant),
        Viewer::Service => None,
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn create(&self, new: NewConversation) -> Result<Created> {
        conversations::create(self, new).await
    }

    async fn conversation(&self, id: &ConversationId, viewer: &Viewer) -> Result<Found> {
        conversations::read(self, id, viewer).await
    }

    async fn conversations(
        &self,
        viewer: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page> {
        lists::list(self, viewer, limit, after).await
    }

    async fn change(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        entry: NewEntry,
    ) -> Result<Written> {
        conversations::change(self, id, viewer, change, entry).await
    }

    async fn submit(&self, submit: Submit) -> Result<Submitted> {
        submit::submit(self, submit).await
    }

    async fn cancel(&self, cancel: Cancel) -> Result<Cancelled> {
        submit::cancel(self, cancel).await
    }

    async fn read_events(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        range: Range,
    ) -> Result<Events> {
        log::read_events(self, id, viewer, range).await
    }

    async fn read_text(
        &self,
        id: &ConversationId,
        message: &MessageId,
        part: u16,
        offset: u64,
    ) -> Result<PartText> {
        log::read_text(self, id, message, part, offset).await
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Subscribed> {
        audience::subscribe(self, subscribe).await
    }

    async fn unsubscribe(&self, unsubscribe: Unsubscribe) -> Result<Unsubscribed> {
        audience::unsubscribe(self, unsubscribe).await
    }

    async fn audit(
        &self,
        inbox: &Inbox,
        ttl: Duration,
        conversations: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Result<Option<Standing>>>> {
        Ok(audience::audit(self, inbox, ttl, conversations).await)
    }

    async fn signal(
        &self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Signalled> {
        audience::signal(self, id, viewer, read).await
    }

    async fn claim(&self, claim: Claim) -> Result<ClaimOutcome> {
        runs::claim(self, claim).await
    }

    async fn append(&self, append: Append) -> Result<Appended> {
        append::append(self, append).await
    }

    async fn renew(&self, id: &ConversationId, nonce: Nonce, ttl: Duration) -> Result<Appended> {
        append::renew(self, id, nonce, ttl).await
    }

    async fn release(&self, release: Release) -> Result<Option<Claimed>> {
        runs::release(self, release).await
    }

    async fn sweep(&self, limit: usize) -> Result<Vec<Due>> {
        due::sweep(self, limit).await
    }

    async fn announce(&self, inbox: &Inbox, agents: &[AgentInfo], ttl: Duration) -> Result<()> {
        agents::announce(self, inbox, agents, ttl).await
    }

    async fn agents(&self) -> Result<Vec<AgentInfo>> {
        agents::all(self).await
    }

    async fn revoke(&self, revocation: Revocation) -> Result<()> {
        revocations::revoke(self, revocation).await
    }

    async fn revocations(&self, after: u64, limit: usize) -> Result<Revocations> {
        revocations::after(self, after, limit).await
    }

    async fn ping(&self) -> Result<()> {
        health::ping(self).await
    }
}
