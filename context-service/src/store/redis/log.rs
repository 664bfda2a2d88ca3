//! Reading the log, and text that is still being written.

use convene_proto::id::{ConversationId, MessageId};

use super::{Call, RedisStore, viewer};
use crate::store::{Events, PartText, Range, Result, Viewer};

/// The most events that one call reads.
const LIMIT: usize = 1000;

pub(super) async fn read_events(
    store: &RedisStore,
    id: &ConversationId,
    who: &Viewer,
    range: Range,
) -> Result<Events> {
    let (direction, seq, limit) = match range {
        Range::After { seq, limit } => ("after", seq, limit),
        Range::Before { seq, limit } => ("before", seq, limit),
    };
    let call = Call::new("events", &store.keys.all(id))
        .optional(viewer(who))
        .arg(direction)
        .text(seq)
        .arg(limit.clamp(1, LIMIT))
        .arg(store.limits.page_bytes);
    let mut reply = store.call(call).await?;
    Ok(Events {
        epoch: reply.parse()?,
        entries: reply.entries()?,
        head: reply.seq()?,
        first: reply.seq()?,
    })
}

pub(super) async fn read_text(
    store: &RedisStore,
    id: &ConversationId,
    message: &MessageId,
    part: u16,
    offset: u64,
) -> Result<PartText> {
    let call = Call::new("text", &store.keys.all(id))
        .text(message)
        .arg(part)
        .arg(i64::try_from(offset).unwrap_or(i64::MAX));
    let mut reply = store.call(call).await?;
    Ok(PartText {
        text: reply.bytes()?,
        streams: reply.flag()?,
    })
}
