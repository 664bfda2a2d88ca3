//! An assistant's project folder, and the engine that holds its conversations.
//!
//! * [`Project`] is a folder that was read and checked: `assistant.yaml`, flows, texts. [`folder`] has what can
//!   stand in its files; every [`Fault`] has a place and a remedy.
//! * [`Engine`] says what is done when something happens in a conversation, and what is recorded of it;
//!   [`State`] is the fold of what was recorded. It has no clock, no network and no tasks.
//! * [`Projects`] keeps former versions of flows, on which conversations end that began on them.

pub mod bounds;
mod check;
mod engine;
mod fault;
pub mod folder;
#[cfg(test)]
mod generated;
mod graph;
mod item;
mod misread;
mod moment;
mod name;
mod phrase;
mod project;
mod projects;
mod reference;
mod rehearsal;
mod schema;
#[cfg(test)]
mod schema_tests;
mod slot;
mod story;
mod value;

pub use convene_source::{At, Place, ReadError, Severity, Sources};

pub use self::{
    engine::{
        About, Addressed, Answer, Button, Called, Card, Clause, Clock, Decision, Due, Effect,
        Engine, Entity, Filled, Form, FormField, Frame, Heard, HttpCall, Input, MOST_AWAITED, Next,
        Origin, Outcome, Person, Prompt, Question, Ranked, Recorded, Remark, Request, Saying,
        State, Turn, Waiting, Whose, Why, stands_unsaid,
    },
    fault::{Code, Fault},
    graph::graph,
    item::Item,
    name::{
        EntityName, EnvironmentName, EventName, FlowName, IntentName, Locale, SlotName, StepId,
        TextKey, Version, Who, Zone,
    },
    phrase::unescaped,
    project::{
        CallSpec, CardSpec, Checked, ChoiceTarget, FlowSpec, HeaderPiece, LoadError, Op, Project,
        StepSpec, Target, Vocabulary, WaitTime,
    },
    projects::Projects,
    reference::reference,
    rehearsal::{Rehearsal, Rehearsed, Unknown, told},
    schema::{FileSchema, schemas},
    slot::{ChoiceSpec, Label, Limit, SlotSpec},
    story::{
        CallStub, CardShown, EventStep, Failure, Find, Hearing, Report, Returns, Story, StoryFile,
        StoryStep, Told, Utterance, run as run_stories,
    },
    value::{Money, Value},
};
