//! Text under way, in the pieces that it came in.

use std::cmp::Ordering;

use bytes::Bytes;
use convene_proto::{
    event::MESSAGES_OF_A_RUN,
    id::{ConversationId, MessageId},
};
use redb::ReadableTable;

use super::{
    error::unreadable,
    records::{State, Streaming},
    step::{Step, Weight},
    tables::TextKey,
};
use crate::store::{Effect, Error, Result, Text};

/// How many messages' texts one purge drops.
const PURGED_AT_ONCE: usize = 64;

/// What will stream after these effects.
///
/// # Errors
/// Where one would start a message while another streams, or after too many.
pub(super) fn foresee<'e>(
    state: &State,
    effects: impl Iterator<Item = &'e Effect>,
) -> Result<Option<Streaming>> {
    let mut streaming = state.streaming.clone();
    let mut said = state.run.as_ref().map_or(0, |run| run.said.len());
    for effect in effects {
        match effect {
            Effect::Start(_) if streaming.is_some() => {
                return Err(Error::Conflict("another message streams already"));
            }
            Effect::Start(_) if said >= MESSAGES_OF_A_RUN => {
                let much = "this run has said as many messages as it may";
                return Err(Error::Conflict(much));
            }
            Effect::Start(message) => {
                streaming = Some(Streaming {
                    message: message.clone(),
                    part: 0,
                    length: 0,
                });
            }
            Effect::Complete(message) | Effect::Offer(message) => {
                let ended = streaming.take_if(|text| text.message == *message);
                said += usize::from(ended.is_some());
            }
            Effect::Retract(message) => {
                streaming.take_if(|text| text.message == *message);
            }
            Effect::None
            | Effect::Finish
            | Effect::Retry(_)
            | Effect::SetTimer(_)
            | Effect::ClearTimer(_) => {}
        }
    }
    Ok(streaming)
}

/// Refuses text that does not begin at the end of its part, or whose message or part is not under way.
pub(super) fn fits(streaming: Option<&Streaming>, text: &Text) -> Result<()> {
    let Some(streaming) = streaming.filter(|streaming| streaming.message == text.message) else {
        return Err(Error::Conflict("this message does not stream"));
    };
    let end = match text.part.cmp(&streaming.part) {
        Ordering::Equal => streaming.length,
        Ordering::Greater => 0,
        Ordering::Less => return Err(Error::Conflict("this part is over")),
    };
    if text.offset == end {
        Ok(())
    } else {
        Err(Error::Gap { end })
    }
}

/// A part's text from a byte on, as far as it is there.
pub(super) fn read(
    pieces: &impl ReadableTable<TextKey, &'static [u8]>,
    id: &ConversationId,
    message: &MessageId,
    part: u16,
    offset: u64,
) -> Result<Bytes> {
    let (id, message) = (id.as_str(), message.as_str());
    let before = pieces
        .range((id, message, part, 0)..=(id, message, part, offset))?
        .next_back();
    let Some(first) = before else {
        return Ok(Bytes::new());
    };
    let begin = first?.0.value().3;
    let mut text = Vec::new();
    for piece in pieces.range((id, message, part, begin)..=(id, message, part, u64::MAX))? {
        text.extend_from_slice(piece?.1.value());
    }
    let skip = usize::try_from(offset - begin).unwrap_or(usize::MAX);
    text.drain(..skip.min(text.len()));
    Ok(text.into())
}

impl Step<'_, '_> {
    /// Writes text at the end of what streams. The state is yet to be kept.
    pub(super) fn put_text(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        text: &Text,
    ) -> Result<()> {
        let Some(streaming) = &mut state.streaming else {
            return Err(Error::Conflict("this message does not stream"));
        };
        streaming.part = text.part;
        streaming.length = text.offset + text.text.len() as u64;
        self.weigh(Weight::Relaxed);
        let key = (id.as_str(), text.message.as_str(), text.part, text.offset);
        self.tables.text.insert(key, &text.text[..])?;
        Ok(())
    }

    /// The text under way from a byte on.
    pub(super) fn rest(
        &self,
        id: &ConversationId,
        streaming: &Streaming,
        offset: u64,
    ) -> Result<Bytes> {
        read(
            &self.tables.text,
            id,
            &streaming.message,
            streaming.part,
            offset,
        )
    }

    pub(super) fn let_linger(&mut self, id: &ConversationId, message: &MessageId) -> Result<()> {
        self.weigh(Weight::Relaxed);
        let until = self.after(self.limits.text_lingers);
        self.tables
            .lingering
            .insert((until, id.as_str(), message.as_str()), ())?;
        Ok(())
    }

    pub(super) fn drop_text(&mut self, id: &ConversationId, message: &MessageId) -> Result<()> {
        self.weigh(Weight::Relaxed);
        let (id, message) = (id.as_str(), message.as_str());
        let all = (id, message, 0, 0)..=(id, message, u16::MAX, u64::MAX);
        self.tables.text.retain_in(all, |_, _| false)?;
        Ok(())
    }

    /// Drops texts whose time is over.
    pub(super) fn purge_text(&mut self) -> Result<()> {
        let mut over = Vec::new();
        for row in self.tables.lingering.iter()?.take(PURGED_AT_ONCE) {
            let (key, _) = row?;
            let (until, id, message) = key.value();
            if until > self.now {
                break;
            }
            let id: ConversationId = id.parse().map_err(|_| unreadable("a lingering text"))?;
            let message: MessageId = message
                .parse()
                .map_err(|_| unreadable("a lingering text"))?;
            over.push((until, id, message));
        }
        for (until, id, message) in over {
            self.drop_text(&id, &message)?;
            self.tables
                .lingering
                .remove((until, id.as_str(), message.as_str()))?;
        }
        Ok(())
    }
}
