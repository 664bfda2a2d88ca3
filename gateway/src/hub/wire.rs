//! Encoded server frames: made once, shared by every reader that stands at the same place.

use std::{
    fmt::Write as _,
    ops::{Deref, Range},
    sync::Arc,
};

use axum::extract::ws::Utf8Bytes;
use convene_invariants::Mark;
use convene_proto::{
    convert::{Invalid, push_event_json},
    frame::ServerFrame,
    id::ConversationId,
    position::{Position, Seq, TextPosition},
};

use super::{
    feed::Entry,
    promises::{Change, Shown},
};
use crate::{
    error::Refusal,
    notes::{self, Sight},
};

/// A frame ready for a socket. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Encoded(Arc<Frame>);

/// See [`Encoded`].
#[derive(Debug)]
pub(crate) struct Frame {
    /// As it is for who does not see what agents note.
    pub(crate) json: Utf8Bytes,
    /// For who does, where that is more.
    whole: Option<Utf8Bytes>,
    /// The frame's `type`, which SSE sends as the event's name.
    pub(crate) name: &'static str,
    /// Where the reader stands once it has it; for SSE's `id:`.
    pub(crate) position: Option<Box<str>>,
    /// What it shows of the log, if anything.
    pub(super) shown: Option<Arc<Shown>>,
}

impl Deref for Encoded {
    type Target = Frame;

    fn deref(&self) -> &Frame {
        &self.0
    }
}

impl Frame {
    /// As it is for a reader of this sight, which is asked for where it matters.
    pub(crate) fn json_for(&self, sight: impl FnOnce() -> Sight) -> &Utf8Bytes {
        match &self.whole {
            Some(whole) if sight() == Sight::Everything => whole,
            _ => &self.json,
        }
    }

    /// Bytes of both.
    pub(super) fn bytes(&self) -> usize {
        self.json.len() + self.whole.as_ref().map_or(0, |whole| whole.len())
    }
}

impl From<Frame> for Encoded {
    fn from(frame: Frame) -> Self {
        Self(Arc::new(frame))
    }
}

impl Encoded {
    /// Encodes a frame that only one reader gets.
    pub(crate) fn of(frame: &ServerFrame) -> Self {
        let (name, position) = match frame {
            ServerFrame::Welcome { .. } => ("welcome", None),
            ServerFrame::Accepted { .. } => ("accepted", None),
            ServerFrame::Error { .. } => ("error", None),
            ServerFrame::Resumed { position, .. } => ("resumed", Some(position)),
            ServerFrame::Snapshot { position, .. } => ("snapshot", Some(position)),
            ServerFrame::Reset { position, .. } => ("reset", Some(position)),
            ServerFrame::Event { position, .. } => ("event", Some(position)),
            ServerFrame::Delta { position, .. } => ("delta", Some(position)),
            ServerFrame::Signal { .. } => ("signal", None),
            ServerFrame::Ended { .. } => ("ended", None),
            ServerFrame::Drain { .. } => ("drain", None),
            ServerFrame::Pong { .. } => ("pong", None),
        };
        let json = serde_json::to_string(frame).unwrap_or_else(|error| {
            // Every frame is a tree of strings and numbers: this cannot happen.
            tracing::error!(%error, "frame could not be encoded");
            String::new()
        });
        Self::from(Frame {
            json: json.into(),
            whole: None,
            name,
            position: position.map(|position| position.to_string().into()),
            shown: match frame {
                ServerFrame::Resumed { position, .. } => {
                    Some(Arc::new(Shown::Resumed(position.clone())))
                }
                _ => None,
            },
        })
    }

    /// The last frame of a subscription.
    pub(crate) fn ended(conversation: &ConversationId, refusal: Refusal) -> Self {
        tracing::debug!(%refusal, %conversation, "a subscription ends");
        Self::of(&ServerFrame::Ended {
            conversation: conversation.clone(),
            problem: refusal.0,
        })
    }

