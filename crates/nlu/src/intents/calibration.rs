//! From scores to confidence: what the scores of sentences that a model had not learnt from say about
//! how far it may be trusted.

use serde::{Deserialize, Serialize};

/// Which share of sentences that are in scope may be taken for lost.
const LOST_SHARE: f64 = 0.02;
/// With sentences that are out of scope to go by, the share may move within these.
const LOST_SHARES: (f64, f64) = (0.005, 0.03);
/// Of the sentences that a model is sure of, at most this share may be wrong ...
const WRONG_SHARE: f64 = 0.02;
/// ... unless more than this share of all would be asked about.
const ASKED_SHARE: f64 = 0.10;
/// With fewer held-out sentences than this the shares mean nothing.
const ENOUGH: usize = 20;
/// Of more sentences than this, every n-th is looked at.
const LOOKED_AT: usize = 4000;

/// How scores become confidence, and what confidence is enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Scores are multiplied with this before they become shares of one (softmax).
    pub sharpness: f32,
    /// From this confidence on, the first intent is meant.
    pub sure: f32,
    /// Below this score (not confidence), no intent is meant.
    pub lost: f32,
}

/// The scores of a sentence by a model that had not learnt from it.
#[derive(Debug, Clone)]
struct Held<'a> {
    scores: &'a [f32],
    /// Its class; none if it is out of scope.
    class: Option<usize>,
}

impl Default for Calibration {
    /// For projects that are too small to learn it from.
    fn default() -> Self {
        Self {
            sharpness: 3.0,
            sure: 0.5,
            lost: -0.6,
        }
    }
}

impl Calibration {
    /// Learns from the scores of held-out sentences, of which those whose class is behind the last intent's are
    /// out of scope.
    pub(crate) fn of(scores: &[Vec<f32>], classes: &[usize], intents: usize) -> Self {
        let held = scores.iter().zip(classes).map(|(scores, class)| Held {
            scores,
            class: (*class < intents).then_some(*class),
        });
        Self::learn(&held.collect::<Vec<_>>())
    }

