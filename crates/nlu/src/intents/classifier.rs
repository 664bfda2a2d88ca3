//! Which intent a sentence has: the model as it is kept and asked.

use convene_training_data::Intent;
use serde::{Deserialize, Serialize};

use super::{
    calibration::Calibration,
    learnt::{Learnt, Sentences},
    ngrams::{self, Ngram},
    semantic::Semantic,
    svm::{LANES, Lanes},
    tfidf::{Vector, Vocabulary},
};
use crate::{encoder::Embedding, text};

/// A trained model of a project's intents in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Classifier {
    pub(super) vocabulary: Vocabulary,
    /// In order of their names.
    pub(super) intents: Vec<Intent>,
    /// If behind the intents there is a class of what is out of scope: how much its word counts.
    pub(super) background: Option<f32>,
    pub(super) blocks: Vec<Weights>,
    pub(super) learnt: Sentences,
    /// Of the words' scores alone.
    pub(super) calibration: Calibration,
    /// If there was an encoder.
    pub(super) semantic: Option<Semantic>,
}

/// What a message's vector had to do with what it was taken for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The model has learnt from words alone.
    #[default]
    None,
    /// Its score has a share in that of its words.
    Joined,
    /// There was none that fits what was learnt: the words alone were judged, by their own thresholds.
    Missing,
}

/// The scores of a message.
pub(crate) struct Scored<'a> {
    /// By intent, in the order of [`Classifier::intents`].
    pub(crate) scores: Vec<f32>,
    /// What such scores are worth.
    pub(crate) calibration: &'a Calibration,
    pub(crate) encoding: Encoding,
    pub(crate) basis: Basis,
}

/// What the scores of a message go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// It was taught word for word.
    Taught(Learnt),
    /// Words that are known, or its vector.
    Words,
    /// Pieces of words alone, since not one whole word of it is known: no more than a guess.
    Pieces,
}

/// The weights of sixteen machines, of which each has its own unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Weights {
    pub(super) units: Lanes,
    pub(super) bias: Lanes,
    /// By place in the vocabulary.
    #[serde(with = "super::packed")]
    pub(super) rows: Vec<[i8; LANES]>,
}

impl Weights {
    /// Rounds weights to a 127th of each machine's largest.
    pub(super) fn round(weights: &[Lanes], bias: Lanes) -> Self {
        let mut units = [0.0_f32; LANES];
        for row in weights {
            for (unit, weight) in units.iter_mut().zip(row) {
                *unit = unit.max(weight.abs() / 127.0);
            }
        }
        let round = |row: &Lanes| {
            let mut rounded = [0_i8; LANES];
            for ((rounded, weight), unit) in rounded.iter_mut().zip(row).zip(&units) {
                if *unit > 0.0 {
                    #[expect(clippy::cast_possible_truncation, reason = "within 127")]
                    let whole = (weight / unit).round() as i8;
                    *rounded = whole;
                }
            }
            rounded
        };
        Self {
            rows: weights.iter().map(round).collect(),
            units,
            bias,
        }
    }

    fn scores(&self, vector: &Vector) -> Lanes {
        let mut sums = [0.0_f32; LANES];
        for (place, weight) in vector.places.iter().zip(&vector.weights) {
            let row = &self.rows[*place as usize];
            for (sum, its) in sums.iter_mut().zip(row) {
                *sum += f32::from(*its) * weight;
            }
        }
        for ((sum, unit), bias) in sums.iter_mut().zip(&self.units).zip(&self.bias) {
            *sum = *sum * unit + bias;
        }
        sums
    }
}

/// How much an n-gram of a sentence spoke for an intent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// A word, two words, or a piece of one; a space stands for a word's border.
    pub ngram: String,
    /// What it added to the intent's score; below zero if it spoke against it.
    pub weight: f32,
}

impl Classifier {
    pub(crate) fn intents(&self) -> &[Intent] {
        &self.intents
    }

    /// Whether what was read from a file fits together.
    pub(crate) fn is_whole(&self) -> bool {
        let classes = self.intents.len() + usize::from(self.background.is_some());
        let rows = self
            .blocks
            .iter()
            .all(|block| block.rows.len() == self.vocabulary.len());
        let semantic = self.semantic.as_ref();
        let knows_all = semantic.is_none_or(|semantic| semantic.is_whole(self.intents.len()));
        let has_blocks = self.blocks.len() == classes.div_ceil(LANES);
        let is_learnt = self.learnt.is_whole(self.intents.len());
        !self.intents.is_empty() && has_blocks && rows && knows_all && is_learnt
    }

