//! The audit: now and then this gateway says again what it reads, which keeps its places in the
//! audiences, and hears where each log stands and who is here, whatever letters were lost.

use std::{sync::Arc, time::Duration};

use convene_proto::{
    context::{self, AuditRequest, Audited},
    convert::{self, Invalid},
    id::Inbox,
    position::{Eid, Epoch, Position, Seq, TextPosition},
};
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::{
    Hub,
    feed::{Standing, Taken},
    topic::Topic,
};

/// Conversations asked about in one call.
const BATCH: usize = 200;
/// Calls under way: one that waits for a part of the store holds up few others.
const AT_ONCE: usize = 4;
/// A place in an audience outlives so many audits.
const OUTLIVES: u32 = 4;
/// After a call that failed: an inbox that nobody was told of hears nothing.
const AGAIN: Duration = Duration::from_secs(1);

impl Hub {
    /// Audits forever.
    pub(crate) async fn audit_forever(self) {
        loop {
            tokio::time::sleep(self.0.audit_every).await;
            self.audit().await;
        }
    }

    /// How long a place in an audience stands without an audit, in milliseconds.
    pub(super) fn place_ms(&self) -> u32 {
        let stands: Duration = self.0.audit_every * OUTLIVES;
        u32::try_from(stands.as_millis()).unwrap_or(u32::MAX)
    }

    /// Audits everything.
    pub(super) async fn audit(&self) {
        let Some(inbox) = self.0.inbox.borrow().clone() else {
            return;
        };
        let topics = self.topics();
        stream::iter(topics.chunks(BATCH))
            .for_each_concurrent(AT_ONCE, |batch| self.audit_until_done(&inbox, batch))
            .await;
    }

    /// Audits a batch again and again until that succeeds, or another audit makes up for it.
    async fn audit_until_done(&self, inbox: &Inbox, batch: &[Arc<Topic>]) {
        let next = Instant::now() + self.0.audit_every;
        let mut topics = batch.to_vec();
        while !self.audit_batch(inbox, &topics).await {
            tokio::time::sleep(AGAIN).await;
            topics.retain(|topic| topic.readers() > 0);
            let is_current = self.0.inbox.borrow().as_ref() == Some(inbox);
            if !is_current || topics.is_empty() || Instant::now() >= next {
                return;
            }
        }
    }

    /// Audits these; false if the call failed.
    pub(super) async fn audit_batch(&self, inbox: &Inbox, topics: &[Arc<Topic>]) -> bool {
        let before: Vec<_> = topics
            .iter()
            .map(|topic| topic.look(|feed| feed.standing()))
            .collect();
        let request = AuditRequest {
            inbox: inbox.to_string(),
            ttl_ms: self.place_ms(),
            conversations: topics
                .iter()
                .map(|topic| Audited {
                    conversation: topic.conversation().to_string(),
                    viewers: convert::texts(topic.viewers()),
                })
                .collect(),
        };
        let reply = match self.0.context.audit(request).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::warn!(%error, "audit failed; the next one makes up for it");
                return false;
            }
        };
        for ((topic, before), log) in topics.iter().zip(before).zip(reply.standings) {
            if !log.error.is_empty() {
                let (conversation, error) = (topic.conversation(), log.error);
                tracing::debug!(%conversation, error, "not audited; the next one makes up for it");
            } else if let Some(before) = before {
                self.compare(topic, &before, &log);
            }
        }
        true
    }

    fn compare(&self, topic: &Arc<Topic>, before: &Standing, log: &context::Standing) {
        let taken = topic.feed(|feed| {
            if !log.exists {
                return feed.hear_of_end(before);
            }
            let taken = match position(log) {
                Ok(at) => feed.hear_log(before, &at),
                Err(error) => {
                    tracing::error!(%error, "an audit answered what cannot be read");
                    Taken::Nothing
                }
            };
            let here = log.here.as_ref();
            let here = here.and_then(|here| convert::list("here", &here.participants).ok());
            match here {
                Some(here) => taken.max(feed.hear_here(&here, before.moment())),
                None => taken,
            }
        });
        if taken == Taken::Gap {
            self.repair(topic);
        }
    }
}

/// Where the log stands, and how long its text under way is.
fn position(log: &context::Standing) -> Result<Position, Invalid> {
    let text = match convert::optional("standing.message", &log.message)? {
        None => None,
        Some(message) => Some(TextPosition {
            message,
            part: convert::part("standing.part", log.part)?,
            offset: log.length,
        }),
    };
    Ok(Position {
        epoch: Epoch(log.epoch),
        seq: Seq(log.head),
        eid: Eid(log.eid),
        text,
    })
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::header};
    use convene_bus::local::LocalBroker;
    use convene_runtime::{Tasks, grpc};
    use tokio::{sync::watch, time::timeout};
    use tonic::{service::Routes, transport::Server};

    use super::{super::Place, *};
    use crate::{context::Context, options::Options};

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn an_audit_that_failed_is_made_again_while_its_inbox_is_open() {
        let (calls, mut called) = watch::channel(0);
        let refuse = async move || {
            calls.send_modify(|calls| *calls += 1);
            let internal = ("grpc-status", "13");
            [
                (header::CONTENT_TYPE.as_str(), "application/grpc"),
                internal,
            ]
        };
        let (channel, incoming) = grpc::in_process();
        let tasks = Tasks::new();
        let routes = Routes::from(Router::new().fallback(refuse));
        tasks.spawn_until_stop(async move {
            let served = Server::builder().add_routes(routes);
            served.serve_with_incoming(incoming).await.unwrap();
        });
        let bus = LocalBroker::new(&tasks).connect();
        let hub = Hub::new(Context::new(channel), bus, tasks, &Options::default());
        let _reader = Place::take(&hub, &"c".parse().unwrap(), &"user:ada".parse().unwrap());
        hub.0.inbox.send_replace(Some("first".parse().unwrap()));
        let auditing = hub.clone();
        let audit = hub.0.tasks.spawn(async move { auditing.audit().await });
        let again = timeout(PATIENCE, called.wait_for(|calls| *calls == 2));
        drop(again.await.unwrap().unwrap());
        // Whoever opens another audits it.
        hub.0.inbox.send_replace(Some("second".parse().unwrap()));
        let ended = timeout(PATIENCE, audit).await;
        ended.unwrap().unwrap();
        assert_eq!(*called.borrow(), 2);
    }
}
