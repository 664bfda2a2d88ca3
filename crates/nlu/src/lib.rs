//! Understanding: what a sentence means to a project, learnt from its training data.

pub mod evaluation;
pub mod training_data;

mod identification;
mod intents;
mod language;
mod names;
mod text;
mod understanding;

pub use self::{
    intents::{Calibration, Evidence},
    language::{Language, NoLanguage},
    names::{EntityKind, Intent},
    understanding::{
        Context, Decision, FileError, Fingerprint, Ranked, Settings, Understanding, Understood,
        Untrainable,
    },
};
