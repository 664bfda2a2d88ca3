//! What people say, and how they stop an agent.

use std::time::Duration;

use bytes::Bytes;
use convene_proto::id::AgentName;

use super::{Call, Keys, RedisStore, Reply, SOON, agents, due, lists, viewer, within};
use crate::store::{Cancel, Cancelled, Entry, Error, Result, Ring, Submit, Submitted, Wake};

/// As in `scripts/submit.lua`.
const UNREAD: &str = "?";

pub(super) async fn submit(store: &RedisStore, submit: Submit) -> Result<Submitted> {
    let id = &submit.conversation;
    let (wake, announced) = match &submit.wake {
        Wake::Default => ("*", String::new()),
        Wake::Agent(name) => (name.as_str(), pool_of(store, name).await),
        Wake::Nobody => ("", String::new()),
    };
    let keys = store.keys.all(id);
    let call = |token: u64| {
        Call::new("submit", &keys)
            .arg(store.idle_ms)
            .arg(store.limits.retention)
            .arg(token)
            .text(&submit.message)
            .text(&submit.author)
            .eid(submit.entry.eid)
            .body(&submit.entry.body)
            .arg(wake)
            .text(&announced)
            .optional(submit.policy.map(|policy| policy.as_str()))
            .arg(store.at_hand(Keys::lists))
            .arg(store.at_hand(|keys| keys.due(id)))
            .time(store.limits.due_after)
            .flag(submit.outside)
            .needs(&submit.needs)
    };
    let mut reply = due::bring(store, id, call).await?;
    let duplicate = reply.flag()?;
    let epoch = reply.parse()?;
    let written = Entry {
        seq: reply.seq()?,
        at: reply.number()?,
        prev: reply.eid()?,
        eid: submit.entry.eid,
        body: Bytes::clone(&submit.entry.body),
    };
    let entry = match (duplicate, reply.entries()?.pop()) {
        (false, _) => written,
        (true, Some(known)) => known,
        (true, None) => return Err(Error::Corrupt("a known message without its event".into())),
    };
    let audience = reply.audience()?;
    let author_name = reply.text()?;
    let ring = ring(reply.reply()?)?;
    let interrupted = maybe_stopped(reply.reply()?)?;
    let active = reply.number()?;
    lists::raise_soon(store, id, &reply.list()?, active).await;
    Ok(Submitted {
        epoch,
        entry,
        audience,
        duplicate,
        author_name,
        ring,
        interrupted,
    })
}

/// The pool in which a worker announced this agent, or nothing if none did; [`UNREAD`] where that
/// cannot be read soon, which is no harm if it is the conversation's own agent.
async fn pool_of(store: &RedisStore, name: &AgentName) -> String {
    match within(SOON, agents::all(store)).await {
        Ok(agents) => {
            let found = agents.into_iter().find(|agent| agent.name == *name);
            found.map_or_else(String::new, |agent| agent.pool.to_string())
        }
        Err(error) => {
            tracing::warn!(%error, agent = %name, "where it is at work cannot be read");
            UNREAD.to_owned()
        }
    }
}

fn ring(mut reply: Reply) -> Result<Option<Ring>> {
    if reply.is_empty() {
        return Ok(None);
    }
    Ok(Some(Ring {
        pool: reply.parse()?,
        agent: reply.parse()?,
        policy: reply.parse()?,
    }))
}

/// The run that something else stopped, if it did.
pub(super) fn maybe_stopped(reply: Reply) -> Result<Option<Cancelled>> {
    if reply.is_empty() {
        return Ok(None);
    }
    stopped(reply).map(Some)
}

fn stopped(mut reply: Reply) -> Result<Cancelled> {
    Ok(Cancelled {
        run: reply.optional()?,
        holder: reply.optional()?,
    })
}

pub(super) async fn cancel(store: &RedisStore, cancel: Cancel) -> Result<Cancelled> {
    let id = &cancel.conversation;
    let call = Call::new("cancel", &store.keys.all(id))
        .arg(store.idle_ms)
        .optional(viewer(&cancel.viewer))
        .optional(cancel.run);
    let cancelled = stopped(store.call(call).await?)?;
    if cancelled.holder.is_none() {
        due::hurry(store, id, Duration::ZERO).await?;
    }
    Ok(cancelled)
}
