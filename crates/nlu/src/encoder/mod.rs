//! Sentence encoders: what a sentence means as a vector, so that a paraphrase lies near what it says.
//!
//! This library runs none: whoever has one (in the process, or behind an endpoint) implements [`Encoder`], and
//! hands what it says of a message to [`Understanding::understand_with`](crate::Understanding::understand_with).

mod remembered;

use serde::{Deserialize, Serialize};

pub use self::remembered::Remembered;

/// Turns sentences into vectors.
pub trait Encoder: Send + Sync {
    /// What tells it from every other: equal where equal sentences give equal vectors. A model that was trained
    /// with another one is trained anew.
    fn identity(&self) -> &str;

    /// The vector of each sentence, in their order. May take as long as it has to: callers are on a thread that
    /// may wait.
    ///
    /// # Errors
    /// If there is no vector of any one of them.
    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError>;
}

/// A sentence's vector: finite, and of length one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Embedding(Vec<f32>);

/// Why an encoder has nothing to say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    #[error("the encoder is away: {0}")]
    Away(String),
    #[error("the encoder refuses: {0}")]
    Refused(String),
    #[error("the encoder does not say what was asked for: {0}")]
    Malformed(String),
}

impl Embedding {
    /// Of any vector that has a direction, whatever its length. None where it has none, or holds what is no
    /// number.
    pub fn new(mut vector: Vec<f32>) -> Option<Self> {
        let square: f64 = vector.iter().map(|one| f64::from(*one).powi(2)).sum();
        if !square.is_finite() || square <= 1e-24 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a length needs no more digits"
        )]
        let length = square.sqrt() as f32;
        for one in &mut vector {
            *one /= length;
        }
        Some(Self(vector))
    }

    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }
}

/// The vectors of some sentences, each as long as the others.
///
/// # Errors
/// If the encoder has none, or they do not fit together.
pub(crate) fn encode(
    encoder: &dyn Encoder,
    sentences: &[&str],
) -> Result<Vec<Embedding>, EncoderError> {
    let vectors = encoder.encode(sentences)?;
    if vectors.len() != sentences.len() {
        let (vectors, asked) = (vectors.len(), sentences.len());
        let said = format!("{vectors} vectors for {asked} sentences");
        return Err(EncoderError::Malformed(said));
    }
    let mut dimensions = vectors.iter().map(Embedding::dimension);
    if let Some(first) = dimensions.next()
        && let Some(other) = dimensions.find(|other| *other != first)
    {
        let said = format!("vectors of {first} numbers and of {other}");
        return Err(EncoderError::Malformed(said));
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_has_a_direction_and_the_length_one() {
        let embedding = Embedding::new(vec![3.0, 4.0]).unwrap();
        assert_eq!(embedding.as_slice(), [0.6, 0.8]);
        for none in [vec![], vec![0.0, 0.0], vec![f32::NAN, 1.0]] {
            assert_eq!(Embedding::new(none), None);
        }
        assert!(Embedding::new(vec![f32::MAX, f32::MAX]).is_some());
    }

    /// Says what it is told to.
    struct Says(Vec<Vec<f32>>);

    impl Encoder for Says {
        fn identity(&self) -> &'static str {
            "says"
        }

        fn encode(&self, _: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
            Ok(self.0.iter().cloned().filter_map(Embedding::new).collect())
        }
    }

    #[test]
    fn vectors_that_do_not_fit_together_are_refused() {
        let short = Says(vec![vec![1.0]]);
        let uneven = Says(vec![vec![1.0], vec![1.0, 0.0]]);
        for encoder in [short, uneven] {
            let said = encode(&encoder, &["a", "b"]);
            assert!(matches!(said, Err(EncoderError::Malformed(_))), "{said:?}");
        }
    }
}
