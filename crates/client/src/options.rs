//! Where to connect, as whom, and with how much patience.

use std::{fmt, sync::Arc, time::Duration};

use convene_proto::id::Timezone;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use reqwest::Url;

use crate::Error;

/// Where tokens come from. Asked before every connection, and again shortly before the token
/// under way expires.
pub trait TokenSource: Send + Sync + 'static {
    /// A good token.
    fn token(&self) -> BoxFuture<'_, Result<String, Error>>;
}

/// Always the same token.
impl TokenSource for String {
    fn token(&self) -> BoxFuture<'_, Result<String, Error>> {
        ready(Ok(self.clone())).boxed()
    }
}

/// Where to connect, as whom, and with how much patience.
#[derive(Clone)]
pub struct Options {
    /// `http://host:port` or `https://host`, and a path where the server has one.
    pub url: String,
    pub token: Arc<dyn TokenSource>,
    /// Until a connection stands and has said welcome.
    pub connect_timeout: Duration,
    /// Until a request is answered. Messages stay in the outbox beyond it.
    pub request_timeout: Duration,
    /// Before the first attempt to connect again; it doubles from attempt to attempt.
    pub backoff_min: Duration,
    /// The longest wait between two attempts.
    pub backoff_max: Duration,
    /// Messages that may wait to be accepted.
    pub outbox: usize,
    /// Frames that a subscription holds for a reader that is busy. One that falls further behind
    /// reads on from the log when it comes back.
    pub buffer: usize,
    /// Where the person is: told with all that they say, press and submit, so that agents know what "tomorrow" is to them.
    pub timezone: Option<Timezone>,
}

impl Options {
    /// The defaults, with one token for good.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self::with(url, token.into())
    }

    /// The defaults, with tokens from somewhere.
    #[must_use]
    pub fn with(url: impl Into<String>, token: impl TokenSource) -> Self {
        Self {
            url: url.into(),
            token: Arc::new(token),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            backoff_min: Duration::from_millis(200),
            backoff_max: Duration::from_secs(10),
            outbox: 256,
            buffer: 1024,
            timezone: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The server's address, and what lies under it.
#[derive(Debug, Clone)]
pub(crate) struct Address(Url);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidUrl(text.to_owned());
        let mut url = Url::parse(text).map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(invalid());
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address of these path segments; each is escaped.
    pub(crate) fn of(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only addresses without a host have no segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1").extend(segments);
        }
        url
    }

    /// The address of the WebSocket.
    pub(crate) fn socket(&self) -> String {
        // `http` becomes `ws`, `https` becomes `wss`.
        self.of(&["ws"]).as_str().replacen("http", "ws", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_path_and_escape_what_is_put_under_them() {
        let address = Address::parse("https://example.org/chat/").unwrap();
        assert_eq!(address.socket(), "wss://example.org/chat/v1/ws");
        let participant = address.of(&["participants", "user:a/b?c"]);
        assert_eq!(
            participant.as_str(),
            "https://example.org/chat/v1/participants/user:a%2Fb%3Fc"
        );
        for bad in ["", "localhost:8080", "ws://localhost", "not a url"] {
            assert!(Address::parse(bad).is_err(), "{bad:?}");
        }
    }
}
