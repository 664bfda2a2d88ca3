//! Mends gaps: reads from the log what no letter has brought.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use convene_proto::{
    context::{ReadEventsRequest, ReadTextRequest},
    position::{Eid, Epoch, Position},
};

use super::{
    Hub,
    feed::{Entry, Taken},
    topic::Topic,
};
use crate::error::Result;

/// Letters of several senders cross: what is missing mostly comes by itself within this.
const GRACE: Duration = Duration::from_millis(5);
const PAGE: u32 = 200;
/// Rounds of one repair; the next head or audit begins another.
const ROUNDS: usize = 50;

impl Hub {
    /// Begins to mend a gap, unless that is under way.
    pub(super) fn repair(&self, topic: &Arc<Topic>) {
        if topic.repairing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (hub, topic) = (self.clone(), topic.clone());
        self.0.tasks.spawn_until_stop(async move {
            tokio::time::sleep(GRACE).await;
            topic.repairing.store(false, Ordering::Release);
            if let Err(error) = hub.read_on(&topic).await {
                tracing::debug!(%error, "repair failed; the next head or audit begins another");
            }
        });
    }

    /// Mends the feed where a reader was just told of a later state than the feed has.
    pub(super) fn repair_if_behind(&self, topic: &Arc<Topic>, epoch: Epoch, position: &Position) {
        let text = position.text.as_ref();
        let taken = topic.look(|feed| {
            feed.hear_head(
                epoch,
                position.seq,
                text.map(|text| (&text.message, text.part, text.offset)),
            )
        });
        if taken == Taken::Gap {
            self.repair(topic);
        }
    }

    async fn read_on(&self, topic: &Arc<Topic>) -> Result<()> {
        for _ in 0..ROUNDS {
            if !self.read_events(topic).await? {
                break;
            }
        }
        self.read_text(topic).await
    }

    /// Reads a page; true if there may be more.
    async fn read_events(&self, topic: &Arc<Topic>) -> Result<bool> {
        let Some((epoch, head, eid)) = topic.look(|feed| feed.standing()) else {
            return Ok(false);
        };
        // From the head on, not after it: its tag shows whether this is still the same log.
        let after = head.0.saturating_sub(1);
        let reply = self
            .0
            .context
            .read_events(ReadEventsRequest {
                conversation: topic.conversation().to_string(),
                viewer: String::new(),
                after,
                before: 0,
                limit: PAGE,
            })
            .await?;
        let same = reply.epoch == epoch.0
            && (head.0 == 0
                || reply
                    .entries
                    .first()
                    .is_some_and(|entry| entry.seq == head.0 && Eid(entry.eid) == eid));
        if !same {
            topic.feed(|feed| {
                feed.forget();
                Taken::Lost
            });
            return Ok(false);
        }
        let more = reply
            .entries
            .last()
            .is_some_and(|last| last.seq < reply.head);
        topic.feed(|feed| {
            for entry in reply.entries {
                feed.take_event(epoch, Entry::from(entry));
            }
            Taken::Advanced
        });
        Ok(more)
    }

    /// Reads the rest of the text under way, if the feed knows of one.
    async fn read_text(&self, topic: &Arc<Topic>) -> Result<()> {
        let Some((epoch, head, _)) = topic.look(|feed| feed.standing()) else {
            return Ok(());
        };
        let Some(wanted) = topic.look(|feed| feed.text_wanted()) else {
            return Ok(());
        };
        let reply = self
            .0
            .context
            .read_text(ReadTextRequest {
                conversation: topic.conversation().to_string(),
                message: wanted.message.to_string(),
                part: wanted.part.into(),
                offset: wanted.offset,
            })
            .await?;
        if reply.streaming
            && let Ok(text) = std::str::from_utf8(&reply.text)
        {
            topic.feed(|feed| {
                feed.take_delta(
                    epoch,
                    head,
                    &wanted.message,
                    wanted.part,
                    wanted.offset,
                    text,
                )
            });
        }
        Ok(())
    }
}
