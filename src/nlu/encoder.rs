//! The sentence encoder that the tools understand with.

use anyhow::Context as _;
use clap::Args;
use convene_agent_worker::agents::llm::{ApiKey, Embeddings, EmbeddingsOptions};
use convene_nlu::Encoder;

/// Which encoder, if any.
#[derive(Debug, Args)]
pub(super) struct EncoderArgs {
    /// A sentence encoder behind an OpenAI-compatible endpoint, to understand with beside words, such as
    /// http://127.0.0.1:11434/v1
    #[arg(long, value_name = "URL", requires = "encoder_model")]
    encoder: Option<String>,
    /// The encoder's name, as the endpoint spells it
    #[arg(long, value_name = "NAME", requires = "encoder")]
    encoder_model: Option<String>,
    /// The endpoint's key
    #[arg(
        long,
        env = "CONVENE_ENCODER_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    encoder_key: Option<String>,
    /// What each sentence begins with, where the encoder was made for that
    #[arg(long, value_name = "TEXT", default_value = "")]
    encoder_prefix: String,
}

impl EncoderArgs {
    pub(super) fn encoder(&self) -> anyhow::Result<Option<Box<dyn Encoder>>> {
        let (Some(url), Some(model)) = (&self.encoder, &self.encoder_model) else {
            return Ok(None);
        };
        let options = EmbeddingsOptions {
            base_url: url.clone(),
            api_key: self.encoder_key.clone().map(ApiKey::new),
            prefix: self.encoder_prefix.clone(),
            ..EmbeddingsOptions::new(model.clone())
        };
        let encoder = Embeddings::new(&options).context("--encoder")?;
        Ok(Some(Box::new(encoder)))
    }
}
