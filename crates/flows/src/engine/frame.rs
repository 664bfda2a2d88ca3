//! A flow that runs: where it stands, what it knows and what it waits for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    input::Entity,
    record::{About, Origin, Outcome, Why},
    shared::Whose,
};
use crate::{
    name::{EventName, FlowName, SlotName, StepId, Version, Who},
    project::FlowSpec,
    value::Value,
};

/// A flow that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The flow.
    pub flow: FlowName,
    /// Its version: it ends on it.
    pub version: Version,
    /// Why it began.
    pub why: Why,
    /// Whose it is: who wanted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Who>,
    /// The step at which it is.
    pub step: Option<StepId>,
    /// What it waits for.
    pub waiting: Waiting,
    /// Its own slots.
    pub slots: BTreeMap<SlotName, Filled>,
    /// Slots of the conversation as they are to it and to those that it calls, where another flow has set them otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<SlotName, Filled>,
    /// What was said for flows that it, or one that it has called, may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Entity>,
    /// Slots of the flow that called it, with its own that fill them.
    pub returns: BTreeMap<SlotName, SlotName>,
    /// The slots that people filled, in order.
    pub answered: Vec<SlotName>,
    /// The slots that it saw and that were emptied while it ran, since they are declared otherwise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub emptied: BTreeSet<SlotName>,
    /// Events that came before it, or what it calls, has waited for them.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub early: VecDeque<Early>,
    /// Whether a person has cancelled it, and it does what it has for that.
    pub is_cancelled: bool,
}

/// An event that came before it was waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Early {
    /// What has happened.
    pub event: EventName,
    /// What is known of it that slots are there for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<SlotName, Json>,
}

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// The value.
    pub value: Value,
    /// Where it is from.
    pub from: Origin,
    /// Who said it.
    pub who: Option<Who>,
    /// Whose it is, where it is the conversation's.
    #[serde(default, skip_serializing_if = "Whose::is_tellers")]
    pub whose: Whose,
}

/// What a flow waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// Nothing: it runs.
    Nothing,
    /// An answer.
    Answer(Question),
    /// A time or an event.
    Outside {
        /// The event.
        event: Option<EventName>,
        /// The timer.
        timer: Option<u64>,
    },
    /// Nothing any more: what it waited for came in time, or did not.
    Over {
        /// Whether it came.
        in_time: bool,
    },
    /// Nothing any more: the flow that it called is over.
    Returned {
        /// How that has ended.
        outcome: Outcome,
        /// What it gives back.
        values: BTreeMap<SlotName, Option<Value>>,
    },
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub id: u64,
    /// What it is about.
    pub about: About,
    /// How often it was asked.
    pub tries: u32,
    /// Who was asked.
    pub of: Option<Who>,
    /// Others who have answered, and were told that they were not asked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused: BTreeSet<Who>,
}

impl Frame {
    /// Where its step stands in its flow.
    pub(super) fn index_in(&self, flow: &FlowSpec) -> Option<usize> {
        flow.index_of(self.step.as_ref()?)
    }

    /// Whether an event has begun it, and so nobody in particular.
    pub(super) const fn is_nobodys(&self) -> bool {
        self.of.is_none() && matches!(self.why, Why::Event(_))
    }

    /// The question that it has open.
    pub(super) fn question(&self) -> Option<&Question> {
        match &self.waiting {
            Waiting::Answer(question) => Some(question),
            _ => None,
        }
    }
}
