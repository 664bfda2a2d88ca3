//! Who one is to the server, and whom one can talk to.

use reqwest::Method;
use serde_json::json;

use super::{
    Rest,
    bodies::{Agent, Agents, Guest, Me},
};
use crate::{Error, Options};

impl Rest {
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
        let agents: Agents = self.get(self.address.of(&["agents"])).await?;
        Ok(agents.agents)
    }
}
