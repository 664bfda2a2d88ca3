//! An encoder that is a small thesaurus: words that mean the same share a direction, others have their own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use convene_nlu::{Embedding, Encoder, EncoderError};

const DIMENSION: usize = 64;

/// See the module.
pub(crate) struct Thesaurus {
    pub(crate) identity: &'static str,
    /// Words that mean the same.
    pub(crate) alike: Vec<Vec<&'static str>>,
}

impl Thesaurus {
    /// Of a shop.
    pub(crate) fn of_a_shop() -> Self {
        Self {
            identity: "thesaurus",
            alike: vec![
                vec!["parcel", "package", "order", "delivery", "consignment"],
                vec!["where", "whereabouts", "track", "locate"],
                vec!["return", "back", "exchange", "refund", "reimbursement"],
                vec!["open", "opening", "close", "closed", "hours", "admittance"],
            ],
        }
    }

    fn direction(&self, word: &str) -> usize {
        let group = self.alike.iter().position(|group| group.contains(&word));
        group.unwrap_or_else(|| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            let others = DIMENSION - self.alike.len();
            self.alike.len() + usize::try_from(hasher.finish() % 1_000_003).unwrap() % others
        })
    }
}

impl Encoder for Thesaurus {
    fn identity(&self) -> &str {
        self.identity
    }

    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        let vectors = sentences.iter().map(|sentence| {
            let mut vector = vec![0.0; DIMENSION];
            vector[DIMENSION - 1] = 0.1;
            for word in sentence
                .to_lowercase()
                .split(|sign: char| !sign.is_alphabetic())
            {
                let place = self.direction(word);
                vector[place] += if place < self.alike.len() { 2.0 } else { 0.3 };
            }
            Embedding::new(vector).unwrap()
        });
        Ok(vectors.collect())
    }
}

/// One that is away.
pub(crate) struct Away;

impl Encoder for Away {
    fn identity(&self) -> &'static str {
        "away"
    }

    fn encode(&self, _: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        Err(EncoderError::Away("nobody is there".into()))
    }
}
