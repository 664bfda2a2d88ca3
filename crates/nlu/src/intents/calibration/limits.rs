//! The limits that held-out sentences give: what is sure, what fits poorly, what is lost.

use super::highest;

/// Which share of sentences that are in scope may be taken for lost.
const LOST_SHARE: f64 = 0.02;
/// Which share of them fits its intent too badly to be sure of, whatever the others say.
const POOR_SHARE: f64 = 0.05;
/// With sentences that are out of scope to go by, the shares may move within these. Chosen on the first list of what
/// the shop hears and CLINC150's validation sentences: all of it, and 15 intents at a time.
const LOST_SHARES: (f64, f64) = (0.005, 0.03);
const POOR_SHARES: (f64, f64) = (POOR_SHARE, 0.15);
/// Of the sentences that a model is sure of, at most this share may be wrong ...
const WRONG_SHARE: f64 = 0.02;
/// ... unless more than this share of all would be asked about, or more than are wrong: who is often wrong asks often.
const ASKED_SHARE: f64 = 0.10;
/// How much what is said before counts of scores that it does not know: those that are not of words alone, and the
/// lowest ones where sentences that are out of scope lower them, and have their own say.
const LITTLE: f64 = 0.25;

/// What is said of limits before a project's own sentences are heard: of a few, the lowest scores say little.
#[derive(Debug)]
pub(in crate::intents) struct SaidBefore {
    pub(super) poor: f32,
    pub(super) lost: f32,
    /// As if it had come of so many.
    sentences: f64,
}

impl SaidBefore {
    /// Of the scores of words. Chosen on CLINC150's validation sentences and BANKING77's training sentences,
    /// 5, 15 and 40 intents at a time with 6 to 100 sentences each.
    pub(in crate::intents) const WORDS: Self = Self {
        poor: -0.4,
        lost: -0.65,
        sentences: 100.0,
    };

    /// Of scores that are others: how far apart they and those of words are tells little of their limits.
    pub(in crate::intents) fn of_others(scores: &[Vec<f32>], words: &[Vec<f32>]) -> Self {
        let pairs = scores.iter().zip(words);
        let apart = pairs.map(|(own, words)| f64::from(highest(own) - highest(words)));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a score needs no more digits"
        )]
        let apart = (apart.sum::<f64>() / to_f64(scores.len().max(1))) as f32;
        Self {
            poor: Self::WORDS.poor + apart,
            lost: Self::WORDS.lost + apart,
            sentences: LITTLE * Self::WORDS.sentences,
        }
    }
}

/// The highest score of each held-out sentence.
pub(super) struct Scores<'a> {
    /// Of those whose intent has it.
    pub(super) right: Vec<f32>,
    /// Of those of which another intent has it.
    pub(super) wrong: Vec<f32>,
    /// Of those that are out of scope, if they are enough to go by.
    pub(super) outside: Option<&'a [f32]>,
}

/// The scores below which nothing is sure, and nothing is meant.
pub(super) fn poor_and_lost(scores: Scores<'_>, before: &SaidBefore) -> (f32, f32) {
    let Scores {
        right,
        wrong,
        outside,
    } = scores;
    let mut inside: Vec<f32> = right.into_iter().chain(wrong.iter().copied()).collect();
    inside.sort_by(f32::total_cmp);
    let (poor, lost, weight) = match outside {
        None => (
            quantile(&inside, POOR_SHARE),
            quantile(&inside, LOST_SHARE),
            before.sentences,
        ),
        // Nobody is to be sure of what is out of scope, nor of what is taken for the wrong thing.
        Some(outside) => (
            between(&inside, [outside, &wrong].concat(), POOR_SHARES),
            between(&inside, outside.to_vec(), LOST_SHARES),
            LITTLE * before.sentences,
        ),
    };
    let sentences = to_f64(inside.len());
    (
        mean((poor, sentences), (before.poor, before.sentences)),
        mean((lost, sentences), (before.lost, weight)),
    )
}

/// The lowest confidence above which few enough are wrong, from the surest to the least sure.
pub(super) fn sure(judged: &[(f32, bool)]) -> f32 {
    let all_wrong = judged.iter().filter(|(_, is_right)| !is_right).count();
    let must_pass = share_of(judged.len(), 1.0 - ASKED_SHARE).min(judged.len() - all_wrong);
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

/// The score that tells best what is in scope, in order of its scores, from what else there is: one that between these
/// shares of what is in scope do not reach.
fn between(inside: &[f32], mut outside: Vec<f32>, (from, to): (f64, f64)) -> f32 {
    outside.sort_by(f32::total_cmp);
    let (from, to) = (quantile(inside, from), quantile(inside, to));
    let gain = |limit: f32| {
        let below = |scores: &[f32]| {
            to_f64(scores.partition_point(|score| *score < limit)) / to_f64(scores.len())
        };
        below(&outside) - below(inside)
    };
    let candidates = inside.iter().copied();
    candidates
        .filter(|score| (from..=to).contains(score))
        .max_by(|a, b| gain(*a).total_cmp(&gain(*b)))
        .unwrap_or(from)
}

/// The score, of some in their order, that a share of them does not reach.
fn quantile(ordered: &[f32], share: f64) -> f32 {
    let last = ordered.len().saturating_sub(1);
    ordered[share_of(ordered.len(), share).min(last)]
}

/// The mean of two scores, each with its weight.
fn mean((one, own): (f32, f64), (other, its): (f32, f64)) -> f32 {
    let sum = f64::from(one) * own + f64::from(other) * its;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a score needs no more digits"
    )]
    let mean = (sum / (own + its)) as f32;
    mean
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
