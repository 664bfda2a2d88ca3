//! A model's words, said in a run as they come: for every kind of agent that lets a model speak.

use std::future::Future;

use convene_agent::{ChatModel, ChatRequest, Error, FinishReason, ModelError, ModelEvent, Run};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

/// What a model has said.
pub(in crate::agents) struct Written {
    pub(in crate::agents) text: String,
    pub(in crate::agents) reason: FinishReason,
}

/// Why a model has not said all that it would.
pub(in crate::agents) enum Unwritten {
    /// The model failed before it said a word.
    Unsaid(Error),
    /// It failed after that: a beginning of its answer is said.
    BrokenOff(Error),
    /// What it says cannot be said any more.
    Unheard(Error),
}

impl From<Unwritten> for Error {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Unsaid(error) | Unwritten::BrokenOff(error) | Unwritten::Unheard(error) => {
                error
            }
        }
    }
}

/// Asks a model and says what it writes, in the run's message that is open or begins. Nothing is said before there is
/// more than blanks. Where the answer is not whole at `until`, the model has failed.
pub(in crate::agents) async fn write(
    run: &mut Run,
    model: &dyn ChatModel,
    request: ChatRequest,
    until: Option<Instant>,
) -> Result<Written, Unwritten> {
    let mut text = String::new();
    let failed = |text: &str, error: ModelError| match is_blank(text) {
        true => Unwritten::Unsaid(failure(error)),
        false => Unwritten::BrokenOff(failure(error)),
    };
    let answer = within(until, model.chat(request)).await;
    let mut answer = answer.map_err(|error| failed(&text, error))?;
    loop {
        let next = within(until, async { answer.next().await.transpose() }).await;
        match next.map_err(|error| failed(&text, error))? {
            Some(ModelEvent::Text(piece)) => {
                let was_blank = is_blank(&text);
                text.push_str(&piece);
                if !is_blank(&text) {
                    let fresh = if was_blank { text.clone() } else { piece };
                    run.write(fresh).await.map_err(Unwritten::Unheard)?;
                }
            }
            Some(ModelEvent::Finish { reason, usage }) => {
                if let Some(usage) = usage {
                    run.add_usage(usage);
                }
                return if is_blank(&text) {
                    Err(Unwritten::Unsaid(nothing_said(reason)))
                } else {
                    Ok(Written { text, reason })
                };
            }
            None => return Err(failed(&text, ModelError::Malformed("it has no end".into()))),
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// What a model says in time.
async fn within<T>(
    until: Option<Instant>,
    says: impl Future<Output = Result<T, ModelError>>,
) -> Result<T, ModelError> {
    let Some(until) = until else {
        return says.await;
    };
    timeout_at(until, says).await.unwrap_or_else(|_| {
        Err(ModelError::Unavailable {
            reason: "the model did not answer in the time that the run has".into(),
            retry_after: None,
        })
    })
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
