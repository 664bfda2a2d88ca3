//! Events: the durable entries of a conversation's log, and what they say.
//!
//! A body is encoded to JSON once, by its writer. The log keeps those bytes and every socket
//! sends them; only tools and tests decode them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    id::{
        AgentName, ConversationId, EventName, MessageId, OfferName, ParticipantId, RunId,
        TimerName, Timezone,
    },
    note::Note,
    part::Act,
    position::{Eid, Seq},
    timer::Rings,
};

pub use crate::part::Part;

/// How many whole messages a run may have: the log remembers each until the run is over, so that
/// all of them can be taken back where an attempt dies.
pub const MESSAGES_OF_A_RUN: usize = 256;

/// One entry of a conversation's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    pub seq: Seq,
    pub eid: Eid,
    /// When the log took it, in milliseconds since 1970 (UTC).
    pub at: u64,
    #[serde(flatten)]
    pub body: EventBody,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum EventBody {
    /// The first event of every conversation.
    #[serde(rename = "conversation.created")]
    ConversationCreated {
        by: ParticipantId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        participants: Vec<Participant>,
    },
    #[serde(rename = "conversation.renamed")]
    ConversationRenamed { by: ParticipantId, title: String },
    #[serde(rename = "participant.joined")]
    ParticipantJoined { participant: Participant },
    #[serde(rename = "participant.left")]
    ParticipantLeft { participant: ParticipantId },
    /// A whole message, said at once.
    #[serde(rename = "message.created")]
    MessageCreated { message: Message },
    /// A message that will stream; its text follows as deltas.
    #[serde(rename = "message.started")]
    MessageStarted {
        message: MessageId,
        author: ParticipantId,
        run: RunId,
    },
    /// The whole of a message that streamed. It replaces what the deltas showed.
    #[serde(rename = "message.completed")]
    MessageCompleted {
        message: Message,
        run: RunId,
        /// False where the run was cancelled in mid-text; what had been said is kept.
        whole: bool,
    },
    /// The attempt that wrote this message died: forget its text.
    #[serde(rename = "message.retracted")]
    MessageRetracted { message: MessageId, run: RunId },
    #[serde(rename = "run.started")]
    RunStarted {
        run: RunId,
        agent: AgentName,
        /// 1 for the first attempt.
        attempt: u32,
        /// The events that the run answers.
        inputs: Vec<Seq>,
    },
    /// An agent has put something down, which is no part of what it says. What attempts note that are
    /// followed by another, or fail, does not count.
    #[serde(rename = "agent.noted")]
    AgentNoted {
        agent: AgentName,
        run: RunId,
        attempt: u32,
        note: Note,
    },
    /// An agent wants to be woken; one of its timers that has this name is replaced. An attempt sets
    /// its timers when it ends, unless it fails.
    #[serde(rename = "timer.set")]
    TimerSet {
        agent: AgentName,
        run: RunId,
        name: TimerName,
        /// Absent for those who may not look into what agents do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rings: Option<Rings>,
    },
    /// An agent does not want to be woken any more.
    #[serde(rename = "timer.cleared")]
    TimerCleared {
        agent: AgentName,
        run: RunId,
        name: TimerName,
    },
    /// A timer rings, once: the agent gets a run for it.
    #[serde(rename = "timer.fired")]
    TimerFired {
        agent: AgentName,
        /// The run that set it.
        run: RunId,
        name: TimerName,
    },
    /// Something happened outside, as a service of the operator's tells. It wakes the conversation's
    /// agent.
    #[serde(rename = "event.happened")]
    EventHappened { event: Happening },
    /// An attempt failed, and another follows.
    #[serde(rename = "run.retrying")]
    RunRetrying {
        run: RunId,
        attempt: u32,
        error: Failure,
        /// Milliseconds until the next attempt, at the earliest.
        delay_ms: u64,
    },
    #[serde(rename = "run.finished")]
    RunFinished {
        run: RunId,
        #[serde(flatten)]
        outcome: Outcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        /// What the agent has offered before this under these names is closed: it was answered, or is
        /// not asked any more. Who presses it all the same is told so by the agent.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        closes: Vec<OfferName>,
    },
}

impl EventBody {
    /// The `type` of an encoded body, without decoding the rest.
    #[must_use]
    pub fn kind(encoded: &[u8]) -> Option<Kind> {
        #[derive(Deserialize)]
        struct Tagged {
            #[serde(rename = "type")]
            kind: Kind,
        }
        serde_json::from_slice::<Tagged>(encoded)
            .ok()
            .map(|tagged| tagged.kind)
    }
}

