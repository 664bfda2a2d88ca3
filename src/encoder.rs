//! The sentence encoder that the tools understand with.

use anyhow::Context as _;
use clap::Args;
use convene_agent_worker::agents::{
    LocalEncoder, LocalEncoderOptions,
    llm::{ApiKey, Embeddings, EmbeddingsOptions},
};
use convene_nlu::Encoder;

/// Which encoder, if any.
#[derive(Debug, Args)]
pub(crate) struct EncoderArgs {
    /// A sentence encoder to understand with beside words: a folder with its weights, or an OpenAI-compatible
    /// endpoint, such as http://127.0.0.1:11434/v1
    #[arg(long, value_name = "PATH|URL")]
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
    pub(crate) fn encoder(&self) -> anyhow::Result<Option<Box<dyn Encoder>>> {
        let Some(place) = &self.encoder else {
            return Ok(None);
        };
        if !place.contains("://") {
            let options = LocalEncoderOptions {
                prefix: self.encoder_prefix.clone(),
                ..LocalEncoderOptions::new(place)
            };
            let encoder = LocalEncoder::new(&options).context("--encoder")?;
            return Ok(Some(Box::new(encoder)));
        }
        let model = self.encoder_model.as_ref();
        let model = model.context("--encoder-model is missing: which one of the endpoint's?")?;
        let options = EmbeddingsOptions {
            base_url: place.clone(),
            api_key: self.encoder_key.clone().map(ApiKey::new),
            prefix: self.encoder_prefix.clone(),
            ..EmbeddingsOptions::new(model.clone())
        };
        let encoder = Embeddings::new(&options).context("--encoder")?;
        Ok(Some(Box::new(encoder)))
    }
}
