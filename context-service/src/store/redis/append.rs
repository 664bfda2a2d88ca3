//! The hot path: one round trip for each piece of text, with fencing, renewal and audience in it.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::{
    id::{ConversationId, MessageId},
    position::Nonce,
    timer::Rings,
};

use super::{Call, RedisStore, Reply, due, shorthand::shorten};
use crate::store::{Append, Appended, Effect, Entry, NewEntry, NewTimer, Result};

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
    let sets = |(_, effect): &(NewEntry, Effect)| matches!(effect, Effect::SetTimer(_));
    let sets_timer = append.entries.iter().any(sets);
    if !append.entries.is_empty() {
        let shard = store.at_hand(|keys| keys.timers(&append.conversation));
        call = call
            .arg(if sets_timer { shard } else { String::new() })
            .flag(append.unless_cancelled);
    }
    for (entry, effect) in &append.entries {
        call = call.eid(entry.eid).body(&entry.body);
        call = with_effect(call, effect);
    }
    let mut reply = store.call(call).await?;
    let entries = append.entries.into_iter().map(|(entry, _)| entry);
    let appended = appended(&mut reply, entries)?;
    if sets_timer
        && store.connection.is_cluster()
        && let Some(rings) = reply.optional()?
    {
        due::remind(store, &append.conversation, rings).await;
    }
    Ok(appended)
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
        Effect::SetTimer(timer) => call.arg("set_timer").arg(packed(timer)),
        Effect::ClearTimer(name) => call.arg("clear_timer").text(name),
    }
}

/// A timer as the script reads it.
fn packed(timer: &NewTimer) -> Vec<u8> {
    let (kind, ms) = match timer.rings {
        Rings::AfterMs(ms) => ("after", ms),
        Rings::AtMs(ms) => ("at", ms),
    };
    let mut packed = format!("{kind} {ms} {} ", timer.name).into_bytes();
    packed.extend_from_slice(&timer.fired.eid.0.to_be_bytes());
    packed.extend_from_slice(&shorten(&timer.fired.body));
    packed
}

/// Bodies come from the request, places from the reply.
fn appended(reply: &mut Reply, entries: impl Iterator<Item = NewEntry>) -> Result<Appended> {
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
    appended(&mut store.call(call).await?, std::iter::empty())
}
