//! A conversation as server-sent events.

use convene_proto::{frame::ServerFrame, position::Position};
use convene_runtime::sse::{self, Sse, SseError};
use futures_util::{StreamExt as _, stream::BoxStream};
use reqwest::Response;

use super::failed;
use crate::Error;

/// A snapshot holds hundreds of events.
const LARGEST_EVENT: usize = 16 * 1024 * 1024;

/// One connection's server-sent events.
pub struct EventStream {
    events: BoxStream<'static, Result<Sse, SseError>>,
    position: Option<Position>,
    retry_ms: Option<u64>,
}

/// An event of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The event's `id:`, if it had one.
    pub id: Option<Position>,
    /// The event's name.
    pub name: String,
    pub frame: ServerFrame,
}

impl EventStream {
    pub(super) fn new(answer: Response, after: Option<Position>) -> Self {
        Self {
            events: sse::events(answer.bytes_stream(), LARGEST_EVENT).boxed(),
            position: after,
            retry_ms: None,
        }
    }

    /// What to go on from: the last `id:`.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// How long the server asks to wait before connecting again, in milliseconds.
    #[must_use]
    pub fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// The next event; none at the end of the stream, which is no end of the conversation.
    ///
    /// # Errors
    /// [`Error::Lost`] where the connection broke or went silent, [`Error::Protocol`] where what
    /// came is no frame.
    pub async fn next(&mut self) -> Result<Option<Received>, Error> {
        while let Some(event) = self.events.next().await {
            let event = event.map_err(broken)?;
            self.retry_ms = event.retry.or(self.retry_ms);
            let Some(data) = event.data else { continue };
            let protocol = |error: &dyn std::fmt::Display| Error::Protocol(error.to_string());
            let frame = serde_json::from_str(&data).map_err(|error| protocol(&error))?;
            let id = event.id.map(|id| id.parse::<Position>()).transpose();
            let id = id.map_err(|error| protocol(&error))?;
            if id.is_some() {
                self.position.clone_from(&id);
            }
            let name = event.event.unwrap_or_default();
            return Ok(Some(Received { id, name, frame }));
        }
        Ok(None)
    }
}

fn broken(error: SseError) -> Error {
    match error {
        SseError::Connection(cause) => match cause.downcast::<reqwest::Error>() {
            Ok(error) => failed(&error),
            Err(other) => Error::Lost(other.to_string()),
        },
        error => Error::Protocol(error.to_string()),
    }
}