    /// A `snapshot` or `reset` frame, whose events are JSON already: those of a type that only a newer
    /// version knows are passed on as they are.
    pub(crate) fn state(frame: &ServerFrame, entries: &[Entry]) -> Result<Self, Invalid> {
        // Inside a string the quotes would be escaped.
        const NO_EVENTS: &str = r#""events":[]"#;
        let encoded = Self::of(frame);
        let Some(found) = encoded.json.find(NO_EVENTS) else {
            return Err(Invalid::new("state", "there is no room for its events"));
        };
        let (front, rest) = encoded.json.split_at(found + NO_EVENTS.len() - 1);
        let hidden: Vec<_> = entries
            .iter()
            .map(|entry| notes::hidden(&entry.body))
            .collect();
        let bodies: usize = entries.iter().map(|entry| entry.body.len() + 80).sum();
        let around = |hides: bool| -> Result<Utf8Bytes, Invalid> {
            let mut json = String::with_capacity(encoded.json.len() + bodies);
            json.push_str(front);
            for (index, (entry, hidden)) in entries.iter().zip(&hidden).enumerate() {
                if index > 0 {
                    json.push(',');
                }
                let body = hidden.as_deref().filter(|_| hides).unwrap_or(&entry.body);
                push_event_json(&mut json, entry.seq, entry.eid, entry.at, body)?;
            }
            json.push_str(rest);
            Ok(json.into())
        };
        let hides = hidden.iter().any(Option::is_some);
        Ok(Self::from(Frame {
            json: around(true)?,
            whole: hides.then(|| around(false)).transpose()?,
            name: encoded.name,
            position: encoded.position.clone(),
            shown: shown_by_state(frame, entries).map(Arc::new),
        }))
    }

    /// An `event` frame around a body that is JSON already.
    pub(crate) fn event(
        conversation: &ConversationId,
        position: &Position,
        entry: &Entry,
        change: Change,
    ) -> Option<Self> {
        let text = position.to_string();
        let around = |body: &[u8]| {
            let mut json = String::with_capacity(body.len() + 300);
            write!(
                json,
                r#"{{"type":"event","conversation":"{conversation}","position":"{text}","event":"#
            )
            .ok()?;
            push_event_json(&mut json, entry.seq, entry.eid, entry.at, body).ok()?;
            json.push('}');
            Some(Utf8Bytes::from(json))
        };
        let whole = around(&entry.body)?;
        let (json, whole) = match notes::hidden(&entry.body) {
            None => (whole, None),
            Some(hidden) => (around(&hidden)?, Some(whole)),
        };
        Some(Self::from(Frame {
            json,
            whole,
            name: "event",
            position: Some(text.into()),
            shown: Some(Arc::new(Shown::Event {
                mark: Mark {
                    epoch: position.epoch,
                    seq: entry.seq,
                    eid: entry.eid,
                },
                prev: entry.prev,
                change,
            })),
        }))
    }

    /// A `delta` frame. `position` stands behind the piece.
    pub(crate) fn delta(
        conversation: &ConversationId,
        position: &Position,
        offset: u64,
        text: &str,
    ) -> Option<Self> {
        let within = position.text.as_ref()?;
        let written = position.to_string();
        let mut json = String::with_capacity(text.len() + 200);
        write!(
            json,
            r#"{{"type":"delta","conversation":"{conversation}","position":"{written}","message":"{}","part":{},"offset":{offset},"text":"#,
            within.message, within.part,
        )
        .ok()?;
        json.push_str(&serde_json::to_string(text).ok()?);
        json.push('}');
        Some(Self::from(Frame {
            json: json.into(),
            whole: None,
            name: "delta",
            position: Some(written.into()),
            shown: Some(Arc::new(Shown::Text {
                message: within.message.clone(),
                part: within.part,
                from: offset,
                to: offset + text.len() as u64,
            })),
        }))
    }

    /// The same frame for a reader that stands elsewhere: only the position differs.
    pub(crate) fn at(&self, position: &Position) -> Self {
        // What a note holds comes behind it, so it stands at the same place in both.
        let Some(range) = self.position_range() else {
            return self.clone();
        };
        let text = position.to_string();
        let moved = |json: &str| {
            [&json[..range.start], &text, &json[range.end..]]
                .concat()
                .into()
        };
        Self::from(Frame {
            json: moved(&self.json),
            whole: self.whole.as_deref().map(moved),
            name: self.name,
            position: Some(text.into()),
            shown: self.shown.clone(),
        })
    }

    fn position_range(&self) -> Option<Range<usize>> {
        const KEY: &str = r#","position":""#;
        let old = self.position.as_ref()?;
        let start = self.json.find(KEY)? + KEY.len();
        Some(start..start + old.len())
    }
}

fn shown_by_state(frame: &ServerFrame, entries: &[Entry]) -> Option<Shown> {
    let (at, state, is_reset) = match frame {
        ServerFrame::Snapshot {
            position, state, ..
        } => (position, state, false),
        ServerFrame::Reset {
            position, state, ..
        } => (position, state, true),
        _ => return None,
    };
    let text = state.streaming.as_ref().map(|streaming| TextPosition {
        message: streaming.message.clone(),
        part: streaming.part,
        offset: streaming.text.len() as u64,
    });
    Some(Shown::State {
        at: at.clone(),
        text,
        whole: entries.first().is_some_and(|first| first.seq == Seq(1)),
        is_reset,
    })
}
