//! Between the generated messages and the domain's own types: what is text or a bare number on
//! the wire is checked here, once, on either side of it.
//!
//! Into a message nothing can fail. Out of one everything can, and the error names the field. The
//! receiver of a request turns it into [`Invalid::bad_request`], the receiver of a reply into
//! [`Invalid::internal`].

use std::{borrow::Cow, fmt::Display, fmt::Write as _, str::FromStr};

use bytes::Bytes;

use crate::{
    bus, context,
    error::ErrorCode,
    event::{Conversation, EventBody, Participant},
    position::{Eid, Epoch, Position, Seq, TextPosition},
    suggestion::Suggestion,
};

/// A message that breaks the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` is wrong: {reason}")]
pub struct Invalid {
    field: &'static str,
    reason: Cow<'static, str>,
}

impl Invalid {
    /// `reason` goes on from "the field `x` is wrong:".
    #[must_use]
    pub fn new(field: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field,
            reason: reason.into(),
        }
    }

    /// A message that must be there is not.
    #[must_use]
    pub fn missing(field: &'static str) -> Self {
        Self::new(field, "it is missing")
    }

    /// The field that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The caller's mistake.
    #[must_use]
    pub fn bad_request(&self) -> tonic::Status {
        ErrorCode::BadRequest.status(self.to_string())
    }

    /// Our own server's mistake.
    #[must_use]
    pub fn internal(&self) -> tonic::Status {
        ErrorCode::Internal.status(format!("a reply cannot be read: {self}"))
    }
}