/// The kinds of events that matter to those who pass bodies on unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    #[serde(rename = "message.created")]
    MessageCreated,
    #[serde(rename = "message.started")]
    MessageStarted,
    #[serde(rename = "message.completed")]
    MessageCompleted,
    #[serde(rename = "message.retracted")]
    MessageRetracted,
    #[serde(rename = "participant.left")]
    ParticipantLeft,
    #[serde(rename = "agent.noted")]
    AgentNoted,
    #[serde(rename = "timer.set")]
    TimerSet,
    #[serde(rename = "timer.fired")]
    TimerFired,
    #[serde(rename = "event.happened")]
    EventHappened,
    #[serde(other)]
    Other,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Completed,
    /// Somebody pressed stop, or a newer message interrupted it. Not a failure.
    Cancelled,
    /// Every attempt failed; the command waits in `runs.dead` for an operator.
    Failed {
        error: Failure,
    },
}

/// Why an attempt failed, in words that a user may see: never a secret, never a backtrace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// A stable code, such as `model_unavailable`.
    pub code: String,
    pub message: String,
}

/// What a model counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

/// What a participant says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub author: ParticipantId,
    pub parts: Vec<Part>,
    /// Who is addressed. Absent: everybody, and the conversation's agent answers. Present: only
    /// the agents named here are woken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<ParticipantId>>,
    /// Where its author is, as their client tells: what they mean by "tomorrow".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Timezone>,
}

impl Message {
    /// The text of all text parts, one after the other. What somebody has pressed reads as its
    /// label, and a form that somebody has submitted as its answers.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Text { text } => Some(text.as_str()),
                Part::Act(act) => Some(act.label.as_str()),
                Part::Actions(_) | Part::Card(_) | Part::Form(_) | Part::Unknown => None,
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What its author has pressed or submitted.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.parts.iter().filter_map(|part| match part {
            Part::Act(act) => Some(act),
            _ => None,
        })
    }
}

/// Something that happened outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Happening {
    /// Chosen by who tells it: the same again is the same event.
    pub id: MessageId,
    pub name: EventName,
    /// Who tells it.
    pub by: ParticipantId,
    /// What is known of it: any JSON. Absent for those who may not look into what agents do.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// Somebody in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    pub id: ParticipantId,
    /// What to call them on screen.
    pub name: String,
    pub role: Role,
}

/// A text that names none of the choices there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} is one of {choices}")]
pub struct UnknownName {
    kind: &'static str,
    choices: &'static str,
}

/// Gives a plain enum the names that JSON has for it, outside JSON.
macro_rules! named {
    ($name:ident, $kind:literal, { $first:ident: $first_text:literal $(, $choice:ident: $text:literal)* }) => {
        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[Self::$first $(, Self::$choice)*];

            /// As it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_text,
                    $(Self::$choice => $text,)*
                }
            }

            /// The one that is written `text`, if there is one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::parse(text).ok_or(UnknownName {
                    kind: $kind,
                    choices: concat!($first_text $(, ", ", $text)*),
                })
            }
        }
    };
}

/// What a participant may do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Began the conversation: may invite, remove and rename.
    Owner,
    Member,
    /// Staff, who joined to help.
    Operator,
    Agent,
}

named!(Role, "a role", {
    Owner: "owner", Member: "member", Operator: "operator", Agent: "agent"
});

/// How a message that arrives while a run is under way is treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnPolicy {
    /// It waits, and gets a run of its own.
    #[default]
    Enqueue,
    /// It waits, and one run answers all that wait together.
    Merge,
    /// It cancels the run under way, keeps what that had said, and is answered next.
    Interrupt,
    /// It is refused with `busy` while a run is under way or waiting.
    Reject,
}

named!(TurnPolicy, "a turn policy", {
    Enqueue: "enqueue", Merge: "merge", Interrupt: "interrupt", Reject: "reject"
});

/// A conversation, as its participants see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    pub id: ConversationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The agent that answers what is addressed to nobody in particular, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    pub policy: TurnPolicy,
    pub participants: Vec<Participant>,
    pub created_at: u64,
    /// When its last event was written, in milliseconds since 1970 (UTC).
    pub updated_at: u64,
    /// The number of its last event.
    pub head: Seq,
    /// The number of its oldest event that retention has kept.
    pub first: Seq,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_flat_json_and_comes_back() {
        let event = Event {
            seq: Seq(3),
            eid: Eid(255),
            at: 1_700_000_000_000,
            body: EventBody::RunFinished {
                run: "r1".parse().unwrap(),
                outcome: Outcome::Failed {
                    error: Failure {
                        code: "model_unavailable".into(),
                        message: "no answer".into(),
                    },
                },
                usage: None,
                closes: Vec::new(),
            },
        };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(
            json,
            r#"{"seq":3,"eid":"00000000000000ff","at":1700000000000,"type":"run.finished","run":"r1","outcome":"failed","error":{"code":"model_unavailable","message":"no answer"}}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
