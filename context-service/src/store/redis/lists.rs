//! The lists of conversations that people are in.
//!
//! A list is a key of its own, so it is written after the conversation and may lag behind it.
//! Every message in a conversation mends what a crash left out, and readers check each entry
//! against the conversation itself.

use convene_proto::id::{ConversationId, ParticipantId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Call, Failure, RedisStore, SOON, conversations, within};
use crate::store::{Error, Page, Result, Viewer};

/// How many lists are written, or conversations read, at a time.
const AT_ONCE: usize = 32;

/// Puts the conversation at `at`, a time in milliseconds, into the lists of these people; it
/// never falls back. Agents have no list.
pub(super) async fn raise(
    store: &RedisStore,
    id: &ConversationId,
    people: impl IntoIterator<Item = &ParticipantId>,
    at: u64,
) -> Result<()> {
    let people = people
        .into_iter()
        .filter(|one| matches!(one, ParticipantId::User(_)));
    let writes: Vec<_> = people.map(|person| write(store, id, person, at)).collect();
    stream::iter(writes)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// As [`raise`], for what stands in the log by now: people whose lists cannot be written soon find
/// the conversation where it was, until the next message.
pub(super) async fn raise_soon(
    store: &RedisStore,
    id: &ConversationId,
    people: impl IntoIterator<Item = &ParticipantId>,
    at: u64,
) {
    if let Err(error) = within(SOON, raise(store, id, people, at)).await {
        tracing::warn!(%error, conversation = %id, "lists lag behind");
    }
}

async fn write(
    store: &RedisStore,
    id: &ConversationId,
    person: &ParticipantId,
    at: u64,
) -> Result<()> {
    let mut command = redis::cmd("ZADD");
    command.arg(store.keys.list(person)).arg("GT").arg(at);
    command.arg(id.as_str());
    store
        .connection
        .send(&command)
        .await
        .map_err(Failure::from)?;
    Ok(())
}

/// Takes the conversation off a person's list, unless something happened there at or after
/// `before`.
pub(super) async fn strike(
    store: &RedisStore,
    id: &ConversationId,
    person: &ParticipantId,
    before: u64,
) -> Result<()> {
    let call = Call::new("unlist", &[store.keys.list(person)])
        .text(id)
        .arg(before);
    store.value(call).await?;
    Ok(())
}

/// A place in a list: `<score>:<conversation>`.
struct Place {
    score: u64,
    id: ConversationId,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (score, id) = text.split_once(':')?;
        Some(Self {
            score: score.parse().ok()?,
            id: id.parse().ok()?,
        })
    }
}

pub(super) async fn list(
    store: &RedisStore,
    person: &ParticipantId,
    limit: usize,
    after: Option<&str>,
) -> Result<Page> {
    let mut page = Page {
        conversations: Vec::new(),
        next: None,
    };
    let place = after.map(|after| Place::parse(after).ok_or(Error::NoSuchPage));
    let mut after = place.transpose()?;
    let viewer = Viewer::Participant(person.clone());
    while limit > page.conversations.len() {
        let wanted = limit - page.conversations.len();
        // One more, to know whether there is a next page.
        let mut places = part(store, person, after.as_ref(), wanted + 1).await?;
        let more = places.len() > wanted;
        places.truncate(wanted);
        let reads: Vec<_> = places
            .iter()
            .map(|place| conversations::read(store, &place.id, &viewer))
            .collect();
        let reads: Vec<_> = stream::iter(reads).buffered(AT_ONCE).collect().await;
        for (place, read) in places.iter().zip(reads) {
            match read {
                Ok(found) => page.conversations.push(found.conversation),
                Err(Error::NotFound) => strike(store, &place.id, person, place.score + 1).await?,
                Err(error) => return Err(error),
            }
        }
        after = places.pop();
        if !more {
            return Ok(page);
        }
    }
    page.next = after.map(|place| format!("{}:{}", place.score, place.id));
    Ok(page)
}

/// Up to `count` places behind `after`.
async fn part(
    store: &RedisStore,
    person: &ParticipantId,
    after: Option<&Place>,
    count: usize,
) -> Result<Vec<Place>> {
    let call = Call::new("list", &[store.keys.list(person)])
        .optional(after.map(|place| place.score))
        .optional(after.map(|place| &place.id))
        .arg(count);
    let mut reply = store.call(call).await?;
    let mut places = Vec::new();
    while !reply.is_empty() {
        let id = reply.parse()?;
        let score = reply.number()?;
        places.push(Place { score, id });
    }
    Ok(places)
}
