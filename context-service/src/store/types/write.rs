//! What a run writes under its lease, and what that does to the run and its timers.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::{
    id::{AgentName, ConversationId, Inbox, MessageId, RunId, TimerName},
    position::{Epoch, Nonce, Seq},
    timer::Rings,
};

use super::{Entry, NewEntry};

#[derive(Debug, Clone)]
pub struct Append {
    pub conversation: ConversationId,
    pub nonce: Nonce,
    /// The run that writes, which must be the one under way: a call may come when its run is over
    /// and the next one has the lease. None: whichever it is.
    pub run: Option<RunId>,
    pub text: Option<Text>,
    pub entries: Vec<(NewEntry, Effect)>,
    /// Which write under this lease it is: 1 for the first, and one more for each.
    pub step: u64,
    /// Nothing of it is written where somebody has stopped the run: what ends it otherwise than as cancelled.
    pub unless_cancelled: bool,
    pub ttl: Duration,
}

/// A piece of a part's text; `offset` is where the part's text ends now, in bytes.
#[derive(Debug, Clone)]
pub struct Text {
    pub message: MessageId,
    pub part: u16,
    pub offset: u64,
    pub text: Bytes,
}

/// What an entry does to the run's state, in the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    None,
    /// The message's text streams from now on.
    Start(MessageId),
    /// The run has said it whole.
    Complete(MessageId),
    /// The same, and what it offers can be pressed from now on, until it is taken back or dropped.
    Offer(MessageId),
    /// It is taken back, whether it streams or was whole.
    Retract(MessageId),
    /// The run's inputs leave the mailbox; the lease stays.
    Finish,
    /// The lease is given back, the inputs stay, and the next attempt is due after this.
    Retry(Duration),
    /// The run's agent is to be woken. A timer of its that has this name is replaced.
    SetTimer(NewTimer),
    /// The run's agent's timer of this name, if it is set, does not ring any more.
    ClearTimer(TimerName),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTimer {
    pub name: TimerName,
    pub rings: Rings,
    /// What is written when it rings.
    pub fired: NewEntry,
}

/// A timer that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTimer {
    pub agent: AgentName,
    pub name: TimerName,
    /// Milliseconds since 1970 (UTC), by the store's clock.
    pub at: u64,
}

#[derive(Debug, Clone)]
pub struct Appended {
    pub epoch: Epoch,
    pub entries: Vec<Entry>,
    pub head: Seq,
    pub audience: Vec<Inbox>,
    pub cancel: bool,
}
