//! Understanding: what a sentence means to a project, learnt from its training data.

pub mod evaluation;

mod encoder;
mod entities;
mod files;
mod function_words;
mod identification;
mod intents;
mod parallel;
mod text;
mod understanding;

pub use convene_training_data::{
    self as training_data, BuiltIn, EntityKind, Intent, Language, NoLanguage,
};

pub use self::{
    encoder::{Embedding, Encoder, EncoderError, Remembered},
    entities::{Entity, Moment, Source, Value},
    intents::{Calibration, Encoding, Evidence},
    understanding::{
        Clause, Context, Decision, Enough, EntityRules, Explanation, FileError, Fingerprint, Limit,
        Ranked, Settings, Understanding, Understood, Untrainable,
    },
};
