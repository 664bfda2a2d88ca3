//! The due set: what the sweeper looks at. See `scripts/due.lua` for how it never loses work.

use std::{collections::HashSet, time::Duration};

use convene_proto::id::{ConversationId, InvalidId, Pool};
use futures_util::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use tokio::time::Instant;

use super::{Call, Failure, RedisStore, Reply, keys::DUE_SHARDS, within};
use crate::store::{Due, Error, RING_AGAIN, Result};

/// How often a call enters the due set again because its conversation had just left it.
const TRIES: usize = 8;

/// How many conversations a sweep looks at together.
const AT_ONCE: usize = 32;

/// A sweep begins no look later than this, and waits for none longer than `PATIENCE`: whoever asked
/// for it waits three seconds.
const SWEEPING: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_secs(1);

/// What is no more than a reminder is waited for no longer than this.
const BRIEFLY: Duration = Duration::from_millis(200);

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

/// Brings work: makes the call that `with` makes of a token. It is made without one first, since
/// who brings nothing must move nothing, and again under a token that is in the due set before it.
pub(super) async fn bring(
    store: &RedisStore,
    id: &ConversationId,
    with: impl Fn(u64) -> Call + Send,
) -> Result<Reply> {
    let mut token = 0;
    for _ in 0..TRIES {
        match store.call(with(token)).await {
            Err(Failure::Late(floor)) => token = enter(store, id, floor).await?,
            outcome => return Ok(outcome?),
        }
    }
    Err(Failure::Late(token).into())
}

/// Takes the conversation out again, if it still has this token.
async fn leave(store: &RedisStore, id: &ConversationId, token: u64) -> Result<()> {
    let call = Call::new("due_leave", &[store.keys.due(id)])
        .text(id)
        .arg(token);
    store.value(call).await?;
    Ok(())
}

/// Has the conversation looked at after this delay, however far off its own place is.
pub(super) async fn hurry(store: &RedisStore, id: &ConversationId, delay: Duration) -> Result<()> {
    let call = Call::new("due_hurry", &[store.keys.due(id)])
        .text(id)
        .time(delay);
    store.value(call).await?;
    Ok(())
}

/// Has a conversation looked at when its lease is over. Who has taken the lease does not wait long
/// for this: without it the conversation is looked at a little later, at its own place.
pub(super) async fn watch(store: &RedisStore, id: &ConversationId, lease: Duration) {
    if let Err(error) = within(BRIEFLY, hurry(store, id, lease)).await {
        tracing::debug!(%error, conversation = %id, "its lease is not watched");
    }
}

/// Has the conversation looked at when its next timer rings. Nobody waits long for this: without it the
/// sweep that finds the conversation idle sees to it.
pub(super) async fn remind(store: &RedisStore, id: &ConversationId, rings: u64) {
    if let Err(error) = within(BRIEFLY, remind_at(store, id, rings)).await {
        tracing::debug!(%error, conversation = %id, "its timers are looked at later");
    }
}

async fn remind_at(store: &RedisStore, id: &ConversationId, at: u64) -> Result<()> {
    let call = Call::new("due_remind", &[store.keys.timers(id)])
        .text(id)
        .arg(at);
    store.value(call).await?;
    Ok(())
}

/// Looks at whatever is due, in all shards. A node that is away, or slow, takes nothing from the
/// others: its shards come with the next sweep, and its conversations when they are due again.
pub(super) async fn sweep(store: &RedisStore, limit: usize) -> Result<Vec<Due>> {
    let stop = Instant::now() + SWEEPING;
    let mut places = peek(store, limit).await?.into_iter();
    let mut looks = FuturesUnordered::new();
    let mut found = Vec::new();
    loop {
        while looks.len() < AT_ONCE
            && found.len() + looks.len() < limit
            && Instant::now() < stop
            && let Some(place) = places.next()
        {
            looks.push(async move {
                let id = place.id.clone();
                (id, within(PATIENCE, place.look(store)).await)
            });
        }
        match looks.next().await {
            None => return Ok(found),
            Some((_, Ok(due))) => found.extend(due),
            Some((id, Err(error))) => {
                tracing::warn!(conversation = %id, %error, "the sweeper passes it over");
            }
        }
    }
}

