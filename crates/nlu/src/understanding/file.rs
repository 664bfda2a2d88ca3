//! A model as bytes and as a file, and whether it is still that of its training data.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use convene_training_data::TrainingData;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::{Settings, Understanding};
use crate::{encoder::Encoder, files::replace};

/// What a model begins with. The last letter is the format's version; another one is trained anew.
const MAGIC: &[u8; 8] = b"CVNNLU\0\x04";

/// What a model was made of: equal for equal training data, settings and encoders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Why a model cannot be loaded or saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    #[error("{path}: {error}; name a file that may be read and written")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path} is no model of this version: train it again from its training data")]
    NoModel { path: PathBuf },
}

impl Fingerprint {
    /// Of training data: of all that a model learns from, in its order.
    pub fn of(data: &TrainingData, settings: &Settings, encoder: Option<&dyn Encoder>) -> Self {
        let mut digest = Digest(Xxh3::new());
        digest.take(MAGIC);
        digest.say(&format!("{settings:?}"));
        digest.say(&format!("{:?}", encoder.map(Encoder::identity)));
        for example in &data.examples {
            digest.say(&example.text);
            digest.say(example.intent.as_ref().map_or("", |intent| intent.as_str()));
            digest.say(&format!(
                "{:?}{:?}{:?}",
                example.split, example.language, example.annotations
            ));
        }
        digest.say(&format!(
            "{:?}{:?}{:?}",
            data.synonyms, data.lookups, data.patterns
        ));
        Self(digest.0.digest128())
    }
}

/// Texts, each with its length, so that none runs into the next.
struct Digest(Xxh3);

impl Digest {
    fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn say(&mut self, text: &str) {
        self.take(&(text.len() as u64).to_le_bytes());
        self.take(text.as_bytes());
    }
}

impl Understanding {
    /// The model as bytes.
    ///
    /// # Errors
    /// Never, as it stands; the encoder's signature allows for it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_extend(self, MAGIC.to_vec())
    }

    /// Reads what [`Self::to_bytes`] made. None if it is something else, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let body = bytes.strip_prefix(MAGIC)?;
        let model: Self = postcard::from_bytes(body).ok()?;
        model.is_whole().then_some(model)
    }

    /// Writes the model to a file: first beside it, and then in its place.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        let failed = |error| FileError::Io {
            path: path.to_owned(),
            error,
        };
        let bytes = self
            .to_bytes()
            .map_err(|error| failed(io::Error::other(error)))?;
        replace(path, &bytes).map_err(failed)
    }

    /// Loads a model from a file.
    ///
    /// # Errors
    /// If it cannot be read, or is no model of this version.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let bytes = fs::read(path).map_err(|error| FileError::Io {
            path: path.to_owned(),
            error,
        })?;
        Self::from_bytes(&bytes).ok_or_else(|| FileError::NoModel {
            path: path.to_owned(),
        })
    }
}
