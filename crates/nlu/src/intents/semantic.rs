//! What a sentence's meaning adds to what its words say: the score of an intent is what its machine says of the
//! words, and a share of the logarithm of how probable the intent is by the sentence's vector.

use serde::{Deserialize, Serialize};

use super::{
    calibration::{Calibration, SaidBefore},
    regression::{Learner, Regression},
};
use crate::{encoder::Embedding, parallel};

/// How much the meaning counts: that of `shared/UNDERSTANDING.md`.
const SHARE: f32 = 0.5;
/// An intent is never less probable than this, as a logarithm: one sentence is no proof.
const LEAST: f32 = -12.0;

/// See the module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Semantic {
    regression: Regression,
    /// Of the joined scores.
    pub(super) calibration: Calibration,
}

/// What it learns from, but for our background sentences, whose vectors nobody has.
pub(super) struct Lesson<'a> {
    pub(super) embeddings: &'a [Embedding],
    /// By sentence; what is out of scope has the number behind the last intent.
    pub(super) classes: &'a [usize],
    /// By sentence: the fold in which it is held out.
    pub(super) folds: &'a [usize],
    pub(super) intents: usize,
    /// By sentence: what the machines say of it that had not learnt from it.
    pub(super) held: &'a [Vec<f32>],
}

impl Semantic {
    /// None where there is nothing to learn from.
    pub(super) fn learn(lesson: &Lesson<'_>) -> Option<Self> {
        let count = 1 + *lesson.classes.iter().max()?;
        let whole = Learner::learn(lesson.embeddings, lesson.classes, count);
        let folds = 1 + *lesson.folds.iter().max()?;
        let parts = parallel::map(folds, |fold| {
            whole.without(|sentence| lesson.folds[sentence] == fold)
        });
        let sentences = lesson.embeddings.iter().zip(lesson.folds).zip(lesson.held);
        let joined: Vec<Vec<f32>> = sentences
            .map(|((embedding, fold), held)| {
                let mut scores = held.clone();
                join(&mut scores, &parts[*fold].logarithms(embedding));
                scores
            })
            .collect();
        Some(Self {
            calibration: Calibration::of(
                &joined,
                lesson.classes,
                lesson.intents,
                &SaidBefore::of_others(&joined, lesson.held),
            ),
            regression: whole.into_regression(),
        })
    }

    /// What the words say of silence, of which a vector that says nothing has all intents equally probable.
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    pub(super) fn raise_above_silence(&mut self, words: f32) {
        let nothing = -(self.regression.classes() as f32).ln();
        let silence = words + SHARE * nothing.max(LEAST);
        self.calibration.raise_above_silence(silence);
    }

    /// Whether what was read from a file fits together, and these intents.
    pub(super) fn is_whole(&self, intents: usize) -> bool {
        self.regression.is_whole() && (intents..=intents + 1).contains(&self.regression.classes())
    }

    /// Whether it can say something of a vector.
    pub(super) fn knows(&self, embedding: &Embedding) -> bool {
        embedding.dimension() == self.regression.dimension()
    }

    /// Adds what a vector says to what the words say.
    pub(super) fn join(&self, scores: &mut [f32], embedding: &Embedding) {
        join(scores, &self.regression.logarithms(embedding));
    }
}

fn join(scores: &mut [f32], logarithms: &[f32]) {
    for (score, logarithm) in scores.iter_mut().zip(logarithms) {
        *score += SHARE * logarithm.max(LEAST);
    }
}
