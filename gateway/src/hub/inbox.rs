//! The gateway's inbox: letters into feeds, and a full audit whenever the inbox is a new one.

use std::{str::from_utf8, sync::Arc, time::Duration};

use convene_bus::{Arrival, Letters};
use convene_proto::{
    bus::{Item, Letter, item::What},
    context::{AuditRequest, Audited, Standing, UnsubscribeRequest},
    convert,
    frame::{ServerFrame, Signal},
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Eid, Epoch, Seq},
};

use super::{Encoded, Hub, feed::Taken, topic::Topic};

/// Between two audits of everything: well within the time that an inbox stays in an audience.
const AUDIT_EVERY: Duration = Duration::from_secs(20);
/// Conversations asked about in one call.
const AUDIT_BATCH: usize = 200;

impl Hub {
    /// Takes letters until the bus is closed.
    pub(crate) async fn take_letters(self, mut letters: Box<dyn Letters>) {
        while let Some(arrival) = letters.next().await {
            match arrival {
                Arrival::Opened(name) => {
                    tracing::info!(inbox = %name, "inbox open");
                    self.0.inbox.send_replace(Some(name));
                    // Whatever was sent to the old name is lost.
                    let hub = self.clone();
                    self.0
                        .tasks
                        .spawn_until_stop(async move { hub.audit().await });
                }
                Arrival::Lost => {
                    self.0.inbox.send_replace(None);
                }
                Arrival::Letter(letter, _) => self.take_letter(letter),
            }
        }
    }

    /// Whether letters can reach this gateway.
    pub(crate) fn has_inbox(&self) -> bool {
        self.0.inbox.borrow().is_some()
    }

    /// Renews this gateway's places in the audiences, forever.
    pub(crate) async fn audit_forever(self) {
        loop {
            tokio::time::sleep(AUDIT_EVERY).await;
            self.audit().await;
        }
    }

    fn take_letter(&self, letter: Letter) {
        for item in letter.items {
            // Items of a letter mostly are of one conversation; the look-up is cheap all the same.
            let Some(topic) = self.topic_named(&item.conversation) else {
                continue;
            };
            if self.take_item(&topic, item) == Taken::Gap {
                self.repair(&topic);
            }
        }
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
                let frame = from_utf8(&signal.body)
                    .ok()
                    .and_then(|body| serde_json::from_str::<Signal>(body).ok())
                    .zip(signal.participant.parse::<ParticipantId>().ok())
                    .map(|(signal, participant)| ServerFrame::Signal {
                        conversation: topic.conversation().clone(),
                        participant,
                        signal,
                    });
                if let Some(frame) = frame {
                    topic.feed(|feed| {
                        feed.show(Encoded::of(&frame));
                        Taken::Advanced
                    });
                }
                Taken::Nothing
            }
            // For workers.
            Some(What::Cancel(_)) | None => Taken::Nothing,
        }
    }

    async fn audit(&self) {
        let Some(inbox) = self.0.inbox.borrow().clone() else {
            return;
        };
        for batch in self.topics().chunks(AUDIT_BATCH) {
            self.audit_batch(&inbox, batch).await;
        }
    }

    async fn audit_batch(&self, inbox: &Inbox, topics: &[Arc<Topic>]) {
        let before: Vec<_> = topics
            .iter()
            .map(|topic| topic.look(|feed| feed.standing()))
            .collect();
        let request = AuditRequest {
            inbox: inbox.to_string(),
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
                return;
            }
        };
        for ((topic, before), standing) in topics.iter().zip(before).zip(reply.standings) {
            self.compare(topic, before, &standing);
        }
    }

    fn compare(&self, topic: &Arc<Topic>, before: Option<(Epoch, Seq, Eid)>, standing: &Standing) {
        let Some((epoch, head, eid)) = before else {
            return;
        };
        let rewound = !standing.exists
            || standing.epoch != epoch.0
            || standing.head < head.0
            || (standing.head == head.0 && standing.eid != eid.0);
        if rewound {
            topic.feed(|feed| {
                feed.forget();
                Taken::Lost
            });
            return;
        }
        let text = MessageId::new(standing.message.as_str())
            .ok()
            .zip(convert::part("standing.part", standing.part).ok());
        let taken = topic.feed(|feed| {
            let text = text
                .as_ref()
                .map(|(message, part)| (message, *part, standing.length));
            feed.hear_head(epoch, Seq(standing.head), text)
        });
        if taken == Taken::Gap {
            self.repair(topic);
        }
    }

    /// Leaves a conversation that a participant, or everyone here, has stopped reading.
    pub(super) async fn leave(
        &self,
        conversation: &ConversationId,
        viewer: Option<ParticipantId>,
        last: bool,
    ) {
        let Some(inbox) = self.0.inbox.borrow().clone() else {
            return;
        };
        let request = UnsubscribeRequest {
            conversation: conversation.to_string(),
            inbox: inbox.to_string(),
            viewer: convert::or_empty(viewer.as_ref()),
            last,
        };
        match self.0.context.unsubscribe(request).await {
            Ok(reply) => {
                if let (Some(viewer), true) = (&viewer, reply.gone)
                    && let Ok(audience) = convert::list::<Inbox>("audience", &reply.audience)
                {
                    let signal = Signal::Presence { here: false };
                    self.tell(conversation, viewer, &signal, &audience).await;
                }
            }
            // Its place expires by itself.
            Err(error) => tracing::debug!(%error, "unsubscribe failed"),
        }
        // Somebody may have come back meanwhile, and lost the place with this call.
        if let Some(topic) = self.topic(conversation) {
            self.audit_batch(&inbox, &[topic]).await;
        }
    }
}
