//! REST: everything that needs no socket, typed.

mod account;
mod admin;
mod bodies;
mod conversations;
mod events;
mod messages;

use std::{fmt, sync::Arc, time::Duration};

use convene_proto::id::{ConversationId, Timezone};
use reqwest::{Method, RequestBuilder, Response, Url, redirect};
use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    bodies::{
        Agent, Conversations, DeadLetter, Guest, History, Invitation, Invite, Me, Messages,
        NewConversation, NewParticipant, Said, Sent, Told,
    },
    events::{EventStream, Received},
};
use crate::{Error, Options, TokenSource, options::Address, raw::problem};

/// Silence of an event stream for so long means that its connection is dead: the server comments
/// each 15 seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// A page of history holds up to 1000 events.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// Everything that needs no socket. Clones share one pool of connections.
#[derive(Clone)]
pub struct Rest {
    http: reqwest::Client,
    address: Address,
    token: Option<Arc<dyn TokenSource>>,
    timeout: Duration,
    timezone: Option<Timezone>,
}

impl Rest {
    /// A client with the same address and token.
    ///
    /// # Errors
    /// If the address makes no sense.
    pub fn new(options: &Options) -> Result<Self, Error> {
        Self::build(options, Some(options.token.clone()))
    }

    /// The same server, called by somebody else over the same pool of connections.
    #[must_use]
    pub fn as_another(&self, token: impl TokenSource) -> Self {
        Self {
            token: Some(Arc::new(token)),
            ..self.clone()
        }
    }

    fn build(options: &Options, token: Option<Arc<dyn TokenSource>>) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .read_timeout(SILENCE)
            .redirect(redirect::Policy::none())
            .tcp_nodelay(true)
            .build()
            .map_err(|error| Error::Protocol(error.to_string()))?;
        Ok(Self {
            http,
            address: Address::parse(&options.url)?,
            token,
            timeout: options.request_timeout,
            timezone: options.timezone.clone(),
        })
    }

    fn under(&self, id: &ConversationId, rest: &[&str]) -> Url {
        let mut segments = vec!["conversations", id.as_str()];
        segments.extend(rest);
        self.address.of(&segments)
    }

    async fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Error> {
        let request = self.http.request(method, url);
        Ok(match &self.token {
            Some(source) => request.bearer_auth(source.token().await?),
            None => request,
        })
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Error> {
        self.call(Method::GET, url, None::<&()>).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Option<&impl Serialize>,
    ) -> Result<T, Error> {
        let mut request = self.request(method, url).await?;
        if let Some(body) = body {
            request = request.json(body);
        }
        let body = self.send(request).await?;
        serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))
    }

    async fn done(&self, method: Method, url: Url, body: &impl Serialize) -> Result<(), Error> {
        let request = self.request(method, url).await?.json(body);
        self.send(request).await.map(drop)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Error> {
        let answer = self.patiently(request.timeout(self.timeout).send()).await?;
        read(accept(answer).await?).await
    }

    async fn patiently(
        &self,
        answer: impl Future<Output = reqwest::Result<Response>>,
    ) -> Result<Response, Error> {
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(Error::Timeout(self.timeout)),
        }
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The answer, if it is what was asked for.
async fn accept(answer: Response) -> Result<Response, Error> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = read(answer).await.unwrap_or_default();
    Err(Error::Refused(problem(status.as_u16(), &body)))
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(Error::Protocol(format!(
                "an answer larger than {LARGEST_BODY} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failed(error: &reqwest::Error) -> Error {
    if error.is_connect() {
        let url = error.url().map(Url::to_string).unwrap_or_default();
        Error::Unreachable {
            url,
            reason: cause(error),
        }
    } else {
        Error::Lost(cause(error))
    }
}

/// The last of an error's causes, which says most.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
