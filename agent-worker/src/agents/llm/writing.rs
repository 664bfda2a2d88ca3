//! A model's words, said in a run as they come: for every kind of agent that lets a model speak.

use convene_agent::{ChatModel, ChatRequest, Error, FinishReason, ModelError, ModelEvent, Run};
use futures_util::StreamExt as _;

/// What a model has said.
pub(in crate::agents) struct Written {
    pub(in crate::agents) text: String,
    pub(in crate::agents) reason: FinishReason,
}

/// Why a model has not said all that it would.
pub(in crate::agents) enum Unwritten {
    /// The model failed before it said a word.
    Unsaid(Error),
    /// It failed after that, or the run did.
    BrokenOff(Error),
}

impl From<Unwritten> for Error {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Unsaid(error) | Unwritten::BrokenOff(error) => error,
        }
    }
}

/// Asks a model and says what it writes, in the run's message that is open or begins.
pub(in crate::agents) async fn write(
    run: &mut Run,
    model: &dyn ChatModel,
    request: ChatRequest,
) -> Result<Written, Unwritten> {
    let mut text = String::new();
    let failed = |text: &str, error: ModelError| match text {
        "" => Unwritten::Unsaid(failure(error)),
        _ => Unwritten::BrokenOff(failure(error)),
    };
    let answer = model.chat(request).await;
    let mut answer = answer.map_err(|error| failed(&text, error))?;
    while let Some(event) = answer.next().await {
        match event.map_err(|error| failed(&text, error))? {
            ModelEvent::Text(piece) => {
                text.push_str(&piece);
                run.write(piece).await.map_err(Unwritten::BrokenOff)?;
            }
            ModelEvent::Finish { reason, usage } => {
                if let Some(usage) = usage {
                    run.add_usage(usage);
                }
                return if text.is_empty() {
                    Err(Unwritten::Unsaid(nothing_said(reason)))
                } else {
                    Ok(Written { text, reason })
                };
            }
        }
    }
    Err(failed(&text, ModelError::Malformed("it has no end".into())))
}

/// What a model's error means to a run.
fn failure(error: ModelError) -> Error {
    let message = error.to_string();
    match error {
        ModelError::Unavailable { .. } => Error::transient("model_unavailable", message),
        ModelError::Malformed(_) => Error::transient("model_malformed", message),
        ModelError::Refused(_) => Error::permanent("model_refused", message),
        _ => Error::transient("model_failed", message),
    }
}

/// An answer without a word would leave people waiting for it.
fn nothing_said(reason: FinishReason) -> Error {
    match reason {
        FinishReason::Stop => Error::transient("model_empty", "the model said nothing"),
        FinishReason::Length => Error::permanent(
            "model_empty",
            "the model reached its limit of tokens before it said anything",
        ),
        FinishReason::Filtered => Error::permanent(
            "model_filtered",
            "the provider's filter withheld the answer",
        ),
    }
}
