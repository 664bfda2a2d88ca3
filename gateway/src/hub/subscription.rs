//! One reader of one conversation: it is told where the log stands, and then what comes after.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use convene_proto::{
    context::{ReadEventsRequest, ReadTextRequest, SubscribeRequest},
    convert,
    error::ErrorCode,
    frame::{RequestId, Signal},
    id::{ConversationId, Inbox, ParticipantId},
    position::{Epoch, Position, TextPosition},
};

use super::{
    Hub, Place, Wake,
    feed::{Cursor, Entry, Next, Taken},
    opening::{Opening, pass},
    promises::Watch,
    topic::Bell,
    wire::Encoded,
};
use crate::error::{Refusal, Result};

/// Frames that one subscription may write before its neighbours on the socket get a turn.
const TURN: usize = 32;
/// Events to read from the log at once when catching up.
const PAGE: u32 = 100;

/// A reader's place in one conversation.
pub(crate) struct Subscription {
    pub(crate) key: u64,
    place: Place,
    bell: Arc<Bell>,
    cursor: Cursor,
    watch: Box<Watch>,
}

/// What a turn of a subscription came to.
pub(crate) enum Turn {
    /// These frames; there may be more.
    Frames(Vec<Encoded>),
    /// Nothing more for now; the bell rings.
    Idle,
    /// What comes next has to be read: see [`Subscription::catch_up`].
    Behind(Behind),
    /// There will be no more, and this is why.
    Over(Refusal),
}

/// What has to be read from the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behind {
    /// The events after the cursor.
    Events,
    /// The text at the cursor. `over`: what streams by now is a later part.
    Text { over: bool },
    /// Where it stands: it is not the one that was known.
    Log,
}

impl Hub {
    /// Begins reading `conversation` for `viewer`, from where the log says after `after`: the first
    /// frames, the first of which answers `request`. The subscription's news are announced to
    /// `wake` under its key.
    pub(crate) async fn open(
        &self,
        conversation: &ConversationId,
        viewer: &ParticipantId,
        after: Option<Position>,
        wake: &Arc<Wake>,
        request: Option<RequestId>,
    ) -> Result<(Vec<Encoded>, Subscription)> {
        static KEYS: AtomicU64 = AtomicU64::new(1);

        // From here on the topic is fed, so nothing can fall between the answer and the feed.
        let mut place = Place::take(self, conversation, viewer);
        let mut watch = Box::new(Watch::over(after.as_ref()));
        let (frames, cursor, audience) = place.enter(after, request).await?;
        place.is_in = true;
        self.count_broken(watch.see(&frames));
        let key = KEYS.fetch_add(1, Ordering::Relaxed);
        let bell = place.topic.hang(wake.clone(), key);
        // What is given up from here on takes its bell down.
        let subscription = Subscription {
            key,
            place,
            bell,
            cursor,
            watch,
        };
        // What moved the feed before the bell hung.
        subscription.bell.ring();
        if subscription.place.topic.admit(viewer) {
            let here = Signal::Presence { here: true };
            self.tell(conversation, viewer, &here, &audience).await;
        }
        Ok((frames, subscription))
    }
}

impl Place {
    /// Joins the audience and reads the log, in one step of the store.
    async fn enter(
        &self,
        after: Option<Position>,
        request: Option<RequestId>,
    ) -> Result<(Vec<Encoded>, Cursor, Vec<Inbox>)> {
        let (hub, topic) = (&self.hub, &self.topic);
        let inbox = hub.inbox().await?;
        let since = topic.look(|feed| feed.moment());
        let reply = hub
            .0
            .context
            .subscribe(SubscribeRequest {
                conversation: topic.conversation().to_string(),
                viewer: self.viewer.to_string(),
                inbox: inbox.to_string(),
                after: after.clone().map(Into::into),
                tail: hub.0.tail,
                ttl_ms: hub.place_ms(),
            })
            .await?;
        topic.takes(reply.place);
        let audience = convert::list::<Inbox>("audience", &reply.audience)?;
        let mut opening = Opening::try_from(reply)?;
        let position = opening.position.clone();
        let (taken, cursor) = topic.step(|feed| {
            let mut taken = feed.begin(&position, || opening.live_text());
            if taken == Taken::Gap {
                taken = feed.take_events(position.epoch, opening.entries.clone());
            }
            let taken = taken.max(feed.hear_here(&opening.here, since));
            opening.here = feed.here();
            (taken, feed.cursor(position))
        });
        if taken == Taken::Gap {
            hub.repair(topic);
        }
        hub.audit_if_renamed(&inbox, topic);
        Ok((opening.frames(request, after)?, cursor, audience))
    }
}

