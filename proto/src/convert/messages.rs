//! The messages that stand for the domain's own types.

use super::{Invalid, field, optional, or_empty, part};
use crate::{
    bus, context,
    event::{Conversation, Participant},
    position::{Eid, Epoch, Position, Seq, TextPosition},
    suggestion::Suggestion,
};

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
