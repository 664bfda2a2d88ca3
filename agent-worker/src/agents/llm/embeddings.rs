//! The sentence encoder behind `POST {base_url}/embeddings`: OpenAI's, and whoever's else speaks as they do.

use std::{collections::BTreeMap, fmt, time::Duration};

use convene_agent::ModelError;
use convene_nlu::{Embedding, Encoder, EncoderError};
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{runtime::Handle, time::timeout};

use super::{
    calling::{self, REFUSAL_BYTES, read},
    connection::{self, ApiKey},
    refusal::{Failed, Refusals, unreachable},
};
use crate::agents::InvalidOptions;

/// Bytes of an answer that are read.
const LARGEST: usize = 64 << 20;
/// Sentences that endpoints take at once, at most.
const MOST_AT_ONCE: usize = 2048;

/// Where the encoder is, and how long it may take. All but `model` have defaults.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingsOptions {
    /// Where the API is, with its version.
    #[serde(default = "default::base_url")]
    pub base_url: String,
    /// The encoder's name, as the provider spells it.
    pub model: String,
    /// Sent as a bearer token; absent: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<ApiKey>,
    /// Further headers of each request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Further fields of each request, such as `dimensions`.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// What each sentence begins with, where the encoder was made for that: `query: `.
    #[serde(default)]
    pub prefix: String,
    /// So many sentences are sent at once while the project is learnt: 1 to 2048.
    #[serde(default = "default::batch")]
    pub batch: usize,
    /// Until the connection stands.
    #[serde(default = "default::connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// For what a person has said; after that it is understood by its words alone.
    #[serde(default = "default::message_timeout_ms")]
    pub message_timeout_ms: u64,
    /// For a batch, while the project is learnt.
    #[serde(default = "default::batch_timeout_ms")]
    pub batch_timeout_ms: u64,
    /// How often a batch is sent when the provider is away or overloaded: 1 to 10.
    #[serde(default = "default::attempts")]
    pub attempts: usize,
}

/// See the module.
pub struct Embeddings {
    http: Client,
    endpoint: Url,
    identity: String,
    options: EmbeddingsOptions,
    refusals: Refusals,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: Vec<String>,
    encoding_format: &'static str,
    #[serde(flatten)]
    parameters: &'a Map<String, Value>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    /// Some endpoints leave it out: then they answer in order.
    index: Option<usize>,
    embedding: Vec<f32>,
}

impl EmbeddingsOptions {
    /// The defaults, for this encoder.
    #[must_use]
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            base_url: default::base_url(),
            model: model.into(),
            api_key: None,
            headers: BTreeMap::new(),
            parameters: Map::new(),
            prefix: String::new(),
            batch: default::batch(),
            connect_timeout_ms: default::connect_timeout_ms(),
            message_timeout_ms: default::message_timeout_ms(),
            batch_timeout_ms: default::batch_timeout_ms(),
            attempts: default::attempts(),
        }
    }

    fn check(&self) -> Result<(), InvalidOptions> {
        if self.model.trim().is_empty() {
            return Err(InvalidOptions::new("model", "name the encoder to use"));
        }
        for (setting, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("message_timeout_ms", self.message_timeout_ms),
            ("batch_timeout_ms", self.batch_timeout_ms),
        ] {
            if value == 0 {
                return Err(InvalidOptions::new(setting, "must be more than 0"));
            }
        }
        if !(1..=MOST_AT_ONCE).contains(&self.batch) {
            return Err(InvalidOptions::new("batch", "must be 1 to 2048"));
        }
        if !(1..=10).contains(&self.attempts) {
            return Err(InvalidOptions::new("attempts", "must be 1 to 10"));
        }
        for ours in ["model", "input", "encoding_format"] {
            if self.parameters.contains_key(ours) {
                let reason = format!("`{ours}` is not yours to set here");
                return Err(InvalidOptions::new("parameters", reason));
            }
        }
        Ok(())
    }
}

impl Embeddings {
    /// The encoder that these settings name. Nothing is called yet.
    ///
    /// # Errors
    /// If a setting makes no sense.
    pub fn new(options: &EmbeddingsOptions) -> Result<Self, InvalidOptions> {
        options.check()?;
        let http = connection::client(
            connection::header_map(options.api_key.as_ref(), &options.headers)?,
            "application/json",
            Duration::from_millis(options.connect_timeout_ms),
        )?;
        let said = (&options.base_url, &options.model, &options.prefix);
        Ok(Self {
            http,
            endpoint: connection::endpoint(&options.base_url, "embeddings")?,
            identity: format!("{said:?} {}", Value::from(options.parameters.clone())),
            refusals: Refusals {
                key: options.api_key.clone(),
            },
            options: options.clone(),
        })
    }

