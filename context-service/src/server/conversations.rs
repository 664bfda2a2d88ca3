//! Conversations and who is in them.

use convene_proto::{
    context::*,
    convert::{Invalid, field, optional, texts},
    event::EventBody,
    id::{AgentName, ParticipantId, Pool},
    position::{Eid, Epoch, Seq},
};

use super::{check, encode, refusal::Result};
use crate::store::{Change, NewConversation, NewEntry, PARTICIPANTS, Store};

pub(super) async fn create_conversation(
    store: &dyn Store,
    request: CreateConversationRequest,
) -> Result<CreateConversationReply> {
    let id = check::conversation(&request.conversation)?;
    let title = match request.title {
        title if title.is_empty() => None,
        title => Some(check::name("title", title)?),
    };
    let count = request.participants.len();
    check::at_most("participants", count, PARTICIPANTS)?;
    let participants = request
        .participants
        .into_iter()
        .map(check::participant)
        .collect::<Result<Vec<_>>>()?;
    let Some(creator) = participants.first() else {
        return Err(
            Invalid::new("participants", "nobody is in it; the creator comes first").into(),
        );
    };
    let twice = participants.iter().enumerate().any(|(index, one)| {
        participants
            .iter()
            .take(index)
            .any(|other| other.id == one.id)
    });
    if twice {
        return Err(Invalid::new("participants", "somebody is in it twice").into());
    }
    let agent: Option<AgentName> = optional("agent", &request.agent)?;
    let inside = |agent: &AgentName| {
        let agent = ParticipantId::Agent(agent.clone());
        participants.iter().any(|one| one.id == agent)
    };
    if agent.as_ref().is_some_and(|agent| !inside(agent)) {
        return Err(Invalid::new("agent", "it is not among the participants").into());
    }
    let body = EventBody::ConversationCreated {
        by: creator.id.clone(),
        title: title.clone(),
        participants: participants.clone(),
    };
    let pool: Pool = optional("pool", &request.pool)?.unwrap_or_default();
    let created = store
        .create(NewConversation {
            id,
            epoch: Epoch::random(),
            title,
            agent,
            pool: pool.clone(),
            policy: optional("policy", &request.policy)?.unwrap_or_default(),
            participants,
            entry: new_entry(&body)?,
        })
        .await?;
    // One that was there before may have another pool.
    let pool = created.created.then_some(&pool);
    Ok(CreateConversationReply {
        conversation: Some(encode::conversation(
            created.conversation,
            created.epoch,
            pool,
        )),
        created: created.created,
    })
}

pub(super) async fn get_conversation(
    store: &dyn Store,
    request: GetConversationRequest,
) -> Result<GetConversationReply> {
    let id = check::conversation(&request.conversation)?;
    let viewer = check::viewer(&request.viewer)?;
    let found = store.conversation(&id, &viewer).await?;
    Ok(GetConversationReply {
        conversation: Some(encode::conversation(found.conversation, found.epoch, None)),
        here: texts(found.here),
        uninvited: found.uninvited.0,
    })
}

pub(super) async fn list_conversations(
    store: &dyn Store,
    request: ListConversationsRequest,
) -> Result<ListConversationsReply> {
    let viewer = field("viewer", &request.viewer)?;
    let mut limit = check::page("limit", request.limit)?;
    let after = Some(request.after.as_str()).filter(|after| !after.is_empty());
    loop {
        let page = store.conversations(&viewer, limit, after).await?;
        let conversations: Vec<_> = page.conversations.into_iter().map(Into::into).collect();
        let fitting = encode::fitting_conversations(&conversations);
        if fitting == conversations.len() {
            return Ok(ListConversationsReply {
                conversations,
                next: page.next.unwrap_or_default(),
            });
        }
        // Only the store can say where a shorter page is gone on from.
        limit = fitting;
    }
}

pub(super) async fn rename_conversation(
    store: &dyn Store,
    request: RenameConversationRequest,
) -> Result<Written> {
    let by: ParticipantId = field("viewer", &request.viewer)?;
    let title = check::name("title", request.title)?;
    let body = EventBody::ConversationRenamed {
        by,
        title: title.clone(),
    };
    change(
        store,
        &request.conversation,
        &request.viewer,
        Change::Rename(title),
        &body,
    )
    .await
}

pub(super) async fn add_participant(
    store: &dyn Store,
    request: AddParticipantRequest,
) -> Result<Written> {
    let participant = request
        .participant
        .ok_or_else(|| Invalid::missing("participant"))?;
    let participant = check::participant(participant)?;
    let body = EventBody::ParticipantJoined {
        participant: participant.clone(),
    };
    let change_to = match request.invited {
        None => Change::Add(participant),
        Some(invited) => Change::Join {
            participant,
            invited: Seq(invited),
        },
    };
    change(
        store,
        &request.conversation,
        &request.viewer,
        change_to,
        &body,
    )
    .await
}

pub(super) async fn remove_participant(
    store: &dyn Store,
    request: RemoveParticipantRequest,
) -> Result<Written> {
    let participant: ParticipantId = field("participant", &request.participant)?;
    let body = EventBody::ParticipantLeft {
        participant: participant.clone(),
    };
    change(
        store,
        &request.conversation,
        &request.viewer,
        Change::Remove(participant),
        &body,
    )
    .await
}

async fn change(
    store: &dyn Store,
    conversation: &str,
    viewer: &str,
    change: Change,
    body: &EventBody,
) -> Result<Written> {
    let id = check::conversation(conversation)?;
    let viewer = check::viewer(viewer)?;
    let written = store.change(&id, &viewer, change, new_entry(body)?).await?;
    Ok(encode::written(written))
}

fn new_entry(body: &EventBody) -> Result<NewEntry> {
    Ok(NewEntry {
        eid: Eid::random(),
        body: check::body("body", body.encode()?)?,
    })
}
