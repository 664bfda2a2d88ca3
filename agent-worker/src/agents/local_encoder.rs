//! A sentence encoder in the process, by its weights in a folder. It takes a processor for some milliseconds a
//! message, so it works on threads of its own, no more than there are processors, and nobody waits for it longer
//! than is said. What is learnt makes way for messages.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
    time::Duration,
};

use convene_nlu::{Embedding, Encoder, EncoderError};
use convene_sentence_encoder::{Error, SentenceEncoder, check};
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::InvalidOptions;

/// What is learnt makes way for messages this long, again and again, and goes on a little however many there are.
const MAKING_WAY: Duration = Duration::from_millis(200);

/// Where the encoder is, and how long it may take. All but `path` have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalEncoderOptions {
    /// The folder, as sentence-transformers lay it out: `config.json`, `tokenizer.json`, `model.safetensors`.
    pub path: PathBuf,
    /// What each sentence begins with, where the encoder was made for that: `query: `.
    #[serde(default)]
    pub prefix: String,
    /// For what a person has said; after that it is understood by its words alone.
    #[serde(default = "message_timeout_ms")]
    pub message_timeout_ms: u64,
}

/// See the module. The folder is read when it is first asked.
pub struct LocalEncoder {
    opened: Arc<Opened>,
    /// Messages that are computed at a time.
    places: Arc<Semaphore>,
    messages: Arc<Messages>,
    within: Duration,
}

struct Opened {
    options: LocalEncoderOptions,
    /// With its identity, which depends on the prefix, too.
    encoder: OnceLock<(SentenceEncoder, String)>,
    opening: Mutex<()>,
}

impl LocalEncoderOptions {
    /// The defaults, for this folder.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            prefix: String::new(),
            message_timeout_ms: message_timeout_ms(),
        }
    }
}

impl LocalEncoder {
    /// The encoder that these settings name. The folder is looked at; its weights are not read yet.
    ///
    /// # Errors
    /// If there is no encoder in the folder, or a setting makes no sense.
    pub fn new(options: &LocalEncoderOptions) -> Result<Self, InvalidOptions> {
        if options.message_timeout_ms == 0 {
            let reason = "must be more than 0";
            return Err(InvalidOptions::new("message_timeout_ms", reason));
        }
        check(&options.path).map_err(|error| {
            let reason = format!(
                "names no folder with a sentence encoder: {error}; it must have the files config.json, \
                 tokenizer.json and model.safetensors of a BERT, as sentence-transformers lay them out"
            );
            InvalidOptions::new("path", reason)
        })?;
        let processors = available_parallelism().map_or(1, usize::from);
        Ok(Self {
            opened: Arc::new(Opened {
                options: options.clone(),
                encoder: OnceLock::new(),
                opening: Mutex::new(()),
            }),
            places: Arc::new(Semaphore::new(processors)),
            messages: Arc::default(),
            within: Duration::from_millis(options.message_timeout_ms),
        })
    }

    /// The vector of what a person has said; none where others were before and there was no time left.
    ///
    /// # Errors
    /// If the encoder cannot say, or takes too long for this alone.
    pub async fn of_message(&self, text: &str) -> Result<Option<Embedding>, EncoderError> {
        let until = Instant::now() + self.within;
        let comes = self.messages.clone().come();
        let places = self.places.clone();
        let has_waited = places.available_permits() == 0;
        let Ok(place) = timeout_at(until, places.acquire_owned()).await else {
            return Ok(None);
        };
        let place = place.map_err(|error| away(&error))?;
        let (opened, text) = (self.opened.clone(), text.to_owned());
        let computing = spawn_blocking(move || {
            let vector = opened.of_one(&text);
            // Held until here also where nobody waits any more.
            drop((place, comes));
            vector
        });
        match timeout_at(until, computing).await {
            Ok(computed) => computed.map_err(|error| away(&error))?.map(Some),
            Err(_) if has_waited => Ok(None),
            Err(_) => Err(EncoderError::Away("it did not answer in time".into())),
        }
    }
}

/// Messages that wait for a vector, or are computed.
#[derive(Default)]
struct Messages {
    count: Mutex<usize>,
    gone: Condvar,
}

/// One of them, until it is dropped.
struct Coming(Arc<Messages>);

