//! The audit: now and then this gateway says again what it reads, which keeps its places in the
//! audiences, and hears where each log stands and who is here, whatever letters were lost. While the
//! broker is away no letter comes at all: then it asks often enough for people to talk.

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
/// And in one of those that are spread over a round.
const PACED: usize = 50;
/// Calls under way: one that waits for a part of the store holds up few others.
const AT_ONCE: usize = 4;
/// A place in an audience outlives so many audits.
const OUTLIVES: u32 = 4;
/// After a call that failed: an inbox that nobody was told of hears nothing.
const AGAIN: Duration = Duration::from_secs(1);
/// A round while no letters come, where few conversations are read here.
const WITHOUT_LETTERS: Duration = Duration::from_secs(1);
/// And so many more conversations make it another as long: the store has others to answer.
const FEW: usize = 500;

impl Hub {
    /// Audits forever.
    pub(crate) async fn audit_forever(self) {
        let mut inbox = self.0.inbox.subscribe();
        loop {
            let address = inbox.borrow_and_update().clone();
            let topics = self.topics();
            let round = self.round(address.is_open(), topics.len());
            tokio::select! {
                // Whoever opens an inbox audits all.
                changed = inbox.changed() => if changed.is_err() {
                    return;
                },
                () = self.audit_over(round, address.name(), &topics) => {}
            }
        }
    }

    /// Audits these in the course of a round, some at a time: ten thousand at once would hold up
    /// what people say meanwhile.
    async fn audit_over(&self, round: Duration, inbox: Option<&Inbox>, topics: &[Arc<Topic>]) {
        let begun = Instant::now();
        if let Some(inbox) = inbox {
            stream::iter(moments(round, topics.len()).zip(topics.chunks(PACED)))
                .then(async |(moment, batch)| {
                    tokio::time::sleep_until(begun + moment).await;
                    batch
                })
                .for_each_concurrent(AT_ONCE, |batch| self.audit_until_done(inbox, batch))
                .await;
        }
        tokio::time::sleep_until(begun + round).await;
    }

    /// How long a round over so many conversations takes.
    fn round(&self, is_open: bool, topics: usize) -> Duration {
        let lots = u32::try_from(topics.div_ceil(FEW)).unwrap_or(u32::MAX);
        if is_open {
            self.0.audit_every
        } else {
            let round = WITHOUT_LETTERS.saturating_mul(lots.max(1));
            round.min(self.0.audit_every)
        }
    }

    /// How long a place in an audience stands without an audit, in milliseconds.
    pub(super) fn place_ms(&self) -> u32 {
        let stands: Duration = self.0.audit_every * OUTLIVES;
        u32::try_from(stands.as_millis()).unwrap_or(u32::MAX)
    }

    /// Audits everything.
    pub(super) async fn audit(&self) {
        let Some(inbox) = self.0.inbox.borrow().name().cloned() else {
            return;
        };
        let topics = self.topics();
        stream::iter(topics.chunks(BATCH))
            .for_each_concurrent(AT_ONCE, |batch| self.audit_until_done(&inbox, batch))
            .await;
    }

    /// Audits what has joined its audience as an inbox that is another by now: the audit of the new one
    /// may have come before there was anything to hold against the log.
    pub(super) fn audit_if_renamed(&self, joined: &Inbox, topic: &Arc<Topic>) {
        let inbox = self.0.inbox.borrow().name().cloned();
        if let Some(inbox) = inbox.filter(|inbox| inbox != joined) {
            let (hub, topic) = (self.clone(), topic.clone());
            self.0.tasks.spawn_until_stop(async move {
                hub.audit_until_done(&inbox, &[topic]).await;
            });
        }
    }

    /// Audits a batch again and again until that succeeds, or another audit makes up for it.
    async fn audit_until_done(&self, inbox: &Inbox, batch: &[Arc<Topic>]) {
        let next = Instant::now() + self.0.audit_every;
        let mut topics = batch.to_vec();
        loop {
            // Who has left since is not to be taken in again.
            topics.retain(|topic| topic.readers() > 0);
            if topics.is_empty() || self.audit_batch(inbox, &topics).await {
                return;
            }
            tokio::time::sleep(AGAIN).await;
            let is_current = self.0.inbox.borrow().name() == Some(inbox);
            if !is_current || Instant::now() >= next {
                return;
            }
        }
    }

    /// Audits these; false if the call failed.
    async fn audit_batch(&self, inbox: &Inbox, topics: &[Arc<Topic>]) -> bool {
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
                continue;
            }
            topic.takes(log.place);
            if let Some(before) = before {
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

/// When each part of so many conversations is audited in a round; the last at its end.
fn moments(round: Duration, topics: usize) -> impl Iterator<Item = Duration> {
    let parts = u32::try_from(topics.div_ceil(PACED)).unwrap_or(u32::MAX);
    (1..=parts).map(move |part| round.mul_f64(f64::from(part) / f64::from(parts)))
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request, http::header};
    use convene_bus::local::LocalBroker;
    use convene_runtime::{Tasks, grpc};
    use tokio::{sync::watch, time::timeout};
    use tonic::{service::Routes, transport::Server};

    use super::{
        super::{Place, inbox::Address},
        *,
    };
    use crate::{context::Context, options::Options};

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A hub whose store refuses everything, and how often it was audited.
    fn refused() -> (Hub, watch::Receiver<usize>) {
        let (audits, audited) = watch::channel(0);
        let refuse = async move |request: Request| {
            if request.uri().path().ends_with("/Audit") {
                audits.send_modify(|audits| *audits += 1);
            }
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
        (hub, audited)
    }

    fn open(name: &str) -> Address {
        Address::Open(name.parse().unwrap())
    }

    #[tokio::test]
    async fn an_audit_that_failed_is_made_again_while_its_inbox_is_open() {
        let (hub, mut audited) = refused();
        let _reader = Place::take(&hub, &"c".parse().unwrap(), &"user:ada".parse().unwrap());
        hub.0.inbox.send_replace(open("first"));
        let auditing = hub.clone();
        let audit = hub.0.tasks.spawn(async move { auditing.audit().await });
        let again = timeout(PATIENCE, audited.wait_for(|audits| *audits == 2));
        drop(again.await.unwrap().unwrap());
        // Whoever opens another audits it.
        hub.0.inbox.send_replace(open("second"));
        let ended = timeout(PATIENCE, audit).await;
        ended.unwrap().unwrap();
        assert_eq!(*audited.borrow(), 2);
    }

    #[tokio::test]
    async fn audits_are_frequent_only_while_no_letters_come() {
        let (hub, _) = refused();
        let seconds = Duration::from_secs;
        let usual = hub.0.audit_every;
        assert_eq!(hub.round(true, 1), usual);
        let rounds = [0, 1, FEW, FEW + 1, 1_000_000].map(|topics| hub.round(false, topics));
        assert_eq!(
            rounds,
            [seconds(1), seconds(1), seconds(1), seconds(2), usual]
        );
    }

    #[test]
    fn a_round_is_spread_over_its_time() {
        let seconds = Duration::from_secs;
        let moments = |topics| moments(seconds(20), topics).collect::<Vec<_>>();
        assert!(moments(0).is_empty());
        assert_eq!(moments(PACED), [seconds(20)]);
        assert_eq!(moments(PACED + 1), [seconds(10), seconds(20)]);
        assert_eq!(moments(10_000).len(), 10_000 / PACED);
    }
}
