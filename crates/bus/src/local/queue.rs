//! A pool's queue: doorbells that wait, and what becomes of them.

use std::{collections::VecDeque, sync::Arc};

use convene_proto::{bus::Doorbell, id::Pool};
use convene_runtime::{Tasks, trace::TraceContext};
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::shelf::{Dead, Shelf};
use crate::{DELIVERY_LIMIT, Error, JITTER, Result, Wait};

/// Doorbells of one pool that may be rung and not yet settled.
const DOORBELLS: usize = 100_000;

/// A doorbell in the broker's keeping.
pub(super) struct Held {
    pub(super) doorbell: Doorbell,
    pub(super) trace: TraceContext,
    /// How often it was handed back.
    pub(super) returns: u32,
    /// An earlier holder had it kept.
    pub(super) kept: bool,
    /// The dead letter that it was, which is on disk until it is settled for good.
    replays: Option<String>,
    /// Its place, until it is settled for good.
    _place: OwnedSemaphorePermit,
}

/// A pool's queue.
pub(super) struct Queue {
    pool: Pool,
    shelf: Shelf,
    tasks: Tasks,
    waiting: Mutex<VecDeque<Held>>,
    places: Arc<Semaphore>,
    rung: Notify,
}

impl Queue {
    /// An empty one, whose dead letters go to `shelf`. What waits for something is done by
    /// `tasks`.
    pub(super) fn new(pool: Pool, shelf: Shelf, tasks: Tasks) -> Self {
        Self {
            pool,
            shelf,
            tasks,
            waiting: Mutex::default(),
            places: Arc::new(Semaphore::new(DOORBELLS)),
            rung: Notify::new(),
        }
    }

    pub(super) fn ring(&self, doorbell: Doorbell, trace: TraceContext) -> Result<()> {
        self.put(Held {
            doorbell,
            trace,
            returns: 0,
            kept: false,
            replays: None,
            _place: self.place()?,
        });
        Ok(())
    }

    fn place(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Error::unavailable("the queue is full"))
    }

    /// Takes the next doorbell; waits for one.
    pub(super) async fn take(&self) -> Held {
        loop {
            let rung = self.rung.notified();
            let (next, more) = {
                let mut waiting = self.waiting.lock();
                (waiting.pop_front(), !waiting.is_empty())
            };
            if let Some(held) = next {
                // One ring may have stood for several doorbells.
                if more {
                    self.rung.notify_one();
                }
                return held;
            }
            rung.await;
        }
    }

    /// Takes one back that was not settled, to be delivered before all others.
    pub(super) fn hand_back(self: &Arc<Self>, mut held: Held) {
        held.returns += 1;
        if held.returns > DELIVERY_LIMIT {
            let queue = Arc::clone(self);
            self.tasks.spawn(async move {
                let reason = "delivered too often: each time its holder died with it";
                let (doorbell, trace) = (held.doorbell.clone(), held.trace.clone());
                if let Err(error) = queue.bury(&held, doorbell, trace, reason).await {
                    tracing::error!(%error, "a doorbell that kills its holders is dropped");
                }
            });
            return;
        }
        self.waiting.lock().push_front(held);
        self.rung.notify_one();
    }

    /// Delivers it again after a while.
    pub(super) fn put_off(self: &Arc<Self>, mut held: Held, wait: Wait) {
        held.returns = 0;
        held.kept = matches!(wait, Wait::AtMost(_));
        let least = match wait {
            Wait::About(delay) => delay,
            Wait::AtMost(delay) => delay.div_f64(1.0 + JITTER),
        };
        let delay = least.mul_f64(1.0 + rand::random_range(0.0..JITTER));
        let queue = Arc::clone(self);
        self.tasks.spawn_until_stop(async move {
            tokio::time::sleep(delay).await;
            queue.put(held);
        });
    }

    /// Puts a doorbell in hand among the dead letters, as it is now.
    pub(super) async fn bury(
        &self,
        held: &Held,
        doorbell: Doorbell,
        trace: TraceContext,
        reason: &str,
    ) -> Result<()> {
        self.shelf.put(&self.pool, doorbell, trace, reason).await?;
        self.forget(held).await;
        Ok(())
    }

    /// Does away with what is left on disk of a doorbell that is settled for good.
    pub(super) async fn forget(&self, held: &Held) {
        if let Some(id) = &held.replays
            && let Err(error) = self.shelf.erase(id).await
        {
            tracing::warn!(%error, id, "a dead letter was replayed, and is one again after a restart");
        }
    }

    /// Rings a dead letter. Its file stays: should the process die before the doorbell is settled
    /// for good, it is a dead letter still.
    pub(super) fn replay(&self, id: &str) -> Result<bool> {
        let place = self.place()?;
        let Some(Dead { letter, trace }) = self.shelf.take(&self.pool, id) else {
            return Ok(false);
        };
        let mut doorbell = letter.doorbell;
        if let Some(command) = &mut doorbell.command {
            command.replay.clone_from(&letter.id);
        }
        self.put(Held {
            doorbell,
            trace,
            returns: 0,
            kept: false,
            replays: Some(letter.id),
            _place: place,
        });
        Ok(true)
    }

    fn put(&self, held: Held) {
        self.waiting.lock().push_back(held);
        self.rung.notify_one();
    }
}
