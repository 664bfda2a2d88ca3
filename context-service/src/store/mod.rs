//! The store port: what the context service asks of whatever keeps its data.
//!
//! Every method is one atomic step; the ten invariants of ARCHITECTURE.md are kept in here and
//! nowhere else. Two adapters: [`redis`] for the cluster, [`embedded`] for one process with a
//! folder. [`contract`] holds the cases that both must pass.

#[doc(hidden)]
pub mod contract;
pub mod embedded;
mod error;
pub mod redis;
mod revocations;
mod types;

use std::time::Duration;

use async_trait::async_trait;
use convene_proto::{
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Nonce, Seq},
};

pub use self::{error::Error, types::*};

/// Result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// How long the text of a finished message stays readable, for readers that are inside it.
pub const TEXT_LINGERS: Duration = Duration::from_secs(300);

/// How many places an audit names of those who are here; where there are more, it names none.
pub const MOST_HERE: usize = 100;

/// A conversation is not swept sooner than this after its last submit: longer than any submit
/// may take, so that work is in the due set before the sweeper can look for it.
pub const DUE_AFTER: Duration = Duration::from_secs(15);

/// Work that a worker has had, and is rung for, is rung for once more after this: the first ring
/// may come to that very worker, where it stands still and has not lost its connection yet.
pub const RING_AGAIN: Duration = Duration::from_secs(1);

/// Work that is rung for in vain is rung for less and less often: at the 1st, 2nd, 4th, 8th sweep
/// that finds it so, and in the end at every so manieth.
pub const SWEEPS_AT_REST: u32 = 16;

/// How many of a conversation's last events are kept; more where an older input still waits.
pub const RETENTION: u64 = 100_000;

/// Most participants of a conversation.
pub const PARTICIPANTS: usize = 256;

/// How many old events each new one drops, at most: what gathered behind an input that waited long
/// goes little by little.
pub const TRIMMED: u64 = 16;

/// How many inputs with policy `merge` share a run, at most.
pub const MERGED: usize = 32;

/// How many bytes of event bodies one answer brings at most, unless its one event has more. Many
/// readers may ask at once, and a step holds up everybody else while it reads.
pub const PAGE_BYTES: usize = 2 << 20;

/// How many of a conversation's last replays are remembered.
pub const REPLAYS: usize = 32;

/// The waits and bounds of a store. The default is what the constants say; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`TEXT_LINGERS`].
    pub text_lingers: Duration,
    /// See [`DUE_AFTER`].
    pub due_after: Duration,
    /// See [`RETENTION`].
    pub retention: u64,
    /// See [`PARTICIPANTS`].
    pub participants: usize,
    /// See [`PAGE_BYTES`].
    pub page_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_lingers: TEXT_LINGERS,
            due_after: DUE_AFTER,
            retention: RETENTION,
            participants: PARTICIPANTS,
            page_bytes: PAGE_BYTES,
        }
    }
}

