//! Leases: how work is claimed, and given back.

use std::time::Duration;

use convene_proto::{
    event::Conversation,
    id::{AgentName, ConversationId, DeadLetterId, Inbox, MessageId, Pool, RunId},
    position::{Eid, Epoch, Nonce, Seq},
};

use super::{Entry, NewEntry, PendingTimer, Recent, Submit};

#[derive(Debug, Clone)]
pub struct Claim {
    pub conversation: ConversationId,
    pub holder: Inbox,
    pub nonce: Nonce,
    /// The id of the run, if this claim begins a new one. With the nonce it tells a claim that is
    /// made again from another.
    pub run: RunId,
    pub ttl: Duration,
    pub history: Recent,
    pub restore: Option<Restore>,
}

/// A command as the doorbell carries it.
#[derive(Debug, Clone)]
pub struct Restore {
    pub submit: Submit,
    pub author_name: String,
    pub agent: AgentName,
    pub pool: Pool,
    /// The log in which it was accepted, and its number there.
    pub accepted: (Epoch, Seq),
    /// The tag of the event in front of it there.
    pub prev: Eid,
    /// Its own tag, should another event stand in front of it now.
    pub anew: Eid,
    /// The epoch to give a conversation that has to be made anew.
    pub epoch: Epoch,
    /// Its first event, should it come to that.
    pub created: NewEntry,
    /// Rung again from the dead letters: the input enters the mailbox again even though the log
    /// knows its message, unless it waits there already.
    pub replay: Option<DeadLetterId>,
}

#[derive(Debug, Clone)]
pub enum ClaimOutcome {
    Claimed(Box<Claimed>),
    /// Another worker has the lease.
    Held(Held),
    /// The next attempt is not due for so long.
    Backoff(Duration),
    /// No input waits, or there is no such conversation.
    Empty,
}

/// The lease is another worker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// For so long, unless it renews.
    pub left: Duration,
    /// After so long the command that the claim brought is as safe in the log as anything. Until
    /// then the queue should keep it, too.
    pub settles: Duration,
}

#[derive(Debug, Clone)]
pub struct Claimed {
    pub nonce: Nonce,
    pub run: RunId,
    /// 1 for the first.
    pub attempt: u32,
    pub agent: AgentName,
    pub pool: Pool,
    pub inputs: Vec<Entry>,
    /// The log's last events, oldest first.
    pub history: Vec<Entry>,
    pub conversation: Conversation,
    pub epoch: Epoch,
    /// What an earlier attempt left streaming.
    pub unfinished: Option<MessageId>,
    /// Messages that the run has said whole and not taken back, in order.
    pub said: Vec<MessageId>,
    pub cancelled: bool,
    pub audience: Vec<Inbox>,
    pub restored: Option<Entry>,
    /// The event of the timer that rang in this step, which is the run's input.
    pub rang: Option<Entry>,
    /// The conversation's timers that are set, the next one first.
    pub timers: Vec<PendingTimer>,
    /// As with [`Held`].
    pub settles: Duration,
}

#[derive(Debug, Clone)]
pub struct Release {
    pub conversation: ConversationId,
    pub nonce: Nonce,
    /// The id of the next run, if there is one. It tells a release that is made again from
    /// another.
    pub run: RunId,
    /// The run that is done with: no other may be under way. None: whichever it is.
    pub over: Option<RunId>,
    pub ttl: Duration,
    pub history: Recent,
    /// Give the lease back whatever waits, uncounting the attempt under way.
    pub abandon: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub conversation: ConversationId,
    pub pool: Pool,
    /// A timer is to ring, and this is the first that is heard of it; otherwise this is work that nobody does.
    pub timer: bool,
}
