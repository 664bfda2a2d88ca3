//! Identifiers. Each kind is its own type; all are validated where they enter, and cheap to clone.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// An identifier that breaks the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {reason}")]
pub struct InvalidId {
    kind: &'static str,
    reason: &'static str,
}

const PLAIN: &str = "must be 1 to 64 characters of A-Z, a-z, 0-9, '-' and '_'";

fn plain(text: &str) -> Result<(), &'static str> {
    let fits = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits { Ok(()) } else { Err(PLAIN) }
}

fn dotted(text: &str) -> Result<(), &'static str> {
    let fits = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fits {
        Ok(())
    } else {
        Err("must be 1 to 64 characters of A-Z, a-z, 0-9, '-', '_' and '.'")
    }
}

/// Subjects come from other people's identity providers (`auth0|5f7c`, `a.b@c.org`): any
/// visible ASCII but what would be ambiguous inside keys and headers.
fn subject(text: &str) -> Result<(), &'static str> {
    let fits = !text.is_empty()
        && text.len() <= 128
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"{}\"\\/,".contains(&byte));
    if fits {
        Ok(())
    } else {
        Err("must be 1 to 128 visible ASCII characters other than { } \" \\ / and ,")
    }
}

/// Names of the IANA database, such as `America/Argentina/Buenos_Aires` and `Etc/GMT+3`. Whether there is such a zone is for
/// those to tell who have the database.
fn zone(text: &str) -> Result<(), &'static str> {
    let fits = text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
    if fits {
        Ok(())
    } else {
        Err("must be a name of the IANA database, such as Europe/Berlin, of at most 64 characters")
    }
}

/// What issuers put into `jti`: any text that is no longer than a name of theirs could be.
fn token(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && text.len() <= 256 && !text.contains(char::is_control) {
        Ok(())
    } else {
        Err("must be 1 to 256 bytes of text without control characters")
    }
}

/// These types are text on the wire: documents describe them as such.
macro_rules! text_schema {
    ($name:ident) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                String::schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use text_schema;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes `text` as an identifier of this kind.
            ///
            /// # Errors
            /// If it is too long, or has a character that this kind does not allow.
            pub fn new(text: impl Into<Arc<str>>) -> Result<Self, InvalidId> {
                let text = text.into();
                $check(&text).map_err(|reason| InvalidId { kind: $kind, reason })?;
                Ok(Self(text))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        crate::id::text_schema!($name);
    };
}

macro_rules! random {
    ($name:ident) => {
        impl $name {
            /// A fresh identifier: a UUID of version 7, so that newer ones sort later.
            #[must_use]
            pub fn random() -> Self {
                Self(uuid::Uuid::now_v7().simple().to_string().into())
            }
        }
    };
}

id!(
    /// A token, by its `jti`.
    TokenId, "a token id", token
);
id!(
    /// A conversation. It is also the hash tag of its keys in Redis.
    ConversationId, "a conversation id", plain
);
id!(
    /// A message. People's clients choose it, and so can retry without saying a thing twice; what
    /// agents say has ids of a kind of its own.
    MessageId, "a message id", plain
);
id!(
    /// A run: an agent's work on some input, over all its attempts.
    RunId, "a run id", plain
);
id!(
    /// An agent's name: what `send` addresses and configuration names.
    AgentName, "an agent name", plain
);
id!(
    /// A pool of workers; its doorbells wait in the queue `runs.<pool>`.
    Pool, "a pool name", plain
);
id!(
    /// The name of a process's inbox: fresh at every connection to the broker, so that it also
    /// tells one incarnation from the next.
    Inbox, "an inbox name", subject
);
id!(
    /// A person, as their token's `sub` claim names them.
    UserId, "a user id", subject
);

id!(
    /// An action that a message offers, or a form: it tells one from another within the message.
    ActionId, "an action's id", plain
);
id!(
    /// What an agent calls something that it offers: it has that name wherever it is offered again.
    OfferName, "an offer's name", plain
);
id!(
    /// A field of a form.
    FieldName, "a field's name", plain
);

id!(
    /// What kind of note an agent takes: it tells one from another.
    NoteName, "a note's name", plain
);

id!(
    /// A timer of an agent's in a conversation: it tells one from another.
    TimerName, "a timer's name", plain
);
id!(
    /// What kind of thing happened outside, such as `payment.received`.
    EventName, "an event's name", dotted
);

id!(
    /// A time zone, by its name in the IANA database, such as `Europe/Berlin`.
    Timezone, "a time zone", zone
);

id!(
    /// A dead letter: a doorbell that was given up on. It tells one replay from another.
    DeadLetterId, "a dead letter's id", plain
);

impl Default for Pool {
    /// The pool called `default`.
    fn default() -> Self {
        Self("default".into())
    }
}

random!(ConversationId);
random!(MessageId);
random!(RunId);

/// What the ids of agents' messages begin with, and no person's.
const OF_AGENTS: &str = "agent-";

impl MessageId {
    /// A fresh identifier for what an agent says. It is in the log from the first word on, so it
    /// comes from where no person may take theirs: nobody else's message can bear it.
    #[must_use]
    pub fn of_agent() -> Self {
        Self(format!("{OF_AGENTS}{}", Self::random()).into())
    }

    /// Whether it is for agents' messages alone.
    #[must_use]
    pub fn is_of_agent(&self) -> bool {
        self.0.starts_with(OF_AGENTS)
    }
}

/// Whoever can speak in a conversation: `user:<id>` or `agent:<name>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ParticipantId {
    User(UserId),
    Agent(AgentName),
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Agent(name) => write!(f, "agent:{name}"),
        }
    }
}

impl fmt::Debug for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ParticipantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.split_once(':') {
            Some(("user", id)) => Ok(Self::User(id.parse()?)),
            Some(("agent", name)) => Ok(Self::Agent(name.parse()?)),
            _ => Err(InvalidId {
                kind: "a participant id",
                reason: "must begin with user: or agent:",
            }),
        }
    }
}

impl TryFrom<String> for ParticipantId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

text_schema!(ParticipantId);

impl From<ParticipantId> for String {
    fn from(id: ParticipantId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_where_they_enter() {
        assert!(ConversationId::new("c-1_A").is_ok());
        for bad in ["", "a b", "a{b}", "é", &"x".repeat(65)] {
            assert!(ConversationId::new(bad).is_err(), "{bad:?}");
        }
        assert!(UserId::new("auth0|5f.7c@x").is_ok());
        assert!(UserId::new("a{b").is_err());
        assert!(EventName::new("payment.received").is_ok());
        assert!(TimerName::new("a.b").is_err() && EventName::new("a b").is_err());
        assert!(serde_json::from_str::<MessageId>("\"a b\"").is_err());
    }

    #[test]
    fn participants_say_what_they_are() {
        let ada: ParticipantId = "user:ada:2".parse().unwrap();
        assert_eq!(ada, ParticipantId::User(UserId::new("ada:2").unwrap()));
        assert_eq!(ada.to_string(), "user:ada:2");
        assert!("ada".parse::<ParticipantId>().is_err());
        assert!("agent:a b".parse::<ParticipantId>().is_err());
    }

    #[test]
    fn agents_messages_have_ids_of_their_own() {
        let id = MessageId::of_agent();
        assert!(id.is_of_agent());
        assert_eq!(MessageId::new(id.as_str()), Ok(id));
        assert!(!MessageId::random().is_of_agent());
    }

    #[test]
    fn later_ids_sort_later() {
        let (a, b) = (RunId::random(), RunId::random());
        assert!(a < b);
        assert!(MessageId::of_agent() < MessageId::of_agent());
    }
}
