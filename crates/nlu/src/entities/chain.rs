//! A linear-chain conditional random field (Lafferty, McCallum and Pereira, ICML 2001): labels of a row of
//! tokens, of which each depends on what is seen of its token and on the label before it.
//!
//! Trained by stochastic gradients with a step of its own for each weight (AdaGrad: Duchi, Hazan and
//! Singer, JMLR 2011). The crate `crfs`, which trains on whole batches, takes several times as long for the
//! same, and can leave its model in a file only.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// How far a weight moves at first.
const STEP: f32 = 0.1;
/// How often each row is looked at.
const ROUNDS: usize = 15;
/// Of rows with features that all have less weight than this, nothing is kept.
const LEAST: f32 = 0.02;

/// What is learnt from: rows of tokens, each with the names of its features and its label.
pub(super) type Lesson = Vec<(Vec<u64>, usize)>;

/// A trained field.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(super) struct Chain {
    labels: usize,
    /// By name of a feature, its row of weights.
    places: FxHashMap<u64, u32>,
    /// Rows of a weight for each label.
    weights: Vec<f32>,
    /// From label to label; behind the last label, from nothing to label.
    steps: Vec<f32>,
}

/// A field in a file: each row's weights as 127ths of its largest.
#[derive(Serialize, Deserialize)]
struct Kept {
    labels: usize,
    /// The features' names, in the order of their rows.
    names: Vec<u64>,
    units: Vec<f32>,
    weights: Vec<i8>,
    steps: Vec<f32>,
}

impl From<Chain> for Kept {
    fn from(chain: Chain) -> Self {
        let mut names: Vec<_> = chain.places.into_iter().collect();
        names.sort_unstable_by_key(|(_, place)| *place);
        let rows = chain.weights.chunks_exact(chain.labels.max(1));
        let units: Vec<f32> = rows.clone().map(unit).collect();
        let whole = rows.zip(&units).flat_map(|(row, unit)| {
            #[expect(clippy::cast_possible_truncation, reason = "within 127")]
            let round = move |weight: &f32| (weight / unit).round() as i8;
            row.iter().map(round)
        });
        Self {
            weights: whole.collect(),
            labels: chain.labels,
            names: names.into_iter().map(|(name, _)| name).collect(),
            steps: chain.steps,
            units,
        }
    }
}

impl From<Kept> for Chain {
    fn from(kept: Kept) -> Self {
        let rows = kept.weights.chunks(kept.labels.max(1)).zip(&kept.units);
        let weights =
            rows.flat_map(|(row, unit)| row.iter().map(move |weight| f32::from(*weight) * unit));
        Self {
            weights: weights.collect(),
            labels: kept.labels,
            places: kept.names.into_iter().zip(0..).collect(),
            steps: kept.steps,
        }
    }
}

fn unit(row: &[f32]) -> f32 {
    let largest = row
        .iter()
        .fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    largest.max(f32::MIN_POSITIVE) / 127.0
}

impl Chain {
    pub(super) fn train(lessons: &[Lesson], labels: usize) -> Self {
        let mut training = Training::new(lessons, labels);
        let mut order: Vec<usize> = (0..lessons.len()).collect();
        let mut chance = crate::intents::Chance::new(1);
        for _ in 0..ROUNDS {
            chance.shuffle(&mut order);
            for lesson in &order {
                training.learn(*lesson);
            }
        }
        training.finish()
    }

    /// The most likely labels (Viterbi).
    pub(super) fn label(&self, rows: &[Vec<u64>]) -> Vec<usize> {
        let count = self.labels;
        let mut best = vec![0.0_f32; rows.len() * count];
        let mut from = vec![0_usize; rows.len() * count];
        for (at, features) in rows.iter().enumerate() {
            let mut scores = vec![0.0_f32; count];
            for place in features.iter().filter_map(|name| self.places.get(name)) {
                let row = &self.weights[*place as usize * count..][..count];
                scores
                    .iter_mut()
                    .zip(row)
                    .for_each(|(score, weight)| *score += weight);
            }
            for (label, score) in scores.iter().enumerate() {
                let (before, way) = if at == 0 {
                    (0, self.steps[count * count + label])
                } else {
                    let ways = (0..count).map(|before| {
                        (
                            before,
                            best[(at - 1) * count + before] + self.steps[before * count + label],
                        )
                    });
                    ways.fold((0, f32::NEG_INFINITY), |best, way| {
                        if way.1 > best.1 { way } else { best }
                    })
                };
                best[at * count + label] = way + score;
                from[at * count + label] = before;
            }
        }
        let mut labels = vec![0; rows.len()];
        let Some(last) = rows.len().checked_sub(1) else {
            return labels;
        };
        labels[last] = crate::intents::top(&best[last * count..]);
        for at in (1..rows.len()).rev() {
            labels[at - 1] = from[at * count + labels[at]];
        }
        labels
    }

