//! HTTP endpoints that flows call.

use std::time::Duration;

use convene_agent::RunContext;
use convene_flows::folder::Method;
use convene_flows::{Answer, HttpCall};
use futures_util::StreamExt as _;
use reqwest::{Client, Response, Url, redirect::Policy};

const CONNECTING: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 1 << 20;

pub(super) fn client() -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(CONNECTING)
        // Whoever answers does not choose who else is asked, with these headers and this body.
        .redirect(Policy::none())
        .build()
}

/// Calls, and says what came of it. Whoever answers can tell by the `Idempotency-Key` that it was called
/// before, by an attempt at the same turn that died, was stopped, or failed; `Convene-Run` is the run that calls now.
pub(super) async fn call(client: &Client, context: &RunContext, call: HttpCall) -> Answer {
    let Ok(url) = call.url.parse::<Url>() else {
        return Answer::NoAnswer("its address is none".to_owned());
    };
    let method = match call.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut request = client
        .request(method, url.clone())
        .timeout(call.timeout)
        .header(
            "idempotency-key",
            format!("{}/{}/{}", context.conversation.id, context.agent, call.key),
        )
        .header("convene-run", context.run.as_str());
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    if let Some(body) = &call.body {
        request = request.json(body);
    }
    let answered = async {
        let response = request.send().await.map_err(reason)?;
        let status = response.status().as_u16();
        let body = read(response).await?;
        Ok(Answer::Http {
            status,
            body: serde_json::from_slice(&body).ok(),
        })
    };
    answered.await.unwrap_or_else(|why: String| {
        tracing::warn!(host = url.host_str(), why, "an endpoint did not answer");
        Answer::NoAnswer(why)
    })
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
