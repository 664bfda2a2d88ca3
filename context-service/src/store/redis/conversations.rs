//! Conversations, and who is in them.

use std::time::Duration;

use convene_proto::{
    event::Participant,
    id::{ConversationId, ParticipantId},
};

use super::{Call, RedisStore, due, lists, submit, viewer};
use crate::store::{
    Change, Created, Error, Found, NewConversation, NewEntry, Result, Viewer, Written,
};

pub(super) async fn create(store: &RedisStore, new: NewConversation) -> Result<Created> {
    let mut call = Call::new("create", &store.keys.all(&new.id))
        .arg(store.idle_ms)
        .text(new.epoch)
        .optional(new.title)
        .optional(new.agent)
        .text(&new.pool)
        .arg(new.policy.as_str())
        .eid(new.entry.eid)
        .body(&new.entry.body);
    for participant in new.participants {
        call = call
            .text(participant.id)
            .arg(participant.role.as_str())
            .arg(participant.name);
    }
    let mut reply = store.call(call).await?;
    let created = reply.flag()?;
    let active = reply.number()?;
    let (conversation, epoch) = reply.conversation(&new.id)?;
    let people = conversation.participants.iter();
    lists::raise(store, &new.id, people.map(|one| &one.id), active).await?;
    Ok(Created {
        conversation,
        epoch,
        created,
    })
}

pub(super) async fn read(store: &RedisStore, id: &ConversationId, who: &Viewer) -> Result<Found> {
    let call = Call::new("conversation", &store.keys.all(id)).optional(viewer(who));
    let mut reply = store.call(call).await?;
    let (conversation, epoch) = reply.conversation(id)?;
    Ok(Found {
        conversation,
        epoch,
        here: reply.here()?,
        uninvited: reply.seq()?,
    })
}

pub(super) async fn change(
    store: &RedisStore,
    id: &ConversationId,
    who: &Viewer,
    change: Change,
    entry: NewEntry,
) -> Result<Written> {
    let kind = match &change {
        Change::Add(_) => "add",
        Change::Join { .. } => "join",
        Change::Remove(_) => "remove",
        Change::Rename(_) => "rename",
    };
    let call = Call::new("change", &store.keys.all(id))
        .arg(store.idle_ms)
        .arg(store.limits.retention)
        .arg(store.limits.participants)
        .optional(viewer(who))
        .arg(kind)
        .eid(entry.eid)
        .body(&entry.body);
    let newcomer = |call: Call, participant: &Participant| {
        call.text(&participant.id)
            .arg(participant.role.as_str())
            .arg(&participant.name)
    };
    let call = match &change {
        Change::Add(participant) => newcomer(call, participant),
        Change::Join {
            participant,
            invited,
        } => newcomer(call, participant).text(invited),
        Change::Remove(participant) => call.text(participant),
        Change::Rename(title) => call.arg(title),
    };
    let mut reply = store.call(call).await?;
    let epoch = reply.parse()?;
    let last = reply.entries()?.pop();
    let audience = reply.audience()?;
    let active: u64 = reply.number()?;
    let people = reply.list::<ParticipantId>()?;
    let stopped = submit::maybe_stopped(reply.reply()?)?;
    match &change {
        Change::Add(_) | Change::Join { .. } => lists::raise(store, id, &people, active).await?,
        Change::Remove(participant) => {
            lists::raise(store, id, &people, active).await?;
            lists::strike(store, id, participant, active).await?;
            if let ParticipantId::Agent(_) = participant {
                due::hurry(store, id, Duration::ZERO).await?;
            }
        }
        Change::Rename(_) => {}
    }
    Ok(Written {
        epoch,
        entry: last.ok_or_else(|| Error::Corrupt("a log without its last event".to_owned()))?,
        audience,
        stopped,
    })
}