/// The places whose time has come, each conversation once.
async fn peek(store: &RedisStore, limit: usize) -> Result<Vec<Place>> {
    let first = store.turn();
    let shards = (0..DUE_SHARDS).map(|turn| {
        let shard = first.wrapping_add(turn) % DUE_SHARDS;
        within(PATIENCE, peek_shard(store, shard, limit))
    });
    let mut places = Vec::new();
    let mut failed = None;
    let mut answered = false;
    for peeked in join_all(shards).await {
        match peeked {
            Ok(peeked) => {
                answered = true;
                places.extend(peeked);
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if !answered => return Err(error),
        Some(error) => tracing::warn!(%error, "a part of the due set is not swept"),
        None => {}
    }
    // What is to be looked at in one place need not be looked at in others, too.
    places.sort_by_key(|place| place.spot.rank());
    let mut seen = HashSet::new();
    places.retain(|place| seen.insert(place.id.clone()));
    Ok(places)
}

async fn peek_shard(store: &RedisStore, shard: u32, limit: usize) -> Result<Vec<Place>> {
    let shards = [store.keys.due_shard(shard), store.keys.timers_shard(shard)];
    let call = Call::new("due_peek", &shards).arg(limit);
    let mut reply = store.call(call).await?;
    let mut places = Vec::new();
    while !reply.is_empty() {
        let place = reply.text()?;
        let token = reply.number()?;
        let (id, spot) = match place.split_at_checked(1) {
            Some(("!", id)) => (id, Spot::Beside),
            Some(("@", id)) => (id, Spot::Timers(token)),
            _ => (&*place, Spot::Own(token)),
        };
        let id = parse(id)?;
        places.push(Place { id, spot });
    }
    Ok(places)
}

/// A place in the due set whose time has come.
struct Place {
    id: ConversationId,
    spot: Spot,
}

enum Spot {
    /// With its token.
    Own(u64),
    /// Beside its own.
    Beside,
    /// Among those with timers, with its score.
    Timers(u64),
}

impl Spot {
    fn rank(&self) -> u8 {
        match self {
            Self::Timers(_) => 0,
            Self::Beside => 1,
            Self::Own(_) => 2,
        }
    }
}

impl Place {
    async fn look(self, store: &RedisStore) -> Result<Option<Due>> {
        match self.spot {
            Spot::Own(token) => look(store, self.id, token).await,
            Spot::Beside => look_beside(store, self.id).await,
            Spot::Timers(score) => look_at_timers(store, self.id, score).await,
        }
    }
}

fn parse(id: &str) -> Result<ConversationId> {
    id.parse()
        .map_err(|error: InvalidId| Error::Corrupt(error.to_string()))
}

/// What a conversation in the due set has to do, and when the next of its timers rings that is not to
/// ring yet.
struct Seen {
    work: Work,
    rings: Option<u64>,
}

enum Work {
    None,
    /// Under a lease.
    Held(Duration),
    /// In backoff, or just done and not yet safe.
    Waits(Duration),
    /// It was rung for in vain, and is not rung for again yet.
    Rests,
    For {
        pool: Pool,
        /// Whoever had it may get this ring, and stand still.
        again: bool,
        /// Nothing but a timer that is to ring, and was not rung for before.
        timer: bool,
    },
}

/// Asks the conversation. Where it has no work, it has left the due set up to this token. Work that
/// was brought less than `grace` ago waits. Looks of another number are other looks.
async fn work(
    store: &RedisStore,
    id: &ConversationId,
    (token, look): (u64, u64),
    grace: Duration,
) -> Result<Seen> {
    let call = Call::new("work", &store.keys.all(id))
        .arg(token)
        .time(store.settling)
        .time(grace)
        .arg(look);
    let mut reply = store.call(call).await?;
    let word = reply.text()?;
    let rings = reply.optional()?;
    let work = match word.as_str() {
        "none" => Work::None,
        "held" => Work::Held(Duration::from_millis(reply.number()?)),
        "waits" => Work::Waits(Duration::from_millis(reply.number()?)),
        "rests" => Work::Rests,
        "work" => Work::For {
            pool: reply.parse()?,
            again: reply.flag()?,
            timer: reply.flag()?,
        },
        other => return Err(Error::Corrupt(format!("unexpected reply: {other}"))),
    };
    Ok(Seen { work, rings })
}

/// Looks at a conversation at its own place.
async fn look(store: &RedisStore, id: ConversationId, token: u64) -> Result<Option<Due>> {
    let longest = store.limits.due_after;
    let Seen { work, rings } =
        match within(PATIENCE / 2, work(store, &id, (token, token), longest)).await {
            // One that cannot be read, or whose node is away, must not be looked at over and over.
            Err(error) => {
                defer(store, &id, token, longest).await?;
                return Err(error);
            }
            Ok(seen) => seen,
        };
    let delay = match &work {
        Work::None => {
            rest(store, &id, token, rings).await?;
            return Ok(None);
        }
        // A lease may be given back, and a backoff be cancelled, before its time.
        Work::Held(wait) | Work::Waits(wait) => longest.min(*wait),
        // Looked at no less often, so that it is seen at once when something was done meanwhile.
        Work::Rests | Work::For { .. } => longest,
    };
    // Where another sweeper was first, it is that one's.
    if !defer(store, &id, token, delay).await? {
        return Ok(None);
    }
    hand_out(store, id, work).await
}

/// Looks at a conversation at the place beside its own, and takes it from there.
async fn look_beside(store: &RedisStore, id: ConversationId) -> Result<Option<Due>> {
    let call = Call::new("due_take", &[store.keys.due(&id)])
        .text(&id)
        .time(store.limits.due_after);
    let token = store.call(call).await?.number()?;
    if token == 0 {
        return Ok(None);
    }
    let Seen { work, rings } = work(store, &id, (token, token), Duration::ZERO).await?;
    match &work {
        Work::None => rest(store, &id, token, rings).await?,
        Work::Held(wait) => hurry(store, &id, *wait).await?,
        Work::Waits(_) | Work::Rests | Work::For { .. } => {}
    }
    hand_out(store, id, work).await
}

/// Takes the conversation out, once it stands where its next timer is looked for.
async fn rest(
    store: &RedisStore,
    id: &ConversationId,
    token: u64,
    rings: Option<u64>,
) -> Result<()> {
    if let Some(at) = rings {
        remind_at(store, id, at).await?;
    }
    leave(store, id, token).await
}

/// Looks at a conversation because of its timers. It stays among those with timers until it is found with
/// nothing to do: what a timer brought need not stand in the due set. Whatever is found, the timer that comes
/// next is not waited for any longer than that.
async fn look_at_timers(store: &RedisStore, id: ConversationId, score: u64) -> Result<Option<Due>> {
    let shard = [store.keys.timers(&id)];
    let put_off = Call::new("due_put_off", &shard)
        .text(&id)
        .arg(score)
        .time(store.limits.due_after);
    let score = store.call(put_off).await?.number()?;
    if score == 0 {
        return Ok(None);
    }
    let Seen { work, rings } = work(store, &id, (0, score), Duration::ZERO).await?;
    if matches!(work, Work::None) || rings.is_some_and(|rings| rings < score) {
        let rest = Call::new("due_rest", &shard)
            .text(&id)
            .arg(score)
            .optional(rings);
        store.value(rest).await?;
    }
    hand_out(store, id, work).await
}

async fn hand_out(store: &RedisStore, id: ConversationId, work: Work) -> Result<Option<Due>> {
    let Work::For { pool, again, timer } = work else {
        return Ok(None);
    };
    if again {
        watch(store, &id, RING_AGAIN).await;
    }
    Ok(Some(Due {
        conversation: id,
        pool,
        timer,
    }))
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
