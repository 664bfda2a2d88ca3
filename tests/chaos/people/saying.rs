//! How people say something: until it is accepted or refused for good, or they go offline. How long
//! that may take is the seed's to judge.

use std::time::Duration;

use convene_client::{
    Client, Error, Rest,
    proto::{
        frame::{NewEvent, NewMessage},
        id::MessageId,
        position::Seq,
    },
};
use convene_invariants::{Fate, Said, Stop, Told};
use convene_runtime::clock::now_ms;

use super::{PAUSE, Shared};
use crate::{cluster::retried, plan::Protocol};

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
        said[index].settled = now_ms();
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

    pub(super) async fn hand_in(&self, message: &NewMessage) -> Fate {
        match self.protocol {
            Protocol::Socket => self.say_by_socket(message).await,
            Protocol::Stream => self.say_by_rest(self.rest(), message).await,
        }
    }

    /// By the client of now; should they go offline, nobody knows what came of it.
    async fn say_by_socket(&self, message: &NewMessage) -> Fate {
        let mut online = self.online.subscribe();
        if online.wait_for(Option::is_some).await.is_err() {
            return Fate::Unknown;
        }
        let saying = self.until_known(|| async {
            let client = self.client().await?;
            client.send(&self.conversation, message.clone()).await
        });
        tokio::select! {
            fate = saying => fate,
            _ = online.wait_for(Option::is_none) => Fate::Unknown,
        }
    }

    pub(super) async fn say_by_rest(&self, rest: Rest, message: &NewMessage) -> Fate {
        let say = || async { Ok(rest.say(&self.conversation, message).await?.seq) };
        self.until_known(say).await
    }

    /// Has the backend tell what happened.
    pub(super) async fn tell(&self, event: &NewEvent) {
        let index = {
            let mut told = self.told.lock().unwrap();
            told.push(Told {
                event: event.id.clone(),
                asked: now_ms(),
                settled: u64::MAX,
                fate: Fate::Unheard,
            });
            told.len() - 1
        };
        let tell = || async { Ok(self.backend.tell(&self.conversation, event).await?.seq) };
        let fate = self.until_known(tell).await;
        self.trace
            .note(format!("the backend heard of {}: {fate:?}", event.id));
        let mut told = self.told.lock().unwrap();
        told[index].fate = fate;
        told[index].settled = now_ms();
    }

    /// Says it again and again, until it is accepted or refused for good.
    async fn until_known<F>(&self, mut say: impl FnMut() -> F) -> Fate
    where
        F: Future<Output = Result<Seq, Error>>,
    {
        loop {
            match say().await {
                Ok(seq) => return Fate::Accepted(seq),
                Err(Error::Refused(problem)) if !problem.retryable => {
                    self.trace.note(format!("{} ~ {problem:?}", self.name));
                    return Fate::Refused;
                }
                Err(error) => self.trace.note(format!("{} ~ {error}", self.name)),
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
        let index = {
            let mut stops = self.stops.lock().unwrap();
            stops.push(Stop {
                run: None,
                asked: now_ms(),
                settled: u64::MAX,
                accepted: false,
            });
            stops.len() - 1
        };
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
        let accepted = matches!(stopped, Ok(Ok(())));
        // Refused for good, it stops nothing any more.
        let is_settled =
            accepted || matches!(stopped, Ok(Err(Error::Refused(problem))) if !problem.retryable);
        if is_settled {
            let stop = &mut self.stops.lock().unwrap()[index];
            (stop.settled, stop.accepted) = (now_ms(), accepted);
        }
    }

    /// Is invited, and joins; each is tried until it works.
    pub(super) async fn join(&self) {
        let invite = retried(|| self.host.invite(&self.conversation)).await;
        let rest = self.rest();
        retried(|| rest.join(&invite.invite)).await;
        self.trace.note(format!("{} has joined", self.name));
    }
}
