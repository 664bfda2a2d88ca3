//! Mends gaps: reads from the log what no letter has brought, and finds out where the log is not
//! the one that a feed knew.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use convene_proto::{
    context::{ReadEventsRequest, ReadTextRequest},
    error::ErrorCode,
    position::{Epoch, Seq},
};

use super::{Hub, feed::Entry, topic::Topic};
use crate::error::Result;

/// Letters of several senders cross: what is missing mostly comes by itself within this.
const GRACE: Duration = Duration::from_millis(5);
/// After a reading that failed: readers may be waiting.
const RETRY: Duration = Duration::from_secs(1);
const PAGE: u32 = 200;
/// Pages of one reading.
const PAGES: usize = 50;

impl Hub {
    /// Begins to mend a gap, unless that is under way.
    pub(super) fn repair(&self, topic: &Arc<Topic>) {
        if topic.repairing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (hub, topic) = (self.clone(), topic.clone());
        self.0.tasks.spawn_until_stop(async move {
            let mut pause = GRACE;
            while topic.readers() > 0 {
                tokio::time::sleep(pause).await;
                if !topic.look(|feed| feed.is_behind()) {
                    break;
                }
                pause = match hub.read_on(&topic).await {
                    Ok(()) => GRACE,
                    Err(error) => {
                        tracing::debug!(%error, conversation = %topic.conversation(), "repair failed");
                        RETRY
                    }
                };
            }
            topic.repairing.store(false, Ordering::Release);
            // What came between the look and this.
            if topic.readers() > 0 && topic.look(|feed| feed.is_behind()) {
                hub.repair(&topic);
            }
        });
    }

    async fn read_on(&self, topic: &Arc<Topic>) -> Result<()> {
        for _ in 0..PAGES {
            if !self.read_events(topic).await? {
                break;
            }
        }
        self.read_text(topic).await
    }

    /// Reads a page; true if there may be more.
    async fn read_events(&self, topic: &Arc<Topic>) -> Result<bool> {
        let Some(before) = topic.look(|feed| feed.standing()) else {
            return Ok(false);
        };
        let read = self
            .0
            .context
            .read_events(ReadEventsRequest {
                conversation: topic.conversation().to_string(),
                viewer: String::new(),
                // From the head on, not after it: its tag shows whether this is still the same log.
                after: before.at.seq.0.saturating_sub(1),
                before: 0,
                limit: PAGE,
            })
            .await;
        let reply = match read {
            Err(refusal) if refusal.code() == ErrorCode::NotFound => {
                topic.feed(|feed| feed.hear_of_end(&before));
                return Ok(false);
            }
            read => read?,
        };
        let (epoch, head) = (Epoch(reply.epoch), Seq(reply.head));
        let page: Vec<_> = reply.entries.into_iter().map(Entry::from).collect();
        let more = page.last().is_some_and(|last| last.seq < head);
        topic.feed(|feed| feed.take_page(&before, epoch, head, page));
        Ok(more)
    }

    /// Reads the rest of the text under way, if the feed lacks something of one.
    async fn read_text(&self, topic: &Arc<Topic>) -> Result<()> {
        let Some(before) = topic.look(|feed| feed.standing()) else {
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
                    before.at.epoch,
                    before.at.seq,
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
