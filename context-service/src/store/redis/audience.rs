//! The audience: who listens, who is here, and where a listener's logs stand.

use std::time::Duration;

use convene_proto::{
    id::{ConversationId, Inbox, ParticipantId},
    position::{Eid, Seq},
};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::{Call, RedisStore, Reply};
use crate::store::{
    Error, MOST_HERE, Place, Result, ResumeKind, Signalled, Standing, StreamingText, Subscribe,
    Subscribed, Unsubscribe, Unsubscribed,
};

/// An audit is answered without those conversations whose node has not answered by then.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn subscribe(store: &RedisStore, subscribe: Subscribe) -> Result<Subscribed> {
    let id = &subscribe.conversation;
    let after = subscribe.after.as_ref();
    let text = after.and_then(|position| position.text.as_ref());
    let call = Call::new("subscribe", &store.keys.all(id))
        .arg(store.idle_ms)
        .time(subscribe.ttl)
        .text(&subscribe.viewer)
        .text(&subscribe.inbox)
        .arg(subscribe.tail)
        .arg(store.limits.page_bytes)
        .optional(after.map(|position| position.epoch))
        .optional(after.map(|position| position.seq))
        .eid(after.map_or(Eid(0), |position| position.eid))
        .optional(text.map(|text| &text.message))
        .optional(text.map(|text| text.part))
        .optional(text.map(|text| text.offset));
    let mut reply = store.call(call).await?;
    let kind = match reply.text()?.as_str() {
        "resumed" => ResumeKind::Resumed,
        "snapshot" => ResumeKind::Snapshot,
        "reset" => ResumeKind::Reset,
        other => return Err(Error::Corrupt(format!("unexpected reply: {other}"))),
    };
    let (conversation, epoch) = reply.conversation(id)?;
    Ok(Subscribed {
        kind,
        epoch,
        conversation,
        entries: reply.entries()?,
        head_eid: reply.eid()?,
        streaming: streaming(reply.reply()?)?,
        here: reply.here()?,
        audience: reply.audience()?,
        place: Place(reply.number()?),
    })
}

fn streaming(mut reply: Reply) -> Result<Option<StreamingText>> {
    if reply.is_empty() {
        return Ok(None);
    }
    Ok(Some(StreamingText {
        message: reply.parse()?,
        part: reply.number()?,
        offset: reply.number()?,
        text: reply.bytes()?,
    }))
}

pub(super) async fn unsubscribe(
    store: &RedisStore,
    unsubscribe: Unsubscribe,
) -> Result<Unsubscribed> {
    let call = Call::new("unsubscribe", &store.keys.all(&unsubscribe.conversation))
        .text(&unsubscribe.inbox)
        .optional(unsubscribe.viewer)
        .flag(unsubscribe.last)
        .optional(unsubscribe.place.map(|place| place.0));
    let mut reply = store.call(call).await?;
    Ok(Unsubscribed {
        audience: reply.audience()?,
        gone: reply.flag()?,
    })
}

pub(super) async fn audit(
    store: &RedisStore,
    inbox: &Inbox,
    ttl: Duration,
    conversations: &[(ConversationId, Vec<ParticipantId>)],
) -> Vec<Result<Option<Standing>>> {
    let standings = conversations.iter().map(async |(id, viewers)| {
        timeout(PATIENCE, standing(store, inbox, ttl, id, viewers))
            .await
            .unwrap_or_else(|late| Err(Error::Unavailable(late.into())))
    });
    join_all(standings).await
}

async fn standing(
    store: &RedisStore,
    inbox: &Inbox,
    ttl: Duration,
    id: &ConversationId,
    viewers: &[ParticipantId],
) -> Result<Option<Standing>> {
    let mut call = Call::new("audit", &store.keys.all(id))
        .arg(store.idle_ms)
        .time(ttl)
        .arg(MOST_HERE)
        .text(inbox);
    for viewer in viewers {
        call = call.text(viewer);
    }
    let mut reply = store.call(call).await?;
    if reply.is_empty() {
        return Ok(None);
    }
    let epoch = reply.parse()?;
    let head = reply.seq()?;
    let eid = reply.eid()?;
    let mut text = reply.reply()?;
    let streaming = if text.is_empty() {
        None
    } else {
        Some((text.parse()?, text.number()?, text.number()?))
    };
    let mut here = reply.reply()?;
    let place = Place(reply.number()?);
    Ok(Some(Standing {
        epoch,
        head,
        eid,
        streaming,
        here: if here.is_empty() {
            None
        } else {
            Some(here.here()?)
        },
        place,
    }))
}

pub(super) async fn signal(
    store: &RedisStore,
    id: &ConversationId,
    viewer: &ParticipantId,
    read: Option<Seq>,
) -> Result<Signalled> {
    let call = Call::new("signal", &store.keys.all(id))
        .arg(store.idle_ms)
        .text(viewer)
        .optional(read);
    let mut reply = store.call(call).await?;
    Ok(Signalled {
        audience: reply.audience()?,
        read: reply.optional::<u64>()?.map(Seq),
    })
}
