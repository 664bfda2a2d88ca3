//! Messages and runs as they are shown.

use std::collections::BTreeSet;

use convene_proto::{
    event::{Failure, Outcome, Part, Usage},
    id::{AgentName, MessageId, ParticipantId, RunId},
    position::Seq,
};

/// A message, whole or under way.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    pub id: MessageId,
    pub author: ParticipantId,
    pub parts: Vec<Part>,
    /// Those of its parts, by their places, whose offer its agent has closed: nobody need press it.
    pub closed: BTreeSet<usize>,
    pub to: Option<Vec<ParticipantId>>,
    /// The event that began it.
    pub seq: Seq,
    /// The event with all of it, once there is one: what it offers is pressed by this number.
    pub whole: Option<Seq>,
    /// When it began, in milliseconds since 1970 (UTC).
    pub at: u64,
    /// The run that wrote it; absent: a person.
    pub run: Option<RunId>,
    pub status: MessageStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageStatus {
    /// More is coming.
    Streaming,
    Whole,
    /// The run was cancelled in mid-text.
    Cut,
}

/// An agent's work on some input.
#[derive(Debug, Clone, PartialEq)]
pub struct RunView {
    pub id: RunId,
    pub agent: AgentName,
    pub attempt: u32,
    /// The events that it answers.
    pub inputs: Vec<Seq>,
    pub status: RunStatus,
    pub usage: Option<Usage>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RunStatus {
    Running,
    /// An attempt failed, and another follows.
    Retrying(Failure),
    Finished(Outcome),
}

impl MessageView {
    /// What of it can be pressed and was not closed.
    pub fn offered(&self) -> impl Iterator<Item = &Part> {
        let parts = self.parts.iter().enumerate();
        let open =
            parts.filter(|(place, part)| part.offer().is_some() && !self.closed.contains(place));
        open.map(|(_, part)| part)
    }

    /// The text of all its parts, one after the other.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            Part::Act(act) => Some(act.label.as_str()),
            Part::Actions(_) | Part::Card(_) | Part::Form(_) | Part::Unknown => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}
