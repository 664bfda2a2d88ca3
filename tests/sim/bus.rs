//! The bus as a process has it: what is sent gets lost, comes twice, late or unheard, and the
//! connection itself is lost.

use std::{future::pending, sync::Arc, time::Duration};

use async_trait::async_trait;
use convene_bus::{
    Arrival, Bus, DeadLetter, Doorbells, Error, Letters, Result, Rung,
    local::{LocalBroker, LocalBus},
};
use convene_proto::{
    bus::{Doorbell, Letter},
    id::{Inbox, Pool},
};
use convene_runtime::trace::TraceContext;
use parking_lot::Mutex;
use tokio::{sync::watch, time::sleep};

use crate::{line::Link, stage::Stage};

/// How late a letter or a doorbell may come.
const LATE: Duration = Duration::from_millis(1500);

/// A bus that fails, on one that does not. Clones are of the same process.
#[derive(Clone)]
pub(crate) struct FaultyBus(Arc<Shared>);

struct Shared {
    stage: Arc<Stage>,
    broker: LocalBroker,
    /// What the broker has taken is sent from here, whatever becomes of the sender.
    post: Arc<LocalBus>,
    link: Link,
    name: String,
    connection: Mutex<Arc<LocalBus>>,
}

impl FaultyBus {
    pub(crate) fn new(stage: &Arc<Stage>, broker: &LocalBroker, link: &Link, name: &str) -> Self {
        Self(Arc::new(Shared {
            stage: stage.clone(),
            post: broker.connect(),
            connection: Mutex::new(broker.connect()),
            broker: broker.clone(),
            link: link.clone(),
            name: name.to_owned(),
        }))
    }

    fn now(&self) -> Arc<LocalBus> {
        self.0.connection.lock().clone()
    }

    /// The connection is lost; what was in hand goes back to the broker. There is another at once.
    pub(crate) async fn cut(&self) {
        let fresh = self.0.broker.connect();
        let lost = std::mem::replace(&mut *self.0.connection.lock(), fresh);
        lost.close(Duration::ZERO).await;
    }

    /// The same, and there is no other.
    pub(crate) async fn kill(&self) {
        self.now().close(Duration::ZERO).await;
    }

    async fn ring_once(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        loop {
            let connection = self.now();
            match connection.ring(doorbell, trace).await {
                // It was cut between the two.
                Err(Error::Closed) if !Arc::ptr_eq(&connection, &self.now()) => {}
                rung => return rung,
            }
        }
    }
}

fn away() -> Error {
    Error::Unavailable("the simulated broker did not answer".into())
}

#[async_trait]
impl Bus for FaultyBus {
    async fn ring(&self, doorbell: &Doorbell, trace: &TraceContext) -> Result<()> {
        let Shared {
            stage, link, name, ..
        } = &*self.0;
        link.up().await;
        let post = stage.plan.bells;
        if stage.hit(post.late) {
            sleep(stage.up_to(LATE)).await;
        }
        let conversation = &doorbell.conversation;
        if stage.hit(post.lost) {
            stage.note(format_args!(
                "{name} rings for {conversation}, and it is lost"
            ));
            return Ok(());
        }
        stage.note(format_args!("{name} rings for {conversation}"));
        self.ring_once(doorbell, trace).await?;
        if stage.hit(post.twice) {
            self.ring_once(doorbell, trace).await?;
        }
        link.up().await;
        if stage.hit(post.unheard) {
            return Err(away());
        }
        Ok(())
    }

    async fn doorbells(&self, pool: &Pool, prefetch: u16) -> Result<Box<dyn Doorbells>> {
        self.0.link.up().await;
        Ok(Box::new(FaultyDoorbells {
            bus: self.clone(),
            pool: pool.clone(),
            prefetch,
            inner: self.now().doorbells(pool, prefetch).await?,
            subscribed: watch::Sender::new(true),
        }))
    }

