//! A conversation with two people and an agent, and short words for what happens in it.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use convene_proto::{
    event::{Conversation, Participant, Role, TurnPolicy},
    id::{AgentName, ConversationId, Inbox, MessageId, ParticipantId, Pool, RunId, UserId},
    position::{Eid, Epoch, Nonce, Position, Seq, TextPosition},
};
use parking_lot::Mutex;

use crate::store::{
    Append, Appended, Cancel, Cancelled, Change, Claim, ClaimOutcome, Claimed, Effect, Entry,
    Events, Found, Needs, NewConversation, NewEntry, Range, Recent, Release, Result, Store,
    StreamingText, Submit, Submitted, Subscribe, Subscribed, Text, Viewer, Wake, Written,
};

/// A lease that outlives any test.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// A lease or wait that a test sees the end of.
pub(super) const SHORT: Duration = Duration::from_millis(150);

/// A fresh name that begins with `prefix`.
pub(super) fn fresh(prefix: &str) -> String {
    format!("{prefix}-{}", Eid::random())
}

pub(super) fn inbox(prefix: &str) -> Inbox {
    fresh(prefix).parse().unwrap()
}

pub(super) fn person(prefix: &str) -> ParticipantId {
    ParticipantId::User(UserId::new(fresh(prefix)).unwrap())
}

pub(super) fn agent_id(name: &str) -> ParticipantId {
    ParticipantId::Agent(name.parse().unwrap())
}

pub(super) fn participant(id: &ParticipantId, name: &str, role: Role) -> Participant {
    Participant {
        id: id.clone(),
        name: name.to_owned(),
        role,
    }
}

/// An entry to write; stores do not look into bodies.
pub(super) fn entry(what: &str) -> NewEntry {
    NewEntry {
        eid: Eid::random(),
        body: Bytes::from(format!("{{\"type\":\"test\",\"what\":{what:?}}}")),
    }
}

/// An entry with a body of so many bytes.
pub(super) fn large(bytes: usize) -> NewEntry {
    NewEntry {
        body: Bytes::from(format!("{{\"type\":\"{}\"}}", "x".repeat(bytes - 11))),
        ..entry("")
    }
}