    /// Whether it has learnt from what sentences mean, too.
    pub(crate) fn is_encoded(&self) -> bool {
        self.semantic.is_some()
    }

    /// Whether a sentence, as sentences are compared, is among those that were taught.
    pub(crate) fn has_taught(&self, words: &str) -> bool {
        self.learnt.of_words(words).is_some()
    }

    /// How well a message fits each intent.
    pub(crate) fn score(&self, text: &str, embedding: Option<&Embedding>) -> Scored<'_> {
        let words = text::words(text);
        let reading = self.vocabulary.read(&words);
        let has_word = reading.has_word;
        // "???" has n-grams that questions have, and asks nothing.
        let has_letters = words.contains(char::is_alphanumeric);
        let mut scores = if has_letters && reading.says_something() {
            self.by_vector(&self.vocabulary.weigh(reading))
        } else {
            self.of_silence()
        };
        let (calibration, encoding) = match (&self.semantic, embedding) {
            (None, _) => (&self.calibration, Encoding::None),
            (Some(semantic), Some(embedding)) if semantic.knows(embedding) => {
                semantic.join(&mut scores, embedding);
                (&semantic.calibration, Encoding::Joined)
            }
            (Some(_), _) => (&self.calibration, Encoding::Missing),
        };
        let basis = match self.learnt.of_words(&words) {
            Some(learnt) => Basis::Taught(learnt),
            None if has_word || encoding == Encoding::Joined => Basis::Words,
            None => Basis::Pieces,
        };
        Scored {
            scores,
            calibration,
            encoding,
            basis,
        }
    }

    /// What is said by intent, if nothing is.
    pub(super) fn of_silence(&self) -> Vec<f32> {
        self.by_vector(&Vector::default())
    }

    /// What the words of a text say, by intent.
    fn by_vector(&self, vector: &Vector) -> Vec<f32> {
        let mut scores = Vec::with_capacity(self.blocks.len() * LANES);
        for block in &self.blocks {
            scores.extend(block.scores(vector));
        }
        join(&mut scores, self.intents.len(), self.background);
        scores
    }

    /// What in a text spoke for or against an intent: the strongest first, at most `count`.
    pub(crate) fn evidence(&self, text: &str, intent: usize, count: usize) -> Vec<Evidence> {
        let words = text::words(text);
        let vector = self.vocabulary.vector(&words);
        let Some(block) = self.blocks.get(intent / LANES) else {
            return Vec::new();
        };
        let lane = intent % LANES;
        let mut evidence: Vec<(&str, f32)> = Vec::new();
        let mut told = vec![false; vector.places.len()];
        for ngram in ngrams::of(&words) {
            let place = self.place(ngram);
            let Some(at) = place.and_then(|place| vector.places.binary_search(&place).ok()) else {
                continue;
            };
            if !std::mem::replace(&mut told[at], true) {
                let weight = f32::from(block.rows[vector.places[at] as usize][lane]);
                evidence.push((ngram.text, weight * block.units[lane] * vector.weights[at]));
            }
        }
        evidence.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let strongest = evidence.into_iter().take(count);
        strongest
            .map(|(ngram, weight)| Evidence {
                ngram: ngram.to_owned(),
                weight,
            })
            .collect()
    }

    fn place(&self, ngram: Ngram<'_>) -> Option<u32> {
        self.vocabulary.place(ngram)
    }

    /// Which share of a text's n-grams is known: from 0 to 1.
    pub(crate) fn familiarity(&self, text: &str) -> f32 {
        self.vocabulary.read(&text::words(text)).familiarity()
    }
}

/// Scores of all lanes become scores of intents: a class of what is out of scope lowers them all by
/// this share of how far it claims the sentence, and is no intent.
pub(super) fn join(scores: &mut Vec<f32>, intents: usize, share: Option<f32>) {
    let claim = match (scores.get(intents), share) {
        (Some(score), Some(share)) => (score + 1.0).max(0.0) * share,
        _ => 0.0,
    };
    scores.truncate(intents);
    for score in scores {
        *score -= claim;
    }
}
