//! One linear support vector machine for each class, against all others.
//!
//! Squared hinge loss, solved in the dual by coordinate descent with shrinking (Hsieh et al., "A Dual
//! Coordinate Descent Method for Large-scale Linear SVM", ICML 2008). Sixteen machines are trained
//! side by side: they look at the same sentence at the same time, so that a weight's row is one line
//! of the cache and the arithmetic is that of vectors. Each machine's result depends on nothing but
//! the block that it is in, so it is the same however many threads there are.

use super::{chance::Chance, tfidf::Vector};

/// Machines side by side.
pub(crate) const LANES: usize = 16;
pub(crate) type Lanes = [f32; LANES];

/// How the machines are trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// What a sentence on the wrong side costs.
    pub(crate) cost: f32,
    /// How much more a class's own sentences cost than others'.
    pub(crate) own: f32,
    /// The optimum is near enough when no gradient is further from it than this.
    pub(crate) tolerance: f32,
    /// It is the end after so many looks at the sentences, near enough or not.
    pub(crate) rounds: usize,
}

/// Sixteen machines: what they have learnt.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// By place in the vocabulary.
    pub(crate) weights: Vec<Lanes>,
    pub(crate) bias: Lanes,
    /// By sentence: how much each machine rests on it.
    duals: Vec<Lanes>,
}

/// What is learnt from: sentences and, by sentence, the lane of its class if it is in this block.
pub(crate) struct Sentences<'a> {
    pub(crate) vectors: &'a [Vector],
    pub(crate) lanes: &'a [Option<u8>],
    /// From this one on, sentences teach their own class alone.
    pub(crate) asides: usize,
}

impl Block {
    pub(crate) fn new(places: usize, sentences: usize) -> Self {
        Self {
            weights: vec![[0.0; LANES]; places],
            bias: [0.0; LANES],
            duals: vec![[0.0; LANES]; sentences],
        }
    }

    /// What the machines say of a sentence: above zero for theirs.
    pub(crate) fn scores(&self, vector: &Vector) -> Lanes {
        let mut scores = self.bias;
        for (place, weight) in vector.places.iter().zip(&vector.weights) {
            let row = &self.weights[*place as usize];
            for (score, its) in scores.iter_mut().zip(row) {
                *score += its * weight;
            }
        }
        scores
    }

    fn add(&mut self, vector: &Vector, change: &Lanes) {
        for (place, weight) in vector.places.iter().zip(&vector.weights) {
            let row = &mut self.weights[*place as usize];
            for (its, change) in row.iter_mut().zip(change) {
                *its += change * weight;
            }
        }
        for (its, change) in self.bias.iter_mut().zip(change) {
            *its += change;
        }
    }

    /// Takes a sentence out of what was learnt.
    pub(crate) fn forget(&mut self, sentence: usize, from: &Sentences<'_>) {
        let mut change = signs(from.lanes[sentence]);
        for (change, dual) in change.iter_mut().zip(&mut self.duals[sentence]) {
            *change *= -std::mem::take(dual);
        }
        self.add(&from.vectors[sentence], &change);
    }

