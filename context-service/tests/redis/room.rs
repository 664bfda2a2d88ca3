//! A conversation with a person and an agent.

use std::time::Duration;

use convene_context_service::store::{
    Append, Claim, ClaimOutcome, Effect, Error, Needs, NewConversation, NewEntry, Recent, Release,
    Restore, Store, Submit, Submitted, Wake,
};
use convene_proto::{
    event::{Participant, Role, TurnPolicy},
    id::{AgentName, ConversationId, MessageId, ParticipantId, RunId},
    position::{Eid, Epoch, Nonce},
};

pub(crate) const TTL: Duration = Duration::from_secs(60);

pub(crate) fn ada() -> ParticipantId {
    "user:ada".parse().unwrap()
}

pub(crate) fn guide() -> AgentName {
    "guide".parse().unwrap()
}

pub(crate) fn entry() -> NewEntry {
    NewEntry {
        eid: Eid::random(),
        body: "{}".into(),
    }
}

pub(crate) async fn make(store: &dyn Store) -> ConversationId {
    let id = ConversationId::random();
    let new = NewConversation {
        id: id.clone(),
        epoch: Epoch::random(),
        title: None,
        agent: Some(guide()),
        pool: "default".parse().unwrap(),
        policy: TurnPolicy::Enqueue,
        participants: vec![
            Participant {
                id: ada(),
                name: "Ada".to_owned(),
                role: Role::Owner,
            },
            Participant {
                id: ParticipantId::Agent(guide()),
                name: "Guide".to_owned(),
                role: Role::Agent,
            },
        ],
        entry: entry(),
    };
    assert!(store.create(new).await.unwrap().created);
    id
}

/// A message that wakes the agent.
pub(crate) fn message(id: &ConversationId) -> Submit {
    Submit {
        conversation: id.clone(),
        author: ada(),
        message: MessageId::random(),
        entry: entry(),
        wake: Wake::Default,
        policy: None,
        needs: Needs::Nothing,
        outside: false,
    }
}

pub(crate) async fn say(store: &dyn Store, id: &ConversationId) -> Submitted {
    store.submit(message(id)).await.unwrap()
}

/// What the doorbell of a message carries.
pub(crate) fn command(said: &Submitted, submit: &Submit) -> Restore {
    Restore {
        submit: submit.clone(),
        author_name: "Ada".to_owned(),
        agent: guide(),
        pool: "default".parse().unwrap(),
        accepted: (said.epoch, said.entry.seq),
        prev: said.entry.prev,
        anew: Eid::random(),
        epoch: Epoch::random(),
        created: entry(),
        replay: None,
    }
}

pub(crate) fn draft_claim(id: &ConversationId) -> Claim {
    Claim {
        conversation: id.clone(),
        holder: "worker".parse().unwrap(),
        nonce: Nonce::random(),
        run: RunId::random(),
        ttl: TTL,
        history: Recent::last(10),
        restore: None,
    }
}

pub(crate) async fn claim(store: &dyn Store, id: &ConversationId) -> Nonce {
    match store.claim(draft_claim(id)).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => claimed.nonce,
        other => panic!("{other:?}"),
    }
}

/// Writes one entry with its effect, as the lease's next write, whichever that is.
pub(crate) async fn write(store: &dyn Store, id: &ConversationId, nonce: Nonce, effect: Effect) {
    let append = |step| Append {
        conversation: id.clone(),
        nonce,
        run: None,
        text: None,
        entries: vec![(entry(), effect.clone())],
        step,
        unless_cancelled: false,
        ttl: TTL,
    };
    let Err(Error::OutOfStep { last }) = store.append(append(0)).await else {
        panic!("there is no write before the first");
    };
    store.append(append(last + 1)).await.unwrap();
}

/// Gives the lease back; true where the next run was claimed instead.
pub(crate) async fn release(store: &dyn Store, id: &ConversationId, nonce: Nonce) -> bool {
    let release = Release {
        conversation: id.clone(),
        nonce,
        run: RunId::random(),
        over: None,
        ttl: TTL,
        history: Recent::last(10),
        abandon: false,
    };
    store.release(release).await.unwrap().is_some()
}
