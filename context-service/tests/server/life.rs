//! The life of a message, from its author to an agent and back, through gRPC and a real store.

use std::sync::Arc;

use convene_context_service::{
    Options,
    store::embedded::{self, EmbeddedStore},
};
use convene_proto::{
    context::{
        claim_reply::Outcome, subscribe_reply::Kind, work_reply::Reply, work_request::Call, *,
    },
    event::{self, EventBody},
};
use tokio::sync::mpsc;
use tonic::Streaming;

use crate::{
    Setup,
    working::{next, open},
};

pub(crate) fn person() -> Participant {
    Participant {
        id: "user:ada".into(),
        name: "Ada".into(),
        role: "owner".into(),
    }
}

fn guide() -> Participant {
    Participant {
        id: "agent:guide".into(),
        name: "Guide".into(),
        role: "agent".into(),
    }
}

pub(crate) fn create() -> CreateConversationRequest {
    CreateConversationRequest {
        conversation: "c1".into(),
        agent: "guide".into(),
        participants: vec![person(), guide()],
        ..CreateConversationRequest::default()
    }
}

fn message(id: &str, author: &str, text: &str) -> event::Message {
    event::Message {
        id: id.parse().unwrap(),
        author: author.parse().unwrap(),
        parts: vec![event::Part::Text { text: text.into() }],
        to: None,
        timezone: None,
    }
}

pub(crate) fn submit(id: &str) -> SubmitRequest {
    let message = message(id, "user:ada", "hello");
    SubmitRequest {
        conversation: "c1".into(),
        author: "user:ada".into(),
        message: id.into(),
        body: EventBody::MessageCreated { message }.encode().unwrap(),
        wake_default: true,
        ..SubmitRequest::default()
    }
}

fn entry(body: EventBody, effect: Effect, message: &str) -> NewEntry {
    NewEntry {
        eid: 1,
        body: body.encode().unwrap(),
        effect: effect.into(),
        message: message.into(),
        ..NewEntry::default()
    }
}

struct Worker {
    requests: mpsc::Sender<WorkRequest>,
    replies: Streaming<WorkReply>,
}

impl Worker {
    async fn call(&mut self, call: Call) -> Reply {
        let call = Some(call);
        self.requests
            .send(WorkRequest {
                id: 1,
                call,
                ..WorkRequest::default()
            })
            .await
            .unwrap();
        next(&mut self.replies).await.1
    }

    async fn append(&mut self, append: AppendRequest) -> AppendReply {
        match self.call(Call::Append(append)).await {
            Reply::Append(reply) => reply,
            other => unreachable!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_message_is_accepted_answered_and_read_by_who_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), embedded::Options::default()).unwrap();
    let setup = Setup::with(Options::default(), Arc::new(store));
    let mut client = setup.client.clone();

    let created = client
        .create_conversation(create())
        .await
        .unwrap()
        .into_inner();
    assert!(created.created);
    let subscribe = SubscribeRequest {
        conversation: "c1".into(),
        viewer: "user:ada".into(),
        inbox: "gw.1".into(),
        after: None,
        tail: 100,
        ttl_ms: 60_000,
    };
    let snapshot = client
        .subscribe(subscribe.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (snapshot.kind(), snapshot.entries.len()),
        (Kind::Snapshot, 1)
    );
    let epoch = created.conversation.unwrap().epoch;
    let position = Position {
        epoch,
        seq: 1,
        eid: snapshot.head_eid,
        ..Position::default()
    };

    let submitted = client.submit(submit("m1")).await.unwrap().into_inner();
    assert_eq!(submitted.agent, "guide");
    assert_eq!(submitted.pool, "default");
    assert_eq!(submitted.audience, ["gw.1"]);
    let again = client.submit(submit("m1")).await.unwrap().into_inner();
    assert!(again.duplicate);
    assert_eq!(again.entry, submitted.entry);

    let (requests, replies) = open(&setup).await.unwrap();
    let mut worker = Worker { requests, replies };
    let claim = ClaimRequest {
        conversation: "c1".into(),
        holder: "worker.1".into(),
        ttl_ms: 10_000,
        history: 10,
        history_from: 0,
        restore: None,
        nonce: 7,
        run: "r1".into(),
    };
    let Reply::Claim(ClaimReply {
        outcome: Some(Outcome::Claimed(claimed)),
    }) = worker.call(Call::Claim(claim)).await
    else {
        unreachable!("the lease is free and there is work")
    };
    assert_eq!(claimed.inputs, Vec::from_iter(submitted.entry));
    assert_eq!((claimed.nonce, claimed.run.as_str()), (7, "r1"));
    assert_eq!(claimed.history.len(), 2);
    assert_eq!(claimed.conversation.unwrap().epoch, epoch);

    let run: convene_proto::id::RunId = claimed.run.parse().unwrap();
    let write = |step, entries, text| AppendRequest {
        conversation: "c1".into(),
        nonce: claimed.nonce,
        text,
        entries,
        step,
        unless_cancelled: false,
        ttl_ms: 10_000,
        run: claimed.run.clone(),
    };
    let started = EventBody::MessageStarted {
        message: "a1".parse().unwrap(),
        author: "agent:guide".parse().unwrap(),
        run: run.clone(),
    };
    let text = Text {
        message: "a1".into(),
        part: 0,
        offset: 0,
        text: "Good day".into(),
    };
    let entries = vec![entry(started, Effect::Start, "a1")];
    let appended = worker.append(write(1, entries, Some(text))).await;
    assert_eq!((appended.entries[0].seq, appended.head), (3, 3));

    let mut back = subscribe.clone();
    back.after = Some(position);
    let resumed = client.subscribe(back.clone()).await.unwrap().into_inner();
    assert_eq!(resumed.kind(), Kind::Resumed);
    assert_eq!(
        resumed
            .entries
            .iter()
            .map(|entry| entry.seq)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(resumed.streaming.unwrap().text, "Good day");
    let rest = ReadTextRequest {
        conversation: "c1".into(),
        message: "a1".into(),
        part: 0,
        offset: 5,
    };
    assert_eq!(
        client.read_text(rest).await.unwrap().into_inner().text,
        "day"
    );

    let completed = EventBody::MessageCompleted {
        message: message("a1", "agent:guide", "Good day"),
        run: run.clone(),
        whole: true,
    };
    let finished = EventBody::RunFinished {
        run,
        outcome: event::Outcome::Completed,
        usage: None,
        closes: Vec::new(),
    };
    let entries = vec![
        entry(completed, Effect::Complete, "a1"),
        entry(finished, Effect::Finish, ""),
    ];
    assert_eq!(worker.append(write(2, entries, None)).await.head, 5);
    let release = ReleaseRequest {
        conversation: "c1".into(),
        nonce: claimed.nonce,
        ttl_ms: 10_000,
        run: "r2".into(),
        over: claimed.run.clone(),
        ..ReleaseRequest::default()
    };
    let released = worker.call(Call::Release(release)).await;
    assert_eq!(released, Reply::Release(ReleaseReply { next: None }));

    let audit = AuditRequest {
        inbox: "gw.1".into(),
        ttl_ms: 60_000,
        conversations: ["c1", "c2"]
            .map(|id| Audited {
                conversation: id.into(),
                viewers: vec!["user:ada".into()],
            })
            .into(),
    };
    let standings = client.audit(audit).await.unwrap().into_inner().standings;
    assert_eq!((standings[0].head, standings[0].exists), (5, true));
    assert!(!standings[1].exists);
    assert_eq!(
        setup.tasks.stop(std::time::Duration::from_secs(10)).await,
        0
    );
}
