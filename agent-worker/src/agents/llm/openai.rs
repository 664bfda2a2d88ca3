//! The adapter for every OpenAI-compatible endpoint: the call, and its retries.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use convene_agent::{ChatModel, ChatRequest, ModelError, ModelStream, async_trait};
use convene_runtime::sse::{self, Sse};
use futures_util::{StreamExt as _, stream};
use reqwest::{Client, Response, StatusCode, Url, header::CONTENT_TYPE};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::{
    Options,
    answer::{Answer, Events, Limits},
    calling::{self, REFUSAL_BYTES, read},
    connection,
    refusal::{Failed, Refusals, unreachable},
    wire::{self, Body, StreamOptions, WireMessage},
};
use crate::agents::InvalidOptions;

/// One event may hold a whole answer, where a provider does not really stream.
const EVENT_OVERHEAD: usize = 64 * 1024;

/// A model behind `POST {base_url}/chat/completions`: OpenAI, Ollama, vLLM, llama.cpp,
/// OpenRouter and whoever else speaks as they do.
#[derive(Debug)]
pub struct OpenAi {
    http: Client,
    endpoint: Url,
    model: String,
    parameters: Map<String, Value>,
    limits: Limits,
    attempts: usize,
    refusals: Refusals,
    /// Whether to ask for usage; some servers refuse the question.
    ask_usage: AtomicBool,
}

impl OpenAi {
    /// The model that these settings name. Nothing is called yet.
    ///
    /// # Errors
    /// If a setting makes no sense.
    pub fn new(options: &Options) -> Result<Self, InvalidOptions> {
        options.check()?;
        let http = connection::client(
            options.header_map()?,
            "text/event-stream",
            options.connect_timeout(),
        )?;
        Ok(Self {
            http,
            endpoint: options.endpoint()?,
            model: options.model.clone(),
            parameters: options.parameters.clone(),
            limits: Limits {
                first_token: Duration::from_millis(options.first_token_timeout_ms),
                idle: Duration::from_millis(options.idle_timeout_ms),
                whole: Duration::from_millis(options.answer_timeout_ms),
                bytes: options.max_answer_bytes,
            },
            attempts: options.attempts,
            refusals: Refusals {
                key: options.api_key.clone(),
            },
            ask_usage: AtomicBool::new(true),
        })
    }

    /// One call, up to the first event of its answer.
    async fn call(&self, messages: &[WireMessage]) -> Result<ModelStream, Failed> {
        let asked = Instant::now();
        let deadline = asked + self.limits.first_token.min(self.limits.whole);
        let opened = timeout_at(deadline, self.open(messages)).await;
        let events =
            opened.map_err(|_| Failed::silent("the provider did not answer in time"))??;
        Answer::new(events, self.refusals.clone(), self.limits, asked)
            .begin()
            .await
    }

    /// The events of an answer that the provider agreed to give.
    async fn open(&self, messages: &[WireMessage]) -> Result<Events, Failed> {
        loop {
            let ask_usage = self.ask_usage.load(Ordering::Relaxed);
            let answer = self.post(messages, ask_usage).await?;
            if answer.status().is_success() {
                return self.events(answer).await;
            }
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = read(answer, REFUSAL_BYTES).await?;
            if ask_usage && refuses_usage(status, &body) {
                tracing::info!(
                    model = self.model,
                    "the provider does not count tokens in streams"
                );
                self.ask_usage.store(false, Ordering::Relaxed);
                continue;
            }
            return Err(self.refusals.answer(status, &headers, &body));
        }
    }

    async fn post(&self, messages: &[WireMessage], ask_usage: bool) -> Result<Response, Failed> {
        let body = Body {
            model: &self.model,
            messages,
            stream: true,
            stream_options: ask_usage.then_some(StreamOptions {
                include_usage: true,
            }),
            parameters: &self.parameters,
        };
        let request = self.http.post(self.endpoint.clone()).json(&body);
        request.send().await.map_err(|error| unreachable(&error))
    }

    async fn events(&self, answer: Response) -> Result<Events, Failed> {
        let largest = self.limits.bytes.saturating_add(EVENT_OVERHEAD);
        let kind = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        match kind
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
        {
            "text/html" => Err(Failed::malformed(
                "it is a web page: does base_url end as the provider says?",
            )),
            // The provider does not stream: the one answer is a stream of one.
            "application/json" => {
                let body = read(answer, largest).await?;
                let body =
                    String::from_utf8(body).map_err(|_| Failed::malformed("it is not UTF-8"))?;
                let events = [body, "[DONE]".to_owned()];
                Ok(stream::iter(events.map(|data| Ok(Sse::default().data(data)))).boxed())
            }
            _ => Ok(sse::events(answer.bytes_stream(), largest).boxed()),
        }
    }
}

#[async_trait]
impl ChatModel for OpenAi {
    async fn chat(&self, request: ChatRequest) -> Result<ModelStream, ModelError> {
        let messages = wire::messages(&request);
        calling::until_answered(
            self.attempts,
            || self.call(&messages),
            |failed, wait| {
                tracing::warn!(model = self.model, error = %failed.error, ?wait, "asking the model again");
            },
        )
        .await
        .map_err(|failed| failed.error)
    }

    fn name(&self) -> &str {
        &self.model
    }
}

fn refuses_usage(status: StatusCode, body: &[u8]) -> bool {
    matches!(status.as_u16(), 400 | 422) && String::from_utf8_lossy(body).contains("stream_options")
}
