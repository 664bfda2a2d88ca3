//! Bodies of REST requests and answers.

use convene_proto::{
    event::{Conversation, Event, Message, Role, TurnPolicy},
    id::{ConversationId, MessageId, ParticipantId},
    position::Seq,
    suggestion::Suggestion,
};
use serde::{Deserialize, Serialize};

/// A guest's token.
#[derive(Debug, Clone, Deserialize)]
pub struct Guest {
    pub token: String,
    pub participant: ParticipantId,
    pub name: String,
    /// Seconds since 1970 (UTC).
    pub expires_at: u64,
}

/// Who a token says that one is.
#[derive(Debug, Clone, Deserialize)]
pub struct Me {
    pub participant: ParticipantId,
    pub name: String,
    /// `user`, `operator` or `admin`.
    pub role: String,
    /// Seconds since 1970 (UTC).
    pub expires_at: u64,
}

/// An agent at work.
#[derive(Debug, Clone, Deserialize)]
pub struct Agent {
    pub name: String,
    /// What to call it on screen; empty where the server is older than titles.
    #[serde(default)]
    pub title: String,
    pub description: String,
    pub model: Option<String>,
    /// Whether it answers in conversations that name no agent.
    pub default: bool,
    /// False while it still learns: what is said to it waits until it is.
    #[serde(default = "is_ready")]
    pub ready: bool,
    /// What one could say to it first, in its languages.
    #[serde(default)]
    pub suggestions: Vec<Suggestion>,
    /// What keeps it from answering as it should, and what to do about it: told to operators alone.
    pub trouble: Option<String>,
}

/// As with servers that say nothing of it.
const fn is_ready() -> bool {
    true
}

#[derive(Debug, Deserialize)]
pub(super) struct Agents {
    pub(super) agents: Vec<Agent>,
}

/// A conversation to begin.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewConversation {
    /// Fresh, and the same for each retry; absent: the server chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who answers; absent: the server's default. `""`: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<TurnPolicy>,
}

/// Somebody to bring in.
#[derive(Debug, Clone, Serialize)]
pub struct NewParticipant {
    pub id: ParticipantId,
    /// What to call them on screen; absent: as before, or else their id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Owner or member; absent: a member. Agents are given none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A page of one's conversations.
#[derive(Debug, Clone, Deserialize)]
pub struct Conversations {
    pub conversations: Vec<Conversation>,
    /// Absent: no more.
    pub next: Option<String>,
}

/// An invitation.
#[derive(Debug, Clone, Deserialize)]
pub struct Invite {
    pub invite: String,
    /// Seconds since 1970 (UTC).
    pub expires_at: u64,
}

/// What an invitation invites to.
#[derive(Debug, Clone, Deserialize)]
pub struct Invitation {
    pub conversation: ConversationId,
    #[serde(default)]
    pub title: Option<String>,
    /// What whoever made it was called then.
    pub by: String,
    /// How many are in the conversation, its agents among them.
    pub participants: usize,
    /// Whether the caller is in it already: to join would change nothing.
    pub joined: bool,
    /// Seconds since 1970 (UTC).
    pub expires_at: u64,
}

/// Where the log took a message.
#[derive(Debug, Clone, Deserialize)]
pub struct Sent {
    pub message: MessageId,
    pub seq: Seq,
}

/// An event from outside that the log has.
#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    pub event: MessageId,
    pub seq: Seq,
}

/// A page of the log, oldest first.
#[derive(Debug, Clone, Deserialize)]
pub struct History {
    pub events: Vec<Event>,
    /// The number of the last event there is.
    pub head: Seq,
    /// The number of the oldest event that retention has kept.
    pub first: Seq,
}

/// A page of whole messages, oldest first.
#[derive(Debug, Clone, Deserialize)]
pub struct Messages {
    pub messages: Vec<Said>,
    /// Give this as `before` for the page in front; absent: this is the beginning.
    pub before: Option<Seq>,
}

/// A message and where it stands in the log.
#[derive(Debug, Clone, Deserialize)]
pub struct Said {
    pub seq: Seq,
    /// Milliseconds since 1970 (UTC).
    pub at: u64,
    #[serde(flatten)]
    pub message: Message,
}

/// A command that no attempt could answer; nothing that anybody has said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeadLetter {
    pub id: String,
    /// Milliseconds since 1970 (UTC).
    pub died_at: u64,
    pub conversation: String,
    pub agent: String,
    pub author: String,
    pub message: String,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeadLetters {
    pub(super) dead_letters: Vec<DeadLetter>,
}
