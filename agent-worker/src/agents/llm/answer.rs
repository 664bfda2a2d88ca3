//! One streamed answer: from server-sent events to model events, with exactly one end.

use std::time::Duration;

use convene_agent::{FinishReason, ModelEvent, ModelStream};
use convene_proto::event::Usage;
use convene_runtime::sse::{Sse, SseError};
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use tokio::time::{Instant, timeout_at};

use super::{
    refusal::{Failed, Refusals},
    wire::{Chunk, Ended},
};

pub(super) type Events = BoxStream<'static, Result<Sse, SseError>>;

/// Bounds of one answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// From the request.
    pub(super) first_token: Duration,
    /// Between two events.
    pub(super) idle: Duration,
    /// From the request to the end.
    pub(super) whole: Duration,
    pub(super) bytes: usize,
}

/// How long to wait, once the answer is whole, for what providers count after it.
const USAGE_GRACE: Duration = Duration::from_secs(2);

/// An answer being read. Dropping it, or its end, closes the connection.
pub(super) struct Answer {
    events: Events,
    refusals: Refusals,
    limits: Limits,
    asked: Instant,
    bytes: usize,
    progress: bool,
    reason: Option<FinishReason>,
    usage: Option<Usage>,
    over: bool,
}

impl Answer {
    pub(super) fn new(events: Events, refusals: Refusals, limits: Limits, asked: Instant) -> Self {
        Self {
            events,
            refusals,
            limits,
            asked,
            bytes: 0,
            progress: false,
            reason: None,
            usage: None,
            over: false,
        }
    }

    /// Waits for the first event, so that the call can still be made again where there is none;
    /// the stream then has that one and all that follow.
    pub(super) async fn begin(mut self) -> Result<ModelStream, Failed> {
        let first = self.next().await?;
        let rest = stream::try_unfold(self, |mut answer| async move {
            let event = answer.next().await.map_err(|failed| failed.error)?;
            Ok(event.map(|event| (event, answer)))
        });
        Ok(stream::iter(first.map(Ok)).chain(rest).boxed())
    }

    /// The next event; none after the finish.
    async fn next(&mut self) -> Result<Option<ModelEvent>, Failed> {
        while !self.over {
            let event = match timeout_at(self.deadline(), self.events.next()).await {
                Ok(Some(Ok(event))) => self.take(&event),
                Ok(Some(Err(error))) => Err(error.into()),
                Ok(None) => Err(Failed::away("the answer was cut short")),
                Err(_) => Err(Failed::silent("the provider went silent")),
            };
            match event {
                Ok(None) => {}
                Ok(Some(event)) => return Ok(Some(event)),
                // Whatever goes wrong behind the last word, the answer is whole.
                Err(_) if self.reason.is_some() => return Ok(Some(self.finish())),
                Err(failed) => return Err(failed),
            }
        }
        Ok(None)
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        let next = match self.reason {
            Some(_) => now + USAGE_GRACE,
            None if self.progress => now + self.limits.idle,
            None => self.asked + self.limits.first_token,
        };
        next.min(self.asked + self.limits.whole)
    }

    fn take(&mut self, event: &Sse) -> Result<Option<ModelEvent>, Failed> {
        let Some(data) = event
            .data
            .as_deref()
            .map(str::trim)
            .filter(|data| !data.is_empty())
        else {
            return Ok(None);
        };
        if data == "[DONE]" {
            return Ok(Some(self.finish()));
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|error| {
            Failed::malformed(format!("an event is not of the protocol: {error}"))
        })?;
        if let Some(error) = &chunk.error {
            return Err(self.refusals.event(error));
        }
        if event.event.as_deref() == Some("error") {
            return Err(Failed::away("the provider reported an error"));
        }
        self.usage = chunk.usage().or(self.usage);
        match chunk.ended() {
            Some(Ended::Well(reason)) => self.reason = Some(reason),
            Some(Ended::Badly) => return Err(Failed::away("the provider gave up in mid-answer")),
            None => {}
        }
        let text = chunk.text();
        self.progress |= chunk.is_progress() || !text.is_empty();
        Ok(self.fitting(text).map(ModelEvent::Text))
    }

    /// As much of the text as the answer may still have. At the limit the call ends.
    fn fitting(&mut self, mut text: String) -> Option<String> {
        let room = self.limits.bytes - self.bytes;
        if text.len() > room {
            text.truncate(text.floor_char_boundary(room));
            self.reason = Some(FinishReason::Length);
            self.events = stream::empty().boxed();
        }
        self.bytes += text.len();
        (!text.is_empty()).then_some(text)
    }

    fn finish(&mut self) -> ModelEvent {
        self.over = true;
        self.events = stream::empty().boxed();
        ModelEvent::Finish {
            reason: self.reason.unwrap_or(FinishReason::Stop),
            usage: self.usage,
        }
    }
}
