//! The state of a conversation: the fold of what was recorded.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem::take,
};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    input::Entity,
    record::{About, Origin, Outcome, Recorded, Why},
};
use crate::{
    name::{EventName, FlowName, IntentName, Locale, SlotName, StepId, Version, Who},
    project::FlowSpec,
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
    /// Who was told which languages are spoken.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) told_languages: BTreeSet<Option<Who>>,
    pub(super) slots: BTreeMap<SlotName, Filled>,
    pub(super) stack: Vec<Frame>,
    #[serde(default)]
    pub(super) wishes: VecDeque<Wish>,
    /// How many questions were asked, and timers set: their numbers.
    pub(super) numbers: u64,
    pub(super) which: Option<Which>,
    pub(super) silence: Option<(u64, u8)>,
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

impl Frame {
    /// Where its step stands in its flow.
    pub(super) fn index_in(&self, flow: &FlowSpec) -> Option<usize> {
        flow.index_of(self.step.as_ref()?)
    }

    /// The question that it has open.
    pub(super) fn question(&self) -> Option<&Question> {
        match &self.waiting {
            Waiting::Answer(question) => Some(question),
            _ => None,
        }
    }
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
            .or_else(|| self.slots.get(name))
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
        waits.chain(self.silence.map(|(timer, _)| timer))
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

    /// The state without the turn that has begun and not ended, if there is one. Of a turn in which a call was answered
    /// all stands up to its last answer and where that has led: the call is not made again.
    #[must_use]
    pub fn without_half_turn(mut self) -> Self {
        let Some(begun) = self.under_way.take() else {
            return self;
        };
        let stands = stands(&begun.records);
        if stands == 0 {
            return begun.before;
        }
        // The turn that it was is over there, whatever followed.
        let mut state = begun.before.after(&begun.records[..stands]);
        state.under_way = None;
        state
    }

    /// Whether a turn was stopped behind an answered call, so that the flow on top waits for nobody and is to go on:
    /// feed [`super::Input::Resumed`].
    #[must_use]
    pub fn is_half_way(&self) -> bool {
        let is_running = |top: &Frame| {
            let waiting = &top.waiting;
            matches!(
                waiting,
                Waiting::Nothing | Waiting::Over { .. } | Waiting::Returned { .. }
            )
        };
        !self.is_under_way() && !self.is_handed_off && self.stack.last().is_some_and(is_running)
    }

    /// Records of all of this, which stand for those before them: the first one holds everything but the values and the events
    /// that came early, of which each has one of its own, since together they may be large.
    #[must_use]
    pub fn checkpoint(&self) -> Vec<Recorded> {
        let mut bare = self.clone();
        let restored = |frame: Option<usize>, kept: bool| {
            move |(slot, filled)| Recorded::SlotRestored {
                slot,
                frame,
                kept,
                filled,
            }
        };
        let mut values: Vec<_> = take(&mut bare.slots)
            .into_iter()
            .map(restored(None, false))
            .collect();
        for (index, frame) in bare.stack.iter_mut().enumerate() {
            let own = take(&mut frame.slots).into_iter();
            values.extend(own.map(restored(Some(index), false)));
            let kept = take(&mut frame.kept).into_iter();
            values.extend(kept.map(restored(Some(index), true)));
            let early = take(&mut frame.early).into_iter();
            values.extend(early.map(|Early { event, data }| Recorded::EventKept {
                frame: index,
                event,
                data,
            }));
        }
        let bare = Recorded::Checkpoint {
            state: Box::new(bare),
        };
        std::iter::once(bare).chain(values).collect()
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

/// How many of a half turn's records stand: none, or those up to where its last answered call has led.
fn stands(records: &[Recorded]) -> usize {
    let led_to = |call: usize| {
        let filled = records.iter().skip(call + 1).take_while(|record| {
            matches!(
                record,
                Recorded::SlotSet { .. } | Recorded::SlotKept { .. } | Recorded::FlowEnded { .. }
            )
        });
        let (mut end, mut has_ended) = (call + 1, false);
        for record in filled {
            end += 1;
            has_ended |= matches!(record, Recorded::FlowEnded { .. });
        }
        match records.get(end) {
            Some(Recorded::FlowStepped { .. }) => Some(end + 1),
            _ => has_ended.then_some(end),
        }
    };
    let is_call = |record: &Recorded| matches!(record, Recorded::CallAnswered { .. });
    let calls = (0..records.len()).rev();
    calls
        .filter(|index| records.get(*index).is_some_and(is_call))
        .find_map(led_to)
        .unwrap_or_default()
}

impl Outcome {
    /// The word for it, as the record has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::GaveUp => "gave_up",
            Self::Failed => "failed",
            Self::HandedOff => "handed_off",
            Self::Silence => "silence",
            Self::Dropped => "dropped",
            Self::Outdated => "outdated",
        }
    }
}
