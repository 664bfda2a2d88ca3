//! One reader of one conversation: what it is told first, and what comes after.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use convene_proto::{
    context::{ReadEventsRequest, ReadTextRequest, SubscribeReply, subscribe_reply::Kind},
    convert::{self, Invalid},
    event::{Conversation, Event, EventBody},
    frame::{RequestId, ServerFrame, State, Streaming},
    id::{ConversationId, ParticipantId},
    position::{Eid, Epoch, Position, Seq, TextPosition},
};

use super::{
    Place, Wake,
    feed::{Cursor, Entry, Next, Taken},
    live_text::LiveText,
    topic::Bell,
    wire::Encoded,
};
use crate::error::Result;

/// Frames that one subscription may write before its neighbours on the socket get a turn.
const TURN: usize = 32;
/// Events to read from the log at once when catching up.
const PAGE: u32 = 100;

/// What a reader is told at the beginning, as the log gave it.
#[derive(Debug)]
pub(crate) struct Opening {
    kind: Kind,
    conversation: Conversation,
    position: Position,
    entries: Vec<Entry>,
    /// The text under way, from the offset in front of it.
    text: Option<(TextPosition, String)>,
    here: Vec<ParticipantId>,
    /// Where the client stood: what follows `resumed` goes on from there.
    after: Option<Position>,
}

/// A reader's place in one conversation.
pub(crate) struct Subscription {
    pub(crate) key: u64,
    place: Place,
    bell: Arc<Bell>,
    cursor: Cursor,
    /// The reader was told that they have left.
    over: bool,
}

/// What a turn of a subscription came to.
pub(crate) enum Turn {
    /// These frames; there may be more.
    Frames(Vec<Encoded>),
    /// Nothing more for now; the bell rings.
    Idle,
    /// The log has to be asked anew, from [`Subscription::position`].
    Lost,
    /// The reader is no longer in the conversation.
    Over,
}

impl Subscription {
    pub(crate) fn conversation(&self) -> &ConversationId {
        self.place.topic.conversation()
    }

    pub(crate) fn viewer(&self) -> &ParticipantId {
        &self.place.viewer
    }

    pub(crate) fn position(&self) -> Position {
        self.cursor.position()
    }

    pub(super) fn is_first(&self) -> bool {
        self.place.first
    }

    /// Takes what there is for this reader, up to a fair share. Reads the log where the feed no
    /// longer holds what comes next.
    pub(crate) async fn turn(&mut self) -> Result<Turn> {
        self.bell.answer();
        let mut frames = Vec::new();
        while frames.len() < TURN && !self.over {
            let topic = self.place.topic.clone();
            match topic.look(|feed| feed.next(&mut self.cursor)) {
                Next::Frame(frame) => frames.push(frame),
                Next::Farewell(frame, leaver) => {
                    frames.push(frame);
                    self.over = leaver == self.place.viewer;
                }
                Next::Idle => break,
                _ if !frames.is_empty() => break,
                Next::EventsBehind => return self.read_events().await,
                Next::TextBehind => return self.read_text().await,
                Next::Lost => return Ok(Turn::Lost),
            }
        }
        if frames.is_empty() {
            return Ok(if self.over { Turn::Over } else { Turn::Idle });
        }
        // More may wait: make sure of another turn.
        self.bell.ring();
        Ok(Turn::Frames(frames))
    }

    async fn read_events(&mut self) -> Result<Turn> {
        let reply = self
            .place
            .hub
            .0
            .context
            .read_events(ReadEventsRequest {
                conversation: self.conversation().to_string(),
                viewer: self.viewer().to_string(),
                after: self.cursor.seq.0,
                before: 0,
                limit: PAGE,
            })
            .await?;
        let hole = reply
            .entries
            .first()
            .is_none_or(|entry| entry.seq != self.cursor.seq.next().0);
        if Epoch(reply.epoch) != self.cursor.epoch || hole {
            return Ok(Turn::Lost);
        }
        let conversation = self.conversation().clone();
        let frames = reply
            .entries
            .into_iter()
            .filter_map(|entry| pass(&mut self.cursor, &conversation, &entry.into()))
            .collect();
        self.bell.ring();
        Ok(Turn::Frames(frames))
    }

