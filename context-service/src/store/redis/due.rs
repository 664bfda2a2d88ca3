//! The due set: what the sweeper looks at. See `scripts/due.lua` for how it never loses work.

use std::time::Duration;

use convene_proto::id::ConversationId;

use super::{Call, Failure, RedisStore, Reply, keys::DUE_SHARDS};
use crate::store::{Due, Error, Result};

/// How often a call enters the due set again because its conversation had just left it.
const TRIES: usize = 8;

/// Enters the conversation in the due set, above the token `floor`. The answer is a token, for
/// the call that brings the work.
async fn enter(store: &RedisStore, id: &ConversationId, floor: u64) -> Result<u64> {
    let call = Call::new("due_enter", &[store.keys.due(id)])
        .text(id)
        .time(store.limits.due_after)
        .arg(floor);
    let mut reply = store.call(call).await?;
    reply.number()
}

/// Brings work: makes the call that `with` makes of a token, which is in the due set before it.
/// Without `early` the call is first tried without one, since most turn out to bring nothing.
pub(super) async fn bring(
    store: &RedisStore,
    id: &ConversationId,
    early: bool,
    with: impl Fn(u64) -> Call + Send,
) -> Result<Reply> {
    let mut token = if early { enter(store, id, 0).await? } else { 0 };
    for _ in 0..TRIES {
        match store.call(with(token)).await {
            Err(Failure::Late(floor)) => token = enter(store, id, floor).await?,
            outcome => return Ok(outcome?),
        }
    }
    Err(Failure::Late(token).into())
}

/// Takes the conversation out again, if it still has this token.
pub(super) async fn leave(store: &RedisStore, id: &ConversationId, token: u64) -> Result<()> {
    let call = Call::new("due_leave", &[store.keys.due(id)])
        .text(id)
        .arg(token);
    store.value(call).await?;
    Ok(())
}

pub(super) async fn sweep(store: &RedisStore, limit: usize) -> Result<Vec<Due>> {
    let mut found = Vec::new();
    let first = store.turn();
    for turn in 0..DUE_SHARDS {
        let shard = store.keys.due_shard(first.wrapping_add(turn) % DUE_SHARDS);
        let wanted = limit - found.len();
        if wanted == 0 {
            break;
        }
        let mut reply = store
            .call(Call::new("due_peek", &[shard]).arg(wanted))
            .await?;
        while !reply.is_empty() {
            let id = reply.parse()?;
            let token = reply.number()?;
            found.extend(look(store, id, token).await?);
        }
    }
    Ok(found)
}

/// What there is to do for a conversation whose time has come; `None` too where another sweeper
/// was first.
async fn look(store: &RedisStore, id: ConversationId, token: u64) -> Result<Option<Due>> {
    let call = Call::new("work", &store.keys.hot(&id)).arg(token);
    let mut reply = store.call(call).await?;
    let limit = store.limits.due_after;
    match reply.text()?.as_str() {
        "none" => {
            leave(store, &id, token).await?;
            Ok(None)
        }
        "waits" => {
            let wait = Duration::from_millis(reply.number()?);
            defer(store, &id, token, wait.min(limit)).await?;
            Ok(None)
        }
        "work" => {
            let pool = reply.parse()?;
            let first = defer(store, &id, token, limit).await?;
            Ok(first.then_some(Due {
                conversation: id,
                pool,
            }))
        }
        other => Err(Error::Corrupt(format!("unexpected reply: {other}"))),
    }
}

/// Puts the conversation off; true for the one caller whose token it still had.
async fn defer(
    store: &RedisStore,
    id: &ConversationId,
    token: u64,
    delay: Duration,
) -> Result<bool> {
    let call = Call::new("due_defer", &[store.keys.due(id)])
        .text(id)
        .arg(token)
        .time(delay);
    let mut reply = store.call(call).await?;
    reply.flag()
}