    /// The vector of what a person has said: asked for once, since somebody waits.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn of_message(&self, text: &str) -> Result<Embedding, EncoderError> {
        let within = Duration::from_millis(self.options.message_timeout_ms);
        let mut vectors = self.ask(&[text], within).await.map_err(told)?;
        let one = vectors.pop();
        one.ok_or_else(|| EncoderError::Malformed("there is no vector".into()))
    }

    async fn ask(&self, sentences: &[&str], within: Duration) -> Result<Vec<Embedding>, Failed> {
        let asking = timeout(within, self.post(sentences)).await;
        asking.map_err(|_| Failed::silent("it did not answer in time"))?
    }

    async fn post(&self, sentences: &[&str]) -> Result<Vec<Embedding>, Failed> {
        let prefix = &self.options.prefix;
        let body = Body {
            model: &self.options.model,
            input: sentences
                .iter()
                .map(|sentence| format!("{prefix}{sentence}"))
                .collect(),
            encoding_format: "float",
            parameters: &self.options.parameters,
        };
        let request = self.http.post(self.endpoint.clone()).json(&body);
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if !status.is_success() {
            let body = read(answer, REFUSAL_BYTES).await?;
            return Err(self.refusals.answer(status, &headers, &body));
        }
        let body = read(answer, LARGEST).await?;
        vectors(&body, sentences.len())
    }
}

/// The vectors in an answer to so many sentences, in their order.
fn vectors(body: &[u8], count: usize) -> Result<Vec<Embedding>, Failed> {
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|error| Failed::malformed(format!("it is no list of embeddings: {error}")))?;
    let mut rows = answer.data;
    rows.sort_by_key(|row| row.index);
    let is_in_order = |(place, row): (usize, &Row)| row.index.is_none_or(|index| index == place);
    if rows.len() != count || !rows.iter().enumerate().all(is_in_order) {
        let said = format!("{} embeddings for {count} sentences", rows.len());
        return Err(Failed::malformed(said));
    }
    let vectors = rows.into_iter().map(|row| Embedding::new(row.embedding));
    let vectors: Option<Vec<_>> = vectors.collect();
    vectors.ok_or_else(|| Failed::malformed("an embedding has no direction"))
}

impl Encoder for Embeddings {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn encode(&self, sentences: &[&str]) -> Result<Vec<Embedding>, EncoderError> {
        let runtime =
            Handle::try_current().map_err(|error| EncoderError::Away(error.to_string()))?;
        let within = Duration::from_millis(self.options.batch_timeout_ms);
        let mut vectors = Vec::with_capacity(sentences.len());
        for batch in sentences.chunks(self.options.batch) {
            let called = calling::until_answered(
                self.options.attempts,
                || self.ask(batch, within),
                |failed, wait| {
                    let model = self.options.model.as_str();
                    tracing::warn!(model, error = %failed.error, ?wait, "asking the encoder again");
                },
            );
            vectors.extend(runtime.block_on(called).map_err(told)?);
        }
        Ok(vectors)
    }
}

fn told(failed: Failed) -> EncoderError {
    match failed.error {
        ModelError::Unavailable { reason, .. } => EncoderError::Away(reason),
        ModelError::Refused(reason) => EncoderError::Refused(reason),
        other => EncoderError::Malformed(other.to_string()),
    }
}

impl fmt::Debug for EmbeddingsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = connection::place(&self.base_url);
        f.debug_struct("EmbeddingsOptions")
            .field("model", &format!("{} at {place}", self.model))
            .field("api_key", &self.api_key)
            .field("headers", &self.headers.keys())
            .finish_non_exhaustive()
    }
}

mod default {
    pub(super) fn base_url() -> String {
        "https://api.openai.com/v1".into()
    }
    pub(super) const fn batch() -> usize {
        64
    }
    pub(super) const fn connect_timeout_ms() -> u64 {
        5_000
    }
    pub(super) const fn message_timeout_ms() -> u64 {
        1_000
    }
    pub(super) const fn batch_timeout_ms() -> u64 {
        60_000
    }
    pub(super) const fn attempts() -> usize {
        3
    }
}