/// Waits until `probe` says yes, and fails the test where it does not in ten seconds.
pub(super) async fn until<F: Future<Output = bool>>(what: &str, mut probe: impl FnMut() -> F) {
    for _ in 0..500 {
        if probe().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited ten seconds until {what}");
}

/// Lets the store's clock, which counts milliseconds, move on.
pub(super) async fn tick() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// A conversation under test.
pub(super) struct Room {
    pub(super) store: Arc<dyn Store>,
    pub(super) id: ConversationId,
    pub(super) epoch: Epoch,
    /// The owner.
    pub(super) ada: ParticipantId,
    /// A member.
    pub(super) bob: ParticipantId,
    pub(super) agent: AgentName,
    pub(super) pool: Pool,
    /// How many writes each lease has made.
    steps: Mutex<HashMap<Nonce, u64>>,
}

impl Room {
    /// With an agent, and policy `enqueue`.
    pub(super) async fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, |_| {}).await
    }

    pub(super) async fn with(
        store: Arc<dyn Store>,
        change: impl FnOnce(&mut NewConversation),
    ) -> Self {
        let (ada, bob) = (person("ada"), person("bob"));
        let mut new = Self::draft(&ada, &bob);
        change(&mut new);
        let room = Self {
            id: new.id.clone(),
            epoch: new.epoch,
            ada,
            bob,
            agent: "guide".parse().unwrap(),
            pool: new.pool.clone(),
            store,
            steps: Mutex::default(),
        };
        assert!(room.store.create(new).await.unwrap().created);
        room
    }

    pub(super) fn draft(ada: &ParticipantId, bob: &ParticipantId) -> NewConversation {
        let agent: AgentName = "guide".parse().unwrap();
        NewConversation {
            id: ConversationId::random(),
            epoch: Epoch::random(),
            title: Some("Tea".to_owned()),
            agent: Some(agent.clone()),
            pool: "kitchen".parse().unwrap(),
            policy: TurnPolicy::Enqueue,
            participants: vec![
                participant(ada, "Ada", Role::Owner),
                participant(bob, "Bob", Role::Member),
                participant(&ParticipantId::Agent(agent), "Guide", Role::Agent),
            ],
            entry: entry("created"),
        }
    }

    // --- people ---

    /// A message of Ada's that wakes the conversation's agent.
    pub(super) fn draft_message(&self, what: &str) -> Submit {
        Submit {
            conversation: self.id.clone(),
            author: self.ada.clone(),
            message: MessageId::random(),
            entry: entry(what),
            wake: Wake::Default,
            policy: None,
            needs: Needs::Nothing,
            outside: false,
        }
    }

    /// A message of Ada's that is for this agent.
    pub(super) fn draft_question(&self, agent: &str, what: &str) -> Submit {
        Submit {
            wake: Wake::Agent(agent.parse().unwrap()),
            ..self.draft_message(what)
        }
    }

    pub(super) async fn say(&self, what: &str) -> Submitted {
        self.store.submit(self.draft_message(what)).await.unwrap()
    }

    /// A message that wakes the agent under this policy.
    pub(super) async fn say_under(&self, policy: TurnPolicy, what: &str) -> Submitted {
        let submit = Submit {
            policy: Some(policy),
            ..self.draft_message(what)
        };
        self.store.submit(submit).await.unwrap()
    }

    /// A message that wakes nobody.
    pub(super) async fn remark(&self, what: &str) -> Submitted {
        let submit = Submit {
            wake: Wake::Nobody,
            ..self.draft_message(what)
        };
        self.store.submit(submit).await.unwrap()
    }

    /// The same, so many bytes long.
    pub(super) async fn remark_at_length(&self, bytes: usize) -> Submitted {
        let submit = Submit {
            wake: Wake::Nobody,
            entry: large(bytes),
            ..self.draft_message("")
        };
        self.store.submit(submit).await.unwrap()
    }

    pub(super) async fn change(&self, viewer: &ParticipantId, change: Change) -> Result<Written> {
        let viewer = Viewer::Participant(viewer.clone());
        self.store
            .change(&self.id, &viewer, change, entry("changed"))
            .await
    }

    pub(super) async fn cancel(&self, run: Option<&RunId>) -> Result<Cancelled> {
        let cancel = Cancel {
            conversation: self.id.clone(),
            viewer: Viewer::Participant(self.ada.clone()),
            run: run.cloned(),
        };
        self.store.cancel(cancel).await
    }

    // --- reading ---

    pub(super) async fn look(&self) -> (Conversation, Vec<ParticipantId>) {
        let found = self.find().await;
        (found.conversation, found.here)
    }

    pub(super) async fn find(&self) -> Found {
        self.store
            .conversation(&self.id, &Viewer::Service)
            .await
            .unwrap()
    }

    pub(super) async fn head(&self) -> Seq {
        self.look().await.0.head
    }

    pub(super) async fn read(&self, range: Range) -> Events {
        self.store
            .read_events(&self.id, &Viewer::Service, range)
            .await
            .unwrap()
    }

    /// The log from its first event on.
    pub(super) async fn log(&self) -> Vec<Entry> {
        let range = Range::After {
            seq: Seq(0),
            limit: 1000,
        };
        self.read(range).await.entries
    }

    /// Text of part 0, as far as it is there.
    pub(super) async fn text(&self, message: &MessageId, offset: u64) -> String {
        let read = self.store.read_text(&self.id, message, 0, offset).await;
        String::from_utf8(read.unwrap().text.into()).unwrap()
    }

    pub(super) async fn streams(&self, message: &MessageId) -> bool {
        let read = self.store.read_text(&self.id, message, 0, 0).await;
        read.unwrap().streams
    }

    /// The position after this event.
    pub(super) fn after(&self, entry: &Entry) -> Position {
        Position {
            epoch: self.epoch,
            seq: entry.seq,
            eid: entry.eid,
            text: None,
        }
    }

    /// The position after this event and inside a text's part 0.
    pub(super) fn inside(&self, entry: &Entry, message: &MessageId, offset: u64) -> Position {
        Position {
            text: Some(TextPosition {
                message: message.clone(),
                part: 0,
                offset,
            }),
            ..self.after(entry)
        }
    }

    pub(super) async fn subscribe(&self, inbox: &Inbox, after: Option<Position>) -> Subscribed {
        self.subscribe_as(&self.ada, inbox, after, 100)
            .await
            .unwrap()
    }

    pub(super) async fn subscribe_as(
        &self,
        viewer: &ParticipantId,
        inbox: &Inbox,
        after: Option<Position>,
        tail: usize,
    ) -> Result<Subscribed> {
        let subscribe = Subscribe {
            conversation: self.id.clone(),
            viewer: viewer.clone(),
            inbox: inbox.clone(),
            after,
            tail,
            ttl: LONG,
        };
        self.store.subscribe(subscribe).await
    }

    // --- workers ---

    pub(super) fn draft_claim(&self) -> Claim {
        Claim {
            conversation: self.id.clone(),
            holder: inbox("worker"),
            nonce: Nonce::random(),
            run: RunId::random(),
            ttl: LONG,
            history: Recent::last(100),
            restore: None,
        }
    }

    pub(super) async fn try_claim(&self) -> ClaimOutcome {
        self.store.claim(self.draft_claim()).await.unwrap()
    }

    pub(super) async fn claim(&self) -> Claimed {
        claimed(self.try_claim().await)
    }

    pub(super) async fn claim_for(&self, ttl: Duration) -> Claimed {
        let claim = Claim {
            ttl,
            ..self.draft_claim()
        };
        claimed(self.store.claim(claim).await.unwrap())
    }

    /// The next write under this lease.
    pub(super) fn draft_append(&self, nonce: Nonce) -> Append {
        Append {
            conversation: self.id.clone(),
            nonce,
            run: None,
            text: None,
            entries: Vec::new(),
            step: self.steps.lock().get(&nonce).map_or(1, |steps| steps + 1),
            unless_cancelled: false,
            ttl: LONG,
        }
    }

    /// Writes; what was refused does not count.
    pub(super) async fn append(&self, append: Append) -> Result<Appended> {
        let (nonce, step) = (append.nonce, append.step);
        let appended = self.store.append(append).await?;
        let mut steps = self.steps.lock();
        let last = steps.entry(nonce).or_default();
        *last = step.max(*last);
        Ok(appended)
    }

    /// Writes one entry with its effect.
    pub(super) async fn write(&self, nonce: Nonce, effect: Effect) -> Result<Appended> {
        let append = Append {
            entries: vec![(entry(&format!("{effect:?}")), effect)],
            ..self.draft_append(nonce)
        };
        self.append(append).await
    }

    /// Writes text of part 0.
    pub(super) async fn stream(
        &self,
        nonce: Nonce,
        message: &MessageId,
        offset: u64,
        text: &str,
    ) -> Result<Appended> {
        let append = Append {
            text: Some(piece(message, 0, offset, text)),
            ..self.draft_append(nonce)
        };
        self.append(append).await
    }

    /// Starts a message and writes its first words.
    pub(super) async fn start(&self, nonce: Nonce, text: &str) -> MessageId {
        let message = MessageId::random();
        self.write(nonce, Effect::Start(message.clone()))
            .await
            .unwrap();
        self.stream(nonce, &message, 0, text).await.unwrap();
        message
    }

    /// Says a whole message.
    pub(super) async fn utter(&self, nonce: Nonce, text: &str) -> MessageId {
        let message = self.start(nonce, text).await;
        let complete = Effect::Complete(message.clone());
        self.write(nonce, complete).await.unwrap();
        message
    }

    pub(super) async fn finish(&self, nonce: Nonce) -> Appended {
        self.write(nonce, Effect::Finish).await.unwrap()
    }

    pub(super) fn draft_release(&self, nonce: Nonce) -> Release {
        Release {
            conversation: self.id.clone(),
            nonce,
            run: RunId::random(),
            over: None,
            ttl: LONG,
            history: Recent::last(100),
            abandon: false,
        }
    }

    pub(super) async fn release(&self, nonce: Nonce) -> Result<Option<Claimed>> {
        self.store.release(self.draft_release(nonce)).await
    }

    pub(super) async fn abandon(&self, nonce: Nonce) {
        let release = Release {
            abandon: true,
            ..self.draft_release(nonce)
        };
        assert!(self.store.release(release).await.unwrap().is_none());
    }
}

pub(super) fn claimed(outcome: ClaimOutcome) -> Claimed {
    match outcome {
        ClaimOutcome::Claimed(claimed) => *claimed,
        other => panic!("expected a claim, got {other:?}"),
    }
}

pub(super) fn piece(message: &MessageId, part: u16, offset: u64, text: &str) -> Text {
    Text {
        message: message.clone(),
        part,
        offset,
        text: Bytes::copy_from_slice(text.as_bytes()),
    }
}

pub(super) fn streaming(message: &MessageId, offset: u64, text: &str) -> StreamingText {
    StreamingText {
        message: message.clone(),
        part: 0,
        offset,
        text: Bytes::copy_from_slice(text.as_bytes()),
    }
}

pub(super) fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

/// Asserts that the call was refused with this error.
macro_rules! refused {
    ($call:expr, $error:pat) => {{
        let outcome = $call;
        assert!(
            matches!(outcome, Err($error)),
            "expected {}, got {outcome:?}",
            stringify!($error)
        );
    }};
}
pub(super) use refused;
