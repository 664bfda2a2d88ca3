//! A sentence encoder in the process: a BERT whose weights are in a folder, as sentence-transformers lay
//! them out (`config.json`, `tokenizer.json`, `model.safetensors`), such as all-MiniLM-L6-v2.
//!
//! It computes in 32-bit floats on the calling thread. The layers are held in memory; the vectors of tokens,
//! which are the larger half of a small model, are read from the file as they are needed, so the file must stay
//! as it is while the encoder is in use: replace it, do not write into it.

mod folder;
mod tokens;
mod transformer;
mod weights;

use std::{io, path::PathBuf, thread};

use self::{folder::Folder, tokens::Tokenizer, transformer::Transformer};

/// Sentences that are computed together have so many tokens, or it is a single longer one: the weights are read
/// once for all of them.
const TOGETHER: usize = 256;

/// See the crate.
pub struct SentenceEncoder {
    identity: String,
    tokenizer: Tokenizer,
    transformer: Transformer,
}

/// Why there is no encoder, or no vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is not as it should be: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("{} is of a kind that cannot be computed: {reason}", path.display())]
    Unsupported { path: PathBuf, reason: String },
    #[error("a sentence cannot be cut into tokens: {0}")]
    Untokenizable(String),
}

/// Whether a folder has what an encoder needs, without reading the weights: its settings, and the names, shapes
/// and places of its tensors.
///
/// # Errors
/// What is missing, or cannot be computed.
pub fn check(folder: impl Into<PathBuf>) -> Result<(), Error> {
    Folder::read(folder.into()).map(drop)
}

impl SentenceEncoder {
    /// Reads the encoder in a folder: a fifth of a second for one of 90 MB that the system has read before.
    ///
    /// # Errors
    /// If a file is missing or is not what it should be, or the model is no BERT.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = Folder::read(folder.into())?;
        Ok(Self {
            tokenizer: Tokenizer::open(&folder)?,
            transformer: Transformer::open(&folder)?,
            identity: folder.hash()?,
        })
    }

    /// A hash of all that the vectors depend on.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The vector of a sentence, on the calling thread. Of a longer one than the model takes, the beginning counts.
    ///
    /// # Errors
    /// If the file of the weights cannot be read any more.
    pub fn encode(&self, sentence: &str) -> Result<Vec<f32>, Error> {
        let tokens = self.tokenizer.tokens(sentence)?;
        Ok(self.transformer.encode(&[tokens])?.remove(0))
    }

    /// The vectors of many sentences, in their order, on as many threads as there are processors. What a sentence
    /// gets does not depend on those beside it. Each thread calls `between` before it computes a few of them, which takes
    /// it some hundredths of a second: there it can make way for what is more urgent.
    ///
    /// # Errors
    /// As for one.
    pub fn encode_all(
        &self,
        sentences: &[&str],
        between: impl Fn() + Sync,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let between = &between;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = sentences.len().div_ceil(threads).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = sentences
                .chunks(share)
                .map(|part| scope.spawn(move || self.encode_in_turn(part, between)))
                .collect();
            let mut vectors = Vec::with_capacity(sentences.len());
            for part in parts {
                match part.join() {
                    Ok(part) => vectors.extend(part?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(vectors)
        })
    }

    fn encode_in_turn(
        &self,
        sentences: &[&str],
        between: &impl Fn(),
    ) -> Result<Vec<Vec<f32>>, Error> {
        let compute = |batch: &[Vec<u32>]| {
            between();
            self.transformer.encode(batch)
        };
        let mut vectors = Vec::with_capacity(sentences.len());
        let mut batch = Vec::new();
        let mut waiting = 0;
        for sentence in sentences {
            let tokens = self.tokenizer.tokens(sentence)?;
            if waiting + tokens.len() > TOGETHER && waiting > 0 {
                vectors.extend(compute(&batch)?);
                batch.clear();
                waiting = 0;
            }
            waiting += tokens.len();
            batch.push(tokens);
        }
        if !batch.is_empty() {
            vectors.extend(compute(&batch)?);
        }
        Ok(vectors)
    }
}
