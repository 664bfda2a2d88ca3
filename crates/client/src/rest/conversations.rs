//! Conversations, and who is in them.

use convene_proto::{
    event::Conversation,
    id::{ConversationId, ParticipantId},
};
use reqwest::Method;
use serde_json::json;

use super::{
    Rest,
    bodies::{Conversations, Invitation, Invite, NewConversation, NewParticipant},
};
use crate::Error;

impl Rest {
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
}
