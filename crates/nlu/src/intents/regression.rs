//! Softmax regression over dense vectors of length one: what a sentence's meaning says about its class.
//!
//! The penalized likelihood is climbed in the dual, sentence by sentence (Yu, Huang and Lin, "Dual coordinate
//! descent methods for logistic regression and maximum entropy models", Machine Learning 85, 2011): a sentence's
//! share in the weights is set to the best that it can be while all others stay, by Newton's method. As the
//! weights are the sum of those shares, a sentence is forgotten by taking its share out.

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use crate::encoder::Embedding;

/// What a sentence counts against the penalty on weights. That of `shared/UNDERSTANDING.md`.
const COST: f32 = 20.0;
/// How near to the optimum is near enough.
#[derive(Clone, Copy)]
struct Effort {
    /// It is the end after so many looks at the sentences ...
    rounds: usize,
    /// ... or when no share moves by more than this, as a part of [`COST`].
    tolerance: f32,
}

const WHOLE: Effort = Effort {
    rounds: 20,
    tolerance: 0.02,
};
/// A fold begins near its end.
const FOLD: Effort = Effort { rounds: 5, ..WHOLE };

/// Steps of Newton's method for a sentence, and halvings of one that leads up.
const STEPS: usize = 4;
const HALVINGS: usize = 4;
/// A change of a share by less than this part of [`COST`] is none.
const NOTHING: f32 = 1e-4;

const SEED: u64 = 0xC2B2_AE3D_27D4_EB4F;

/// A trained regression.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Regression {
    dimension: usize,
    /// By class, a number for each of the dimension.
    weights: Vec<f32>,
    /// By class.
    biases: Vec<f32>,
}

impl Regression {
    fn new(dimension: usize, classes: usize) -> Self {
        Self {
            dimension,
            weights: vec![0.0; dimension * classes],
            biases: vec![0.0; classes],
        }
    }

    pub(super) fn classes(&self) -> usize {
        self.biases.len()
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Whether what was read from a file fits together.
    pub(super) fn is_whole(&self) -> bool {
        let count = self.dimension.checked_mul(self.classes());
        self.dimension > 0 && count == Some(self.weights.len())
    }

    fn sums(&self, vector: &[f32], into: &mut [f32]) {
        let rows = self.weights.chunks_exact(self.dimension.max(1));
        for ((sum, row), bias) in into.iter_mut().zip(rows).zip(&self.biases) {
            *sum = bias + dot(row, vector);
        }
    }

    /// The logarithm of each class's probability.
    pub(super) fn logarithms(&self, embedding: &Embedding) -> Vec<f32> {
        let mut sums = vec![0.0; self.classes()];
        self.sums(embedding.as_slice(), &mut sums);
        let whole = log_sum(sums.iter().copied());
        for sum in &mut sums {
            *sum -= whole;
        }
        sums
    }

    fn add(&mut self, vector: &[f32], class: usize, change: f32) {
        let row = &mut self.weights[class * self.dimension..][..self.dimension];
        for (weight, part) in row.iter_mut().zip(vector) {
            *weight += change * part;
        }
        self.biases[class] += change;
    }
}

/// A regression that learns.
#[derive(Clone)]
pub(super) struct Learner<'a> {
    vectors: &'a [Embedding],
    classes: &'a [usize],
    regression: Regression,
    /// By sentence and class: its share in the weights.
    shares: Vec<f32>,
}

impl<'a> Learner<'a> {
    /// Learns from all of these; `count` classes are numbered from 0 on. All vectors have the same dimension.
    pub(super) fn learn(vectors: &'a [Embedding], classes: &'a [usize], count: usize) -> Self {
        let mut learner = Self::new(vectors, classes, count);
        learner.go_on((0..vectors.len()).collect(), WHOLE);
        learner
    }

    fn new(vectors: &'a [Embedding], classes: &'a [usize], count: usize) -> Self {
        let dimension = vectors.first().map_or(1, Embedding::dimension);
        Self {
            vectors,
            classes,
            regression: Regression::new(dimension, count),
            shares: vec![0.0; vectors.len() * count],
        }
    }

    pub(super) fn into_regression(self) -> Regression {
        self.regression
    }

