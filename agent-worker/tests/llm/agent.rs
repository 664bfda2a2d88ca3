//! The agent over a run: what people read, and what a model's failure becomes.

use std::time::Duration;

use convene_agent::{
    ChatModel, ChatRequest, ErrorKind, FinishReason, ModelError, ModelEvent, ModelStream, Usage,
    async_trait,
    testing::{Rehearsal, Said},
};
use convene_agent_worker::agents::llm::{LlmAgent, Prompt};
use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;

use crate::provider::{Piece, Provider, chunks_then, says};

/// Says these events.
struct Scripted(Vec<Result<ModelEvent, ModelError>>);

#[async_trait]
impl ChatModel for Scripted {
    async fn chat(&self, _: ChatRequest) -> Result<ModelStream, ModelError> {
        match self.0.first() {
            Some(Err(error)) => Err(error.clone()),
            _ => Ok(stream::iter(self.0.clone()).boxed()),
        }
    }

    fn name(&self) -> &str {
        "scripted"
    }
}

async fn answer(events: Vec<Result<ModelEvent, ModelError>>) -> Said {
    let prompt = Prompt {
        system: String::new(),
        history_messages: 10,
        history_bytes: 1000,
    };
    let agent = LlmAgent::new(Scripted(events), prompt);
    Rehearsal::new("Hi").perform(&agent).await
}

fn text(text: &str) -> Result<ModelEvent, ModelError> {
    Ok(ModelEvent::Text(text.into()))
}

const USAGE: Usage = Usage {
    input_tokens: 3,
    output_tokens: 4,
};

fn finish(reason: FinishReason) -> Result<ModelEvent, ModelError> {
    Ok(ModelEvent::Finish {
        reason,
        usage: Some(USAGE),
    })
}

#[tokio::test]
async fn text_and_usage_reach_the_run() {
    let said = answer(vec![text("Hel"), text("lo"), finish(FinishReason::Stop)]).await;
    assert_eq!(said.messages, ["Hello"]);
    assert_eq!((said.usage, said.result), (USAGE, Ok(())));
}

#[tokio::test]
async fn a_models_failure_is_the_runs_with_a_code_of_its_own() {
    let away = || ModelError::Unavailable {
        reason: "away".into(),
        retry_after: None,
    };
    let cases = [
        (vec![Err(away())], "model_unavailable", ErrorKind::Transient),
        (
            vec![text("a"), Err(away())],
            "model_unavailable",
            ErrorKind::Transient,
        ),
        (
            vec![Err(ModelError::Refused("no".into()))],
            "model_refused",
            ErrorKind::Permanent,
        ),
        (
            vec![Err(ModelError::Malformed("what".into()))],
            "model_malformed",
            ErrorKind::Transient,
        ),
        (vec![text("a")], "model_malformed", ErrorKind::Transient),
        (
            vec![finish(FinishReason::Stop)],
            "model_empty",
            ErrorKind::Transient,
        ),
        (
            vec![finish(FinishReason::Length)],
            "model_empty",
            ErrorKind::Permanent,
        ),
        (
            vec![finish(FinishReason::Filtered)],
            "model_filtered",
            ErrorKind::Permanent,
        ),
    ];
    for (events, code, kind) in cases {
        let error = answer(events).await.result.unwrap_err();
        assert_eq!((error.code, error.kind), (code, kind));
    }
}

#[tokio::test]
async fn dropping_the_run_aborts_the_call() {
    let provider = Provider::start([chunks_then(&[&says("a")], Piece::Stall)]).await;
    let agent = LlmAgent::from_options(&provider.options()).unwrap();
    let run = Rehearsal::new("Hi").perform(&agent);
    assert!(timeout(Duration::from_millis(300), run).await.is_err());
    provider.closed().await;
}
