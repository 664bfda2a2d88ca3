//! What a reader is told at the beginning, as the log gave it.

use convene_proto::{
    context::{SubscribeReply, subscribe_reply::Kind as Told},
    convert::{self, Invalid},
    event::{Conversation, EventBody, Kind},
    frame::{RequestId, ServerFrame, State, Streaming},
    id::{ConversationId, ParticipantId},
    position::{Eid, Epoch, Position, TextPosition},
};

use convene_runtime::lies::{Lie, told};

use super::{
    feed::{Cursor, Entry},
    live_text::LiveText,
    promises::Change,
    wire::Encoded,
};
use crate::error::Result;

/// See the module.
#[derive(Debug)]
pub(super) struct Opening {
    kind: Told,
    conversation: Conversation,
    /// Where the reader stands once it has been told.
    pub(super) position: Position,
    pub(super) entries: Vec<Entry>,
    /// The text under way, from the offset in front of it.
    text: Option<(TextPosition, String)>,
    pub(super) here: Vec<ParticipantId>,
}

impl TryFrom<SubscribeReply> for Opening {
    type Error = Invalid;

    fn try_from(reply: SubscribeReply) -> std::result::Result<Self, Invalid> {
        let kind = reply.kind();
        let conversation = reply
            .conversation
            .ok_or_else(|| Invalid::missing("conversation"))?;
        let epoch = Epoch(conversation.epoch);
        let conversation = Conversation::try_from(conversation)?;
        let text = match reply.streaming {
            None => None,
            Some(streaming) => Some((
                TextPosition {
                    message: convert::field("streaming.message", &streaming.message)?,
                    part: convert::part("streaming.part", streaming.part)?,
                    offset: reply.streaming_offset,
                },
                std::str::from_utf8(&streaming.text)
                    .map_err(|error| Invalid::new("streaming.text", error.to_string()))?
                    .to_owned(),
            )),
        };
        let position = Position {
            epoch,
            seq: conversation.head,
            eid: Eid(reply.head_eid),
            text: text.as_ref().map(|(at, text)| TextPosition {
                offset: at.offset + text.len() as u64,
                ..at.clone()
            }),
        };
        Ok(Self {
            kind,
            conversation,
            position,
            entries: reply.entries.into_iter().map(Entry::from).collect(),
            text,
            here: convert::list("here", &reply.here)?,
        })
    }
}

impl Opening {
    pub(super) fn live_text(&self) -> Option<LiveText> {
        let (at, text) = self.text.as_ref()?;
        let message = at.message.clone();
        Some(LiveText::new(message, at.part, at.offset, text.clone()))
    }

    /// The frames that tell it, in the order in which a client takes them in. `after` is where the
    /// client stood: what follows `resumed` goes on from there.
    pub(super) fn frames(
        self,
        request: Option<RequestId>,
        after: Option<Position>,
    ) -> Result<Vec<Encoded>> {
        match after {
            Some(after) if self.kind == Told::Resumed => Ok(self.resumed(request, after)),
            _ => self.state(request).map(|frame| vec![frame]),
        }
    }

    fn resumed(self, request: Option<RequestId>, after: Position) -> Vec<Encoded> {
        let conversation = self.conversation.id;
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
            moments: 0,
        };
        let hidden = usize::from(told(Lie::ResumeWithHole));
        for entry in self.entries.iter().skip(hidden) {
            frames.extend(pass(&mut cursor, &conversation, entry));
        }
        if let Some((from, text)) = self.text.filter(|(_, text)| !text.is_empty()) {
            let delta = Encoded::delta(&conversation, &self.position, from.offset, &text);
            frames.extend(delta);
        }
        frames
    }

    fn state(self, request: Option<RequestId>) -> Result<Encoded> {
        let conversation = self.conversation.id.clone();
        let position = self.position;
        let state = State {
            conversation: self.conversation,
            events: Vec::new(),
            streaming: self.text.map(|(at, text)| Streaming {
                message: at.message,
                part: at.part,
                text,
            }),
            here: self.here,
        };
        let frame = if self.kind == Told::Reset {
            ServerFrame::Reset {
                request,
                conversation,
                position,
                state,
            }
        } else {
            ServerFrame::Snapshot {
                request,
                conversation,
                position,
                state,
            }
        };
        Ok(Encoded::state(&frame, &self.entries)?)
    }
}

/// Moves a cursor past an event, and encodes it.
pub(super) fn pass(
    cursor: &mut Cursor,
    conversation: &ConversationId,
    entry: &Entry,
) -> Option<Encoded> {
    let kind = EventBody::kind(&entry.body).unwrap_or(Kind::Other);
    let change = Change::with(kind, &entry.body);
    cursor.pass(entry.seq, entry.eid, &change);
    Encoded::event(conversation, &cursor.position(), entry, change)
}

#[cfg(test)]
mod tests {
    use convene_proto::context;

    use super::*;

    #[test]
    fn events_of_a_type_that_only_a_newer_version_knows_are_passed_on() {
        let entry = |seq, body: &'static str| context::Entry {
            seq,
            eid: seq,
            at: 9,
            body: body.into(),
            ..Default::default()
        };
        let known = r#"{"type":"conversation.renamed","by":"user:ada","title":"\"events\":[]"}"#;
        let newer = r#"{"type":"x.new","of":{"any":["kind"]}}"#;
        for kind in [Told::Snapshot, Told::Reset] {
            let reply = SubscribeReply {
                kind: kind.into(),
                conversation: Some(context::Conversation {
                    id: "c".to_owned(),
                    title: r#""events":[]"#.to_owned(),
                    policy: "enqueue".to_owned(),
                    ..Default::default()
                }),
                entries: vec![entry(1, known), entry(2, newer)],
                ..Default::default()
            };
            let opening = Opening::try_from(reply).unwrap();
            let frames = opening.frames(None, None).unwrap();
            let frame: serde_json::Value = serde_json::from_str(&frames[0].json).unwrap();
            let events = &frame["state"]["events"];
            assert_eq!(events[0]["title"], r#""events":[]"#);
            assert_eq!(
                (&events[0]["seq"], &events[0]["at"]),
                (&1.into(), &9.into())
            );
            assert_eq!(
                (&events[1]["type"], &events[1]["seq"]),
                (&"x.new".into(), &2.into())
            );
            assert_eq!(events[1]["of"]["any"][0], "kind");
            assert_eq!(frame["state"]["conversation"]["title"], r#""events":[]"#);
        }
    }

    #[test]
    fn text_that_begins_inside_a_character_is_never_shared() {
        let reply = |text: &'static [u8]| SubscribeReply {
            conversation: Some(context::Conversation {
                id: "c".to_owned(),
                policy: "enqueue".to_owned(),
                ..Default::default()
            }),
            streaming: Some(context::Streaming {
                message: "m".to_owned(),
                text: text.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let whole = Opening::try_from(reply("ö".as_bytes())).unwrap();
        assert_eq!(whole.position.text.unwrap().offset, 2);
        let split = Opening::try_from(reply(&"ö".as_bytes()[1..])).unwrap_err();
        assert_eq!(split.field(), "streaming.text");
    }
}