    /// Learns from held-out sentences: the sharpness with which they are the least surprising, and
    /// the limits that the shares above give.
    fn learn(held: &[Held<'_>]) -> Self {
        let inside: Vec<_> = held
            .iter()
            .filter_map(|held| Some((held.scores, held.class?)))
            .collect();
        if inside.len() < ENOUGH {
            return Self::default();
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
        let outside = held.iter().filter(|held| held.class.is_none());
        Self {
            sharpness,
            sure: sure(&judged),
            lost: lost(
                inside.iter().map(|(scores, _)| highest(scores)).collect(),
                outside.map(|held| highest(held.scores)).collect(),
            ),
        }
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

fn highest(scores: &[f32]) -> f32 {
    scores.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

fn confidence(scores: &[f32], of: usize, sharpness: f32) -> f32 {
    let highest = highest(scores);
    let share = |score: f32| ((score - highest) * sharpness).exp();
    share(scores[of]) / scores.iter().copied().map(share).sum::<f32>()
}

/// By golden-section search over the logarithm; the surprise has one valley.
fn sharpness(held: &[(&[f32], usize)]) -> f32 {
    let surprise = |logarithm: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a sharpness needs no more digits"
        )]
        let sharpness = logarithm.exp() as f32;
        let each = held.iter().map(|(scores, class)| {
            -f64::from(confidence(scores, *class, sharpness).max(1e-30).ln())
        });
        each.sum::<f64>()
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.1_f64.ln(), 30.0_f64.ln());
    let mut left = high - golden * (high - low);
    let mut right = low + golden * (high - low);
    let (mut at_left, mut at_right) = (surprise(left), surprise(right));
    for _ in 0..12 {
        if at_left < at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - golden * (high - low);
            at_left = surprise(left);
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + golden * (high - low);
            at_right = surprise(right);
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a sharpness needs no more digits"
    )]
    let best = (0.5 * (low + high)).exp() as f32;
    best
}

/// The lowest confidence above which few enough are wrong, from the surest to the least sure.
fn sure(judged: &[(f32, bool)]) -> f32 {
    let must_pass = share_of(judged.len(), 1.0 - ASKED_SHARE);
    let (mut wrong, mut passed) = (0, must_pass);
    for (number, (_, is_right)) in judged.iter().enumerate() {
        wrong += usize::from(!is_right);
        if number >= must_pass && wrong <= share_of(number + 1, WRONG_SHARE) {
            passed = number + 1;
        }
    }
    judged
        .get(passed.saturating_sub(1))
        .map_or(0.5, |last| last.0)
}

/// The score below which the stated share of what is in scope lies; moved so as to tell it best from
/// what is out of scope, if there are sentences of that.
fn lost(mut inside: Vec<f32>, mut outside: Vec<f32>) -> f32 {
    inside.sort_by(f32::total_cmp);
    outside.sort_by(f32::total_cmp);
    let at = |share: f64| inside[share_of(inside.len(), share).min(inside.len() - 1)];
    if outside.len() < ENOUGH {
        return at(LOST_SHARE);
    }
    let (from, to) = (at(LOST_SHARES.0), at(LOST_SHARES.1));
    let gain = |limit: f32| {
        let below = |scores: &[f32]| {
            to_f64(scores.partition_point(|score| *score < limit)) / to_f64(scores.len())
        };
        below(&outside) - below(&inside)
    };
    let candidates = inside
        .iter()
        .copied()
        .filter(|score| (from..=to).contains(score));
    candidates
        .max_by(|a, b| gain(*a).total_cmp(&gain(*b)))
        .unwrap_or(from)
}

fn share_of(count: usize, share: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    let part = (to_f64(count) * share).round() as usize;
    part
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two hundred sentences of two classes, of which each twentieth has its scores the wrong way round,
    /// but not by far.
    fn held(scale: f32) -> Vec<([f32; 2], Option<usize>)> {
        let sentences = (0..200_u8).map(|number| {
            let score = scale * (0.5 + f32::from(number) / 100.0);
            let is_wrong = number % 20 == 0;
            let scores = if is_wrong {
                [0.0, score * 0.1]
            } else {
                [score, 0.0]
            };
            (scores, Some(0))
        });
        sentences.collect()
    }

    fn learn(held: &[([f32; 2], Option<usize>)]) -> Calibration {
        let held: Vec<_> = held
            .iter()
            .map(|(scores, class)| Held {
                scores,
                class: *class,
            })
            .collect();
        Calibration::learn(&held)
    }

    #[test]
    fn confidence_does_not_depend_on_the_unit_of_scores() {
        let (one, half) = (learn(&held(1.0)), learn(&held(0.5)));
        assert!(
            (one.sharpness * 2.0 / half.sharpness - 1.0).abs() < 0.05,
            "{one:?} {half:?}"
        );
        assert!((one.sure - half.sure).abs() < 0.02);
        let shares = one.confidences(&[1.0, 0.0, 0.0]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5 && shares[0] > shares[1]);
    }

    #[test]
    fn what_is_wrong_is_not_sure_as_long_as_few_are_asked_about() {
        let held = held(1.0);
        let learnt = learn(&held);
        let sure = held.iter().filter(|(scores, _)| {
            let confidences = learnt.confidences(scores);
            confidences[top(scores)] >= learnt.sure
        });
        let sure: Vec<_> = sure.collect();
        assert!(sure.len() >= 180, "{}", sure.len());
        let wrong = sure.iter().filter(|(scores, _)| top(scores) != 0).count();
        assert!(wrong <= 4, "{wrong} of {}", sure.len());
    }

    #[test]
    fn sentences_out_of_scope_move_the_limit_within_bounds() {
        let mut held = held(1.0);
        let before = learn(&held).lost;
        held.extend((0..30).map(|_| ([0.14_f32, 0.1], None)));
        let with = learn(&held).lost;
        assert!(with > before, "{with} {before}");
        let inside = held.iter().filter(|(_, class)| class.is_some());
        let rejected = inside.filter(|(scores, _)| highest(scores) < with).count();
        assert!(rejected <= 6, "{rejected}");
    }

    #[test]
    fn a_handful_of_sentences_teaches_nothing() {
        assert_eq!(learn(&held(1.0)[..5]), Calibration::default());
    }
}
