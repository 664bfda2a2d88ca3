//! The sentence encoder that a project understands with, if its settings name one: what it says of a message has
//! a share in what that is taken for. Without its word the words alone are judged, and nobody waits for one that
//! is away.

use std::time::Duration;

use convene_nlu::{Embedding, Encoder, EncoderError};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::time::Instant;

use crate::agents::{InvalidOptions, LocalEncoder, LocalEncoderOptions, llm};

/// One that has failed is asked again after this time, and each time that it fails again after twice as long ...
const FIRST_REST: Duration = Duration::from_secs(2);
/// ... up to this.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Which encoder.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum EncoderOptions {
    /// In the process.
    Local(LocalEncoderOptions),
    Endpoint(Box<llm::EmbeddingsOptions>),
}

/// See the module.
pub(super) struct SentenceEncoder {
    source: Source,
    rest: Mutex<Rest>,
}

enum Source {
    Local(LocalEncoder),
    Endpoint(Box<llm::Embeddings>),
}

/// Since it failed.
#[derive(Default)]
struct Rest {
    /// It is not asked before.
    until: Option<Instant>,
    length: Duration,
}

impl SentenceEncoder {
    pub(super) fn new(options: &EncoderOptions) -> Result<Self, InvalidOptions> {
        Ok(Self {
            source: match options {
                EncoderOptions::Local(options) => Source::Local(LocalEncoder::new(options)?),
                EncoderOptions::Endpoint(options) => {
                    Source::Endpoint(Box::new(llm::Embeddings::new(options)?))
                }
            },
            rest: Mutex::default(),
        })
    }

    /// The vector of what a person has said; none where the encoder is away, or was a moment ago, or has too much to do.
    pub(super) async fn of_message(&self, text: &str) -> Option<Embedding> {
        if self.is_resting() {
            return None;
        }
        let said = match &self.source {
            Source::Local(encoder) => encoder.of_message(text).await.transpose()?,
            Source::Endpoint(endpoint) => endpoint.of_message(text).await,
        };
        self.heed(said).ok()
    }

    pub(super) fn is_resting(&self) -> bool {
        let until = self.rest.lock().until;
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Lets it rest where it failed. Whoever looks after the log is told when that begins and when it ends.
    fn heed<T>(&self, said: Result<T, EncoderError>) -> Result<T, EncoderError> {
        let mut rest = self.rest.lock();
        match &said {
            Ok(_) if rest.until.is_some() => {
                *rest = Rest::default();
                tracing::info!("the sentence encoder is back");
            }
            Ok(_) => {}
            Err(error) => {
                if rest.until.is_none() {
                    tracing::warn!(%error, "messages are understood by their words alone until the sentence encoder is back");
                }
                rest.length = (rest.length * 2).clamp(FIRST_REST, LONGEST_REST);
                rest.until = Some(Instant::now() + rest.length);
            }
        }
        said
    }
}

impl Source {
    fn encoder(&self) -> &dyn Encoder {
        match self {
            Self::Local(encoder) => encoder,
            Self::Endpoint(endpoint) => endpoint.as_ref(),
        }
    }
}

impl Encoder for SentenceEncoder {
    fn identity(&self) -> &str {
        self.source.encoder().identity()
    }

    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        self.heed(self.source.encoder().encode(sentences))
    }
}
