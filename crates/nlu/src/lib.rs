//! Understanding: what a sentence means to a project, learnt from its training data.

pub mod evaluation;

mod entities;
mod identification;
mod intents;
mod parallel;
mod text;
mod understanding;

pub use convene_training_data::{
    self as training_data, BuiltIn, EntityKind, Intent, Language, NoLanguage,
};

pub use self::{
    entities::{Entity, Moment, Source, Value},
    intents::{Calibration, Evidence},
    understanding::{
        Context, Decision, Explanation, FileError, Fingerprint, Ranked, Settings, Understanding,
        Understood, Untrainable,
    },
};
