//! HTTP endpoints that flows call.

use std::{env, time::Duration};

use convene_agent::RunContext;
use convene_flows::{Answer, EnvironmentName, HeaderPiece, HttpCall, folder::Method};
use futures_util::StreamExt as _;
use reqwest::{Client, Response, Url, header::HeaderValue, redirect::Policy};
use tokio::{sync::Semaphore, time::timeout};

const CONNECTING: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 1 << 20;

/// Whoever waits for longer than this among an agent's calls has none: the worker's hands are other agents', too.
const IN_LINE: Duration = Duration::from_secs(1);

/// The endpoints of a project. Those that are slow hold up so many of the worker's hands and no more.
pub(super) struct Endpoints {
    client: Client,
    hands: Semaphore,
}

impl Endpoints {
    /// So many calls at once.
    pub(super) fn new(hands: usize) -> reqwest::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECTING)
            // Whoever answers does not choose who else is asked, with these headers and this body.
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            client,
            hands: Semaphore::new(hands.clamp(1, Semaphore::MAX_PERMITS)),
        })
    }

    /// The same, for so many at once.
    pub(super) fn with_hands(&self, hands: usize) -> Self {
        Self {
            client: self.client.clone(),
            hands: Semaphore::new(hands.clamp(1, Semaphore::MAX_PERMITS)),
        }
    }

    /// Calls, and says what came of it. Whoever answers can tell by the `Idempotency-Key` that it was called
    /// before, by an attempt at the same turn that died, was stopped, or failed; `Convene-Run` is the run that calls now.
    pub(super) async fn call(&self, context: &RunContext, call: HttpCall) -> Answer {
        let Ok(url) = call.url.parse::<Url>() else {
            return Answer::NoAnswer("its address is none".to_owned());
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let line = call.timeout.min(IN_LINE);
        let answered = match timeout(line, self.hands.acquire()).await {
            Ok(Ok(hand)) => {
                let answered = self.ask(context, url, call).await;
                drop(hand);
                answered
            }
            Ok(Err(_)) | Err(_) => Err("the agent has too many calls under way".to_owned()),
        };
        answered.unwrap_or_else(|why| {
            tracing::warn!(host, why, "an endpoint did not answer");
            Answer::NoAnswer(why)
        })
    }

    async fn ask(&self, context: &RunContext, url: Url, call: HttpCall) -> Result<Answer, String> {
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self
            .client
            .request(method, url)
            .timeout(call.timeout)
            .header(
                "idempotency-key",
                format!("{}/{}/{}", context.conversation.id, context.agent, call.key),
            )
            .header("convene-run", context.run.as_str());
        for (name, pieces) in &call.headers {
            let value = header(pieces, |variable| env::var(variable.as_str()).ok())?;
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(reason)?;
        let status = response.status().as_u16();
        let body = read(response).await?;
        Ok(Answer::Http {
            status,
            body: serde_json::from_slice(&body).ok(),
        })
    }
}

/// A header's value, with what the environment says.
fn header(
    pieces: &[HeaderPiece],
    says: impl Fn(&EnvironmentName) -> Option<String>,
) -> Result<HeaderValue, String> {
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            HeaderPiece::Text(text) => whole.push_str(text),
            HeaderPiece::Environment(variable) => match says(variable) {
                Some(said) => whole.push_str(&said),
                None => {
                    return Err(format!(
                        "`{variable}` is not set in the worker's environment"
                    ));
                }
            },
        }
    }
    let mut value = HeaderValue::from_str(&whole)
        .map_err(|_| "what it says has characters that no header has".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        body.extend_from_slice(&piece.map_err(reason)?);
        if body.len() > LARGEST {
            return Err(format!("its answer is longer than {LARGEST} bytes"));
        }
    }
    Ok(body)
}

/// Without the address, which may hold what nobody should read.
fn reason(error: reqwest::Error) -> String {
    error.without_url().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer() -> [HeaderPiece; 2] {
        [
            HeaderPiece::Text("Bearer ".to_owned()),
            HeaderPiece::Environment("FLOW_KEY".into()),
        ]
    }

    #[test]
    fn what_the_environment_says_is_sent_and_shown_to_nobody() {
        let value = header(&bearer(), |name| Some(format!("secret of {name}"))).unwrap();
        assert_eq!(value, "Bearer secret of FLOW_KEY");
        assert!(!format!("{value:?}").contains("secret"), "{value:?}");
    }

    #[test]
    fn a_variable_that_is_missing_is_named_and_a_bad_one_is_not_quoted() {
        let missing = header(&bearer(), |_| None).unwrap_err();
        assert_eq!(missing, "`FLOW_KEY` is not set in the worker's environment");
        let broken = header(&bearer(), |_| Some("se\ncret".to_owned())).unwrap_err();
        assert!(!broken.contains("cret"), "{broken}");
    }
}