impl Subscription {
    pub(crate) fn conversation(&self) -> &ConversationId {
        self.place.topic.conversation()
    }

    /// Takes what the feed has for this reader, up to a fair share.
    pub(crate) fn turn(&mut self) -> Turn {
        self.bell.answer();
        let mut frames = Vec::new();
        let behind = self.place.topic.look(|feed| {
            while frames.len() < TURN && self.place.is_in {
                match feed.next(&mut self.cursor) {
                    Next::Frame(frame) => frames.push(frame),
                    Next::Farewell(frame, leaver) => {
                        frames.push(frame);
                        self.place.is_in = leaver != self.place.viewer;
                    }
                    Next::Idle => break,
                    Next::EventsBehind => return Some(Behind::Events),
                    Next::TextBehind { over } => return Some(Behind::Text { over }),
                    Next::Lost => return Some(Behind::Log),
                }
            }
            None
        });
        if !frames.is_empty() {
            if frames.len() == TURN || behind.is_some() || !self.place.is_in {
                // That was not all: make sure of another turn.
                self.bell.ring();
            }
            self.place.hub.count_broken(self.watch.see(&frames));
            return Turn::Frames(frames);
        }
        match behind {
            Some(behind) => Turn::Behind(behind),
            None if !self.place.is_in => {
                let gone = "you are no longer in this conversation";
                Turn::Over(Refusal::new(ErrorCode::NotFound, gone))
            }
            None => Turn::Idle,
        }
    }

    /// Reads what comes next; the feed may have more. Dropping the future loses nothing.
    pub(crate) async fn catch_up(&mut self, behind: Behind) -> Result<Vec<Encoded>> {
        let read = match behind {
            Behind::Events => self.read_events().await,
            Behind::Text { over } => self.read_text(over).await,
            Behind::Log => self.begin_again().await,
        };
        self.bell.ring();
        if let Ok(frames) = &read {
            self.place.hub.count_broken(self.watch.see(frames));
        }
        read
    }

    async fn begin_again(&mut self) -> Result<Vec<Encoded>> {
        let after = Some(self.cursor.position());
        let (frames, cursor, _) = self.place.enter(after, None).await?;
        self.cursor = cursor;
        Ok(frames)
    }

    async fn read_events(&mut self) -> Result<Vec<Encoded>> {
        let reply = self
            .place
            .hub
            .0
            .context
            .read_events(ReadEventsRequest {
                conversation: self.conversation().to_string(),
                viewer: self.place.viewer.to_string(),
                after: self.cursor.seq.0,
                before: 0,
                limit: PAGE,
            })
            .await?;
        let goes_on = reply.entries.first().is_some_and(|entry| {
            (entry.seq, entry.prev) == (self.cursor.seq.next().0, self.cursor.eid.0)
        });
        if Epoch(reply.epoch) != self.cursor.epoch || !goes_on {
            return self.begin_again().await;
        }
        let conversation = self.conversation().clone();
        let entries = reply.entries.into_iter().map(Entry::from);
        Ok(entries
            .filter_map(|entry| pass(&mut self.cursor, &conversation, &entry))
            .collect())
    }

    async fn read_text(&mut self, over: bool) -> Result<Vec<Encoded>> {
        let Some(at) = self.cursor.text.clone() else {
            return self.begin_again().await;
        };
        let reply = self
            .place
            .hub
            .0
            .context
            .read_text(ReadTextRequest {
                conversation: self.conversation().to_string(),
                message: at.message.to_string(),
                part: at.part.into(),
                offset: at.offset,
            })
            .await?;
        let Ok(text) = std::str::from_utf8(&reply.text) else {
            // It begins inside a character, so this is not the text that was known.
            return self.begin_again().await;
        };
        if !text.is_empty() {
            self.cursor.text = Some(TextPosition {
                offset: at.offset + reply.text.len() as u64,
                ..at.clone()
            });
            let position = self.cursor.position();
            let frame = Encoded::delta(self.conversation(), &position, at.offset, text);
            return Ok(frame.into_iter().collect());
        }
        if over && reply.streaming {
            self.cursor.text = Some(TextPosition {
                part: at.part.saturating_add(1),
                offset: 0,
                ..at
            });
            return Ok(Vec::new());
        }
        // The message has ended by now, or its text is not what it was.
        self.begin_again().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.place.topic.unhang(self.key);
    }
}

#[cfg(test)]
#[path = "subscription_tests.rs"]
mod tests;
