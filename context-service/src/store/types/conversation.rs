//! Conversations, who is in them, and what changes them.

use convene_proto::{
    event::{Conversation, Participant, TurnPolicy},
    id::{AgentName, ConversationId, Inbox, ParticipantId, Pool},
    position::{Epoch, Seq},
};

use super::{Cancelled, Entry, NewEntry};

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Refused unless in the conversation.
    Participant(ParticipantId),
    /// One of our own services.
    Service,
}

#[derive(Debug, Clone)]
pub struct NewConversation {
    pub id: ConversationId,
    pub epoch: Epoch,
    pub title: Option<String>,
    pub agent: Option<AgentName>,
    pub pool: Pool,
    pub policy: TurnPolicy,
    /// The creator first.
    pub participants: Vec<Participant>,
    pub entry: NewEntry,
}

#[derive(Debug, Clone)]
pub struct Created {
    pub conversation: Conversation,
    pub epoch: Epoch,
    pub created: bool,
}

/// A conversation as whoever looks at it finds it.
#[derive(Debug, Clone)]
pub struct Found {
    pub conversation: Conversation,
    pub epoch: Epoch,
    /// Who has it open.
    pub here: Vec<ParticipantId>,
    /// Invitations made before this event are void: with it somebody was removed.
    pub uninvited: Seq,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    pub conversations: Vec<Conversation>,
    pub next: Option<String>,
}

/// A change to the conversation itself.
#[derive(Debug, Clone)]
pub enum Change {
    Add(Participant),
    /// Somebody follows an invitation, which was made when `invited` was the log's last event.
    Join {
        participant: Participant,
        invited: Seq,
    },
    Remove(ParticipantId),
    Rename(String),
}

/// An event was written: these inboxes are to be told.
#[derive(Debug, Clone)]
pub struct Written {
    pub epoch: Epoch,
    pub entry: Entry,
    pub audience: Vec<Inbox>,
    /// The run that the change stopped.
    pub stopped: Option<Cancelled>,
}
