//! Understanding: what a sentence means to a project, learnt from its training data.

pub mod evaluation;
pub mod training_data;

mod entities;
mod identification;
mod intents;
mod language;
mod names;
mod parallel;
mod text;
mod understanding;

pub use self::{
    entities::{BuiltIn, Entity, Moment, Source, Value},
    intents::{Calibration, Evidence},
    language::{Language, NoLanguage},
    names::{EntityKind, Intent},
    understanding::{
        Context, Decision, Explanation, FileError, Fingerprint, Ranked, Settings, Understanding,
        Understood, Untrainable,
    },
};
