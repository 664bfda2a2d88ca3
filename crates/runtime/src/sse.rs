//! Server-sent events as they come in, with a bound on the size of each.

use std::error::Error as StdError;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
pub use sse_stream::Sse;
use sse_stream::SseStream;

/// Why a stream of events broke off. Nothing follows it.
#[derive(Debug, thiserror::Error)]
pub enum SseError {
    /// One event had more bytes than the bound.
    #[error("an event is larger than {0} bytes")]
    TooLarge(usize),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Connection(#[source] Box<dyn StdError + Send + Sync>),
    /// The bytes are not server-sent events.
    #[error("not a stream of events: {0}")]
    Malformed(String),
}

/// The events in the body of an HTTP answer. No more than `max_event` bytes (and one chunk of the
/// body) are ever held; the stream ends at its first error.
///
/// An event that the body's end cuts short is dropped, as the standard says: whoever needs to
/// know that the stream is whole looks for its last event.
pub fn events<S, E>(body: S, max_event: usize) -> impl Stream<Item = Result<Sse, SseError>>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    // The parser would hold an endless event whole, so the bound stands before it.
    let mut event = EventSize::default();
    let bounded = body
        .map_err(|error| SseError::Connection(error.into()))
        .map(move |chunk| {
            let chunk = chunk?;
            if event.grow(&chunk) > max_event {
                return Err(SseError::TooLarge(max_event));
            }
            Ok(chunk)
        });
    parse(bounded)
}

fn parse(
    body: impl Stream<Item = Result<Bytes, SseError>>,
) -> impl Stream<Item = Result<Sse, SseError>> {
    let parser = SseStream::from_bytes_stream(body.map_err(Broken));
    stream::unfold(Some(Box::pin(parser)), |parser| async {
        let mut parser = parser?;
        match parser.next().await? {
            Ok(event) => Some((Ok(event), Some(parser))),
            Err(sse_stream::Error::Body(error)) => {
                let error = match error.downcast::<Broken>() {
                    Ok(broken) => broken.0,
                    Err(other) => SseError::Connection(other),
                };
                Some((Err(error), None))
            }
            Err(error) => Some((Err(SseError::Malformed(error.to_string())), None)),
        }
    })
}

/// Carries an [`SseError`] through the parser.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Broken(SseError);

/// The bytes since the last blank line.
#[derive(Default)]
struct EventSize {
    bytes: usize,
    in_line: bool,
}

impl EventSize {
    /// The size of the largest event that the chunk ends or goes on with.
    fn grow(&mut self, chunk: &[u8]) -> usize {
        let mut largest = 0;
        for byte in chunk {
            match byte {
                b'\n' if self.in_line => self.in_line = false,
                b'\n' => self.bytes = 0,
                b'\r' => {}
                _ => {
                    self.in_line = true;
                    self.bytes += 1;
                    largest = largest.max(self.bytes);
                }
            }
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    async fn read(chunks: &[&str], max: usize) -> Vec<Result<Sse, SseError>> {
        let chunks: Vec<Result<Bytes, Infallible>> = chunks
            .iter()
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk.as_bytes())))
            .collect();
        events(stream::iter(chunks), max).collect().await
    }

    #[tokio::test]
    async fn many_small_events_pass_under_the_bound_and_a_large_one_ends_the_stream() {
        let small = "data: 0123456789\r\n\r\n".repeat(50);
        let read = read(
            &[&small, "data: 01234", "5678901234567890\n\n", "data: x\n\n"],
            20,
        )
        .await;
        assert_eq!(read.len(), 51);
        assert!(read[..50].iter().all(Result::is_ok));
        assert!(matches!(read[50], Err(SseError::TooLarge(20))));
    }

    #[tokio::test]
    async fn what_is_no_event_stream_is_one_error() {
        let read = read(&["data: a\n\n", "<html>\n<p>\n", "data: b\n\n"], 1000).await;
        assert!(read[0].is_ok());
        assert!(matches!(read[1], Err(SseError::Malformed(_))));
        assert_eq!(read.len(), 2);
    }
}
