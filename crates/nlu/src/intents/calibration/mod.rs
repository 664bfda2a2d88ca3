//! From scores to confidence: what the scores of sentences that a model had not learnt from say about
//! how far it may be trusted.

mod limits;
mod sharpness;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(super) use self::limits::SaidBefore;
use self::{
    limits::{Scores, poor_and_lost, sure},
    sharpness::{confidence, sharpness},
};

/// How far above the score of no words at all a message must be to be in scope.
const MORE_THAN_SILENCE: f32 = 0.01;
/// With fewer held-out sentences than this the shares mean nothing.
const ENOUGH: usize = 20;
/// Of more sentences than this, every n-th is looked at.
const LOOKED_AT: usize = 4000;

/// How scores become confidence, and what confidence is enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Scores are multiplied with this before they become shares of one (softmax).
    pub sharpness: f32,
    /// From this confidence on, the first intent is meant ...
    pub sure: f32,
    /// ... unless its score is below this: then the others fit even worse, but it does not fit either.
    pub poor: f32,
    /// Below this score (not confidence), no intent is meant.
    pub lost: f32,
}

impl Default for Calibration {
    /// For projects that are too small to learn it from.
    fn default() -> Self {
        Self {
            sharpness: 3.0,
            sure: 0.5,
            poor: SaidBefore::WORDS.poor,
            lost: SaidBefore::WORDS.lost,
        }
    }
}

impl Calibration {
    /// Learns from the scores of held-out sentences, of which those whose class is behind the last intent's are
    /// out of scope.
    pub(in crate::intents) fn of(
        scores: &[Vec<f32>],
        classes: &[usize],
        intents: usize,
        before: &SaidBefore,
    ) -> Self {
        let each = scores.iter().zip(classes);
        let (inside, outside): (Vec<_>, Vec<_>) = each
            .map(|(scores, class)| (scores.as_slice(), *class))
            .partition(|(_, class)| *class < intents);
        let outside: Vec<f32> = outside.iter().map(|(scores, _)| highest(scores)).collect();
        Self::learn(&inside, &outside, before)
    }

    /// Learns from held-out sentences that have a class, and the highest scores of those that are out of scope: the
    /// sharpness with which the first are the least surprising, and the limits, as if others had said before what
    /// they are.
    fn learn(inside: &[(&[f32], usize)], outside: &[f32], before: &SaidBefore) -> Self {
        if inside.len() < ENOUGH {
            return Self {
                poor: before.poor,
                lost: before.lost,
                ..Self::default()
            };
        }
        let step = inside.len().div_ceil(LOOKED_AT);
        let looked_at: Vec<_> = inside.iter().copied().step_by(step).collect();
        let sharpness = sharpness(&looked_at);
        let mut judged: Vec<_> = inside
            .iter()
            .map(|(scores, class)| {
                let top = top(scores);
                (confidence(scores, top, sharpness), top == *class)
            })
            .collect();
        judged.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (right, wrong): (Vec<_>, Vec<_>) = inside
            .iter()
            .partition(|(scores, class)| top(scores) == *class);
        let scores = Scores {
            right: right.iter().map(|(scores, _)| highest(scores)).collect(),
            wrong: wrong.iter().map(|(scores, _)| highest(scores)).collect(),
            outside: (outside.len() >= ENOUGH).then_some(outside),
        };
        let (poor, lost) = poor_and_lost(scores, before);
        Self {
            sharpness,
            sure: sure(&judged),
            poor,
            lost,
        }
    }

    /// What scores no more than silence does is no evidence of anything.
    pub(super) fn raise_above_silence(&mut self, silence: f32) {
        self.lost = self.lost.max(silence + MORE_THAN_SILENCE);
    }

    /// Scores as shares of one.
    pub(crate) fn confidences(&self, scores: &[f32]) -> Vec<f32> {
        let highest = highest(scores);
        let shares = scores
            .iter()
            .map(|score| ((score - highest) * self.sharpness).exp());
        let shares: Vec<f32> = shares.collect();
        let sum: f32 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    }
}

/// The place of the highest score; of equals the first.
pub(crate) fn top(scores: &[f32]) -> usize {
    let mut top = 0;
    for (place, score) in scores.iter().enumerate() {
        if *score > scores[top] {
            top = place;
        }
    }
    top
}

pub(super) fn highest(scores: &[f32]) -> f32 {
    scores.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}
