//! The hub: every conversation that this gateway has a reader of, fed by the gateway's inbox.
//!
//! * [`feed`] is one conversation as readers take it: [`known`] its log, [`moments`] who is here.
//! * [`subscription`] is one reader of one conversation, [`opening`] what it is told first;
//!   [`catch_ups`] is what the readers of one connection take from the log.
//! * [`promises`] watches over what each reader is shown.
//! * [`inbox`] takes letters, [`repair`] reads from the log what they did not bring, and [`audit`]
//!   asks now and then whether all is well.

mod audit;
mod catch_ups;
mod feed;
mod inbox;
mod known;
mod live_text;
mod moments;
mod opening;
mod promises;
mod repair;
mod subscription;
mod topic;
mod wire;
#[cfg(test)]
mod wire_tests;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use convene_bus::Bus;
use convene_invariants::Violation;
use convene_proto::{
    bus::{Item, Letter, item::What},
    frame::Signal,
    id::{ConversationId, Inbox, ParticipantId},
};
use convene_runtime::{
    Tasks,
    metrics::{Counter, KeyValue},
    trace::TraceContext,
};
use parking_lot::Mutex;
use tokio::{sync::watch, time::sleep};

pub(crate) use self::{
    catch_ups::{CatchUps, Held},
    subscription::{Behind, Subscription, Turn},
    topic::{Room, Wake},
    wire::Encoded,
};
#[cfg(test)]
pub(crate) use self::{feed::Entry, promises::Change};
use self::{inbox::Address, topic::Topic};
use crate::{
    context::Context,
    error::{Refusal, Result},
    options::Options,
};

/// How long a subscriber waits for a gateway's first inbox.
const INBOX_WAIT: Duration = Duration::from_secs(3);

/// Who comes back so soon, from a page loaded anew or a cut connection, has not been away: neither
/// the others nor the store are told.
const LINGER: Duration = Duration::from_secs(2);

/// See the module. Clones share one hub.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Shared>);

struct Shared {
    context: Context,
    bus: Arc<dyn Bus>,
    tasks: Tasks,
    broken: Counter<u64>,
    tail: u32,
    audit_every: Duration,
    topics: Mutex<HashMap<ConversationId, Arc<Topic>>>,
    inbox: watch::Sender<Address>,
    /// Letters of conversations that are read here, and of those that are not.
    wanted: AtomicU64,
    unwanted: AtomicU64,
}

impl Hub {
    pub(crate) fn new(
        context: Context,
        bus: Arc<dyn Bus>,
        tasks: Tasks,
        options: &Options,
    ) -> Self {
        Self(Arc::new(Shared {
            context,
            bus,
            tasks,
            broken: convene_runtime::metrics::meter()
                .u64_counter("convene.gateway.broken_promises")
                .with_description("frames that broke what readers are promised, by invariant")
                .build(),
            tail: options.tail,
            audit_every: Duration::from_secs(options.audit_seconds),
            topics: Mutex::default(),
            inbox: watch::Sender::new(Address::Unknown),
            wanted: AtomicU64::new(0),
            unwanted: AtomicU64::new(0),
        }))
    }

    /// Sends a moment to everyone who has the conversation open.
    pub(crate) async fn tell(
        &self,
        conversation: &ConversationId,
        participant: &ParticipantId,
        signal: &Signal,
        audience: &[Inbox],
    ) {
        let Ok(body) = serde_json::to_vec(signal) else {
            return;
        };
        let what = What::Signal(convene_proto::bus::Signal {
            participant: participant.to_string(),
            body: body.into(),
        });
        self.send(conversation, 0, what, audience).await;
    }

    /// Sends one item to inboxes: a hint, so a failure is only logged. Readers here need no letter
    /// while none can come.
    pub(crate) async fn send(
        &self,
        conversation: &ConversationId,
        epoch: u32,
        what: What,
        to: &[Inbox],
    ) {
        let item = Item {
            conversation: conversation.to_string(),
            epoch,
            what: Some(what),
        };
        if !self.has_inbox() {
            self.take(item.clone());
        }
        if to.is_empty() {
            return;
        }
        // A moment belongs to no message, and so to no trace.
        let trace = match &item.what {
            Some(What::Event(_)) => TraceContext::kept(),
            _ => TraceContext::default(),
        };
        let letter = Letter { items: vec![item] };
        if let Err(error) = self.0.bus.send(to, &letter, &trace).await {
            tracing::debug!(%error, "a letter was not sent; its readers will find out from the log");
        }
    }

    /// Frees a reader's place. Of the last one of a participant, or of all, the store is told.
    async fn free(&self, topic: &Arc<Topic>, viewer: ParticipantId) {
        let (left, last) = {
            let mut topics = self.0.topics.lock();
            let left = topic.leave(&viewer);
            let last = topic.readers() == 0;
            if last {
                topics.remove(topic.conversation());
            }
            (left, last)
        };
        if left.is_some() || last {
            let viewer = left.map(|admitted| (viewer, admitted));
            self.leave(topic, viewer, last).await;
        }
    }

    async fn inbox(&self) -> Result<Inbox> {
        let mut inbox = self.0.inbox.subscribe();
        let known = inbox.wait_for(|inbox| inbox.name().is_some());
        match tokio::time::timeout(INBOX_WAIT, known).await {
            Ok(Ok(inbox)) => inbox.name().cloned(),
            _ => None,
        }
        .ok_or_else(|| Refusal::unavailable("the message queue is away for a moment; try again"))
    }

    fn topic(&self, conversation: &ConversationId) -> Option<Arc<Topic>> {
        self.0.topics.lock().get(conversation).cloned()
    }

    fn topics(&self) -> Vec<Arc<Topic>> {
        self.0.topics.lock().values().cloned().collect()
    }

    /// Letters for somebody here and for nobody here, for metrics.
    pub(crate) fn letters(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.0.wanted), read(&self.0.unwanted))
    }

    /// Counts what a reader is shown and must not be.
    fn count_broken(&self, broken: Vec<Violation>) {
        for violation in broken {
            let invariant = violation.invariant().name();
            tracing::error!(%violation, invariant, "a reader is shown what it must not be");
            let invariant = KeyValue::new("invariant", invariant);
            self.0.broken.add(1, &[invariant]);
        }
    }

    /// Topics and readers, for metrics.
    pub(crate) fn size(&self) -> (usize, usize) {
        let topics = self.0.topics.lock();
        let readers = topics.values().map(|topic| topic.readers()).sum();
        (topics.len(), readers)
    }
}

/// A reader's place at a topic, which stands while anybody has one.
pub(crate) struct Place {
    hub: Hub,
    topic: Arc<Topic>,
    viewer: ParticipantId,
    /// The log let its reader in, who was not told since then that they have left.
    is_in: bool,
}

impl Place {
    fn take(hub: &Hub, conversation: &ConversationId, viewer: &ParticipantId) -> Self {
        let mut topics = hub.0.topics.lock();
        let topic = topics
            .entry(conversation.clone())
            .or_insert_with(|| Arc::new(Topic::new(conversation.clone())))
            .clone();
        topic.enter(viewer);
        Self {
            hub: hub.clone(),
            topic,
            viewer: viewer.clone(),
            is_in: false,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (hub, topic, viewer) = (self.hub.clone(), self.topic.clone(), self.viewer.clone());
        let lingers = self.is_in;
        self.hub.0.tasks.spawn(async move {
            if lingers {
                tokio::select! {
                    () = sleep(LINGER) => {}
                    () = hub.0.tasks.stopping() => {}
                }
            }
            hub.free(&topic, viewer).await;
        });
    }
}
