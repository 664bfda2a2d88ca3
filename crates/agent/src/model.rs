//! The port to language models: one stream of events, with exactly one end.

use std::time::Duration;

use async_trait::async_trait;
use convene_proto::event::Usage;
use futures_util::stream::BoxStream;

/// A chat model behind some provider's API.
#[async_trait]
pub trait ChatModel: Send + Sync + 'static {
    /// Begins an answer. Dropping the stream aborts the call upstream at once.
    ///
    /// The stream yields any number of [`ModelEvent::Text`], then exactly one
    /// [`ModelEvent::Finish`] or one error, then ends. A connection that closes before the
    /// provider said that it was done is an error, never a short answer.
    async fn chat(&self, request: ChatRequest) -> Result<ModelStream, ModelError>;

    /// The model's name, for people.
    fn name(&self) -> &str;
}

/// The events of one answer.
pub type ModelStream = BoxStream<'static, Result<ModelEvent, ModelError>>;

/// What to answer.
#[derive(Debug, Clone, Default)]
pub struct ChatRequest {
    pub system: Option<String>,
    /// Oldest first.
    pub turns: Vec<ChatTurn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatTurn {
    pub role: ChatRole,
    pub text: String,
    /// Who said it, where several people talk.
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    User,
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelEvent {
    /// A piece of the answer, never empty.
    Text(String),
    Finish {
        reason: FinishReason,
        usage: Option<Usage>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    Stop,
    /// The answer hit a limit on its length.
    Length,
    /// The provider's filter cut it.
    Filtered,
}

/// Why there is no answer, or no whole one.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Away, overloaded, or broken off in mid-answer.
    #[error("the model is unavailable: {reason}")]
    Unavailable {
        reason: String,
        /// When the provider asked to be tried again.
        retry_after: Option<Duration>,
    },
    /// The provider refused the request and would again: a bad key, an unknown model.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// The answer was not of the protocol.
    #[error("the model's answer could not be read: {0}")]
    Malformed(String),
}
