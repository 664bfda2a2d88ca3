//! What a failed call means: whether it may be made again, and in what words people hear of it.

use std::time::Duration;

use convene_agent::ModelError;
use convene_runtime::sse::SseError;
use reqwest::{StatusCode, header::HeaderMap};

use super::{
    connection::ApiKey,
    wire::{Chunk, WireError},
};

/// Why a call failed, and whether making it again at once may help.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: ModelError,
    pub(super) again: bool,
}

impl Failed {
    /// The provider cannot be reached, or broke off.
    pub(super) fn away(reason: impl Into<String>) -> Self {
        let error = ModelError::Unavailable {
            reason: reason.into(),
            retry_after: None,
        };
        Self { error, again: true }
    }

    /// It took too long; to ask once more would make people wait as long again.
    pub(super) fn silent(reason: impl Into<String>) -> Self {
        Self {
            again: false,
            ..Self::away(reason)
        }
    }

    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self {
            error: ModelError::Refused(reason.into()),
            again: false,
        }
    }

    pub(super) fn malformed(reason: impl Into<String>) -> Self {
        Self {
            error: ModelError::Malformed(reason.into()),
            again: false,
        }
    }

    /// How long to wait before the next call; none: there is to be none.
    pub(super) fn wait(&self, usual: Option<Duration>, longest: Duration) -> Option<Duration> {
        let asked = match &self.error {
            ModelError::Unavailable { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        usual
            .filter(|_| asked <= longest)
            .map(|usual| usual.max(asked))
    }
}

impl From<SseError> for Failed {
    fn from(error: SseError) -> Self {
        match error {
            SseError::Connection(_) => Self::away("the connection broke in mid-answer"),
            error => Self::malformed(error.to_string()),
        }
    }
}

/// A call that got no answer at all.
pub(super) fn unreachable(error: &reqwest::Error) -> Failed {
    if error.is_connect() {
        Failed::away("no connection to the provider")
    } else if error.is_timeout() {
        Failed::silent("the provider did not answer in time")
    } else {
        Failed::away("the connection broke before the answer")
    }
}

/// Reads refusals, and keeps the key out of what it passes on.
#[derive(Debug, Clone)]
pub(super) struct Refusals {
    pub(super) key: Option<ApiKey>,
}

impl Refusals {
    /// An answer with a status other than success.
    pub(super) fn answer(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failed {
        let error = serde_json::from_slice::<Chunk>(body)
            .ok()
            .and_then(|chunk| chunk.error);
        self.read(status.as_u16(), retry_after(headers), error.as_ref())
    }

    /// An error inside an answer that had begun well.
    pub(super) fn event(&self, error: &WireError) -> Failed {
        self.read(error.status().unwrap_or(500), None, Some(error))
    }

    fn read(
        &self,
        status: u16,
        retry_after: Option<Duration>,
        error: Option<&WireError>,
    ) -> Failed {
        let said = self.said(error);
        match status {
            // What providers say here may repeat the key.
            401 | 403 if self.key.is_none() => {
                Failed::refused(format!("the provider asks for an API key ({status})"))
            }
            401 | 403 => Failed::refused(format!(
                "the provider does not accept the API key ({status})"
            )),
            404 => Failed::refused(format!(
                "no such model, or no such path under base_url (404){said}"
            )),
            300..=399 => Failed::refused(format!("base_url leads elsewhere ({status})")),
            429 if error.is_some_and(|error| error.is("insufficient_quota")) => {
                Failed::refused(format!("the account's quota is used up (429){said}"))
            }
            429 => Failed::overloaded(format!("too many requests (429){said}"), retry_after),
            408 | 409 | 425 | 500.. => {
                Failed::overloaded(format!("the provider failed ({status}){said}"), retry_after)
            }
            _ => Failed::refused(format!("status {status}{said}")),
        }
    }

    /// The provider's own words, on one line and not too many.
    fn said(&self, error: Option<&WireError>) -> String {
        let message = error.and_then(WireError::message).unwrap_or_default();
        let message = match &self.key {
            Some(key) => key.redact(message),
            None => message.to_owned(),
        };
        let line: String = message
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .take(LONGEST_MESSAGE)
            .collect();
        if line.is_empty() {
            line
        } else {
            format!(": {line}")
        }
    }
}

const LONGEST_MESSAGE: usize = 200;

impl Failed {
    fn overloaded(reason: String, retry_after: Option<Duration>) -> Self {
        Self {
            error: ModelError::Unavailable {
                reason,
                retry_after,
            },
            again: true,
        }
    }
}

/// The wait that the provider asks for. Dates are not read: the usual backoff does for them.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms")
        .map(|ms| ms / 1000.0)
        .or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> ModelError {
        let refusals = Refusals {
            key: Some(ApiKey::new("sk-secret")),
        };
        let status = StatusCode::from_u16(status).unwrap();
        refusals
            .answer(status, &HeaderMap::new(), body.as_bytes())
            .error
    }

    #[test]
    fn words_for_people_hold_no_key_and_no_page() {
        let repeated = r#"{"error":{"message":"Incorrect API key provided: sk-secret"}}"#;
        for status in [400, 401, 404, 429, 500] {
            assert!(
                !refusal(status, repeated).to_string().contains("sk-"),
                "{status}"
            );
        }
        let page = refusal(502, "<html>Bad Gateway on host db-1.internal</html>");
        assert!(!page.to_string().contains("internal"));
        let long = format!(r#"{{"error":"{}"}}"#, "x\\n".repeat(500));
        assert!(refusal(400, &long).to_string().len() < 300);
    }

    #[test]
    fn what_would_be_refused_again_is_told_from_what_would_not() {
        for status in [408, 429, 500, 502, 503, 529] {
            assert!(
                matches!(refusal(status, ""), ModelError::Unavailable { .. }),
                "{status}"
            );
        }
        for status in [302, 400, 401, 403, 404, 422] {
            assert!(
                matches!(refusal(status, ""), ModelError::Refused(_)),
                "{status}"
            );
        }
        let quota = r#"{"error":{"message":"pay","code":"insufficient_quota"}}"#;
        assert!(matches!(refusal(429, quota), ModelError::Refused(_)));
    }

    #[test]
    fn a_wait_beyond_patience_ends_the_retries() {
        let failed = Failed::overloaded(String::new(), Some(Duration::from_secs(9)));
        let usual = Some(Duration::from_secs(1));
        assert_eq!(
            failed.wait(usual, Duration::from_secs(20)),
            Some(Duration::from_secs(9))
        );
        assert_eq!(failed.wait(usual, Duration::from_secs(5)), None);
        assert_eq!(failed.wait(None, Duration::from_secs(20)), None);
    }
}