    /// What it would know without those sentences.
    pub(super) fn without(&self, is_held: impl Fn(usize) -> bool) -> Regression {
        self.part(is_held, FOLD).regression
    }

    fn part(&self, is_held: impl Fn(usize) -> bool, effort: Effort) -> Self {
        let mut part = self.clone();
        let (held, others): (Vec<_>, Vec<_>) =
            (0..self.vectors.len()).partition(|sentence| is_held(*sentence));
        for sentence in held {
            part.forget(sentence);
        }
        part.go_on(others, effort);
        part
    }

    fn forget(&mut self, sentence: usize) {
        let count = self.regression.classes();
        for class in 0..count {
            let share = std::mem::take(&mut self.shares[sentence * count + class]);
            if share != 0.0 {
                let vector = self.vectors[sentence].as_slice();
                self.regression.add(vector, class, -share);
            }
        }
    }

    fn go_on(&mut self, mut which: Vec<usize>, effort: Effort) {
        let count = self.regression.classes();
        let mut chance = Chance::new(SEED);
        let mut step = Step::new(count);
        for _ in 0..effort.rounds {
            let mut moved = 0.0_f32;
            chance.shuffle(&mut which);
            for &sentence in &which {
                let vector = self.vectors[sentence].as_slice();
                self.regression.sums(vector, &mut step.sums);
                let shares = &mut self.shares[sentence * count..][..count];
                step.find(shares, self.classes[sentence]);
                for (class, (share, change)) in shares.iter_mut().zip(&step.change).enumerate() {
                    if change.abs() > NOTHING * COST {
                        moved = moved.max(change.abs());
                        *share += change;
                        self.regression.add(vector, class, *change);
                    }
                }
            }
            if moved <= effort.tolerance * COST {
                return;
            }
        }
    }
}

/// The square of a vector's length, and of the one that stands for the bias.
const SQUARE: f32 = 2.0;

/// How one sentence's shares change.
struct Step {
    /// What the weights say, with the shares as they were.
    sums: Vec<f32>,
    change: Vec<f32>,
    next: Vec<f32>,
    probabilities: Vec<f32>,
    slope: Vec<f32>,
}

impl Step {
    fn new(count: usize) -> Self {
        let zeros = || vec![0.0; count];
        Self {
            sums: zeros(),
            change: zeros(),
            next: zeros(),
            probabilities: zeros(),
            slope: zeros(),
        }
    }

    /// What is to become as small as can be, at a change of the shares.
    fn value(&self, shares: &[f32], own: usize, change: &[f32]) -> f32 {
        let squares: f32 = shares
            .iter()
            .zip(change)
            .map(|(share, change)| (share + change) * (share + change))
            .sum();
        let sums = self.sums.iter().zip(change);
        let whole = log_sum(sums.map(|(sum, change)| sum + SQUARE * change));
        squares / (2.0 * COST) - change[own] + whole / SQUARE
    }

    /// The best change.
    fn find(&mut self, shares: &[f32], own: usize) {
        self.change.fill(0.0);
        let mut value = self.value(shares, own, &self.change);
        for _ in 0..STEPS {
            self.probabilities.copy_from_slice(&self.sums);
            for (sum, change) in self.probabilities.iter_mut().zip(&self.change) {
                *sum += SQUARE * change;
            }
            let whole = log_sum(self.probabilities.iter().copied());
            let mut steepest = 0.0_f32;
            // The second derivatives are a diagonal less the product of the probabilities with themselves:
            // so they are inverted in one go (Sherman and Morrison).
            let (mut of_slope, mut of_probability) = (0.0_f32, 0.0_f32);
            for (class, share) in shares.iter().enumerate() {
                let probability = (self.probabilities[class] - whole).exp();
                self.probabilities[class] = probability;
                let mut slope = (share + self.change[class]) / COST + probability;
                if class == own {
                    slope -= 1.0;
                }
                self.slope[class] = slope;
                steepest = steepest.max(slope.abs());
                let diagonal = 1.0 / COST + SQUARE * probability;
                of_slope += SQUARE * probability * slope / diagonal;
                of_probability += probability / (COST * diagonal);
            }
            if steepest < NOTHING {
                return;
            }
            let turn = of_slope / of_probability;
            let mut length = 1.0_f32;
            let before = value;
            for _ in 0..HALVINGS {
                for class in 0..shares.len() {
                    let diagonal = 1.0 / COST + SQUARE * self.probabilities[class];
                    let step = (self.slope[class] + self.probabilities[class] * turn) / diagonal;
                    self.next[class] = self.change[class] - length * step;
                }
                let next = self.value(shares, own, &self.next);
                if next < value {
                    value = next;
                    std::mem::swap(&mut self.change, &mut self.next);
                    break;
                }
                length *= 0.5;
            }
            if value >= before {
                return;
            }
        }
    }
}

