//! Frames: what one WebSocket carries, in both directions, as JSON text.
//!
//! SSE sends the same server frames, named by their `type`; REST takes the same bodies as the
//! client frames of the same meaning.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    error::ErrorCode,
    event::{Conversation, Event, Part, TurnPolicy},
    id::{ActionId, ConversationId, EventName, MessageId, ParticipantId, RunId, Timezone},
    part::FieldFault,
    position::{Position, Seq},
};

/// A number that the client chooses; the answer to the frame repeats it.
pub type RequestId = u64;

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// The first frame where no token came with the request; later, a fresh token that keeps
    /// the socket alive past the old one's expiry.
    Hello { request: RequestId, token: String },
    /// Answered by `resumed`, `snapshot`, `reset` or `error`.
    Subscribe {
        request: RequestId,
        conversation: ConversationId,
        /// The last position that the client was given, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Position>,
    },
    Unsubscribe {
        request: RequestId,
        conversation: ConversationId,
    },
    /// Answered by `accepted` or `error`. Saying it again with the same message id changes
    /// nothing and is answered alike.
    Send {
        request: RequestId,
        conversation: ConversationId,
        message: NewMessage,
        /// A W3C `traceparent`: the answer's trace then begins at the client.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// Presses or submits what a message offers. Answered as `send`.
    Act {
        request: RequestId,
        conversation: ConversationId,
        act: NewAct,
        /// As with `send`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// Stops the run under way. Answered by `accepted` or `error`.
    Cancel {
        request: RequestId,
        conversation: ConversationId,
        /// Only this run; absent: whichever is under way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
    },
    /// The person is typing. Not answered.
    Typing { conversation: ConversationId },
    /// The person has read up to here. Not answered.
    Read {
        conversation: ConversationId,
        seq: Seq,
    },
    /// Answered by `pong`: for clients that cannot send a WebSocket ping.
    Ping { request: RequestId },
}

/// A message as its author's client hands it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Chosen by the client, fresh for each message, the same for each retry of it.
    pub id: MessageId,
    pub parts: Vec<Part>,
    /// See `Message.to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<ParticipantId>>,
    /// Overrides the conversation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<TurnPolicy>,
    /// Where its author is: what they mean by "tomorrow". A name of the IANA database, such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Timezone>,
}

/// A press, or a form that is submitted, as its author's client hands it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAct {
    /// The id of the message that this becomes: chosen by the client, the same for each retry.
    pub id: MessageId,
    /// The event with the message that offers it.
    pub seq: Seq,
    /// That message's id: then nothing else is pressed that may stand there by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    pub action: ActionId,
    /// Of a form: an object with a member for each field that is answered. Of an action: absent, or
    /// its own value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub value: Option<Value>,
    /// Overrides the conversation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<TurnPolicy>,
    /// See `NewMessage.timezone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Timezone>,
}

/// Something that happened outside, as a service of the operator's tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// Chosen by who tells it, fresh for each event, the same for each retry of it. No message of the
    /// conversation has the same.
    pub id: MessageId,
    pub name: EventName,
    /// What is known of it: an object, whose members have names.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    pub data: Value,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The socket is authenticated.
    Welcome {
        participant: ParticipantId,
        name: String,
        /// Silence longer than this means that the connection is dead, in milliseconds.
        heartbeat_ms: u64,
        /// When the token expires, in seconds since 1970; send `hello` with a fresh one before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<u64>,
    },
    /// Durable: the request's effect stands in the log.
    Accepted {
        request: RequestId,
        conversation: ConversationId,
        /// Where the log took it; absent for requests that write no event themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<Seq>,
    },
    Error {
        /// Absent where the frame could not be read at all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        #[serde(flatten)]
        problem: Problem,
    },
    /// What follows continues the client's position without hole or repetition.
    Resumed {
        /// Absent where nobody asked on a socket: server-sent events.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        conversation: ConversationId,
        position: Position,
        /// Who has the conversation open.
        here: Vec<ParticipantId>,
    },
    /// The client had no position, or too old a one: here is the state.
    Snapshot {
        /// Absent where the server found on its own that the client needs it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        conversation: ConversationId,
        position: Position,
        state: State,
    },
    /// The log is not the one that the client knew: forget it, here is the state.
    Reset {
        /// Absent where the server found on its own that the client needs it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<RequestId>,
        conversation: ConversationId,
        position: Position,
        state: State,
    },
    Event {
        conversation: ConversationId,
        /// Where the client stands once it has taken this in.
        position: Position,
        event: Event,
    },
    Delta {
        conversation: ConversationId,
        position: Position,
        message: MessageId,
        part: u16,
        /// Bytes of UTF-8 of the part before this piece.
        offset: u64,
        text: String,
    },
    Signal {
        conversation: ConversationId,
        participant: ParticipantId,
        #[serde(flatten)]
        signal: Signal,
    },
    /// The subscription is over, and this is its last frame: one's place in the conversation is
    /// gone (`not_found`), or it cannot be read on just now, and `retryable` says that subscribing
    /// again may help.
    Ended {
        conversation: ConversationId,
        #[serde(flatten)]
        problem: Problem,
    },
    /// This gateway is going away: reconnect, to any other, after this many milliseconds.
    Drain {
        delay_ms: u64,
    },
    Pong {
        request: RequestId,
    },
}

/// What is true for a moment and stands in no log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    Typing,
    /// Has the conversation open, or no longer has.
    Presence {
        here: bool,
    },
    Read {
        seq: Seq,
    },
}

/// The state of a conversation: enough to show it without its whole log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct State {
    pub conversation: Conversation,
    /// The log's last events, oldest first, up to the position that comes with the state.
    pub events: Vec<Event>,
    /// The text under way, if any: deltas go on from its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming: Option<Streaming>,
    /// Who has the conversation open.
    pub here: Vec<ParticipantId>,
}

/// A message whose text is still being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Streaming {
    pub message: MessageId,
    pub part: u16,
    pub text: String,
}

/// Why a request was refused, everywhere in the same words: a REST body, an error frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    pub code: ErrorCode,
    /// What happened and what to do about it.
    pub message: String,
    /// Whether the same request may succeed later, unchanged.
    pub retryable: bool,
    /// With `invalid_value`: what is wrong with a form, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FieldFault>,
}

impl Problem {
    /// A problem in words of its own.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retryable: code.retryable(),
            faults: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_frame_makes_parsing_panic(text in "\\PC{0,200}") {
            drop(serde_json::from_str::<ClientFrame>(&text));
        }
    }

    #[test]
    fn unknown_fields_are_refused_rather_than_ignored() {
        let send = r#"{"type":"send","request":1,"conversation":"c","message":{"id":"m","parts":[{"type":"text","text":"hi"}]}}"#;
        assert!(serde_json::from_str::<ClientFrame>(send).is_ok());
        for (from, to) in [
            ("\"id\"", "\"key\":1,\"id\""),
            ("\"request\"", "\"x\":1,\"request\""),
        ] {
            let error = serde_json::from_str::<ClientFrame>(&send.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains("unknown field"), "{error}");
        }
    }
}
