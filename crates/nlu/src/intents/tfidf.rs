//! Sentences as sparse vectors of length one: how often an n-gram stands in them, times how rare it is.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::ngrams::{self, Kind, Ngram};

/// An n-gram that fewer training sentences have than this is as good as unseen.
const AT_LEAST: u32 = 2;

/// Where fewer than one of so many n-grams is known, and all of those are pairs of letters, a text is nonsense.
const FEW_PAIRS: usize = 6;

/// The n-grams that are known, and how much each tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(crate) struct Vocabulary {
    places: FxHashMap<u64, u32>,
    /// By place: the logarithm of how rare it is.
    rarities: Vec<f32>,
    /// That of an n-gram that was never seen.
    unseen: f32,
}

/// A vocabulary in a file.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// In the order of their places.
    ngrams: Vec<u64>,
    rarities: Vec<f32>,
    unseen: f32,
}

/// What a vocabulary knows of a text.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The places of the n-grams that are known, with repetitions.
    known: Vec<u32>,
    /// The names of the others.
    strange: Vec<u64>,
    /// Whether a whole word is known.
    pub(crate) has_word: bool,
    /// Whether one of the known is a word, or longer than two letters.
    has_more_than_pairs: bool,
}

/// A sentence: places in the vocabulary, rising, with their weights.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vector {
    pub(crate) places: Vec<u32>,
    pub(crate) weights: Vec<f32>,
}

impl Vocabulary {
    /// Learns from sentences in their compared form.
    pub(crate) fn learn<'a>(sentences: impl Iterator<Item = &'a str>) -> Self {
        let mut seen_in = FxHashMap::<u64, (u32, u32)>::default();
        let mut count = 0_u32;
        for words in sentences {
            count += 1;
            for ngram in ngrams::of(words) {
                let (times, last) = seen_in.entry(ngram.hash()).or_default();
                if *last != count {
                    *times += 1;
                    *last = count;
                }
            }
        }
        let mut kept: Vec<_> = seen_in
            .into_iter()
            .filter(|(_, (times, _))| *times >= AT_LEAST)
            .map(|(hash, (times, _))| (hash, times))
            .collect();
        // The frequent ones stand together in memory.
        kept.sort_unstable_by_key(|(hash, times)| (std::cmp::Reverse(*times), *hash));
        let rarity = |times: u32| ((1.0 + f64::from(count)) / (1.0 + f64::from(times))).ln() + 1.0;
        Self {
            places: kept.iter().map(|(hash, _)| *hash).zip(0..).collect(),
            rarities: kept
                .iter()
                .map(|(_, times)| narrow(rarity(*times)))
                .collect(),
            unseen: narrow(rarity(1)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rarities.len()
    }

    /// Where an n-gram stands.
    pub(crate) fn place(&self, ngram: Ngram<'_>) -> Option<u32> {
        self.places.get(&ngram.hash()).copied()
    }

    /// What is known of a sentence in its compared form.
    pub(crate) fn read(&self, words: &str) -> Reading {
        let mut reading = Reading::default();
        for ngram in ngrams::of(words) {
            let hash = ngram.hash();
            match self.places.get(&hash) {
                Some(place) => {
                    reading.known.push(*place);
                    let is_word = ngram.kind == Kind::Words;
                    reading.has_word |= is_word;
                    reading.has_more_than_pairs |= is_word || ngram.text.chars().count() > 2;
                }
                None if is_of_code(ngram.text) => {}
                None => {
                    reading.has_word |= self.knows_what_is_shortened(ngram);
                    reading.strange.push(hash);
                }
            }
        }
        reading
    }

    /// Whether it is a word that another is drawn to, and known without that: "where's".
    fn knows_what_is_shortened(&self, ngram: Ngram<'_>) -> bool {
        let word = ngram.text.split_once('\'').map(|(word, _)| word);
        let word = word.filter(|word| !word.contains(' ') && word.chars().count() > 1);
        let of_words = |text| Ngram {
            kind: Kind::Words,
            text,
        };
        ngram.kind == Kind::Words && word.is_some_and(|word| self.place(of_words(word)).is_some())
    }

    /// The same as a vector.
    ///
    /// What is unknown, but for codes and numbers, has no place in it but counts in its length, as rare as can be: so a
    /// strange sentence is a short vector, and no intent is sure of it.
    pub(crate) fn weigh(&self, reading: Reading) -> Vector {
        let Reading {
            mut known,
            mut strange,
            ..
        } = reading;
        known.sort_unstable();
        strange.sort_unstable();
        let mut square = 0.0_f32;
        for run in strange.chunk_by(|a, b| a == b) {
            let weight = frequency(run.len()) * self.unseen;
            square += weight * weight;
        }
        let mut vector = Vector::default();
        for run in known.chunk_by(|a, b| a == b) {
            let weight = frequency(run.len()) * self.rarities[run[0] as usize];
            square += weight * weight;
            vector.places.push(run[0]);
            vector.weights.push(weight);
        }
        let length = square.sqrt();
        for weight in &mut vector.weights {
            *weight /= length;
        }
        vector
    }

    pub(crate) fn vector(&self, words: &str) -> Vector {
        self.weigh(self.read(words))
    }
}

impl Reading {
    /// Whether more is known than a few pairs of letters, which nonsense has, too. Where a pair of letters is a word, as
    /// in Chinese, more of the text is known.
    pub(crate) fn says_something(&self) -> bool {
        let all = self.known.len() + self.strange.len();
        self.has_more_than_pairs || self.known.len() * FEW_PAIRS >= all
    }

    /// Which share of the n-grams is known: from 0 to 1.
    pub(crate) fn familiarity(&self) -> f32 {
        let all = self.known.len() + self.strange.len();
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let share = self.known.len() as f32 / all.max(1) as f32;
        share
    }
}

impl From<Kept> for Vocabulary {
    fn from(kept: Kept) -> Self {
        let mut rarities = kept.rarities;
        rarities.resize(kept.ngrams.len(), kept.unseen);
        Self {
            places: kept.ngrams.into_iter().zip(0..).collect(),
            rarities,
            unseen: kept.unseen,
        }
    }
}

impl From<Vocabulary> for Kept {
    fn from(vocabulary: Vocabulary) -> Self {
        let mut ngrams: Vec<_> = vocabulary.places.into_iter().collect();
        ngrams.sort_unstable_by_key(|(_, place)| *place);
        Self {
            ngrams: ngrams.into_iter().map(|(ngram, _)| ngram).collect(),
            rarities: vocabulary.rarities,
            unseen: vocabulary.unseen,
        }
    }
}

/// Codes and numbers are all strange, and make a sentence that has one no stranger.
fn is_of_code(text: &str) -> bool {
    text.contains(|sign: char| sign.is_ascii_digit())
}

/// How much a repeated n-gram counts: less each time.
fn frequency(times: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let times = times as f32;
    1.0 + times.ln()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a weight needs no more digits"
)]
fn narrow(weight: f64) -> f32 {
    weight as f32
}
