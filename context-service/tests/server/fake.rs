//! A store that keeps nothing and does as it is told.

use std::{
    future::pending,
    sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use async_trait::async_trait;
use convene_context_service::store::*;
use convene_proto::{
    event::{Conversation, Participant, Role},
    id::{ConversationId, Inbox, MessageId, ParticipantId},
    position::{Epoch, Nonce, Seq},
};
use tokio::sync::Semaphore;

/// How the store answers pings.
#[derive(Clone, Copy)]
pub(crate) enum Ping {
    Answers = 0,
    Fails = 1,
    Hangs = 2,
}

/// Appends under this nonce wait at the gate.
pub(crate) const GATED: Nonce = Nonce(1);

pub(crate) struct FakeStore {
    /// Steps begun, of any kind but pings.
    pub(crate) steps: AtomicUsize,
    /// Appends under way, and the most there ever were.
    pub(crate) appends: AtomicUsize,
    pub(crate) most_appends: AtomicUsize,
    /// A permit lets one gated append through.
    pub(crate) gate: Semaphore,
    /// How many conversations each sweep finds.
    pub(crate) due: AtomicUsize,
    ping: AtomicU8,
}

impl FakeStore {
    pub(crate) fn new() -> Self {
        Self {
            steps: AtomicUsize::new(0),
            appends: AtomicUsize::new(0),
            most_appends: AtomicUsize::new(0),
            gate: Semaphore::new(0),
            due: AtomicUsize::new(0),
            ping: AtomicU8::new(Ping::Answers as u8),
        }
    }

    pub(crate) fn answer_pings(&self, ping: Ping) {
        self.ping.store(ping as u8, SeqCst);
    }

    fn refuse<T>(&self) -> Result<T> {
        self.steps.fetch_add(1, SeqCst);
        Err(Error::NotFound)
    }
}

fn appended() -> Appended {
    Appended {
        epoch: Epoch(7),
        entries: Vec::new(),
        head: Seq(3),
        audience: Vec::new(),
        cancel: false,
    }
}

/// Everybody's list has so many.
pub(crate) const CONVERSATIONS: usize = 40;

/// A conversation with as many people as there may be, whose names are as long as they may be.
fn crowded(number: usize) -> Conversation {
    let person = |index| Participant {
        id: format!("user:{index}").parse().unwrap(),
        name: "x".repeat(1000),
        role: Role::Member,
    };
    Conversation {
        participants: (0..PARTICIPANTS).map(person).collect(),
        ..conversation(format!("c{number}").parse().unwrap())
    }
}

fn conversation(id: ConversationId) -> Conversation {
    Conversation {
        id,
        title: None,
        agent: None,
        policy: Default::default(),
        participants: Vec::new(),
        created_at: 0,
        updated_at: 0,
        head: Seq(3),
        first: Seq(1),
    }
}

#[async_trait]
impl Store for FakeStore {
    async fn create(&self, _: NewConversation) -> Result<Created> {
        self.refuse()
    }

    async fn conversation(&self, id: &ConversationId, _: &Viewer) -> Result<Found> {
        match id.as_str() {
            "slow" => pending().await,
            "away" => Err(Error::Unavailable("10.0.0.7 refused the password".into())),
            "damaged" => Err(Error::Corrupt("key 17".into())),
            _ => self.refuse(),
        }
    }

    async fn conversations(
        &self,
        _: &ParticipantId,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page> {
        let first = after.map_or(1, |after| after.parse::<usize>().unwrap() + 1);
        let last = (first + limit - 1).min(CONVERSATIONS);
        Ok(Page {
            conversations: (first..=last).map(crowded).collect(),
            next: (last < CONVERSATIONS).then(|| last.to_string()),
        })
    }

    async fn change(
        &self,
        _: &ConversationId,
        _: &Viewer,
        _: Change,
        _: NewEntry,
    ) -> Result<Written> {
        self.refuse()
    }

    async fn submit(&self, _: Submit) -> Result<Submitted> {
        self.refuse()
    }

    async fn cancel(&self, _: Cancel) -> Result<Cancelled> {
        self.refuse()
    }

    async fn read_events(&self, _: &ConversationId, _: &Viewer, _: Range) -> Result<Events> {
        self.refuse()
    }

    async fn read_text(
        &self,
        _: &ConversationId,
        _: &MessageId,
        _: u16,
        _: u64,
    ) -> Result<PartText> {
        self.refuse()
    }

    async fn subscribe(&self, _: Subscribe) -> Result<Subscribed> {
        self.refuse()
    }

    async fn unsubscribe(&self, _: Unsubscribe) -> Result<Unsubscribed> {
        self.refuse()
    }

    async fn audit(
        &self,
        _: &Inbox,
        _: Duration,
        _: &[(ConversationId, Vec<ParticipantId>)],
    ) -> Result<Vec<Result<Option<Standing>>>> {
        self.refuse()
    }

    async fn signal(
        &self,
        _: &ConversationId,
        _: &ParticipantId,
        _: Option<Seq>,
    ) -> Result<Signalled> {
        self.refuse()
    }

    async fn claim(&self, _: Claim) -> Result<ClaimOutcome> {
        self.steps.fetch_add(1, SeqCst);
        Ok(ClaimOutcome::Held(Held {
            left: Duration::from_micros(1500),
            settles: Duration::ZERO,
        }))
    }

    async fn append(&self, append: Append) -> Result<Appended> {
        let under_way = self.appends.fetch_add(1, SeqCst) + 1;
        self.most_appends.fetch_max(under_way, SeqCst);
        if append.nonce == GATED {
            self.gate.acquire().await.unwrap().forget();
        }
        self.appends.fetch_sub(1, SeqCst);
        Ok(appended())
    }

    async fn renew(&self, _: &ConversationId, _: Nonce, _: Duration) -> Result<Appended> {
        Err(Error::Fenced)
    }

    async fn release(&self, _: Release) -> Result<Option<Claimed>> {
        Ok(None)
    }

    async fn sweep(&self, limit: usize) -> Result<Vec<Due>> {
        self.steps.fetch_add(1, SeqCst);
        let due = |number| Due {
            conversation: format!("c{number}").parse().unwrap(),
            pool: "default".parse().unwrap(),
            timer: false,
        };
        Ok((0..self.due.load(SeqCst).min(limit)).map(due).collect())
    }

    async fn announce(&self, _: &Inbox, _: &[AgentInfo], _: Duration) -> Result<()> {
        self.refuse()
    }

    async fn agents(&self) -> Result<Vec<AgentInfo>> {
        self.refuse()
    }

    async fn revoke(&self, _: Revocation) -> Result<()> {
        self.refuse()
    }

    async fn revocations(&self, _: u64, _: usize) -> Result<Revocations> {
        self.refuse()
    }

    async fn ping(&self) -> Result<()> {
        match self.ping.load(SeqCst) {
            0 => Ok(()),
            1 => Err(Error::Unavailable("connection refused".into())),
            _ => pending().await,
        }
    }
}
