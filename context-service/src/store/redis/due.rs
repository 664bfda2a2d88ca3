//! The due set: what the sweeper looks at. See `scripts/due.lua` for how it never loses work.

use std::time::Duration;

use convene_proto::id::{ConversationId, InvalidId, Pool};

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

/// Puts the conversation to the front, so that the next sweep looks at it.
pub(super) async fn hurry(store: &RedisStore, id: &ConversationId) -> Result<()> {
    let call = Call::new("due_hurry", &[store.keys.due(id)]).text(id);
    store.value(call).await?;
    Ok(())
}

pub(super) async fn sweep(store: &RedisStore, limit: usize) -> Result<Vec<Due>> {
    let mut found = Vec::new();
    let first = store.turn();
    for turn in 0..DUE_SHARDS {
        let shard = store.keys.due_shard(first.wrapping_add(turn) % DUE_SHARDS);
        let swept = sweep_shard(store, shard, limit, &mut found).await;
        match swept {
            Ok(()) if found.len() < limit => {}
            // What was found is this caller's, and must not be dropped for a node that is away.
            Err(error) if found.is_empty() => return Err(error),
            _ => break,
        }
    }
    Ok(found)
}

async fn sweep_shard(
    store: &RedisStore,
    shard: String,
    limit: usize,
    found: &mut Vec<Due>,
) -> Result<()> {
    let wanted = limit.saturating_sub(found.len());
    let call = Call::new("due_peek", &[shard]).arg(wanted);
    let mut reply = store.call(call).await?;
    while !reply.is_empty() {
        let place = reply.text()?;
        let token = reply.number()?;
        let due = match place.strip_prefix('!') {
            Some(id) => look_at_once(store, parse(id)?).await?,
            None => look(store, parse(&place)?, token).await?,
        };
        found.extend(due);
    }
    Ok(())
}

fn parse(id: &str) -> Result<ConversationId> {
    id.parse()
        .map_err(|error: InvalidId| Error::Corrupt(error.to_string()))
}

/// What a conversation in the due set has to do.
enum Work {
    None,
    /// Under a lease, or in backoff.
    Waits(Duration),
    /// It was rung for in vain, and is not rung for again yet.
    Rests,
    For(Pool),
}

/// Asks the conversation. Where it has no work, it has left the due set up to this token.
async fn work(store: &RedisStore, id: &ConversationId, token: u64) -> Result<Work> {
    let call = Call::new("work", &store.keys.all(id)).arg(token);
    let mut reply = store.call(call).await?;
    Ok(match reply.text()?.as_str() {
        "none" => Work::None,
        "waits" => Work::Waits(Duration::from_millis(reply.number()?)),
        "rests" => Work::Rests,
        "work" => Work::For(reply.parse()?),
        other => return Err(Error::Corrupt(format!("unexpected reply: {other}"))),
    })
}

/// Looks at a conversation whose time has come; `None` also where another sweeper was first.
async fn look(store: &RedisStore, id: ConversationId, token: u64) -> Result<Option<Due>> {
    let longest = store.limits.due_after;
    let work = match work(store, &id, token).await {
        // One that cannot be read must not stop the others from being swept.
        Err(Error::Corrupt(reason)) => {
            tracing::error!(conversation = %id, reason, "the sweeper passes it over");
            Work::Waits(longest)
        }
        outcome => outcome?,
    };
    match work {
        Work::None => {
            leave(store, &id, token).await?;
            Ok(None)
        }
        // A lease may be given back, and a backoff be cancelled, before its time.
        Work::Waits(wait) => {
            defer(store, &id, token, wait.min(longest)).await?;
            Ok(None)
        }
        // Looked at no less often, so that it is seen at once when something was done meanwhile.
        Work::Rests => {
            defer(store, &id, token, longest).await?;
            Ok(None)
        }
        Work::For(pool) => {
            let first = defer(store, &id, token, longest).await?;
            Ok(first.then_some(Due {
                conversation: id,
                pool,
            }))
        }
    }
}

/// Looks at a conversation at the front, and takes it from there.
async fn look_at_once(store: &RedisStore, id: ConversationId) -> Result<Option<Due>> {
    let call = Call::new("due_take", &[store.keys.due(&id)])
        .text(&id)
        .time(store.limits.due_after);
    let token = store.call(call).await?.number()?;
    if token == 0 {
        return Ok(None);
    }
    match work(store, &id, token).await? {
        Work::None => {
            leave(store, &id, token).await?;
            Ok(None)
        }
        Work::Waits(_) | Work::Rests => Ok(None),
        Work::For(pool) => Ok(Some(Due {
            conversation: id,
            pool,
        })),
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
    store.call(call).await?.flag()
}