/// The logarithm of the sum of what these are logarithms of.
fn log_sum(sums: impl Iterator<Item = f32> + Clone) -> f32 {
    let highest = sums.clone().fold(f32::NEG_INFINITY, f32::max);
    let all: f32 = sums.map(|sum| (sum - highest).exp()).sum();
    highest + all.ln()
}

/// Sixteen sums side by side, so that the arithmetic is that of vectors.
fn dot(row: &[f32], vector: &[f32]) -> f32 {
    let ((row, row_rest), (vector, vector_rest)) =
        (row.as_chunks::<16>(), vector.as_chunks::<16>());
    let mut sums = [0.0_f32; 16];
    for (row, vector) in row.iter().zip(vector) {
        for lane in 0..16 {
            sums[lane] += row[lane] * vector[lane];
        }
    }
    let rest: f32 = row_rest.iter().zip(vector_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Effort = Effort {
        rounds: 1000,
        tolerance: 0.000_2,
    };

    fn exact<'a>(vectors: &'a [Embedding], classes: &'a [usize]) -> Learner<'a> {
        let mut learner = Learner::new(vectors, classes, 3);
        learner.go_on((0..vectors.len()).collect(), EXACT);
        learner
    }

    /// Sentences of three classes around three directions, of which each tenth is another's.
    fn lessons() -> (Vec<Embedding>, Vec<usize>) {
        let mut chance = Chance::new(7);
        let mut noise = || f32::from(u8::try_from(chance.below(200)).unwrap()) / 400.0 - 0.25;
        let sentences = (0..90_usize).map(|number| {
            let class = number % 3;
            let mut vector: Vec<f32> = (0..20).map(|_| noise()).collect();
            vector[class] += 1.0;
            let told = if number % 10 == 9 {
                (class + 1) % 3
            } else {
                class
            };
            (Embedding::new(vector).unwrap(), told)
        });
        sentences.unzip()
    }

    /// The gradient of the penalized likelihood, as a part of the cost: zero at the optimum.
    fn steepest(regression: &Regression, vectors: &[Embedding], classes: &[usize]) -> f32 {
        let mut steepest = 0.0_f32;
        for class in 0..regression.classes() {
            for place in 0..regression.dimension() {
                let mut sum = regression.weights[class * regression.dimension() + place] / COST;
                for (vector, own) in vectors.iter().zip(classes) {
                    let probability = regression.logarithms(vector)[class].exp();
                    let is_own = f32::from(u8::from(*own == class));
                    sum += (probability - is_own) * vector.as_slice()[place];
                }
                steepest = steepest.max(sum.abs());
            }
        }
        steepest
    }

    #[test]
    fn it_ends_where_the_likelihood_is_highest() {
        let (vectors, classes) = lessons();
        let regression = exact(&vectors, &classes).into_regression();
        let left = steepest(&regression, &vectors, &classes);
        assert!(left < 0.02, "{left}");
        let whole: f32 = regression
            .logarithms(&vectors[0])
            .iter()
            .map(|l| l.exp())
            .sum();
        assert!((whole - 1.0).abs() < 1e-4, "{whole}");
    }

    #[test]
    fn what_was_forgotten_has_taught_nothing() {
        let (vectors, classes) = lessons();
        let whole = exact(&vectors, &classes);
        let without = whole.part(|sentence| sentence >= 60, EXACT).regression;
        let fresh = exact(&vectors[..60], &classes[..60]).into_regression();
        for vector in &vectors {
            for (warm, cold) in without
                .logarithms(vector)
                .iter()
                .zip(fresh.logarithms(vector))
            {
                assert!((warm.exp() - cold.exp()).abs() < 0.01, "{warm} {cold}");
            }
        }
    }
}
