//! Telling what is out of scope: at every threshold (AUROC), and at the one that CLINC150's paper uses.

use serde::Serialize;

use super::judgement::Judgement;

/// What comes of CLINC150's rule (Larson et al., "An Evaluation Dataset for Intent Classification and
/// Out-of-Scope Prediction", EMNLP 2019): one threshold of the score, the one with the most right
/// answers on validation sentences, "out of scope" being the right answer for those that are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaperRule {
    /// Which sentences the threshold was chosen on.
    pub chosen_on: Chosen,
    /// Of the sentences in scope: taken for the right intent, and not rejected. 0 to 1.
    pub accuracy: f64,
    /// Of the sentences out of scope: rejected. 0 to 1.
    pub out_of_scope_recall: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// On the validation sentences of the same data.
    Validation,
    /// There are none: for each half of the sentences, on the other half.
    Halves,
}

impl PaperRule {
    /// None if there is nothing out of scope.
    pub(super) fn apply(
        judgements: &[Judgement<'_>],
        validation: Option<&[Judgement<'_>]>,
    ) -> Option<Self> {
        let (inside, outside) = sides(judgements);
        if inside.is_empty() || outside.is_empty() {
            return None;
        }
        let all: Vec<&Judgement<'_>> = judgements.iter().collect();
        let (chosen_on, counts) = match validation {
            Some(validation) => {
                let threshold = best(&validation.iter().collect::<Vec<_>>());
                (Chosen::Validation, right_at(&all, threshold))
            }
            None => {
                let half = |which| {
                    let mut halves = all
                        .iter()
                        .enumerate()
                        .filter(move |(at, _)| at % 2 == which);
                    let half: Vec<_> = halves.by_ref().map(|(_, judgement)| *judgement).collect();
                    half
                };
                let (one, other) = (half(0), half(1));
                let here = right_at(&one, best(&other));
                let there = right_at(&other, best(&one));
                (Chosen::Halves, (here.0 + there.0, here.1 + there.1))
            }
        };
        Some(Self {
            chosen_on,
            accuracy: share(counts.0, inside.len()),
            out_of_scope_recall: share(counts.1, outside.len()),
        })
    }
}

/// The chance that a sentence in scope has a higher score than one out of scope. None without both.
pub(super) fn auroc(judgements: &[Judgement<'_>]) -> Option<f64> {
    let (inside, mut outside) = sides(judgements);
    if inside.is_empty() || outside.is_empty() {
        return None;
    }
    outside.sort_by(f32::total_cmp);
    let wins = inside.iter().map(|score| {
        let below = outside.partition_point(|other| other < score);
        let equal = outside.partition_point(|other| other <= score) - below;
        to_f64(below) + 0.5 * to_f64(equal)
    });
    Some(wins.sum::<f64>() / to_f64(inside.len()) / to_f64(outside.len()))
}

/// Scores of what is in scope, and of what is out of it.
fn sides(judgements: &[Judgement<'_>]) -> (Vec<f32>, Vec<f32>) {
    let (inside, outside): (Vec<_>, Vec<_>) = judgements
        .iter()
        .partition(|judgement| judgement.example.intent.is_some());
    let scores = |side: Vec<&Judgement<'_>>| side.iter().map(|one| one.score()).collect();
    (scores(inside), scores(outside))
}

/// The threshold with the most right answers.
fn best(judgements: &[&Judgement<'_>]) -> f32 {
    let mut by_score: Vec<_> = judgements
        .iter()
        .map(|judgement| {
            let outside = judgement.example.intent.is_none();
            // What moving the threshold above it gains.
            (
                judgement.score(),
                i64::from(outside) - i64::from(judgement.is_right()),
            )
        })
        .collect();
    by_score.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut gained, mut most, mut threshold) = (0, 0, f32::NEG_INFINITY);
    for (at, (_, gain)) in by_score.iter().enumerate() {
        gained += gain;
        if gained > most {
            most = gained;
            threshold = by_score.get(at + 1).map_or(f32::INFINITY, |next| next.0);
        }
    }
    threshold
}

/// How many in scope are right and not rejected, and how many out of scope are rejected.
fn right_at(judgements: &[&Judgement<'_>], threshold: f32) -> (usize, usize) {
    let kept = judgements
        .iter()
        .filter(|judgement| judgement.is_right() && judgement.score() >= threshold);
    let rejected = judgements
        .iter()
        .filter(|judgement| judgement.example.intent.is_none() && judgement.score() < threshold);
    (kept.count(), rejected.count())
}

pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        to_f64(part) / to_f64(whole)
    }
}

/// Between what the share of all such sentences lies, of which these are a few: 95 times of 100 (Wilson, "Probable
/// Inference", 1927).
pub(super) fn interval(part: usize, whole: usize) -> (f64, f64) {
    const DEVIATIONS: f64 = 1.96;
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (count, square) = (to_f64(whole), DEVIATIONS * DEVIATIONS);
    let found = share(part, whole);
    let middle = (found + square / (2.0 * count)) / (1.0 + square / count);
    let spread = found * (1.0 - found) / count + square / (4.0 * count * count);
    let half = DEVIATIONS * spread.sqrt() / (1.0 + square / count);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
