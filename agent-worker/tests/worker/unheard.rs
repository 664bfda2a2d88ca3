//! A bus whose broker does not take everything, does not answer, or gives out too much.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use convene_agent::{ConversationId, async_trait};
use convene_bus::{Bus, DeadLetter, Doorbells, Error, Letters, Result};
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::trace::TraceContext;

/// What goes wrong, and how often it did.
#[derive(Debug, Default)]
pub(crate) struct Deafness {
    /// So many of the next rings are refused.
    pub(crate) refuses: AtomicUsize,
    /// Whose rings are never confirmed.
    pub(crate) never_confirms: Option<ConversationId>,
    pub(crate) unconfirmed: AtomicUsize,
    /// Whether pings are answered with a refusal.
    pub(crate) is_away: AtomicBool,
    pub(crate) unanswered: AtomicUsize,
    /// So many more doorbells come than the worker has hands.
    pub(crate) gives_more: u16,
    /// What was rung.
    pub(crate) rung: Mutex<Vec<Doorbell>>,
}

/// The real one is behind it.
pub(crate) struct Unheard {
    bus: Arc<dyn Bus>,
    deafness: Arc<Deafness>,
}

impl Unheard {
    pub(crate) fn new(bus: Arc<dyn Bus>, deafness: Arc<Deafness>) -> Self {
        Self { bus, deafness }
    }
}

fn away() -> Error {
    Error::Unavailable("it is away".into())
}

#[async_trait]
impl Bus for Unheard {
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        let Deafness {
            refuses,
            never_confirms,
            unconfirmed,
            ..
        } = &*self.deafness;
        if never_confirms
            .as_ref()
            .is_some_and(|id| id.as_str() == doorbell.conversation)
        {
            unconfirmed.fetch_add(1, SeqCst);
            pending::<()>().await;
        }
        match refuses.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Err(away()),
            Err(_) => {
                self.deafness.rung.lock().unwrap().push(doorbell.clone());
                self.bus.ring(doorbell, trace).await
            }
        }
    }

    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>> {
        let gives = prefetch + self.deafness.gives_more;
        self.bus.doorbells(pool, gives).await
    }

    async fn send(&self, to: &[Inbox], letter: &Letter, trace: &TraceContext) -> Result<()> {
        self.bus.send(to, letter, trace).await
    }

    async fn open_inbox(&self, owner: &str) -> Result<Box<dyn Letters>> {
        self.bus.open_inbox(owner).await
    }

    async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
        self.bus.dead_letters(pool, limit).await
    }

    async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<Option<DeadLetter>> {
        self.bus.dead_letter(pool, id).await
    }

    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.bus.replay(pool, id).await
    }

    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.bus.drop_dead_letter(pool, id).await
    }

    async fn ping(&self) -> Result<()> {
        if self.deafness.is_away.load(SeqCst) {
            self.deafness.unanswered.fetch_add(1, SeqCst);
            return Err(away());
        }
        self.bus.ping().await
    }

    async fn close(&self, within: Duration) {
        self.bus.close(within).await;
    }
}