/// The log of every conversation, and what stands around it.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // --- conversations ---

    /// Makes a conversation and writes its first event, `new.body`. The same id again: by the
    /// same creator it is returned with `created` false, by another it is a [`Error::Conflict`].
    async fn create(&self, new: NewConversation) -> Result<Created>;

    /// The conversation, and what stands around it.
    async fn conversation(&self, id: &ConversationId, viewer: &Viewer) -> Result<Found>;

    /// A page of the conversations that `viewer` is in, most recently updated first. The order is
    /// that of the last person's message or membership change in each; a run's events do not
    /// move it, nor does a new title. Only people have such a list, agents do not.
    ///
    /// # Errors
    /// [`Error::NoSuchPage`] where `after` is not the `next` of any page.
    async fn conversations(
        &self,
        viewer: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page>;

    /// Writes an event that changes the conversation itself, and the change, in one step.
    /// A change that is in force already writes nothing and answers with the event at the head.
    /// To add who is in it already under another name or a stronger role changes those; under a
    /// weaker role it changes nothing, and to join again never does. Who is removed is no longer
    /// here; the inboxes stay in the audience, so that they hear of it. When a person is removed
    /// by somebody else, every invitation made before that is void.
    ///
    /// An agent that is removed is no longer the conversation's own, not even when it comes back.
    /// Its run under way is cancelled as by [`Store::cancel`], and what waits for it enters the due set at the front, to
    /// be claimed as cancelled unless the agent is in the conversation again by then.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the viewer is in the conversation but lacks the role: adding,
    /// removing others and renaming take an owner; anyone may remove themselves. Also where an
    /// invitation is void. [`Error::Full`] where there is no room for another participant, and
    /// [`Error::LastOwner`] where the only owner would leave other people behind; services may do
    /// that.
    async fn change(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        change: Change,
        entry: NewEntry,
    ) -> Result<Written>;

    // --- the log, for people ---

    /// Writes a person's message, puts it in the mailbox where it wakes an agent, and enters the
    /// conversation in the due set first. Idempotent by message id for as long as the log holds
    /// the event: the same author's same id answers as before, with `duplicate`; another author's
    /// is a [`Error::Conflict`].
    ///
    /// An input waits until its run is finished. The conversation's own agent is rung in the
    /// conversation's pool, another agent in the pool that a worker announced it with, or in the
    /// conversation's where none did.
    ///
    /// Turn policies are for messages that wake an agent; others are written whatever goes on.
    /// Under `interrupt` the input goes ahead of those that wait, behind earlier interrupting
    /// ones, and a run under way (claimed and not finished) is cancelled as by [`Store::cancel`].
    ///
    /// A message that presses what another offers is written if that stands in the log, has begun to
    /// offer by [`Effect::Offer`] and was not taken back since; and, where only one press of a part
    /// counts, if it is the first.
    ///
    /// # Errors
    /// [`Error::NotOffered`] and [`Error::AlreadyPressed`] where it presses what it cannot;
    /// [`Error::Busy`] under [`TurnPolicy::Reject`](convene_proto::event::TurnPolicy::Reject)
    /// while a run is under way or input waits, [`Error::NoSuchParticipant`] where it is for an
    /// agent that is not in the conversation; then nothing was written.
    async fn submit(&self, submit: Submit) -> Result<Submitted>;

    /// Asks the run to stop: the one under way, or the one at the head of the mailbox that waits
    /// for a worker or its next attempt. What no worker has under a lease enters the due set at the
    /// front, and its next attempt need not wait. The input at the head is cancelled with those that
    /// would share its run now; what comes later does not join them. To cancel again what is
    /// cancelled changes nothing and answers alike.
    ///
    /// # Errors
    /// [`Error::NothingToCancel`] where there is none, or `run` names another.
    async fn cancel(&self, cancel: Cancel) -> Result<Cancelled>;

    /// Events by number, those nearest to it, up to [`PAGE_BYTES`]. What retention has dropped is
    /// left out; `first` says where it begins.
    async fn read_events(
        &self,
        id: &ConversationId,
        viewer: &Viewer,
        range: Range,
    ) -> Result<Events>;

    /// The text of a part from a byte offset on, while its message streams and for
    /// [`TEXT_LINGERS`] after it completed. A retracted text is gone at once.
    async fn read_text(
        &self,
        id: &ConversationId,
        message: &MessageId,
        part: u16,
        offset: u64,
    ) -> Result<PartText>;

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
    /// A resume of more than `tail` events, or of more than [`PAGE_BYTES`], is answered as
    /// `Snapshot`, which brings the last ones that fit. Where more than one kind
    /// fits, `Reset` wins.
    ///
    /// Only the part under way comes along: where a position is inside an earlier part of the
    /// message, and in a snapshot, earlier parts are for [`Store::read_text`].
    async fn subscribe(&self, subscribe: Subscribe) -> Result<Subscribed>;

    /// Takes the viewer, and with `last` the inbox, out again. Where there is no such
    /// conversation, nobody is left to tell.
    async fn unsubscribe(&self, unsubscribe: Unsubscribe) -> Result<Unsubscribed>;

    /// Renews the inbox's place (for `ttl`) and its viewers', and says where the log stands;
    /// `None` where there is no such conversation. An inbox whose place had expired is put back,
    /// and so are viewers who are in the conversation.
    ///
    /// Each conversation is a step of its own: one that cannot be looked at takes nothing from the
    /// others. The answers come in the order of the questions.
    async fn audit(
        &self,
        inbox: &Inbox,
        ttl: Duration,
        conversations: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Result<Option<Standing>>>>;

    /// Checks that the viewer may speak here, and says whom to tell. Remembers `read` if given: it
    /// only grows, and what is past the head has not been read, whatever is said; the answer has
    /// what is remembered now.
    async fn signal(
        &self,
        id: &ConversationId,
        viewer: &ParticipantId,
        read: Option<Seq>,
    ) -> Result<Signalled>;

    // --- runs ---

    /// Takes the lease and the next input. After a run that was not finished, the same run again
    /// with `attempt` one higher; otherwise a new one, over the first input that waits, or all
    /// that wait with policy `merge` (up to [`MERGED`]) before the first that does not have it, or
    /// is for another agent. A run whose agent is not in the conversation is cancelled.
    ///
    /// Where no input waits, the conversation's timer whose time has come rings: it is set no more, its
    /// event is written, and is the run's input, for the agent that set it. So what people said first
    /// is answered first, and each timer rings once, in a run of its own.
    ///
    /// `claim.restore` is submitted first, whatever the claim's outcome, if the log lost it: knows
    /// neither its message id nor, at its number, its `eid`, and has not dropped that number.
    /// Since it was accepted once, neither its author's membership nor its policy can refuse it
    /// now. Only where it presses what somebody else has pressed meanwhile, and one press counts, it is
    /// given up. It interrupts nothing, nor does it go ahead of anything. A replay enters the mailbox
    /// again, unless it waits there; its message is written again only where the log has dropped it.
    /// The conversation's last [`REPLAYS`] are remembered, so that one whose doorbell comes twice
    /// is replayed once.
    /// Its event keeps its `eid` where the one in front is the same as before; else it gets
    /// `restore.anew`, for with its `eid` it would vouch for a log that is another.
    /// A conversation that is unknown altogether is made anew from it, with the epoch and first
    /// event that it brings, policy `enqueue`, and two participants: the author as owner, and the
    /// agent under its own name.
    ///
    /// The same claim made again, while its lease is the last that was taken, is answered as the
    /// first time: nothing is counted twice.
    ///
    /// # Errors
    /// [`Error::Fenced`] where this very claim has taken something before, and its lease has
    /// gone since: it came too late, and must not take anything again. The conversation's last
    /// sixteen that took something are remembered.
    async fn claim(&self, claim: Claim) -> Result<ClaimOutcome>;

    /// Writes under the lease: the entries with their effects, then the text, all or nothing, and
    /// renews the lease. So one call can start a message and bring its first words.
    ///
    /// One message streams at a time, and its parts are written in order; a part may be passed
    /// over, and a new one begins at byte 0. To complete what does not stream has no effect beyond
    /// the entry, nor has it to retract what neither streams nor was said whole by this run.
    ///
    /// Timers are the run's agent's, so a run must be under way. There are at most [`MOST_TIMERS`] in a
    /// conversation, and each stands in the due set at its time, or before.
    ///
    /// The writes of a lease are numbered, and only the next one is written. So it does not matter
    /// how often a call comes, nor whether it comes after its own retry: the last one again is
    /// answered as the first time, even if the lease was given back since and nobody else has
    /// written, and an older one is refused.
    ///
    /// # Errors
    /// [`Error::Fenced`] unless the nonce is the lease's, [`Error::OutOfStep`] unless it is the next
    /// write or the last, [`Error::Cancelled`] where it is to be written only [unless somebody has stopped the
    /// run](Append::unless_cancelled) and somebody has, [`Error::Gap`] where the text does not begin at the part's end,
    /// [`Error::Conflict`] where its message does not stream, its part
    /// is over, a message starts while another streams or after [`MESSAGES_OF_A_RUN`] whole
    /// ones, or there is no room for a timer; then nothing was written.
    ///
    /// [`MOST_TIMERS`]: convene_proto::timer::MOST_TIMERS
    /// [`MESSAGES_OF_A_RUN`]: convene_proto::event::MESSAGES_OF_A_RUN
    async fn append(&self, append: Append) -> Result<Appended>;

    /// Renews the lease. [`Error::Fenced`] unless the nonce is the lease's. A lease past its
    /// deadline that nobody took may be renewed.
    async fn renew(&self, id: &ConversationId, nonce: Nonce, ttl: Duration) -> Result<Appended>;

    /// Gives the lease back if the mailbox is empty and no timer is to ring, in one step;
    /// otherwise claims the next run under the same nonce; a run that was not finished comes
    /// again, as in a claim. The same release made again returns the same run.
    /// [`Error::Fenced`] unless the nonce is the lease's, so also where it was given back by the
    /// same release before.
    async fn release(&self, release: Release) -> Result<Option<Claimed>>;

    /// Up to `limit` conversations of the due set that have work (input, a run that is not over, or a timer
    /// whose time has come), no lease and no backoff to wait
    /// for, each for [`DUE_AFTER`] to one caller only; those without work leave the set, or are looked at
    /// again when their next timer is to ring, and not before. A lease that
    /// is over is seen at once, however long ago its work came, and that work is returned once more
    /// after [`RING_AGAIN`].
    ///
    /// Each further time the same conversation is returned after twice as long, up to
    /// [`SWEEPS_AT_REST`] times [`DUE_AFTER`], until somebody claims, submits or cancels there:
    /// then its waits begin anew.
    async fn sweep(&self, limit: usize) -> Result<Vec<Due>>;

    // --- agents ---

    /// Remembers, for `ttl`, which agents a worker hosts, in place of what it said before.
    async fn announce(&self, inbox: &Inbox, agents: &[AgentInfo], ttl: Duration) -> Result<()>;

    /// The agents that some worker hosts now, by name, each once: as it was announced last.
    async fn agents(&self) -> Result<Vec<AgentInfo>>;

    // --- tokens ---

    /// Remembers that tokens are good no longer. Of what is said of the same token or user twice the
    /// later time counts, so it does not matter in which order, nor how often. What may be forgotten
    /// by now is forgotten.
    async fn revoke(&self, revocation: Revocation) -> Result<()>;

    /// Up to `limit` of what was revoked, in the order in which it was said last, after that number.
    /// Numbers grow with the clock: what a store has lost with its last moments leaves no number to
    /// be given twice.
    async fn revocations(&self, after: u64, limit: usize) -> Result<Revocations>;

    // --- health ---

    /// Answers once the store can be read and written.
    async fn ping(&self) -> Result<()>;
}
