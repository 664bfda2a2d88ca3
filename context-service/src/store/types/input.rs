//! What people say, whom it wakes, and what they stop.

use convene_proto::{
    event::TurnPolicy,
    id::{AgentName, ConversationId, Inbox, MessageId, ParticipantId, Pool, RunId},
    position::{Epoch, Seq},
};

use super::{Entry, NewEntry, Viewer};

/// Whom a message wakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// The conversation's own agent, if it has one.
    Default,
    Agent(AgentName),
    Nobody,
}

#[derive(Debug, Clone)]
pub struct Submit {
    pub conversation: ConversationId,
    pub author: ParticipantId,
    pub message: MessageId,
    pub entry: NewEntry,
    pub wake: Wake,
    /// `None`: the conversation's own.
    pub policy: Option<TurnPolicy>,
    pub needs: Needs,
    /// It happened outside: the author need not be in the conversation.
    pub outside: bool,
}

/// What must hold, beside what must for any message, where the log does not know this one yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// This is offered and may be pressed.
    Offer(Press),
    /// It cannot: only if the log knows the message is it answered, as before.
    ToBeKnown,
}

/// What a message presses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// The message that offers it.
    pub message: MessageId,
    /// Which part of that message.
    pub part: u16,
    /// One press of that part is accepted, ever.
    pub once: bool,
}

#[derive(Debug, Clone)]
pub struct Submitted {
    pub epoch: Epoch,
    pub entry: Entry,
    pub audience: Vec<Inbox>,
    pub duplicate: bool,
    pub author_name: String,
    /// Whose doorbell to ring. A duplicate whose input no longer waits rings nobody.
    pub ring: Option<Ring>,
    /// The run that policy `interrupt` cancelled.
    pub interrupted: Option<Cancelled>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    pub pool: Pool,
    pub agent: AgentName,
    pub policy: TurnPolicy,
}

#[derive(Debug, Clone)]
pub struct Cancel {
    pub conversation: ConversationId,
    pub viewer: Viewer,
    pub run: Option<RunId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// `None`: an input that no worker has claimed yet.
    pub run: Option<RunId>,
    /// The inbox of the worker that holds the lease.
    pub holder: Option<Inbox>,
}

/// A moment may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signalled {
    pub audience: Vec<Inbox>,
    /// How far the viewer has read, where the call was about that.
    pub read: Option<Seq>,
}
