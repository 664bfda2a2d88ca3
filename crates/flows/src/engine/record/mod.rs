//! What is recorded of a turn: small facts, whose fold is the state.

mod cause;

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use self::cause::{About, Origin, Outcome, Why};
use super::{frame::Filled, input::Entity, state::State};
use crate::{
    name::{EventName, FlowName, IntentName, Locale, SlotName, StepId, Version, Who, Zone},
    value::Value,
};

/// A fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[expect(
    missing_docs,
    reason = "the variants are explained, and the fields are named after what they are"
)]
pub enum Recorded {
    /// A turn begins. Of one that was begun before and not ended stands what [`State::without_half_turn`] says; nothing, where
    /// this is the same turn, begun anew.
    #[serde(rename = "turn.started")]
    TurnStarted {
        turn: u64,
        /// The hash of the input.
        input: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<Who>,
        /// Where they are, as they tell, if that is news.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<Zone>,
        /// The time where the assistant is.
        at: DateTime,
    },
    /// A turn is over.
    #[serde(rename = "turn.ended")]
    TurnEnded { turn: u64 },
    /// Somebody goes on in another language; in a log of before there were several: everybody.
    #[serde(rename = "language.switched")]
    LanguageSwitched {
        language: Locale,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<Who>,
    },
    /// Somebody has written in a language that is not spoken here, and is told which ones are.
    #[serde(rename = "language.unspoken")]
    LanguageUnspoken {
        language: Locale,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<Who>,
    },
    /// A flow begins, on top of what runs.
    #[serde(rename = "flow.started")]
    FlowStarted {
        flow: FlowName,
        version: Version,
        why: Why,
        /// Whose it is: who wanted it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
        /// Slots of the flow that called it, with the slots of this one that fill them at its end.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        returns: BTreeMap<SlotName, SlotName>,
    },
    /// The flow on top comes to a step.
    #[serde(rename = "flow.stepped")]
    FlowStepped {
        flow: FlowName,
        version: Version,
        step: StepId,
        why: Why,
    },
    /// The flow on top is over.
    #[serde(rename = "flow.ended")]
    FlowEnded { flow: FlowName, outcome: Outcome },
    /// A slot was filled or emptied.
    #[serde(rename = "slot.set")]
    SlotSet {
        slot: SlotName,
        /// Whether it is the conversation's, and not the flow's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shared: bool,
        /// The flow that set it, counted from the bottom of the stack; without it: the one on top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<usize>,
        value: Option<Value>,
        from: Origin,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<Who>,
        /// Whether it is everybody's, and no person's own.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        for_all: bool,
    },
    /// A slot of the conversation is set otherwise: to this flow, counted from the bottom of the stack, and to those
    /// that it calls, it stays as it is.
    #[serde(rename = "slot.kept")]
    SlotKept { slot: SlotName, frame: usize },
    /// A value is none that its slot takes any more, as it is declared now.
    #[serde(rename = "slot.outdated")]
    SlotOutdated {
        slot: SlotName,
        /// The flow whose own slot it is, counted from the bottom of the stack; without it: the conversation's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<usize>,
        /// Whether it is the conversation's as it is to that flow.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        kept: bool,
        /// Whose it is of the conversation's; without it: nobody's in particular.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
        /// What it is by the new declaration, where it can be read as that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
    /// The flow on top has asked something.
    #[serde(rename = "question.asked")]
    QuestionAsked {
        question: u64,
        about: About,
        /// How often it was asked, this time too, without an answer that fitted.
        tries: u32,
        /// Who was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
    },
    /// It was asked which of these was meant.
    #[serde(rename = "which.asked")]
    WhichAsked {
        question: u64,
        intents: Vec<IntentName>,
        /// Who was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
        /// What was said that may have been meant to cancel: an answer, where it was not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// Somebody else has answered this question, and is told that they were not asked.
    #[serde(rename = "answer.refused")]
    AnswerRefused { question: u64, who: Who },
    /// It is over which of them was meant.
    #[serde(rename = "which.closed")]
    WhichClosed,
    /// The flow on top waits.
    #[serde(rename = "wait.started")]
    WaitStarted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<EventName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timer: Option<u64>,
    },
    /// A flow has waited long enough: counted from the bottom of the stack.
    #[serde(rename = "wait.over")]
    WaitOver { frame: usize, in_time: bool },
    /// What is known of an event does not fit these slots, of which each stays as it was.
    #[serde(rename = "event.misfitted")]
    EventMisfitted {
        event: EventName,
        slots: Vec<SlotName>,
    },
    /// An event has come before the step that waits for it: it is kept for this flow, counted from the bottom of the stack.
    #[serde(rename = "event.kept")]
    EventKept {
        frame: usize,
        event: EventName,
        /// What is known of it that slots are there for.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        data: BTreeMap<SlotName, Json>,
    },
    /// The flow on top waits for such an event, and takes the first that is kept.
    #[serde(rename = "event.taken")]
    EventTaken { event: EventName },
    /// A flow whose wait is over, or that has not begun, counted from the bottom of the stack, comes to the top with those that called it.
    #[serde(rename = "flow.raised")]
    FlowRaised { frame: usize },
    /// An HTTP endpoint is about to be asked. Logs of before there was this have none.
    #[serde(rename = "call.begun")]
    CallBegun {
        /// What names the call in this conversation: see [`HttpCall::key`](super::HttpCall).
        key: String,
    },
    /// An HTTP endpoint has answered, or has not.
    #[serde(rename = "call.answered")]
    CallAnswered {
        good: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// What it filled.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        saved: BTreeMap<SlotName, Value>,
    },
    /// A model has written this, or nothing.
    #[serde(rename = "model.answered")]
    ModelAnswered { text: Option<String> },
    /// Something is to be done when what runs is over.
    #[serde(rename = "intent.queued")]
    IntentQueued {
        intent: IntentName,
        /// Who wants it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
        /// What was said for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entities: Vec<Entity>,
    },
    /// What was said for flows that the one at this place of the stack, or one that it has called, may call: all of it.
    #[serde(rename = "entities.kept")]
    EntitiesKept { frame: usize, entities: Vec<Entity> },
    /// It is being done.
    #[serde(rename = "intent.taken")]
    IntentTaken { intent: IntentName },
    /// If nobody answers, this timer will tell.
    #[serde(rename = "silence.watched")]
    SilenceWatched {
        timer: u64,
        stage: u8,
        /// Whose: nobody's in particular where nobody is asked by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
    },
    /// A person was asked for.
    #[serde(rename = "handed.off")]
    HandedOff {
        to: String,
        /// For whom; for nobody in particular: for everybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Who>,
        /// What the person is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Whether it is for the flow on top alone, which an event has begun: what people want stays.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        for_flow: bool,
    },
    /// Somebody has left the conversation: what they wanted next is not wanted any more, and they are not asked which was meant.
    #[serde(rename = "person.left")]
    PersonLeft { who: Who },
    /// The person has given the conversation back.
    #[serde(rename = "handed.back")]
    HandedBack,
    /// The fold of everything before it, between two turns: who has this, and what is restored behind it, need read no
    /// further back.
    #[serde(rename = "checkpoint")]
    Checkpoint { state: Box<State> },
    /// A value of that fold: of the conversation, or of the flow at this place, counted from the bottom of the stack.
    #[serde(rename = "slot.restored")]
    SlotRestored {
        slot: SlotName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<usize>,
        /// Whether it is the conversation's as it is to that flow.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        kept: bool,
        filled: Filled,
    },
}
