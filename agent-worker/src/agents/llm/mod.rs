//! The agent `llm`: answers with a chat model behind any OpenAI-compatible endpoint.
//!
//! [`LlmAgent`] turns a conversation into a request and streams the answer into the run; it knows
//! no provider. [`OpenAi`] is the [`ChatModel`] behind it: one HTTP call, read as events, with
//! exactly one end. Another provider's API is another `ChatModel`, and passes the same suite
//! (`tests/llm/conformance.rs`). [`Embeddings`] is the sentence encoder behind such an endpoint.

mod answer;
mod calling;
mod connection;
mod embeddings;
mod fuzz;
mod openai;
mod options;
mod prompt;
mod reading;
mod refusal;
mod wire;
pub(in crate::agents) mod writing;

use std::sync::Arc;

use convene_agent::{Agent, ChatModel, Error, FinishReason, Run, async_trait};

#[doc(hidden)]
pub use self::fuzz::fuzz_answer;
pub use self::{
    connection::ApiKey,
    embeddings::{Embeddings, EmbeddingsOptions},
    openai::OpenAi,
    options::Options,
    prompt::Prompt,
};
use super::InvalidOptions;

/// Answers with a language model.
pub struct LlmAgent {
    model: Arc<dyn ChatModel>,
    prompt: Prompt,
    description: String,
}

impl LlmAgent {
    /// An agent that thinks with `model`.
    #[must_use]
    pub fn new(model: impl ChatModel, prompt: Prompt) -> Self {
        let description = format!("Answers with {}", model.name());
        Self {
            model: Arc::new(model),
            prompt,
            description,
        }
    }

    /// The agent that these settings describe. Nothing is called yet.
    ///
    /// # Errors
    /// If a setting makes no sense: its name and what to do about it.
    pub fn from_options(options: &Options) -> Result<Self, InvalidOptions> {
        let model = OpenAi::new(options)?;
        Ok(Self {
            description: format!("Answers with {}", options.describe()),
            ..Self::new(model, options.prompt())
        })
    }

    async fn answer(&self, run: &mut Run) -> Result<FinishReason, Error> {
        let request = self.prompt.request(run.context());
        let written = writing::write(run, self.model.as_ref(), request, None).await?;
        Ok(written.reason)
    }
}

#[async_trait]
impl Agent for LlmAgent {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        let reason = self.answer(run).await?;
        tracing::debug!(run = %run.id(), model = self.model.name(), ?reason, "answered");
        Ok(())
    }

    fn description(&self) -> String {
        self.description.clone()
    }

    fn model(&self) -> Option<String> {
        Some(self.model.name().to_owned())
    }
}
