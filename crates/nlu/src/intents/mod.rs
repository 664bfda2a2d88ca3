//! Which intent a sentence has: TF-IDF over its n-grams, and a linear machine for each intent; and beside them,
//! where there is an encoder, a regression over what the sentence means.

mod background;
mod calibration;
mod chance;
mod classifier;
mod learnt;
mod ngrams;
mod packed;
mod regression;
mod semantic;
mod svm;
mod tfidf;
mod training;

pub use self::{
    calibration::Calibration,
    classifier::{Encoding, Evidence},
};
pub(crate) use self::{
    calibration::top,
    chance::Chance,
    classifier::{Basis, Classifier, Scored},
    learnt::Learnt,
    training::Sentence,
};
