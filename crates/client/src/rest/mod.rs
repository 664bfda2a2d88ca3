//! REST: everything that needs no socket, typed.

mod bodies;
mod events;

use std::{fmt, sync::Arc, time::Duration};

use convene_proto::{
    event::Conversation,
    frame::{NewAct, NewEvent, NewMessage},
    id::{ConversationId, ParticipantId, Pool, RunId, Timezone, TokenId, UserId},
    position::{Position, Seq},
};
use reqwest::{Method, RequestBuilder, Response, Url, redirect};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

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

/// What is said somewhere.
pub(crate) trait Placed {
    fn timezone(&mut self) -> &mut Option<Timezone>;
}

impl Placed for NewMessage {
    fn timezone(&mut self) -> &mut Option<Timezone> {
        &mut self.timezone
    }
}

impl Placed for NewAct {
    fn timezone(&mut self) -> &mut Option<Timezone> {
        &mut self.timezone
    }
}

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

    /// Comes in under a name alone, where the server lets guests in.
    ///
    /// # Errors
    /// [`Error::Refused`] where it does not, [`Error::Unreachable`] where nobody answers.
    pub async fn guest(url: &str, name: &str) -> Result<Guest, Error> {
        let rest = Self::build(&Options::new(url, ""), None)?;
        rest.call(
            Method::POST,
            rest.address.of(&["auth", "guest"]),
            Some(&json!({ "name": name })),
        )
        .await
    }

    /// A fresh token for a guest whose token is still good; [`GuestTokens`](crate::GuestTokens)
    /// asks in time.
    ///
    /// # Errors
    /// As every call; [`Error::Refused`] where the token is no guest's.
    pub async fn renew(&self) -> Result<Guest, Error> {
        self.call(
            Method::POST,
            self.address.of(&["auth", "renew"]),
            None::<&()>,
        )
        .await
    }

    /// Who the token says that one is.
    ///
    /// # Errors
    /// As every call: [`Error::Refused`], [`Error::Unreachable`], [`Error::Lost`],
    /// [`Error::Timeout`], [`Error::Protocol`].
    pub async fn me(&self) -> Result<Me, Error> {
        self.get(self.address.of(&["me"])).await
    }

    /// The agents at work.
    ///
    /// # Errors
    /// As every call.
    pub async fn agents(&self) -> Result<Vec<Agent>, Error> {
        let agents: bodies::Agents = self.get(self.address.of(&["agents"])).await?;
        Ok(agents.agents)
    }

    /// A page of one's conversations, most recently used first; `after` is `next` of the page before.
    ///
    /// # Errors
    /// As every call.
    pub async fn conversations(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Conversations, Error> {
        let mut url = self.address.of(&["conversations"]);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        self.get(url).await
    }

    /// Begins a conversation.
    ///
    /// # Errors
    /// As every call.
    pub async fn create(&self, new: &NewConversation) -> Result<Conversation, Error> {
        self.call(Method::POST, self.address.of(&["conversations"]), Some(new))
            .await
    }

    /// A conversation one is in.
    ///
    /// # Errors
    /// As every call.
    pub async fn conversation(&self, id: &ConversationId) -> Result<Conversation, Error> {
        self.get(self.under(id, &[])).await
    }

    /// Gives a conversation another title.
    ///
    /// # Errors
    /// As every call.
    pub async fn rename(&self, id: &ConversationId, title: &str) -> Result<(), Error> {
        self.done(
            Method::PATCH,
            self.under(id, &[]),
            &json!({ "title": title }),
        )
        .await
    }

    /// Brings somebody in.
    ///
    /// # Errors
    /// As every call.
    pub async fn add(
        &self,
        id: &ConversationId,
        participant: &NewParticipant,
    ) -> Result<(), Error> {
        self.done(Method::POST, self.under(id, &["participants"]), participant)
            .await
    }

    /// Takes somebody out; oneself, too.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove(
        &self,
        id: &ConversationId,
        participant: &ParticipantId,
    ) -> Result<(), Error> {
        let url = self.under(id, &["participants", &participant.to_string()]);
        self.send(self.request(Method::DELETE, url).await?)
            .await
            .map(drop)
    }

    /// Makes an invitation for others to [`Rest::join`] with.
    ///
    /// # Errors
    /// As every call.
    pub async fn invite(&self, id: &ConversationId) -> Result<Invite, Error> {
        self.call(Method::POST, self.under(id, &["invites"]), None::<&()>)
            .await
    }

    /// Says what an invitation invites to; changes nothing.
    ///
    /// # Errors
    /// As every call.
    pub async fn invitation(&self, invite: &str) -> Result<Invitation, Error> {
        self.call(
            Method::POST,
            self.address.of(&["invitation"]),
            Some(&json!({ "invite": invite })),
        )
        .await
    }

    /// Joins the conversation of an invitation.
    ///
    /// # Errors
    /// As every call.
    pub async fn join(&self, invite: &str) -> Result<Conversation, Error> {
        self.call(
            Method::POST,
            self.address.of(&["join"]),
            Some(&json!({ "invite": invite })),
        )
        .await
    }

    /// Says something, once: what fails here is not sent again.
    ///
    /// # Errors
    /// As every call.
    pub async fn say(&self, id: &ConversationId, message: &NewMessage) -> Result<Sent, Error> {
        let message = self.here(message.clone());
        self.call(Method::POST, self.under(id, &["messages"]), Some(&message))
            .await
    }

    /// Presses or submits what a message offers, once: what fails here is not sent again.
    ///
    /// # Errors
    /// As every call.
    pub async fn act(&self, id: &ConversationId, act: &NewAct) -> Result<Sent, Error> {
        let act = self.here(act.clone());
        self.call(Method::POST, self.under(id, &["acts"]), Some(&act))
            .await
    }

    /// What is said, with where this person is, unless it tells itself.
    pub(crate) fn here<S: Placed>(&self, mut said: S) -> S {
        let timezone = said.timezone();
        if timezone.is_none() {
            timezone.clone_from(&self.timezone);
        }
        said
    }

    /// Tells the conversation that something happened outside, once: what fails here is not sent again.
    /// For who is staff.
    ///
    /// # Errors
    /// As every call.
    pub async fn tell(&self, id: &ConversationId, event: &NewEvent) -> Result<Told, Error> {
        self.call(Method::POST, self.under(id, &["events"]), Some(event))
            .await
    }

    /// What was said, in whole messages: the last `limit` events' worth before `before`.
    ///
    /// # Errors
    /// As every call.
    pub async fn messages(
        &self,
        id: &ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Messages, Error> {
        let mut url = self.under(id, &["messages"]);
        span(&mut url, None, before, limit);
        self.get(url).await
    }

    /// A page of the log after `after`, oldest first.
    ///
    /// # Errors
    /// As every call.
    pub async fn history_after(
        &self,
        id: &ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<History, Error> {
        let mut url = self.under(id, &["history"]);
        span(&mut url, Some(after), None, limit);
        self.get(url).await
    }

    /// The page of the log before `before`, or the last one; oldest first, too.
    ///
    /// # Errors
    /// As every call.
    pub async fn history_before(
        &self,
        id: &ConversationId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<History, Error> {
        let mut url = self.under(id, &["history"]);
        span(&mut url, None, before, limit);
        self.get(url).await
    }

    /// Stops a run, or whichever is under way.
    ///
    /// # Errors
    /// As every call.
    pub async fn cancel(&self, id: &ConversationId, run: Option<&RunId>) -> Result<(), Error> {
        let body = run.map_or_else(|| json!({}), |run| json!({ "run": run }));
        self.done(Method::POST, self.under(id, &["cancel"]), &body)
            .await
    }

    /// Shows the others that one is typing.
    ///
    /// # Errors
    /// As every call.
    pub async fn typing(&self, id: &ConversationId) -> Result<(), Error> {
        let request = self
            .request(Method::POST, self.under(id, &["typing"]))
            .await?;
        self.send(request).await.map(drop)
    }

    /// Shows the others how far one has read.
    ///
    /// # Errors
    /// As every call.
    pub async fn read(&self, id: &ConversationId, seq: Seq) -> Result<(), Error> {
        self.done(
            Method::POST,
            self.under(id, &["read"]),
            &json!({ "seq": seq }),
        )
        .await
    }

    /// The conversation's frames as server-sent events, from a position on or from a snapshot:
    /// one connection, which the caller makes again from [`EventStream::position`].
    ///
    /// # Errors
    /// As every call.
    pub async fn events(
        &self,
        id: &ConversationId,
        after: Option<&Position>,
    ) -> Result<EventStream, Error> {
        let mut request = self
            .request(Method::GET, self.under(id, &["events"]))
            .await?;
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let answer = self.patiently(request.send()).await?;
        Ok(EventStream::new(accept(answer).await?, after.cloned()))
    }

    /// Commands that no attempt could answer, oldest first. For administrators, as all of these.
    ///
    /// # Errors
    /// As every call.
    pub async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>, Error> {
        let mut url = of_pool(self.address.of(&["dead-letters"]), pool);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        let found: bodies::DeadLetters = self.get(url).await?;
        Ok(found.dead_letters)
    }

    /// One of them as it is, with the message that could not be answered.
    ///
    /// # Errors
    /// As every call.
    pub async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<serde_json::Value, Error> {
        let url = of_pool(self.address.of(&["dead-letters", id]), pool);
        self.get(url).await
    }

    /// Rings one of them again, from its first attempt.
    ///
    /// # Errors
    /// As every call.
    pub async fn replay_dead_letter(&self, pool: &Pool, id: &str) -> Result<(), Error> {
        let url = of_pool(self.address.of(&["dead-letters", id, "replay"]), pool);
        let request = self.request(Method::POST, url).await?;
        self.send(request).await.map(drop)
    }

    /// Forgets one of them.
    ///
    /// # Errors
    /// As every call.
    pub async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<(), Error> {
        let url = of_pool(self.address.of(&["dead-letters", id]), pool);
        let request = self.request(Method::DELETE, url).await?;
        self.send(request).await.map(drop)
    }

    /// Has a token be good no longer; it is remembered until it expires, or for good. For
    /// administrators, as is the next.
    ///
    /// # Errors
    /// As every call.
    pub async fn revoke_token(&self, id: &TokenId, expires_at: Option<u64>) -> Result<(), Error> {
        let body = match expires_at {
            Some(expires_at) => json!({ "token": id, "expires_at": expires_at }),
            None => json!({ "token": id }),
        };
        let url = self.address.of(&["revocations"]);
        self.done(Method::POST, url, &body).await
    }

    /// Has the tokens of somebody that were issued until then, in seconds since 1970 (UTC), or until
    /// now, be good no longer.
    ///
    /// # Errors
    /// As every call.
    pub async fn revoke_tokens_of(
        &self,
        user: &UserId,
        issued_until: Option<u64>,
    ) -> Result<(), Error> {
        let body = match issued_until {
            Some(issued_until) => json!({ "user": user, "issued_until": issued_until }),
            None => json!({ "user": user }),
        };
        let url = self.address.of(&["revocations"]);
        self.done(Method::POST, url, &body).await
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

fn of_pool(mut url: Url, pool: &Pool) -> Url {
    url.query_pairs_mut().append_pair("pool", pool.as_str());
    url
}

fn span(url: &mut Url, after: Option<Seq>, before: Option<Seq>, limit: u32) {
    let mut query = url.query_pairs_mut();
    query.append_pair("limit", &limit.to_string());
    for (name, seq) in [("after", after), ("before", before)] {
        if let Some(seq) = seq {
            query.append_pair(name, &seq.to_string());
        }
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