    /// Learns from these of the sentences, from where it stands.
    pub(crate) fn learn(
        &mut self,
        from: &Sentences<'_>,
        which: &mut [u32],
        settings: &Settings,
        seed: u64,
    ) {
        let squares: Vec<f32> = from
            .vectors
            .iter()
            .map(|vector| 1.0 + vector.weights.iter().map(|w| w * w).sum::<f32>())
            .collect();
        let mut chance = Chance::new(seed);
        let mut active = which.len();
        let mut shrink_above = f32::INFINITY;
        for _ in 0..settings.rounds {
            let mut widest = 0.0_f32;
            let mut highest = 0.0_f32;
            chance.shuffle(&mut which[..active]);
            let mut at = 0;
            while at < active {
                let sentence = which[at] as usize;
                let vector = &from.vectors[sentence];
                let own = from.lanes[sentence];
                let signs = signs(own);
                let scores = self.scores(vector);
                let mut softness = [0.5 / settings.cost; LANES];
                if let Some(lane) = own {
                    softness[usize::from(lane)] = 0.5 / (settings.cost * settings.own);
                }
                let mut learns = [1.0; LANES];
                if sentence >= from.asides {
                    for (lane, learns) in learns.iter_mut().enumerate() {
                        *learns = f32::from(u8::from(own.map(usize::from) == Some(lane)));
                    }
                }
                let duals = &mut self.duals[sentence];
                let mut change = [0.0_f32; LANES];
                let mut idle = true;
                let mut moved = 0.0_f32;
                for lane in 0..LANES {
                    let dual = duals[lane];
                    let gradient = signs[lane] * scores[lane] - 1.0 + softness[lane] * dual;
                    let gradient = gradient * learns[lane];
                    let at_rest = dual <= 0.0;
                    idle &= at_rest & (gradient > shrink_above);
                    let projected = if at_rest { gradient.min(0.0) } else { gradient };
                    widest = widest.max(-projected);
                    highest = highest.max(projected);
                    let next = (dual - gradient / (squares[sentence] + softness[lane])).max(0.0);
                    let step = next - dual;
                    moved = moved.max(step.abs());
                    change[lane] = step * signs[lane];
                    duals[lane] = next;
                }
                if idle {
                    active -= 1;
                    which.swap(at, active);
                    continue;
                }
                if moved > 1e-12 {
                    self.add(vector, &change);
                }
                at += 1;
            }
            if widest + highest <= settings.tolerance {
                if active == which.len() {
                    return;
                }
                active = which.len();
                shrink_above = f32::INFINITY;
                continue;
            }
            shrink_above = if highest > 0.0 {
                highest
            } else {
                f32::INFINITY
            };
        }
    }
}

fn signs(own: Option<u8>) -> Lanes {
    let mut signs = [-1.0; LANES];
    if let Some(lane) = own {
        signs[usize::from(lane)] = 1.0;
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        cost: 1.0,
        own: 4.0,
        tolerance: 0.001,
        rounds: 1000,
    };

    /// Sentences of three classes, of which each has a place of its own, and shares one with all.
    fn vectors() -> (Vec<Vector>, Vec<Option<u8>>) {
        let vectors = (0..30_u8).map(|number| Vector {
            places: vec![u32::from(number % 3), 3],
            weights: vec![0.8, 0.2 + 0.4 * f32::from(number % 5) / 4.0],
        });
        (
            vectors.collect(),
            (0..30_u8).map(|number| Some(number % 3)).collect(),
        )
    }

    fn learn(which: &mut [u32], from: &Sentences<'_>, seed: u64) -> Block {
        let mut block = Block::new(4, from.vectors.len());
        block.learn(from, which, &SETTINGS, seed);
        block
    }

    #[test]
    fn each_machine_knows_its_own_and_the_order_does_not_matter() {
        let (vectors, lanes) = vectors();
        let from = Sentences {
            vectors: &vectors,
            lanes: &lanes,
            asides: 30,
        };
        let (one, other) = (
            learn(&mut (0..30).collect::<Vec<_>>(), &from, 1),
            learn(&mut (0..30).rev().collect::<Vec<_>>(), &from, 99),
        );
        for (vector, own) in vectors.iter().zip(&lanes) {
            let (scores, others) = (one.scores(vector), other.scores(vector));
            for lane in 0..3 {
                let is_own = own.map(usize::from) == Some(lane);
                assert_eq!(scores[lane] > 0.0, is_own, "{scores:?}");
                assert!(
                    (scores[lane] - others[lane]).abs() < 0.01,
                    "{scores:?} {others:?}"
                );
            }
            assert!(scores[3..].iter().all(|score| *score < -0.9), "{scores:?}");
        }
    }

    #[test]
    fn what_was_forgotten_has_taught_nothing() {
        let (vectors, lanes) = vectors();
        let from = Sentences {
            vectors: &vectors,
            lanes: &lanes,
            asides: 30,
        };
        let mut whole = learn(&mut (0..30).collect::<Vec<_>>(), &from, 1);
        for sentence in (2..30).step_by(3) {
            whole.forget(sentence, &from);
        }
        let mut rest: Vec<u32> = (0..30).filter(|sentence| sentence % 3 != 2).collect();
        whole.learn(&from, &mut rest, &SETTINGS, 1);
        let fresh = learn(&mut rest, &from, 1);
        for vector in &vectors {
            for (warm, cold) in whole.scores(vector).iter().zip(fresh.scores(vector)) {
                assert!((warm - cold).abs() < 0.01, "{warm} {cold}");
            }
        }
    }
}
