//! A bus whose broker does not take the first rings.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use convene_agent::async_trait;
use convene_bus::{Bus, DeadLetter, Doorbells, Error, Letters, Result};
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::trace::TraceContext;

/// The real one is behind it.
pub(crate) struct Unheard {
    bus: Arc<dyn Bus>,
    rings: AtomicUsize,
}

impl Unheard {
    pub(crate) fn new(bus: Arc<dyn Bus>, rings: usize) -> Self {
        Self {
            bus,
            rings: AtomicUsize::new(rings),
        }
    }
}

#[async_trait]
impl Bus for Unheard {
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        let unheard = self
            .rings
            .fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        match unheard {
            Ok(_) => Err(Error::Unavailable("it is away".into())),
            Err(_) => self.bus.ring(doorbell, trace).await,
        }
    }

    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>> {
        self.bus.doorbells(pool, prefetch).await
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

    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.bus.replay(pool, id).await
    }

    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.bus.drop_dead_letter(pool, id).await
    }

    async fn ping(&self) -> Result<()> {
        self.bus.ping().await
    }

    async fn close(&self, within: Duration) {
        self.bus.close(within).await;
    }
}
