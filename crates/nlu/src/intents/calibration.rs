//! From scores to confidence: what the scores of sentences that a model had not learnt from say about
//! how far it may be trusted.

use serde::{Deserialize, Serialize};

/// Which share of sentences that are in scope may be taken for lost.
const LOST_SHARE: f64 = 0.02;
/// Which share of them fits its intent too badly to be sure of, whatever the others say.
const POOR_SHARE: f64 = 0.05;
/// With sentences that are out of scope to go by, the shares may move within these. Chosen on the first list of what
/// the shop hears and CLINC150's validation sentences: all of it, and 15 intents at a time.
const LOST_SHARES: (f64, f64) = (0.005, 0.03);
const POOR_SHARES: (f64, f64) = (POOR_SHARE, 0.07);
/// Of the sentences that a model is sure of, at most this share may be wrong ...
const WRONG_SHARE: f64 = 0.02;
/// ... unless more than this share of all would be asked about, or more than are wrong: who is often wrong asks often.
const ASKED_SHARE: f64 = 0.10;
/// How far above the score of no words at all a message must be to be in scope.
const MORE_THAN_SILENCE: f32 = 0.01;
/// How much what is said before counts of scores that it does not know: those that are not of words alone, and the
/// lowest ones where sentences that are out of scope lower them, and have their own say.
const LITTLE: f64 = 0.25;
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

/// The scores of a sentence by a model that had not learnt from it.
#[derive(Debug, Clone)]
struct Held<'a> {
    scores: &'a [f32],
    /// Its class; none if it is out of scope.
    class: Option<usize>,
    /// Whether it is one word. Where that is held out it says nothing, and where it is learnt it says all: so it
    /// tells nothing of what the scores of others are worth.
    is_word: bool,
}

/// What is said of limits before a project's own sentences are heard: of a few, the lowest scores say little.
#[derive(Debug)]
pub(crate) struct SaidBefore {
    poor: f32,
    lost: f32,
    /// As if it had come of so many.
    sentences: f64,
}

impl SaidBefore {
    /// Of the scores of words. Chosen on CLINC150's validation sentences and BANKING77's training sentences,
    /// 5, 15 and 40 intents at a time with 6 to 100 sentences each.
    pub(crate) const WORDS: Self = Self {
        poor: -0.4,
        lost: -0.65,
        sentences: 100.0,
    };

