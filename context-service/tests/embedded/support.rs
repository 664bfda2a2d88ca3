//! A conversation of one person and one agent, for tests of the folder itself.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use convene_context_service::store::{
    Append, Claim, ClaimOutcome, Claimed, Effect, Entry, Needs, NewConversation, NewEntry, Range,
    Recent, Release, Store, Submit, Text, Viewer, Wake,
    embedded::{EmbeddedStore, Options},
};
use convene_proto::{
    event::{Participant, Role, TurnPolicy},
    id::{ConversationId, MessageId, ParticipantId, RunId},
    position::{Eid, Epoch, Nonce, Seq},
};
use redb::{Database, TableDefinition};

pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn open(folder: &Path) -> EmbeddedStore {
    EmbeddedStore::open(folder, Options::default()).unwrap()
}

pub(crate) fn ada() -> ParticipantId {
    "user:ada".parse().unwrap()
}

pub(crate) fn entry() -> NewEntry {
    NewEntry {
        eid: Eid::random(),
        body: Bytes::from_static(b"{\"type\":\"test\"}"),
    }
}

pub(crate) async fn create(store: &dyn Store) -> ConversationId {
    let new = NewConversation {
        id: ConversationId::random(),
        epoch: Epoch::random(),
        title: None,
        agent: Some("guide".parse().unwrap()),
        pool: "kitchen".parse().unwrap(),
        policy: TurnPolicy::Enqueue,
        participants: vec![
            Participant {
                id: ada(),
                name: "Ada".to_owned(),
                role: Role::Owner,
            },
            Participant {
                id: "agent:guide".parse().unwrap(),
                name: "Guide".to_owned(),
                role: Role::Agent,
            },
        ],
        entry: entry(),
    };
    store.create(new).await.unwrap().conversation.id
}

/// Makes one conversation's record unreadable, behind the store's back.
pub(crate) fn damage(folder: &Path, id: &ConversationId) {
    let states: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("states");
    let database = Database::create(folder.join("convene.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut table = transaction.open_table(states).unwrap();
    table.insert(id.as_str(), &b"no state"[..]).unwrap();
    drop(table);
    transaction.commit().unwrap();
}

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

pub(crate) fn claim(id: &ConversationId) -> Claim {
    Claim {
        conversation: id.clone(),
        holder: "worker".parse().unwrap(),
        nonce: Nonce::random(),
        run: RunId::random(),
        ttl: LONG,
        history: Recent::last(10),
        restore: None,
    }
}

pub(crate) async fn claimed(store: &dyn Store, id: &ConversationId) -> Claimed {
    match store.claim(claim(id)).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => Some(*claimed),
        _ => None,
    }
    .unwrap()
}

/// The lease's write of this number.
pub(crate) fn append(id: &ConversationId, nonce: Nonce, step: u64) -> Append {
    Append {
        conversation: id.clone(),
        nonce,
        run: None,
        text: None,
        entries: Vec::new(),
        step,
        unless_cancelled: false,
        ttl: LONG,
    }
}

pub(crate) fn effect(id: &ConversationId, nonce: Nonce, step: u64, effect: Effect) -> Append {
    Append {
        entries: vec![(entry(), effect)],
        ..append(id, nonce, step)
    }
}

pub(crate) fn text(message: &MessageId, offset: u64, text: &str) -> Text {
    Text {
        message: message.clone(),
        part: 0,
        offset,
        text: Bytes::copy_from_slice(text.as_bytes()),
    }
}

pub(crate) fn release(id: &ConversationId, nonce: Nonce) -> Release {
    Release {
        conversation: id.clone(),
        nonce,
        run: RunId::random(),
        over: None,
        ttl: LONG,
        history: Recent::last(10),
        abandon: false,
    }
}

/// The whole log.
pub(crate) async fn log(store: &dyn Store, id: &ConversationId) -> Vec<Entry> {
    let mut log: Vec<Entry> = Vec::new();
    loop {
        let range = Range::After {
            seq: log.last().map_or(Seq(0), |last| last.seq),
            limit: 1000,
        };
        let page = store
            .read_events(id, &Viewer::Service, range)
            .await
            .unwrap();
        if page.entries.is_empty() {
            return log;
        }
        log.extend(page.entries);
    }
}
