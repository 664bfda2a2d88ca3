//! The gateway's inbox: letters into feeds, and a full audit whenever the inbox is a new one.

use std::{
    str::FromStr as _,
    sync::{Arc, atomic::Ordering},
};

use convene_bus::{Arrival, Letters};
use convene_proto::{
    bus::{Item, Letter, item::What},
    context::UnsubscribeRequest,
    convert,
    frame::Signal,
    id::{Inbox, MessageId, ParticipantId},
    position::{Eid, Epoch, Seq},
};
use convene_runtime::trace::TraceContext;
use tracing::Span;

use super::{
    Hub,
    feed::{Entry, Taken},
    topic::Topic,
};

/// Under which name letters come to this gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// It never had an inbox.
    Unknown,
    Open(Inbox),
    /// The broker is away, and nothing comes any more. Under this name the gateway keeps its places
    /// in the audiences until it has another.
    Lost(Inbox),
}

impl Address {
    pub(super) fn name(&self) -> Option<&Inbox> {
        match self {
            Self::Unknown => None,
            Self::Open(name) | Self::Lost(name) => Some(name),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }
}

/// The span in which a letter's events come to their readers; none where no trace is kept of it.
fn delivery(letter: &Letter, trace: &TraceContext) -> Span {
    if trace.is_empty() {
        return Span::none();
    }
    let events = letter.items.iter().filter_map(|item| match &item.what {
        Some(What::Event(entry)) => Some((item.conversation.as_str(), entry.seq)),
        _ => None,
    });
    let Some((conversation, seq)) = events.last() else {
        return Span::none();
    };
    let span = tracing::info_span!("deliver", conversation, seq);
    trace.adopt(&span);
    span
}

impl Hub {
    /// Takes letters until the bus is closed.
    pub(crate) async fn take_letters(self, mut letters: Box<dyn Letters>) {
        while let Some(arrival) = letters.next().await {
            match arrival {
                Arrival::Opened(name) => {
                    tracing::info!(inbox = %name, "inbox open");
                    self.0.inbox.send_replace(Address::Open(name));
                    // Whatever was sent to the old name is lost.
                    let hub = self.clone();
                    self.0
                        .tasks
                        .spawn_until_stop(async move { hub.audit().await });
                }
                Arrival::Lost => {
                    self.0.inbox.send_modify(|inbox| {
                        if let Address::Open(name) = inbox {
                            *inbox = Address::Lost(name.clone());
                        }
                    });
                }
                Arrival::Letter(letter, trace) => {
                    let span = delivery(&letter, &trace);
                    span.in_scope(|| self.take_letter(letter));
                }
            }
        }
    }

    /// Whether letters can reach this gateway.
    pub(crate) fn has_inbox(&self) -> bool {
        self.0.inbox.borrow().is_open()
    }

    fn take_letter(&self, letter: Letter) {
        let mut is_wanted = false;
        for item in letter.items {
            is_wanted |= self.take(item);
        }
        let count = if is_wanted {
            &self.0.wanted
        } else {
            &self.0.unwanted
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives an item to its conversation; false where nobody here reads that.
    pub(super) fn take(&self, item: Item) -> bool {
        // Items of a letter mostly are of one conversation; the look-up is cheap all the same.
        let Some(topic) = self.topic_named(&item.conversation) else {
            return false;
        };
        if self.take_item(&topic, item) == Taken::Gap {
            self.repair(&topic);
        }
        true
    }

    fn topic_named(&self, conversation: &str) -> Option<Arc<Topic>> {
        self.0.topics.lock().get(conversation).cloned()
    }

    fn take_item(&self, topic: &Topic, item: Item) -> Taken {
        let epoch = Epoch(item.epoch);
        match item.what {
            Some(What::Event(entry)) => topic.feed(|feed| feed.take_event(epoch, entry.into())),
            Some(What::Delta(delta)) => {
                let (Ok(message), Ok(part)) = (
                    MessageId::new(delta.message),
                    convert::part("delta.part", delta.part),
                ) else {
                    return Taken::Nothing;
                };
                topic.feed(|feed| {
                    feed.take_delta(
                        epoch,
                        Seq(delta.head),
                        &message,
                        part,
                        delta.offset,
                        &delta.text,
                    )
                })
            }
            Some(What::Head(head)) => {
                let text = MessageId::new(head.message)
                    .ok()
                    .zip(convert::part("head.part", head.part).ok());
                topic.feed(|feed| {
                    let text = text
                        .as_ref()
                        .map(|(message, part)| (message, *part, head.length));
                    feed.hear_head(epoch, Seq(head.seq), text)
                })
            }
            Some(What::Signal(signal)) => {
                let (Ok(participant), Ok(signal)) = (
                    ParticipantId::from_str(&signal.participant),
                    serde_json::from_slice::<Signal>(&signal.body),
                ) else {
                    return Taken::Nothing;
                };
                topic.feed(|feed| feed.show(participant, signal))
            }
            // For workers.
            Some(What::Cancel(_)) | None => Taken::Nothing,
        }
    }

    /// Leaves a conversation that a participant, or everyone here, has stopped reading. The others
    /// are told of one who had been let in.
    pub(super) async fn leave(
        &self,
        left: &Topic,
        viewer: Option<(ParticipantId, bool)>,
        last: bool,
    ) {
        let (conversation, place) = (left.conversation(), left.place());
        // What the store never said expires by itself.
        if place == 0 {
            return;
        }
        let Some(inbox) = self.0.inbox.borrow().name().cloned() else {
            return;
        };
        // Somebody who loads a page anew is back before they were gone.
        let is_back = |viewer: &ParticipantId| {
            let topic = self.topic(conversation);
            topic.is_some_and(|topic| topic.is_read_by(viewer))
        };
        let request = UnsubscribeRequest {
            conversation: conversation.to_string(),
            inbox: inbox.to_string(),
            viewer: convert::or_empty(viewer.as_ref().map(|(viewer, _)| viewer)),
            last,
            place,
        };
        match self.0.context.unsubscribe(request).await {
            Ok(reply) => {
                if let (Some((viewer, true)), true) = (&viewer, reply.gone)
                    && !is_back(viewer)
                    && let Ok(audience) = convert::list::<Inbox>("audience", &reply.audience)
                {
                    let signal = Signal::Presence { here: false };
                    self.tell(conversation, viewer, &signal, &audience).await;
                }
            }
            // Its place expires by itself.
            Err(error) => tracing::debug!(%error, "unsubscribe failed"),
        }
    }
}

impl From<convene_proto::bus::Entry> for Entry {
    fn from(entry: convene_proto::bus::Entry) -> Self {
        Self {
            seq: Seq(entry.seq),
            eid: Eid(entry.eid),
            prev: Eid(entry.prev),
            at: entry.at,
            body: entry.body,
        }
    }
}

impl From<convene_proto::context::Entry> for Entry {
    fn from(entry: convene_proto::context::Entry) -> Self {
        convene_proto::bus::Entry::from(entry).into()
    }
}
