//! What stands in the files of a project's folder, as types. Their documentation is the text of the
//! reference, and the JSON Schemas for editors are made of them.

mod assistant;
mod card;
mod flow;
mod layout;
mod short;
mod slot;
mod span;
mod step;
mod steps;
mod text;

pub use self::{
    assistant::{
        Ask, Assistant, Commands, Groups, Handoff, Model, ModelUse, Silence, SilenceEnd,
        Thresholds, WayOut, WhoMayAnswer,
    },
    card::{Card, CardField, CardLink},
    flow::{Flow, FlowFile, Start},
    layout::Layout,
    short::Short,
    slot::{Bound, Choice, ItemParts, LetterCase, Slot, SlotOf, SlotType},
    span::Span,
    step::{
        Arm, AskStep, Call, Choose, End, Generate, HandoffStep, Method, Say, StartFlow, Step,
        StepKind, ThenChoice, Wait,
    },
    steps::Steps,
    text::{Text, Texts},
};
