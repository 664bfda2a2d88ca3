//! The state of a conversation: the fold of what was recorded.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{
    frame::{Filled, Frame, Question, Waiting},
    input::Entity,
    record::{Recorded, Why},
    shared::Values,
};
use crate::{
    name::{FlowName, IntentName, Locale, SlotName, Version, Who, Zone},
    value::Value,
};

/// Where a conversation stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(super) turn: u64,
    pub(super) who: Option<Who>,
    /// The one that somebody went over to last.
    pub(super) language: Option<Locale>,
    /// Those in which each person goes on who has done something here; none: the project's first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) languages: BTreeMap<Who, Option<Locale>>,
    /// Where people are, as they told last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) zones: BTreeMap<Who, Zone>,
    /// Who was told which languages are spoken.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) told_languages: BTreeSet<Option<Who>>,
    pub(super) slots: BTreeMap<SlotName, Values>,
    pub(super) stack: Vec<Frame>,
    #[serde(default)]
    pub(super) wishes: VecDeque<Wish>,
    /// How many questions were asked, and timers set: their numbers.
    pub(super) numbers: u64,
    pub(super) which: Option<Which>,
    /// The timer and the stage of the silence of whom a question asks that asks nobody by name.
    pub(super) silence: Option<(u64, u8)>,
    /// Those of everybody else who is asked something.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) silences: BTreeMap<Who, (u64, u8)>,
    pub(super) is_handed_off: bool,
    /// The flows that have come to their ends, the last one last: each person's may be wanted again for another value.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub(super) done: VecDeque<Done>,
    /// Where the next call of a turn stands that has not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    pub(super) under_way: Option<Box<UnderWay>>,
}

/// A flow that has come to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) flow: FlowName,
    /// Whose it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<Who>,
    /// What people have said for it, where it is their last one: "the same again".
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) said: BTreeMap<SlotName, Value>,
}

/// Where a call stands in a conversation: the same in the turn that goes on where another was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The turn that has begun it all.
    pub(super) turn: u64,
    /// How many calls were answered since.
    pub(super) answered: u32,
}

/// What is to be done when what runs is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wish {
    pub(super) intent: IntentName,
    /// Whose it is.
    pub(super) of: Option<Who>,
    /// What was said for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) entities: Vec<Entity>,
}

/// A turn that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    pub(super) before: State,
    pub(super) input: String,
    pub(super) at: DateTime,
    pub(super) records: Vec<Recorded>,
}

/// The question which flow was meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Which {
    pub(super) id: u64,
    pub(super) intents: Vec<IntentName>,
    /// Who was asked.
    #[serde(default)]
    pub(super) of: Option<Who>,
    /// Others who have answered, and were told that they were not asked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) refused: BTreeSet<Who>,
    /// What was said that may have been meant to cancel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<String>,
}

impl State {
    /// The state after these records.
    #[must_use]
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Recorded>) -> Self {
        Self::default().after(records)
    }

    /// The state after these, too.
    #[must_use]
    pub fn after<'a>(mut self, records: impl IntoIterator<Item = &'a Recorded>) -> Self {
        for record in records {
            self.apply(record);
        }
        self
    }

    /// The flows that run, the one on top last.
    #[must_use]
    pub fn stack(&self) -> &[Frame] {
        &self.stack
    }

    /// The numbers of the questions that are open, wherever they wait.
    pub fn open_questions(&self) -> impl Iterator<Item = u64> {
        let asked = self.stack.iter().filter_map(Frame::question);
        let which = self.which.iter().map(|which| which.id);
        asked.map(|question| question.id).chain(which)
    }

    /// A slot as the flow on top sees it.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Value> {
        self.filled(name).map(|filled| &filled.value)
    }

    /// The same, with where it is from.
    pub(super) fn filled(&self, name: &str) -> Option<&Filled> {
        self.filled_at(self.stack.len().wrapping_sub(1), name)
    }

    /// The same as the flow at a place of the stack sees it.
    pub(super) fn filled_at(&self, frame: usize, name: &str) -> Option<&Filled> {
        let root = self.stack.get(self.root_of(frame));
        let own = self.stack.get(frame);
        own.and_then(|frame| frame.slots.get(name))
            .or_else(|| root.and_then(|frame| frame.kept.get(name)))
            .or_else(|| self.shared_at(frame, name))
    }

    /// The flow that has called the one at a place of the stack, over any number of calls; itself where nobody has.
    pub(super) fn root_of(&self, frame: usize) -> usize {
        let is_called = |frame: &usize| {
            let frame = self.stack.get(*frame);
            frame.is_some_and(|frame| frame.why == Why::Called)
        };
        (1..=frame.min(self.stack.len()))
            .rev()
            .find(|frame| !is_called(frame))
            .unwrap_or(0)
    }

    /// The flow on top and those that have called it, it first.
    pub(super) fn chain(&self) -> impl Iterator<Item = usize> + use<> {
        let count = self.stack.len();
        (self.root_of(count.wrapping_sub(1))..count).rev()
    }

    /// Where the last of the flows stands that the one at this place has called, over any number of calls: the place itself
    /// where it has called none.
    pub(super) fn end_of_chain(&self, root: usize) -> usize {
        let above = self.stack.iter().skip(root + 1);
        root + above.take_while(|frame| frame.why == Why::Called).count()
    }

    /// The question that the flow on top has open.
    #[must_use]
    pub fn question(&self) -> Option<&Question> {
        self.stack.last()?.question()
    }

    /// Whether a person was asked for, and has the conversation.
    #[must_use]
    pub const fn is_handed_off(&self) -> bool {
        self.is_handed_off
    }

    /// The timers that something waits for.
    pub fn timers(&self) -> impl Iterator<Item = u64> {
        let waits = self.stack.iter().filter_map(|frame| match frame.waiting {
            Waiting::Outside { timer, .. } => timer,
            _ => None,
        });
        let silences = self.silence.iter().chain(self.silences.values());
        waits.chain(silences.map(|(timer, _)| *timer))
    }

    /// Where the next call stands.
    pub(super) fn place(&self) -> Place {
        self.place.unwrap_or(Place {
            turn: self.turn,
            answered: 0,
        })
    }

    /// How many turns have begun.
    #[must_use]
    pub const fn turns(&self) -> u64 {
        self.turn
    }

    /// Whether a turn has begun and not ended.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// The flows and versions that run.
    pub fn running(&self) -> impl Iterator<Item = (&FlowName, &Version)> {
        self.stack.iter().map(|frame| (&frame.flow, &frame.version))
    }
}