impl Messages {
    fn come(self: Arc<Self>) -> Coming {
        *self.count.lock() += 1;
        Coming(self)
    }

    /// Waits until there is none, and no longer than this.
    fn let_pass(&self, at_most: Duration) {
        let mut count = self.count.lock();
        self.gone
            .wait_while_for(&mut count, |count| *count > 0, at_most);
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        let mut count = self.0.count.lock();
        *count -= 1;
        if *count == 0 {
            self.0.gone.notify_all();
        }
    }
}

impl Opened {
    fn get(&self) -> Result<&(SentenceEncoder, String), EncoderError> {
        if let Some(opened) = self.encoder.get() {
            return Ok(opened);
        }
        let _opening = self.opening.lock();
        if let Some(opened) = self.encoder.get() {
            return Ok(opened);
        }
        let LocalEncoderOptions { path, prefix, .. } = &self.options;
        let encoder = SentenceEncoder::open(path).map_err(|error| told(&error))?;
        let identity = format!("{} {prefix:?}", encoder.identity());
        tracing::info!(path = %path.display(), "the sentence encoder is loaded");
        Ok(self.encoder.get_or_init(|| (encoder, identity)))
    }

    fn of_one(&self, text: &str) -> Result<Embedding, EncoderError> {
        let (encoder, _) = self.get()?;
        let sentence = format!("{}{text}", self.options.prefix);
        embedding(encoder.encode(&sentence).map_err(|error| told(&error))?)
    }
}

impl Encoder for LocalEncoder {
    fn identity(&self) -> &str {
        // One that cannot be loaded has nothing to say either.
        self.opened.get().map_or("", |(_, identity)| identity)
    }

    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        let (encoder, _) = self.opened.get()?;
        let prefix = &self.opened.options.prefix;
        let sentences: Vec<_> = sentences
            .iter()
            .map(|one| format!("{prefix}{one}"))
            .collect();
        let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
        let vectors = encoder
            .encode_all(&sentences, || self.messages.let_pass(MAKING_WAY))
            .map_err(|error| told(&error))?;
        vectors.into_iter().map(embedding).collect()
    }
}

fn embedding(vector: Vec<f32>) -> Result<Embedding, EncoderError> {
    let none = || EncoderError::Malformed("a vector has no direction".into());
    Embedding::new(vector).ok_or_else(none)
}

fn told(error: &Error) -> EncoderError {
    match error {
        Error::Unreadable { .. } => away(error),
        other => EncoderError::Malformed(other.to_string()),
    }
}

fn away(error: &impl ToString) -> EncoderError {
    EncoderError::Away(error.to_string())
}

const fn message_timeout_ms() -> u64 {
    1_000
}

#[cfg(test)]
#[path = "../../../crates/sentence-encoder/tests/tiny/mod.rs"]
mod tiny;

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn encoder(message_timeout_ms: u64) -> LocalEncoder {
        let folder = tempfile::tempdir().unwrap();
        let number = |_: &str, index: usize| if index.is_multiple_of(2) { 0.25 } else { -0.5 };
        tiny::write(folder.path(), &["parcel"], number);
        let options = LocalEncoderOptions {
            message_timeout_ms,
            ..LocalEncoderOptions::new(folder.path())
        };
        let encoder = LocalEncoder::new(&options).unwrap();
        encoder.opened.get().unwrap();
        encoder
    }

    #[tokio::test]
    async fn who_finds_no_place_in_time_has_no_vector_and_the_encoder_is_not_away() {
        let encoder = encoder(1);
        let all = encoder.places.available_permits();
        let others = encoder.places.acquire_many(u32::try_from(all).unwrap());
        let others = others.await.unwrap();
        assert!(matches!(encoder.of_message("parcel").await, Ok(None)));
        drop(others);
        assert_eq!(*encoder.messages.count.lock(), 0);
    }

    #[test]
    fn what_is_learnt_makes_way_for_messages() {
        let messages = Arc::<Messages>::default();
        let order = Mutex::new(Vec::new());
        let comes = messages.clone().come();
        thread::scope(|scope| {
            scope.spawn(|| {
                messages.let_pass(Duration::MAX / 4);
                order.lock().push("lesson");
            });
            thread::yield_now();
            order.lock().push("message");
            drop(comes);
        });
        assert_eq!(order.into_inner(), ["message", "lesson"]);
    }
}