    async fn read_text(&mut self) -> Result<Turn> {
        let Some(at) = self.cursor.text.clone() else {
            return Ok(Turn::Lost);
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
        let text = String::from_utf8_lossy(&reply.text);
        let frame = match (reply.streaming, text.is_empty()) {
            (true, false) => {
                self.cursor.text = Some(TextPosition {
                    offset: at.offset + reply.text.len() as u64,
                    ..at.clone()
                });
                let position = self.cursor.position();
                Encoded::delta(self.conversation(), &position, at.offset, &text)
            }
            // This part is done with: the next one begins.
            (true, true) => {
                self.cursor.text = Some(TextPosition {
                    part: at.part.saturating_add(1),
                    offset: 0,
                    ..at
                });
                None
            }
            // The message is whole by now: its event brings the text.
            (false, _) => return Ok(Turn::Idle),
        };
        self.bell.ring();
        Ok(Turn::Frames(frame.into_iter().collect()))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.place.topic.unhang(self.key);
    }
}

/// Moves a cursor past an event, and encodes it.
fn pass(cursor: &mut Cursor, conversation: &ConversationId, entry: &Entry) -> Option<Encoded> {
    cursor.seq = entry.seq;
    cursor.eid = entry.eid;
    if EventBody::kind(&entry.body).is_some_and(|kind| kind.ends_text()) {
        cursor.text = None;
    }
    Encoded::event(
        conversation,
        &cursor.position(),
        entry.seq,
        entry.eid,
        entry.at,
        &entry.body,
    )
}

impl Opening {
    /// The frames that tell it, in the order in which a client takes them in.
    pub(crate) fn frames(self, request: Option<RequestId>) -> Result<Vec<Encoded>> {
        let conversation = self.conversation.id.clone();
        let Some(after) = self.after.filter(|_| self.kind == Kind::Resumed) else {
            return Self::state_frames(
                self.kind,
                request,
                self.conversation,
                self.position,
                &self.entries,
                self.text,
                self.here,
            );
        };
        let mut frames = vec![Encoded::of(&ServerFrame::Resumed {
            request,
            conversation: conversation.clone(),
            position: after.clone(),
            here: self.here,
        })];
        let mut cursor = Cursor {
            generation: 0,
            epoch: after.epoch,
            seq: after.seq,
            eid: after.eid,
            text: after.text,
            signals: 0,
        };
        for entry in &self.entries {
            frames.extend(pass(&mut cursor, &conversation, entry));
        }
        if let Some((from, text)) = self.text.filter(|(_, text)| !text.is_empty()) {
            frames.extend(Encoded::delta(
                &conversation,
                &self.position,
                from.offset,
                &text,
            ));
        }
        Ok(frames)
    }

    fn state_frames(
        kind: Kind,
        request: Option<RequestId>,
        conversation: Conversation,
        position: Position,
        entries: &[Entry],
        text: Option<(TextPosition, String)>,
        here: Vec<ParticipantId>,
    ) -> Result<Vec<Encoded>> {
        let id = conversation.id.clone();
        let state = State {
            conversation,
            events: entries
                .iter()
                .map(decode)
                .collect::<std::result::Result<_, _>>()?,
            streaming: text.map(|(at, text)| Streaming {
                message: at.message,
                part: at.part,
                text,
            }),
            here,
        };
        let frame = if kind == Kind::Reset {
            ServerFrame::Reset {
                request,
                conversation: id,
                position,
                state,
            }
        } else {
            ServerFrame::Snapshot {
                request,
                conversation: id,
                position,
                state,
            }
        };
        Ok(vec![Encoded::of(&frame)])
    }
}

fn decode(entry: &Entry) -> std::result::Result<Event, Invalid> {
    Ok(Event {
        seq: entry.seq,
        eid: entry.eid,
        at: entry.at,
        body: EventBody::decode(&entry.body)?,
    })
}

/// Turns the log's answer into a reader at its place.
pub(super) fn open(
    place: Place,
    reply: SubscribeReply,
    after: Option<Position>,
    wake: &Arc<Wake>,
) -> Result<(Opening, Subscription)> {
    static KEYS: AtomicU64 = AtomicU64::new(1);

    let kind = reply.kind();
    let epoch = Epoch(
        reply
            .conversation
            .as_ref()
            .map_or(0, |conversation| conversation.epoch),
    );
    let conversation: Conversation = reply
        .conversation
        .ok_or_else(|| Invalid::missing("conversation"))?
        .try_into()?;
    let text = match reply.streaming {
        None => None,
        Some(streaming) => Some((
            TextPosition {
                message: convert::field("streaming.message", &streaming.message)?,
                part: convert::part("streaming.part", streaming.part)?,
                offset: reply.streaming_offset,
            },
            String::from_utf8_lossy(&streaming.text).into_owned(),
        )),
    };
    let (head, eid) = (conversation.head, Eid(reply.head_eid));
    let position = Position {
        epoch,
        seq: head,
        eid,
        text: text.as_ref().map(|(at, text)| TextPosition {
            offset: at.offset + text.len() as u64,
            ..at.clone()
        }),
    };
    let topic = &place.topic;
    let live = text
        .clone()
        .map(|(at, text)| LiveText::new(at.message, at.part, at.offset, text));
    let entries: Vec<Entry> = reply.entries.into_iter().map(Entry::from).collect();
    // The hang comes first: what moves the feed from here on rings.
    let key = KEYS.fetch_add(1, Ordering::Relaxed);
    let bell = topic.hang(wake.clone(), key);
    topic.feed(|feed| {
        let begun = feed.begin(epoch, head, eid, live);
        if begun == Taken::Gap {
            for entry in &entries {
                feed.take_event(epoch, entry.clone());
            }
        }
        begun
    });
    let cursor = topic.look(|feed| feed.cursor(position.clone()));
    place.hub.repair_if_behind(topic, epoch, &position);
    bell.ring();
    let opening = Opening {
        kind,
        conversation,
        position,
        entries,
        text,
        here: convert::list("here", &reply.here)?,
        after,
    };
    Ok((
        opening,
        Subscription {
            key,
            place,
            bell,
            cursor,
            over: false,
        },
    ))
}

impl From<convene_proto::context::Entry> for Entry {
    fn from(entry: convene_proto::context::Entry) -> Self {
        Self {
            seq: Seq(entry.seq),
            eid: Eid(entry.eid),
            at: entry.at,
            body: entry.body,
        }
    }
}

impl From<convene_proto::bus::Entry> for Entry {
    fn from(entry: convene_proto::bus::Entry) -> Self {
        Self {
            seq: Seq(entry.seq),
            eid: Eid(entry.eid),
            at: entry.at,
            body: entry.body,
        }
    }
}