    /// Whether what was read from a file fits together.
    pub(super) fn is_whole(&self, labels: usize) -> bool {
        self.labels == labels
            && labels > 0
            && self.steps.len() == labels * (labels + 1)
            && self.weights.len() == self.places.len() * labels
            && self
                .places
                .values()
                .all(|place| (*place as usize) < self.places.len())
    }
}

struct Training<'a> {
    lessons: &'a [Lesson],
    labels: usize,
    places: FxHashMap<u64, u32>,
    /// By lesson and token: the places of its features.
    seen: Vec<Vec<Vec<u32>>>,
    weights: Weights,
    steps: Weights,
}

/// Weights, and the squares of all their gradients so far.
struct Weights {
    now: Vec<f32>,
    squares: Vec<f32>,
}

impl Weights {
    fn new(count: usize) -> Self {
        Self {
            now: vec![0.0; count],
            squares: vec![1e-4; count],
        }
    }

    fn descend(&mut self, at: usize, gradient: f32) {
        self.squares[at] += gradient * gradient;
        self.now[at] -= STEP * gradient / self.squares[at].sqrt();
    }
}

impl Weights {
    /// The steps from label to label at one place: what is expected, less the one that is there.
    fn descend_pairs(&mut self, truth: (usize, usize), before: &[f32], ways: &[f32], here: &[f32]) {
        let count = here.len();
        let mut pairs = Vec::with_capacity(count * count);
        for (chance, ways) in before.iter().zip(ways.chunks_exact(count)) {
            pairs.extend(ways.iter().zip(here).map(|(way, here)| chance * way * here));
        }
        scale(&mut pairs);
        pairs[truth.0 * count + truth.1] -= 1.0;
        for (at, gradient) in pairs.into_iter().enumerate() {
            self.descend(at, gradient);
        }
    }
}

impl<'a> Training<'a> {
    fn new(lessons: &'a [Lesson], labels: usize) -> Self {
        let mut places = FxHashMap::default();
        let mut seen = Vec::with_capacity(lessons.len());
        for lesson in lessons {
            let rows = lesson.iter().map(|(features, _)| {
                let places = features.iter().map(|name| {
                    let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
                    *places.entry(*name).or_insert(next)
                });
                places.collect()
            });
            seen.push(rows.collect());
        }
        Self {
            lessons,
            labels,
            weights: Weights::new(places.len() * labels),
            steps: Weights::new(labels * (labels + 1)),
            places,
            seen,
        }
    }

