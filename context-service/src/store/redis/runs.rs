//! Claiming and releasing runs.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::id::{ConversationId, ParticipantId};

use super::{Call, RedisStore, Reply, due, lists};
use crate::store::{
    Claim, ClaimOutcome, Claimed, Entry, Error, Held, PendingTimer, Release, Restore, Result,
};

pub(super) async fn claim(store: &RedisStore, claim: Claim) -> Result<ClaimOutcome> {
    let id = &claim.conversation;
    let keys = store.keys.all(id);
    let call = |token: u64| {
        let call = Call::new("claim", &keys)
            .arg(store.idle_ms)
            .arg(store.limits.retention)
            .arg(token)
            .text(&claim.holder)
            .text(claim.nonce)
            .text(&claim.run)
            .time(claim.ttl)
            .arg(claim.history.events)
            .text(claim.history.from)
            .arg(store.limits.page_bytes)
            .arg(store.at_hand(|keys| keys.due(id)))
            .time(store.limits.due_after);
        match &claim.restore {
            Some(restore) => with_restore(call, restore),
            None => call,
        }
    };
    let mut reply = due::bring(store, id, call).await?;
    let restored = match (&claim.restore, reply.reply()?) {
        (Some(restore), mut place) if !place.is_empty() => Some(Entry {
            seq: place.seq()?,
            at: place.number()?,
            prev: place.eid()?,
            eid: place.eid()?,
            body: Bytes::clone(&restore.submit.entry.body),
        }),
        _ => None,
    };
    let people = reply.list::<ParticipantId>()?;
    if let Some(restored) = &restored {
        lists::raise_soon(store, id, &people, restored.at).await;
    }
    Ok(match reply.text()?.as_str() {
        "claimed" => {
            let mut claimed = claimed(reply.reply()?, id)?;
            claimed.restored = restored;
            claimed.settles = settles(store, &mut reply)?;
            if store.connection.is_cluster() {
                due::watch(store, id, claim.ttl).await;
            }
            ClaimOutcome::Claimed(Box::new(claimed))
        }
        "held" => ClaimOutcome::Held(Held {
            left: Duration::from_millis(reply.number()?),
            settles: settles(store, &mut reply)?,
        }),
        "backoff" => ClaimOutcome::Backoff(Duration::from_millis(reply.number()?)),
        "empty" => ClaimOutcome::Empty,
        other => return Err(Error::Corrupt(format!("unexpected reply: {other}"))),
    })
}

fn with_restore(call: Call, restore: &Restore) -> Call {
    let submit = &restore.submit;
    call.optional(restore.replay.as_ref())
        .text(&submit.message)
        .text(&submit.author)
        .arg(&restore.author_name)
        .eid(submit.entry.eid)
        .body(&submit.entry.body)
        .text(&restore.agent)
        .text(&restore.pool)
        .optional(submit.policy.map(|policy| policy.as_str()))
        .text(restore.accepted.0)
        .text(restore.accepted.1)
        .text(restore.epoch)
        .eid(restore.created.eid)
        .body(&restore.created.body)
        .eid(restore.prev)
        .eid(restore.anew)
        .needs(&submit.needs)
}

/// How long it takes until a message is safe in the log, which has held it for so long as is told.
fn settles(store: &RedisStore, reply: &mut Reply) -> Result<Duration> {
    let held = reply.optional()?.map(Duration::from_millis);
    Ok(held.map_or(Duration::ZERO, |held| store.settling.saturating_sub(held)))
}

fn claimed(mut reply: Reply, id: &ConversationId) -> Result<Claimed> {
    let nonce = reply.parse()?;
    let run = reply.parse()?;
    let attempt = reply.number()?;
    let agent = reply.parse()?;
    let pool = reply.parse()?;
    let inputs = reply.entries()?;
    let history = reply.entries()?;
    let (conversation, epoch) = reply.conversation(id)?;
    Ok(Claimed {
        nonce,
        run,
        attempt,
        agent,
        pool,
        inputs,
        history,
        conversation,
        epoch,
        unfinished: reply.optional()?,
        said: reply.list()?,
        cancelled: reply.flag()?,
        audience: reply.audience()?,
        restored: None,
        rang: reply.entries()?.pop(),
        timers: timers(reply.reply()?)?,
        settles: Duration::ZERO,
    })
}

fn timers(mut reply: Reply) -> Result<Vec<PendingTimer>> {
    let mut timers = Vec::new();
    while !reply.is_empty() {
        timers.push(PendingTimer {
            agent: reply.parse()?,
            name: reply.parse()?,
            at: reply.number()?,
        });
    }
    Ok(timers)
}

pub(super) async fn release(store: &RedisStore, release: Release) -> Result<Option<Claimed>> {
    let id = &release.conversation;
    let call = Call::new("release", &store.keys.all(id))
        .arg(store.idle_ms)
        .text(release.nonce)
        .text(&release.run)
        .time(release.ttl)
        .arg(release.history.events)
        .text(release.history.from)
        .arg(store.limits.page_bytes)
        .flag(release.abandon)
        .optional(release.over.as_ref());
    let mut reply = store.call(call).await?;
    let next = reply.reply()?;
    if next.is_empty() {
        return Ok(None);
    }
    claimed(next, id).map(Some)
}
