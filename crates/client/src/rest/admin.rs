//! What is for administrators: dead letters, and tokens that shall be good no longer.

use convene_proto::id::{Pool, TokenId, UserId};
use reqwest::{Method, Url};
use serde_json::json;

use super::{
    Rest,
    bodies::{DeadLetter, DeadLetters},
};
use crate::Error;

impl Rest {
    /// Commands that no attempt could answer, oldest first. For administrators, as all of these.
    ///
    /// # Errors
    /// As every call.
    pub async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>, Error> {
        let mut url = of_pool(self.address.of(&["dead-letters"]), pool);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        let found: DeadLetters = self.get(url).await?;
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
}

fn of_pool(mut url: Url, pool: &Pool) -> Url {
    url.query_pairs_mut().append_pair("pool", pool.as_str());
    url
}
