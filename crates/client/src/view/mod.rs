//! A conversation as one looks at it: frames folded into messages, with the text still streaming.

mod fold;
mod shown;

use std::collections::BTreeSet;

use convene_proto::{
    event::Conversation,
    id::{MessageId, ParticipantId},
    position::{Position, Seq},
};

pub use self::shown::{MessageStatus, MessageView, RunStatus, RunView};

/// A conversation as one looks at it.
///
/// It takes any frames whatever and never fails: what makes no sense changes nothing. Whether they
/// are the right ones is for [`Cursor`](crate::Cursor) to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationView {
    conversation: Option<Conversation>,
    messages: Vec<MessageView>,
    runs: Vec<RunView>,
    here: BTreeSet<ParticipantId>,
    position: Option<Position>,
}

impl ConversationView {
    /// Who is in it, and its title; absent until the first snapshot.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation> {
        self.conversation.as_ref()
    }

    /// Oldest first.
    #[must_use]
    pub fn messages(&self) -> &[MessageView] {
        &self.messages
    }

    #[must_use]
    pub fn message(&self, id: &MessageId) -> Option<&MessageView> {
        self.messages.iter().find(|message| message.id == *id)
    }

    /// Oldest first.
    #[must_use]
    pub fn runs(&self) -> &[RunView] {
        &self.runs
    }

    /// The run that answers the event of this number, if one has begun.
    #[must_use]
    pub fn run_for(&self, input: Seq) -> Option<&RunView> {
        self.runs
            .iter()
            .rev()
            .find(|run| run.inputs.contains(&input))
    }

    /// Whether the run that answers the event of this number has ended, however it ended.
    #[must_use]
    pub fn is_answered(&self, input: Seq) -> bool {
        self.run_for(input)
            .is_some_and(|run| matches!(run.status, RunStatus::Finished(_)))
    }

    /// Who has the conversation open.
    #[must_use]
    pub fn here(&self) -> &BTreeSet<ParticipantId> {
        &self.here
    }

    /// The position of the last frame.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// What to call somebody: their name, or their id where they are not in the conversation.
    #[must_use]
    pub fn name_of(&self, who: &ParticipantId) -> String {
        let everyone = self
            .conversation
            .iter()
            .flat_map(|conversation| &conversation.participants);
        let known = everyone
            .into_iter()
            .find(|participant| participant.id == *who);
        known.map_or_else(|| who.to_string(), |participant| participant.name.clone())
    }
}
