//! What is said in a conversation, what was, and what others see of it meanwhile.

use convene_proto::{
    frame::{NewAct, NewEvent, NewMessage},
    id::{ConversationId, RunId, Timezone},
    position::{Position, Seq},
};
use reqwest::{Method, Url};
use serde_json::json;

use super::{
    Rest, accept,
    bodies::{History, Messages, Sent, Told},
    events::EventStream,
};
use crate::Error;

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

impl Rest {
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
