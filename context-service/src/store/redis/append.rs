//! The hot path: one round trip for each piece of text, with fencing, renewal and audience in it.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::{
    id::{ConversationId, MessageId},
    position::Nonce,
};

use super::{Call, RedisStore, Reply};
use crate::store::{Append, Appended, Effect, Entry, NewEntry, Result};

pub(super) async fn append(store: &RedisStore, append: Append) -> Result<Appended> {
    let text = append.text.as_ref();
    let mut call = Call::new("append", &store.keys.hot(&append.conversation))
        .arg(store.idle_ms)
        .arg(store.limits.retention)
        .time(store.limits.text_lingers)
        .text(append.nonce)
        .optional(append.run.as_ref())
        .time(append.ttl)
        .arg(append.step)
        .optional(text.map(|text| &text.message))
        .arg(text.map_or(0, |text| text.part))
        .arg(text.map_or(0, |text| text.offset))
        .arg(text.map_or(&[][..], |text| &text.text[..]));
    for (entry, effect) in &append.entries {
        call = call.eid(entry.eid).body(&entry.body);
        call = with_effect(call, effect);
    }
    appended(
        store.call(call).await?,
        append.entries.into_iter().map(|(entry, _)| entry),
    )
}

fn with_effect(call: Call, effect: &Effect) -> Call {
    let about = |call: Call, name: &'static str, message: &MessageId| call.arg(name).text(message);
    match effect {
        Effect::None => call.arg("none").arg(""),
        Effect::Start(message) => about(call, "start", message),
        Effect::Complete(message) => about(call, "complete", message),
        Effect::Offer(message) => about(call, "offer", message),
        Effect::Retract(message) => about(call, "retract", message),
        Effect::Finish => call.arg("finish").arg(""),
        Effect::Retry(delay) => call.arg("retry").time(*delay),
    }
}

/// Bodies come from the request, places from the reply.
fn appended(mut reply: Reply, entries: impl Iterator<Item = NewEntry>) -> Result<Appended> {
    let epoch = reply.parse()?;
    let head = reply.seq()?;
    let cancel = reply.flag()?;
    let audience = reply.audience()?;
    let mut places = reply.reply()?;
    let entries = entries.map(|entry| {
        let mut place = places.reply()?;
        Ok(Entry {
            seq: place.seq()?,
            at: place.number()?,
            prev: place.eid()?,
            eid: entry.eid,
            body: Bytes::clone(&entry.body),
        })
    });
    Ok(Appended {
        epoch,
        entries: entries.collect::<Result<_>>()?,
        head,
        audience,
        cancel,
    })
}

pub(super) async fn renew(
    store: &RedisStore,
    id: &ConversationId,
    nonce: Nonce,
    ttl: Duration,
) -> Result<Appended> {
    let call = Call::new("renew", &store.keys.hot(id))
        .text(nonce)
        .time(ttl);
    appended(store.call(call).await?, std::iter::empty())
}
