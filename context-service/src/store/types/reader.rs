//! Readers: where one stands in the log, its place in the audience, and the text under way.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::{
    event::Conversation,
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Eid, Epoch, Position, Seq},
};

use super::Entry;

/// Text of a part, as far as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText {
    /// Empty where it ends before the offset, or is gone.
    pub text: Bytes,
    /// The message streams: more may come, in this part or in one behind it.
    pub streams: bool,
}

#[derive(Debug, Clone)]
pub struct Subscribe {
    pub conversation: ConversationId,
    pub viewer: ParticipantId,
    pub inbox: Inbox,
    pub after: Option<Position>,
    /// How many events a snapshot may hold, and a resume may bring.
    pub tail: usize,
    /// How long the inbox's place, and the viewer's behind it, stand without an audit.
    pub ttl: Duration,
}

/// What a returning reader is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeKind {
    Resumed,
    Snapshot,
    Reset,
}

#[derive(Debug, Clone)]
pub struct Subscribed {
    pub kind: ResumeKind,
    pub epoch: Epoch,
    pub conversation: Conversation,
    /// Everything after the position, or the log's tail. Oldest first.
    pub entries: Vec<Entry>,
    /// The tag of the event at `conversation.head`.
    pub head_eid: Eid,
    pub streaming: Option<StreamingText>,
    pub here: Vec<ParticipantId>,
    pub audience: Vec<Inbox>,
    pub place: Place,
}

/// What an inbox's place in an audience is known by: each subscription and each audit makes it
/// greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub u64);

/// Text under way, from `offset` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamingText {
    pub message: MessageId,
    pub part: u16,
    pub offset: u64,
    pub text: Bytes,
}

#[derive(Debug, Clone)]
pub struct Unsubscribe {
    pub conversation: ConversationId,
    pub inbox: Inbox,
    /// This person's last reader behind the inbox has left.
    pub viewer: Option<ParticipantId>,
    /// No reader at all is left behind the inbox.
    pub last: bool,
    /// A greater one is taken by somebody who came after this was asked: a network may keep a call
    /// and deliver it late. `None`: whatever place there is.
    pub place: Option<Place>,
}

#[derive(Debug, Clone)]
pub struct Unsubscribed {
    pub audience: Vec<Inbox>,
    /// The viewer is behind no other inbox either.
    pub gone: bool,
}

/// Where a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub epoch: Epoch,
    pub head: Seq,
    pub eid: Eid,
    /// The text under way: message, part, and its length in bytes.
    pub streaming: Option<(MessageId, u16, u64)>,
    /// `None`: more than [`MOST_HERE`](crate::store::MOST_HERE) places.
    pub here: Option<Vec<ParticipantId>>,
    pub place: Place,
}