    /// Of scores that are others: how far apart they and those of words are tells little of their limits.
    pub(crate) fn of_others(scores: &[Vec<f32>], words: &[Vec<f32>]) -> Self {
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
    /// out of scope, and some are one word.
    pub(crate) fn of(
        scores: &[Vec<f32>],
        classes: &[usize],
        are_words: &[bool],
        intents: usize,
        before: &SaidBefore,
    ) -> Self {
        let each = scores.iter().zip(classes).zip(are_words);
        let held = each.map(|((scores, class), is_word)| Held {
            scores,
            class: (*class < intents).then_some(*class),
            is_word: *is_word,
        });
        Self::learn(&held.collect::<Vec<_>>(), before)
    }

    /// Learns from held-out sentences: the sharpness with which they are the least surprising, and
    /// the limits that the shares above give, as if others had said before what they are.
    fn learn(held: &[Held<'_>], before: &SaidBefore) -> Self {
        let inside: Vec<_> = held
            .iter()
            .filter_map(|held| Some((held.scores, held.class?)))
            .collect();
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
        let mut reached: Vec<f32> = inside.iter().map(|(scores, _)| highest(scores)).collect();
        reached.sort_by(f32::total_cmp);
        let outside = held.iter().filter(|held| held.class.is_none());
        let outside: Vec<f32> = outside.map(|held| highest(held.scores)).collect();
        let (poor, lost, weight) = if outside.len() < ENOUGH {
            let (poor, lost) = (POOR_SHARE, LOST_SHARE);
            let at = |share| quantile(&reached, share);
            (at(poor), at(lost), before.sentences)
        } else {
            let many = held
                .iter()
                .filter(|held| held.class.is_some() && !held.is_word);
            let mut many: Vec<f32> = many.map(|held| highest(held.scores)).collect();
            if many.len() >= ENOUGH {
                many.sort_by(f32::total_cmp);
                reached = many;
            }
            let lost = between(&reached, outside.clone(), LOST_SHARES);
            // Nobody is to be sure of what is out of scope, nor of what is taken for the wrong thing.
            let wrong = inside
                .iter()
                .filter(|(scores, class)| top(scores) != *class);
            let bad = outside
                .into_iter()
                .chain(wrong.map(|(scores, _)| highest(scores)));
            let poor = between(&reached, bad.collect(), POOR_SHARES);
            (poor, lost, LITTLE * before.sentences)
        };
        Self {
            sharpness,
            sure: sure(&judged),
            poor: mean(
                (poor, to_f64(reached.len())),
                (before.poor, before.sentences),
            ),
            lost: mean((lost, to_f64(reached.len())), (before.lost, weight)),
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
                is_word: false,
            })
            .collect();
        Calibration::learn(&held, &SaidBefore::WORDS)
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
    fn who_is_often_wrong_asks_often() {
        // Each third has its scores the wrong way round, and is less sure than those that are right.
        let held: Vec<_> = (0..300_u16)
            .map(|number| {
                let score = 0.5 + f32::from(number) / 300.0;
                let scores = if number % 3 == 0 {
                    [0.0, score * 0.1]
                } else {
                    [score, 0.0]
                };
                (scores, Some(0))
            })
            .collect();
        let learnt = learn(&held);
        let is_sure = |(scores, _): &&([f32; 2], Option<usize>)| {
            learnt.confidences(scores)[top(scores)] >= learnt.sure
        };
        let sure: Vec<_> = held.iter().filter(is_sure).collect();
        let wrong = sure.iter().filter(|(scores, _)| top(scores) != 0).count();
        assert!(sure.len() >= 200, "{}", sure.len());
        assert!(wrong * 50 <= sure.len(), "{wrong} of {}", sure.len());
    }

    #[test]
    fn nobody_is_sure_of_what_scores_as_what_is_out_of_scope_does() {
        // Six of a hundred fit badly, and so does what is out of scope.
        let score = |number| if number % 50 < 3 { -0.2 } else { 0.9 };
        let inside = (0..2000).map(|number| ([score(number), -1.2], Some(0)));
        let mut held: Vec<_> = inside.collect();
        let before = learn(&held).poor;
        held.extend((0..40).map(|_| ([-0.15_f32, -1.2], None)));
        let poor = learn(&held).poor;
        assert!(before < -0.15 && poor > 0.5, "{poor} {before}");
    }

    #[test]
    fn single_words_that_were_held_out_say_nothing_of_the_limits_of_others() {
        let inside = |number| if number % 20 == 0 { -1.5 } else { 0.9 };
        let held: Vec<[f32; 2]> = (0..400).map(|number| [inside(number), -1.6]).collect();
        let outside = [-1.0_f32, -1.6];
        let limit = |is_word: bool| {
            let inside = held.iter().map(|scores| Held {
                scores,
                class: Some(0),
                is_word: is_word && scores[0] < 0.0,
            });
            let outside = std::iter::repeat_n(&outside, 40).map(|scores| Held {
                scores,
                class: None,
                is_word: false,
            });
            let all: Vec<_> = inside.chain(outside).collect();
            Calibration::learn(&all, &SaidBefore::WORDS).lost
        };
        assert!(
            limit(true) > -1.0 && limit(false) < -1.0,
            "{} {}",
            limit(true),
            limit(false)
        );
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

    /// Sentences of which some fit badly: each tenth has this score.
    fn poor(count: usize, lowest: f32) -> Vec<([f32; 2], Option<usize>)> {
        let score = |number| if number % 10 == 0 { lowest } else { 0.9 };
        (0..count)
            .map(|number| ([score(number), lowest - 1.0], Some(0)))
            .collect()
    }

    #[test]
    fn limits_are_those_of_many_sentences_and_hardly_those_of_a_few() {
        let before = Calibration::default();
        for lowest in [-0.9, -0.2] {
            let (few, many) = (learn(&poor(30, lowest)), learn(&poor(3000, lowest)));
            let is_nearer = |few: f32, many: f32, before: f32| {
                (few - before).abs() < (few - lowest).abs() && (many - lowest).abs() < 0.02
            };
            assert!(
                is_nearer(few.lost, many.lost, before.lost),
                "{few:?} {many:?}"
            );
            assert!(
                is_nearer(few.poor, many.poor, before.poor),
                "{few:?} {many:?}"
            );
        }
    }

    #[test]
    fn a_handful_of_sentences_teaches_nothing() {
        assert_eq!(learn(&held(1.0)[..5]), Calibration::default());
    }
}
