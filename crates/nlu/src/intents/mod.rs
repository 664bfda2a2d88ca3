//! Which intent a sentence has: TF-IDF over its n-grams, and a linear machine for each intent.

mod background;
mod calibration;
mod chance;
mod classifier;
mod ngrams;
mod packed;
mod svm;
mod tfidf;
mod training;

pub use self::{calibration::Calibration, classifier::Evidence};
pub(crate) use self::{
    calibration::top, chance::Chance, classifier::Classifier, training::Sentence,
};