    async fn send(&self, to: &[Inbox], letter: &Letter, trace: &TraceContext) -> Result<()> {
        let Shared {
            stage,
            link,
            name,
            post,
            ..
        } = &*self.0;
        link.up().await;
        let rates = stage.plan.letters;
        let mut at_once = Vec::new();
        for inbox in to {
            if stage.hit(rates.lost) {
                stage.note(format_args!("a letter of {name} to {inbox} is lost"));
                continue;
            }
            let late = stage.hit(rates.late);
            if !late {
                at_once.push(inbox.clone());
            }
            if late || stage.hit(rates.twice) {
                let (post, inbox) = (post.clone(), inbox.clone());
                let (letter, trace) = (letter.clone(), trace.clone());
                let pause = stage.up_to(LATE);
                stage.tasks.spawn(async move {
                    sleep(pause).await;
                    post.send(&[inbox], &letter, &trace).await.unwrap();
                });
            }
        }
        if !at_once.is_empty() {
            post.send(&at_once, letter, trace).await?;
        }
        Ok(())
    }

    async fn open_inbox(&self, owner: &str) -> Result<Box<dyn Letters>> {
        self.0.link.up().await;
        Ok(Box::new(FaultyLetters {
            bus: self.clone(),
            owner: owner.to_owned(),
            inner: self.now().open_inbox(owner).await?,
        }))
    }

    async fn dead_letters(&self, pool: &Pool, limit: usize) -> Result<Vec<DeadLetter>> {
        self.now().dead_letters(pool, limit).await
    }

    async fn dead_letter(&self, pool: &Pool, id: &str) -> Result<Option<DeadLetter>> {
        self.now().dead_letter(pool, id).await
    }

    async fn replay(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.now().replay(pool, id).await
    }

    async fn drop_dead_letter(&self, pool: &Pool, id: &str) -> Result<bool> {
        self.now().drop_dead_letter(pool, id).await
    }

    async fn ping(&self) -> Result<()> {
        self.0.link.up().await;
        self.now().ping().await
    }

    async fn close(&self, within: Duration) {
        self.now().close(within).await;
    }
}

struct FaultyDoorbells {
    bus: FaultyBus,
    pool: Pool,
    prefetch: u16,
    inner: Box<dyn Doorbells>,
    subscribed: watch::Sender<bool>,
}

#[async_trait]
impl Doorbells for FaultyDoorbells {
    async fn next(&mut self) -> Option<Rung> {
        let Shared {
            stage, link, name, ..
        } = &*self.bus.0;
        loop {
            link.up().await;
            let Some(rung) = self.inner.next().await else {
                link.up().await;
                self.inner = self
                    .bus
                    .now()
                    .doorbells(&self.pool, self.prefetch)
                    .await
                    .ok()?;
                continue;
            };
            link.up().await;
            let again = if rung.redelivered { " again" } else { "" };
            let conversation = &rung.doorbell.conversation;
            if stage.hit(stage.plan.deaf) {
                stage.note(format_args!(
                    "{name} does not see the doorbell of {conversation}{again}, and hears no more"
                ));
                // It counts as given out until the consumer is gone.
                return pending().await;
            }
            stage.note(format_args!(
                "{name} has the doorbell of {conversation}{again}"
            ));
            return Some(rung);
        }
    }

    fn subscribed(&self) -> watch::Receiver<bool> {
        self.subscribed.subscribe()
    }
}

struct FaultyLetters {
    bus: FaultyBus,
    owner: String,
    inner: Box<dyn Letters>,
}

#[async_trait]
impl Letters for FaultyLetters {
    async fn next(&mut self) -> Option<Arrival> {
        let Shared {
            stage, link, name, ..
        } = &*self.bus.0;
        link.up().await;
        let arrival = self.inner.next().await;
        link.up().await;
        match &arrival {
            Some(Arrival::Opened(inbox)) => {
                stage.note(format_args!("the inbox of {name} is {inbox}"));
                arrival
            }
            Some(_) => arrival,
            None => {
                self.inner = self.bus.now().open_inbox(&self.owner).await.ok()?;
                Some(Arrival::Lost)
            }
        }
    }
}