    /// One step down the gradient of a row's surprise: what is expected, less what is there.
    fn learn(&mut self, lesson: usize) {
        let (count, rows) = (self.labels, &self.seen[lesson]);
        let truth = &self.lessons[lesson];
        let start = count * count;
        let ways: Vec<f32> = self.steps.now.iter().map(|weight| weight.exp()).collect();
        let mut local = vec![0.0_f32; rows.len() * count];
        for (scores, places) in local.chunks_exact_mut(count).zip(rows) {
            for place in places {
                let row = &self.weights.now[*place as usize * count..][..count];
                scores
                    .iter_mut()
                    .zip(row)
                    .for_each(|(score, weight)| *score += weight);
            }
            let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            scores
                .iter_mut()
                .for_each(|score| *score = (*score - highest).exp());
        }
        // Chances from the front and from the back, each row scaled to add up to one.
        let mut front = vec![0.0_f32; rows.len() * count];
        let mut back = vec![1.0_f32; rows.len() * count];
        for at in 0..rows.len() {
            let (before, now) = front.split_at_mut(at * count);
            let now = &mut now[..count];
            if at == 0 {
                now.copy_from_slice(&ways[start..]);
            } else {
                for (label, chance) in before[(at - 1) * count..].iter().enumerate() {
                    let row = &ways[label * count..][..count];
                    now.iter_mut()
                        .zip(row)
                        .for_each(|(sum, way)| *sum += chance * way);
                }
            }
            now.iter_mut()
                .zip(&local[at * count..])
                .for_each(|(sum, score)| *sum *= score);
            scale(now);
        }
        for at in (1..rows.len()).rev() {
            let (before, now) = back.split_at_mut(at * count);
            let before = &mut before[(at - 1) * count..];
            let weighed: Vec<f32> = now
                .iter()
                .zip(&local[at * count..])
                .map(|(a, b)| a * b)
                .take(count)
                .collect();
            for (label, sum) in before.iter_mut().enumerate() {
                let row = &ways[label * count..][..count];
                *sum = row
                    .iter()
                    .zip(&weighed)
                    .map(|(way, chance)| way * chance)
                    .sum();
            }
            scale(before);
        }
        for at in 0..rows.len() {
            let label = truth[at].1;
            let mut expected: Vec<f32> = front[at * count..]
                .iter()
                .zip(&back[at * count..])
                .map(|(a, b)| a * b)
                .take(count)
                .collect();
            scale(&mut expected);
            if at == 0 {
                for (to, chance) in expected.iter().enumerate() {
                    self.steps
                        .descend(start + to, chance - f32::from(u8::from(to == label)));
                }
            } else {
                let here = local[at * count..]
                    .iter()
                    .zip(&back[at * count..])
                    .map(|(a, b)| a * b);
                let here: Vec<f32> = here.take(count).collect();
                let before = &front[(at - 1) * count..][..count];
                self.steps
                    .descend_pairs((truth[at - 1].1, label), before, &ways, &here);
            }
            expected[label] -= 1.0;
            for place in &rows[at] {
                for (to, gradient) in expected.iter().enumerate() {
                    self.weights
                        .descend(*place as usize * count + to, *gradient);
                }
            }
        }
    }

    /// Leaves out what hardly counts.
    fn finish(self) -> Chain {
        let mut all: Vec<(u64, u32)> = self.places.into_iter().collect();
        all.sort_unstable_by_key(|(_, place)| *place);
        let mut kept = FxHashMap::default();
        let mut weights = Vec::new();
        for (name, place) in all {
            let row = &self.weights.now[place as usize * self.labels..][..self.labels];
            if row.iter().any(|weight| weight.abs() >= LEAST) {
                kept.insert(name, u32::try_from(kept.len()).unwrap_or(u32::MAX));
                // As exact as in a file, so that a model says the same before and after.
                let unit = unit(row);
                weights.extend(row.iter().map(|weight| (weight / unit).round() * unit));
            }
        }
        Chain {
            labels: self.labels,
            places: kept,
            weights,
            steps: self.steps.now,
        }
    }
}

fn scale(chances: &mut [f32]) {
    let sum: f32 = chances.iter().sum();
    if sum > 0.0 {
        chances.iter_mut().for_each(|chance| *chance /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Label 1 stands where feature 7 is, label 2 behind label 1.
    fn lessons() -> Vec<Lesson> {
        let lesson = |length: u64| {
            let row = (0..length).map(move |at| match at {
                1 => (vec![7, 100 + at], 1),
                2 => (vec![8], 2),
                _ => (vec![8, 100 + at], 0),
            });
            row.collect()
        };
        (3..9).map(lesson).collect()
    }

    #[test]
    fn what_is_seen_and_what_stands_before_decide() {
        let chain = Chain::train(&lessons(), 3);
        let rows = [vec![8], vec![8], vec![7], vec![8], vec![9]];
        assert_eq!(chain.label(&rows), [0, 0, 1, 2, 0]);
        assert_eq!(chain.label(&[]), [] as [usize; 0]);
    }

    #[test]
    fn in_a_file_it_stays_the_same() {
        let chain = Chain::train(&lessons(), 3);
        let bytes = postcard::to_allocvec(&chain).unwrap();
        let read: Chain = postcard::from_bytes(&bytes).unwrap();
        assert!(read.is_whole(3) && !read.is_whole(4));
        let differ = chain
            .weights
            .iter()
            .zip(&read.weights)
            .any(|(a, b)| (a - b).abs() > 1e-4);
        assert!(!differ && chain.weights.len() == read.weights.len());
    }
}
