//! How people say something: until it is accepted or refused for good, or they go offline.

use std::time::Duration;

use convene_client::{
    Client, Error, Rest,
    proto::{frame::NewMessage, id::MessageId, position::Seq},
};
use convene_invariants::{Fate, Said};

use super::{PAUSE, Shared};
use crate::{
    cluster::{PATIENCE, retried},
    plan::Protocol,
};

impl Shared {
    pub(super) fn begins_to_say(&self, what: Said) -> usize {
        let mut said = self.said.lock().unwrap();
        said.push(what);
        said.len() - 1
    }

    pub(super) fn heard(&self, index: usize, id: &MessageId, fate: Fate) {
        let name = &self.name;
        self.trace.note(format!("{name} heard of {id}: {fate:?}"));
        let mut said = self.said.lock().unwrap();
        said[index].fate = fate;
        said[index].settled = self.trace.now();
    }

    /// By another gateway than that of now, and past all faults on the way there.
    pub(super) fn elsewhere(&self) -> Rest {
        let mut options = self.options.clone();
        let port = self
            .gateways
            .iter()
            .find(|port| !self.wire.leads_to(**port));
        options.url = format!("http://127.0.0.1:{}", port.unwrap());
        Rest::new(&options).unwrap()
    }

    /// Says it until it is accepted or refused for good.
    pub(super) async fn hand_in(&self, message: NewMessage) -> Fate {
        let said = async {
            match self.protocol {
                Protocol::Socket => self.hand_in_by_socket(message).await,
                Protocol::Stream => self.say_by_rest(self.rest(), &message).await,
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, said).await;
        match outcome {
            Ok(Ok(seq)) => Fate::Accepted(seq),
            Ok(Err(Error::Refused(problem))) if !problem.retryable => {
                self.trace.note(format!("{} ~ {problem:?}", self.name));
                Fate::Refused
            }
            Ok(Err(error)) => {
                self.trace.note(format!("{} ~ {error}", self.name));
                Fate::Unknown
            }
            Err(_) => Fate::Unknown,
        }
    }

    /// By the client of now; should they go offline, nobody knows what came of it.
    pub(super) async fn hand_in_by_socket(&self, message: NewMessage) -> Result<Seq, Error> {
        let client = self.client().await?;
        let mut online = self.online.subscribe();
        online.mark_unchanged();
        tokio::select! {
            sent = client.send(&self.conversation, message) => sent,
            _ = online.wait_for(Option::is_none) => Err(Error::Stopped),
        }
    }

    pub(super) async fn say_by_rest(&self, rest: Rest, message: &NewMessage) -> Result<Seq, Error> {
        loop {
            match rest.say(&self.conversation, message).await {
                Ok(sent) => return Ok(sent.seq),
                Err(error) if error.may_pass() => {
                    self.trace.note(format!("{} ~ {error}", self.name));
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn client(&self) -> Result<Client, Error> {
        let mut online = self.online.subscribe();
        let client = online.wait_for(Option::is_some).await;
        let client = client.map_err(|_| Error::Stopped)?;
        client.clone().ok_or(Error::Stopped)
    }

    /// Asks once, and does not care what comes of it.
    pub(super) async fn stop(&self) {
        let stopping = async {
            match self.protocol {
                Protocol::Socket => {
                    let client = self.client().await?;
                    client.cancel(&self.conversation, None).await
                }
                Protocol::Stream => self.rest().cancel(&self.conversation, None).await,
            }
        };
        let stopped = tokio::time::timeout(Duration::from_secs(10), stopping).await;
        self.trace
            .note(format!("{} heard of stopping: {stopped:?}", self.name));
    }

    /// Is invited, and joins; each is tried until it works.
    pub(super) async fn join(&self) {
        let invite = retried(|| self.host.invite(&self.conversation)).await;
        let rest = self.rest();
        retried(|| rest.join(&invite.invite)).await;
        self.trace.note(format!("{} has joined", self.name));
    }
}
