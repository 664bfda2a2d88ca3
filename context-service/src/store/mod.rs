//! The store port: what the context service asks of whatever keeps its data.
//!
//! Every method is one atomic step; the ten invariants of ARCHITECTURE.md are kept in here and
//! nowhere else. Two adapters: [`redis`] for the cluster, [`embedded`] for one process with a
//! folder. [`contract`] holds the cases that both must pass.

pub mod contract;
pub mod embedded;
mod error;
pub mod redis;
mod types;

use std::time::Duration;

use async_trait::async_trait;
use convene_proto::{
    event::Conversation,
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Nonce, Seq},
};

pub use self::{error::Error, types::*};

/// Result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// How long the text of a finished message stays readable, for readers that are inside it.
pub const TEXT_LINGERS: Duration = Duration::from_secs(300);

/// How long an inbox stays in an audience without an audit.
pub const AUDIENCE_TTL: Duration = Duration::from_secs(90);

/// A conversation is not swept sooner than this after its last submit: longer than any submit
/// may take, so that work is in the due set before the sweeper can look for it.
pub const DUE_AFTER: Duration = Duration::from_secs(15);

/// The log of every conversation, and what stands around it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // --- conversations ---

    /// Makes a conversation and writes its first event, `new.body`. The same id again: by the
    /// same creator it is returned with `created` false, by another it is a [`Error::Conflict`].
    async fn create(&self, new: NewConversation) -> Result<Created>;

    /// The conversation, and who has it open.
    async fn conversation(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
    ) -> Result<(Conversation, Vec<ParticipantId>)>;

    /// A page of the conversations that `viewer` is in, most recently updated first. The order is
    /// that of the last person's message or membership change in each; a run's events do not
    /// move it.
    async fn conversations(
        &self,
        viewer: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page>;

    /// Writes an event that changes the conversation itself, and the change, in one step.
    /// A change that is in force already writes nothing and answers with the event at the head.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the viewer is in the conversation but lacks the role: adding,
    /// removing others and renaming take an owner; anyone may remove themselves.
    async fn change(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        entry: NewEntry,
    ) -> Result<Written>;

    // --- the log, for people ---

    /// Writes a person's message, puts it in the mailbox where it wakes an agent, and enters the
    /// conversation in the due set first. Idempotent by message id: the same author's same id
    /// answers as before, with `duplicate`; another author's is a [`Error::Conflict`].
    ///
    /// # Errors
    /// [`Error::Busy`] under [`TurnPolicy::Reject`](convene_proto::event::TurnPolicy::Reject)
    /// while a run is under way or input waits; then nothing was written.
    async fn submit(&self, submit: Submit) -> Result<Submitted>;

    /// Asks the run to stop: the one under way, or the one at the head of the mailbox that waits
    /// for a worker or its next attempt.
    ///
    /// # Errors
    /// [`Error::NothingToCancel`] where there is none, or `run` names another.
    async fn cancel(&self, cancel: Cancel) -> Result<Cancelled>;

    /// Events by number. What retention has dropped is left out; `first` says where it begins.
    async fn read_events(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        range: Range,
    ) -> Result<Events>;

    /// The text of a streaming part from a byte offset on; `None` where it is gone.
    async fn read_text(
        &self,
        id: &ConversationId,
        message: &MessageId,
        part: u16,
        offset: u64,
    ) -> Result<Option<Vec<u8>>>;

    // --- the audience ---

    /// Adds the inbox to the audience and the viewer to who is here, and reads what the viewer
    /// has missed, in one step: an event is either in the answer or will come to the inbox.
    ///
    /// * `Resumed`: same epoch, the log still holds everything after `seq`, and the `eid` there
    ///   is the position's. Inside a text that still streams, with an offset that it has, the
    ///   rest of it comes from that byte.
    /// * `Snapshot`: no position, or retention dropped events after it.
    /// * `Reset`: another epoch, another `eid` at `seq`, a `seq` past the head, or an offset past
    ///   the end of the text that streams.
    ///
    /// A resume of more than `tail` events is answered as `Snapshot`.
    async fn subscribe(&self, subscribe: Subscribe) -> Result<Subscribed>;

    /// Takes the viewer, and with `last` the inbox, out again.
    async fn unsubscribe(&self, unsubscribe: Unsubscribe) -> Result<Unsubscribed>;

    /// Renews the inbox's place (for [`AUDIENCE_TTL`]) and its viewers', and says where the log
    /// stands; `None` where there is no such conversation. An inbox whose place had expired is
    /// put back.
    async fn audit(
        &self,
        inbox: &Inbox,
        conversations: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Option<Standing>>>;

    /// Checks that the viewer may speak here, remembers `read` if given (it only grows), and says
    /// whom to tell.
    async fn signal(
        &self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Vec<Inbox>>;

    // --- runs ---

    /// Takes the lease and the next input. After a run that was not finished, the same run again
    /// with `attempt` one higher; otherwise a new one, over the first input that waits, or all
    /// that wait with policy `merge` up to the first that does not have it.
    ///
    /// `claim.restore` is submitted first if its message id is unknown to the log; a conversation
    /// that is unknown altogether is made anew from it, with a new epoch.
    async fn claim(&self, claim: Claim) -> Result<ClaimOutcome>;

    /// Writes under the lease: the entries with their effects, then the text, all or nothing, and
    /// renews the lease. So one call can start a message and bring its first words.
    ///
    /// With `retry`, what was written already (text before the part's end, entries whose `eid`
    /// the log's recent end holds) is not written again and answered as if it had been now.
    ///
    /// # Errors
    /// [`Error::Fenced`] unless the nonce is the lease's, [`Error::Gap`] where the text does not
    /// begin at the part's end; then nothing was written.
    async fn append(&self, append: Append) -> Result<Appended>;

    /// Renews the lease. [`Error::Fenced`] unless the nonce is the lease's. A lease past its
    /// deadline that nobody took may be renewed.
    async fn renew(&self, id: &ConversationId, nonce: Nonce, ttl: Duration) -> Result<Appended>;

    /// Gives the lease back if the mailbox is empty (and then leaves the due set), in one step;
    /// otherwise claims the next run under the same nonce.
    async fn release(&self, release: Release) -> Result<Option<Claimed>>;

    /// Up to `limit` conversations of the due set that have work, no lease and no backoff to wait
    /// for, each for [`DUE_AFTER`] to one caller only; those without work leave the set.
    async fn sweep(&self, limit: usize) -> Result<Vec<Due>>;

    // --- agents ---

    /// Remembers, for `ttl`, which agents a worker hosts.
    async fn announce(&self, inbox: &Inbox, agents: &[AgentInfo], ttl: Duration) -> Result<()>;

    /// The agents that some worker hosts now, by name.
    async fn agents(&self) -> Result<Vec<AgentInfo>>;

    // --- health ---

    /// Answers once the store can be read and written.
    async fn ping(&self) -> Result<()>;
}