/// Reads a field that must be there.
///
/// # Errors
/// Where the text is not of the type's form.
pub fn field<T>(name: &'static str, text: &str) -> Result<T, Invalid>
where
    T: FromStr<Err: Display>,
{
    text.parse()
        .map_err(|error: T::Err| Invalid::new(name, error.to_string()))
}

/// Reads a field that may be empty.
///
/// # Errors
/// Where it is neither empty nor of the type's form.
pub fn optional<T>(name: &'static str, text: &str) -> Result<Option<T>, Invalid>
where
    T: FromStr<Err: Display>,
{
    if text.is_empty() {
        Ok(None)
    } else {
        field(name, text).map(Some)
    }
}

/// Reads a repeated field.
///
/// # Errors
/// At the first that is not of the type's form.
pub fn list<T>(name: &'static str, texts: &[impl AsRef<str>]) -> Result<Vec<T>, Invalid>
where
    T: FromStr<Err: Display>,
{
    texts
        .iter()
        .map(|text| field(name, text.as_ref()))
        .collect()
}

/// Reads the index of a part.
///
/// # Errors
/// Where it is past 65535.
pub fn part(name: &'static str, index: u32) -> Result<u16, Invalid> {
    u16::try_from(index).map_err(|_| Invalid::new(name, "a message has at most 65536 parts"))
}

/// Writes a repeated field.
pub fn texts<T: Display>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// Writes a field that is empty where there is nothing.
pub fn or_empty(value: Option<&impl Display>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

impl EventBody {
    /// The body as the log keeps it: JSON, encoded once.
    ///
    /// # Errors
    /// Never in practice: every body has a JSON form.
    pub fn encode(&self) -> Result<Bytes, Invalid> {
        serde_json::to_vec(self)
            .map(Bytes::from)
            .map_err(|error| Invalid::new("body", error.to_string()))
    }

    /// Reads a body back.
    ///
    /// # Errors
    /// Where the bytes are not the JSON of an event's body.
    pub fn decode(body: &[u8]) -> Result<Self, Invalid> {
        serde_json::from_slice(body).map_err(|error| Invalid::new("body", error.to_string()))
    }
}

/// The JSON of a public [`Event`](crate::event::Event), around a body that is not looked into.
///
/// # Errors
/// Where the body is no JSON object with something in it. Only its ends are looked at.
pub fn event_json(seq: Seq, eid: Eid, at: u64, body: &[u8]) -> Result<String, Invalid> {
    let mut json = String::with_capacity(body.len() + 80);
    push_event_json(&mut json, seq, eid, at, body)?;
    Ok(json)
}

/// Like [`event_json`], at the end of a text that is being made; on failure the text stays as it
/// was.
///
/// # Errors
/// See [`event_json`].
pub fn push_event_json(
    json: &mut String,
    seq: Seq,
    eid: Eid,
    at: u64,
    body: &[u8],
) -> Result<(), Invalid> {
    let body = std::str::from_utf8(body).map_err(|_| Invalid::new("body", "it is not UTF-8"))?;
    let fields = body
        .strip_prefix('{')
        .filter(|fields| fields.starts_with('"') && fields.ends_with('}'))
        .ok_or_else(|| Invalid::new("body", "it is not a JSON object with a type"))?;
    let end = json.len();
    if write!(json, r#"{{"seq":{seq},"eid":"{eid}","at":{at},{fields}"#).is_err() {
        json.truncate(end);
        return Err(Invalid::new("body", "it cannot be written"));
    }
    Ok(())
}

macro_rules! entry {
    ($entry:ty, $other:ty) => {
        impl $entry {
            /// The JSON of the public event; the body is not decoded.
            ///
            /// # Errors
            /// See [`event_json`].
            pub fn event_json(&self) -> Result<String, Invalid> {
                event_json(Seq(self.seq), Eid(self.eid), self.at, &self.body)
            }
        }

        impl From<$other> for $entry {
            fn from(entry: $other) -> Self {
                Self {
                    seq: entry.seq,
                    eid: entry.eid,
                    prev: entry.prev,
                    at: entry.at,
                    body: entry.body,
                }
            }
        }
    };
}
entry!(context::Entry, bus::Entry);
entry!(bus::Entry, context::Entry);

impl From<Position> for context::Position {
    fn from(position: Position) -> Self {
        let (message, part, offset) = match position.text {
            None => (String::new(), 0, 0),
            Some(text) => (text.message.into(), text.part.into(), text.offset),
        };
        Self {
            epoch: position.epoch.0,
            seq: position.seq.0,
            eid: position.eid.0,
            message,
            part,
            offset,
        }
    }
}

impl TryFrom<context::Position> for Position {
    type Error = Invalid;

    fn try_from(position: context::Position) -> Result<Self, Invalid> {
        let text = match optional("position.message", &position.message)? {
            None => None,
            Some(message) => Some(TextPosition {
                message,
                part: part("position.part", position.part)?,
                offset: position.offset,
            }),
        };
        Ok(Self {
            epoch: Epoch(position.epoch),
            seq: Seq(position.seq),
            eid: Eid(position.eid),
            text,
        })
    }
}

impl From<Participant> for context::Participant {
    fn from(participant: Participant) -> Self {
        Self {
            id: participant.id.into(),
            name: participant.name,
            role: participant.role.as_str().to_owned(),
        }
    }
}

impl TryFrom<context::Participant> for Participant {
    type Error = Invalid;

    fn try_from(participant: context::Participant) -> Result<Self, Invalid> {
        Ok(Self {
            id: field("participant.id", &participant.id)?,
            role: field("participant.role", &participant.role)?,
            name: participant.name,
        })
    }
}

/// Without `pool` and `epoch`, which people do not see: who knows them sets them.
impl From<Suggestion> for context::Suggestion {
    fn from(suggestion: Suggestion) -> Self {
        Self {
            text: suggestion.text,
            title: suggestion.title.unwrap_or_default(),
            language: suggestion.language.unwrap_or_default(),
        }
    }
}

impl From<context::Suggestion> for Suggestion {
    fn from(suggestion: context::Suggestion) -> Self {
        Self {
            text: suggestion.text,
            title: Some(suggestion.title).filter(|title| !title.is_empty()),
            language: Some(suggestion.language).filter(|language| !language.is_empty()),
        }
    }
}

impl From<Conversation> for context::Conversation {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id.into(),
            title: conversation.title.unwrap_or_default(),
            agent: or_empty(conversation.agent.as_ref()),
            pool: String::new(),
            policy: conversation.policy.as_str().to_owned(),
            participants: conversation
                .participants
                .into_iter()
                .map(Into::into)
                .collect(),
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            epoch: 0,
            head: conversation.head.0,
            first: conversation.first.0,
        }
    }
}

impl TryFrom<context::Conversation> for Conversation {
    type Error = Invalid;

    fn try_from(conversation: context::Conversation) -> Result<Self, Invalid> {
        Ok(Self {
            id: field("conversation.id", &conversation.id)?,
            title: Some(conversation.title).filter(|title| !title.is_empty()),
            agent: optional("conversation.agent", &conversation.agent)?,
            policy: field("conversation.policy", &conversation.policy)?,
            participants: conversation
                .participants
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            head: Seq(conversation.head),
            first: Seq(conversation.first),
        })
    }
}

impl bus::Command {
    /// The command as a claim hands it back to the log, should the log have lost it.
    #[must_use]
    pub fn restore(self, pool: impl Into<String>) -> context::Restore {
        context::Restore {
            epoch: self.epoch,
            seq: self.seq,
            eid: self.eid,
            author: self.author,
            author_name: self.author_name,
            message: self.message,
            body: self.body,
            agent: self.agent,
            policy: self.policy,
            pool: pool.into(),
            replay: self.replay,
            prev: self.prev,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Event, Message, Outcome, Part, Role, TurnPolicy};

    fn said(text: String) -> EventBody {
        EventBody::MessageCreated {
            message: Message {
                id: "m1".parse().unwrap(),
                author: "user:ada".parse().unwrap(),
                parts: vec![Part::Text { text }],
                to: None,
                timezone: None,
            },
        }
    }

    proptest! {
        #[test]
        fn a_rendered_event_is_what_serde_would_write(seq: u64, eid: u64, at: u64, text in "\\PC{0,40}") {
            let bodies = [
                said(text),
                EventBody::RunFinished {
                    run: "r1".parse().unwrap(),
                    outcome: Outcome::Cancelled,
                    usage: None,
                    closes: Vec::new(),
                },
            ];
            for body in bodies {
                let entry = bus::Entry { seq, eid, prev: 0, at, body: body.encode().unwrap() };
                let event = Event { seq: Seq(seq), eid: Eid(eid), at, body };
                prop_assert_eq!(entry.event_json().unwrap(), serde_json::to_string(&event).unwrap());
            }
        }

        #[test]
        fn positions_survive_grpc(
            epoch: u32, seq: u64, eid: u64, inside in proptest::option::of((any::<u16>(), any::<u64>()))
        ) {
            let position = Position {
                epoch: Epoch(epoch),
                seq: Seq(seq),
                eid: Eid(eid),
                text: inside.map(|(part, offset)| TextPosition { message: "m1".parse().unwrap(), part, offset }),
            };
            prop_assert_eq!(Position::try_from(context::Position::from(position.clone())), Ok(position));
        }
    }

    #[test]
    fn bodies_that_would_break_the_json_around_them_are_refused() {
        let mut json = "kept".to_owned();
        for bad in [
            &b""[..],
            b"{}",
            b"[1]",
            b"{\"a\":1",
            b"null",
            b"{\"\xff\":1}",
        ] {
            let error = push_event_json(&mut json, Seq(1), Eid(1), 1, bad).unwrap_err();
            assert_eq!(error.field(), "body");
        }
        assert_eq!(json, "kept");
    }

    #[test]
    fn conversations_survive_grpc() {
        let conversation = Conversation {
            id: "c1".parse().unwrap(),
            title: None,
            agent: Some("guide".parse().unwrap()),
            policy: TurnPolicy::Interrupt,
            participants: vec![Participant {
                id: "user:ada".parse().unwrap(),
                name: "Ada".into(),
                role: Role::Operator,
            }],
            created_at: 1,
            updated_at: 2,
            head: Seq(3),
            first: Seq(1),
        };
        let message = context::Conversation::from(conversation.clone());
        assert_eq!(Conversation::try_from(message.clone()), Ok(conversation));

        let mut wrong = message;
        wrong.participants[0].role = "king".into();
        let error = Conversation::try_from(wrong).unwrap_err();
        assert_eq!(error.field(), "participant.role");
        assert_eq!(ErrorCode::of(&error.bad_request()), ErrorCode::BadRequest);
        assert_eq!(ErrorCode::of(&error.internal()), ErrorCode::Internal);
    }

    #[test]
    fn roles_and_policies_are_written_as_in_json() {
        for &role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        for &policy in TurnPolicy::ALL {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        assert!(TurnPolicy::parse("").is_none());
    }
}
