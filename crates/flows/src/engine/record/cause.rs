//! What a question is about, why a flow came to a step or ended, and where a value is from.

use serde::{Deserialize, Serialize};

use crate::{
    name::{EventName, IntentName, SlotName},
    value::Value,
};

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A slot.
    Slot(SlotName),
    /// Whether this value of a slot is right.
    Confirm {
        /// The slot.
        slot: SlotName,
        /// The value.
        value: Value,
    },
    /// One of the buttons of a `choose`.
    Choice,
}

/// Why a flow started, or came to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A person wanted it: this intent.
    Intent(IntentName),
    /// An event from outside.
    Event(EventName),
    /// Another flow called it.
    Called,
    /// Nothing was understood.
    Fallback,
    /// It is the first step.
    First,
    /// It is what follows.
    Next,
    /// This condition held, or none (`else`).
    Condition(String),
    /// The question was answered.
    Answered,
    /// This was chosen.
    Chosen(String),
    /// No answer fitted.
    Otherwise,
    /// A call went wrong.
    OnError,
    /// An earlier answer was corrected.
    Corrected,
    /// What was waited for came, or the time was over.
    Waited,
    /// The flow was cancelled.
    Cancelled,
}

/// How a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It came to its end.
    Completed,
    /// A person cancelled it.
    Cancelled,
    /// No answer fitted.
    GaveUp,
    /// Something went wrong.
    Failed,
    /// A person took over.
    HandedOff,
    /// Nobody answered.
    Silence,
    /// The subject was changed.
    Dropped,
    /// Its version is gone.
    Outdated,
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

/// Where a slot's value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The answer to its question.
    Answer,
    /// Said in passing.
    Entity,
    /// A correction of an earlier answer.
    Correction,
    /// A correction of what it depends on.
    Dependence,
    /// A button.
    Button,
    /// A form.
    Form,
    /// An HTTP call.
    Call,
    /// A model.
    Model,
    /// A `set` step.
    Set,
    /// The flow that called this one, or the one that this one called.
    Flow,
    /// An event from outside.
    Event,
}
