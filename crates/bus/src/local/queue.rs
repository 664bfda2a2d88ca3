//! A pool's queue: doorbells that wait, and those that were given up on.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use convene_proto::bus::Doorbell;
use convene_runtime::{Tasks, clock::now_ms, trace::TraceContext};
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::{DELIVERY_LIMIT, DeadLetter, Error, Result};

/// Doorbells of one pool that may be rung and not yet settled.
const DOORBELLS: usize = 100_000;

/// Dead letters of one pool; above that the oldest are dropped.
const DEAD_LETTERS: usize = 10_000;

/// A delay lasts up to this part longer than was asked for, so that what failed together does
/// not come back together.
const JITTER: f64 = 0.2;

/// A doorbell in the broker's keeping.
pub(super) struct Held {
    pub(super) doorbell: Doorbell,
    pub(super) trace: TraceContext,
    /// How often it was handed back.
    pub(super) returns: u32,
    /// Its place, until it is settled for good.
    _place: OwnedSemaphorePermit,
}

/// A doorbell that was given up on.
struct Dead {
    letter: DeadLetter,
    trace: TraceContext,
}

/// A pool's queue.
pub(super) struct Queue {
    waiting: Mutex<VecDeque<Held>>,
    dead: Mutex<VecDeque<Dead>>,
    places: Arc<Semaphore>,
    rung: Notify,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            dead: Mutex::default(),
            places: Arc::new(Semaphore::new(DOORBELLS)),
            rung: Notify::new(),
        }
    }
}

impl Queue {
    pub(super) fn ring(&self, doorbell: Doorbell, trace: TraceContext) -> Result<()> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Error::unavailable("the queue is full"))?;
        self.put(Held {
            doorbell,
            trace,
            returns: 0,
            _place: place,
        });
        Ok(())
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
    pub(super) fn hand_back(&self, mut held: Held) {
        held.returns += 1;
        if held.returns > DELIVERY_LIMIT {
            let reason = "delivered too often: each time its holder died with it";
            self.bury(held.doorbell, held.trace, reason);
            return;
        }
        self.waiting.lock().push_front(held);
        self.rung.notify_one();
    }

    /// Delivers it again after about so long, as if it were new.
    pub(super) fn put_off(self: &Arc<Self>, mut held: Held, delay: Duration, tasks: &Tasks) {
        held.returns = 0;
        let delay = delay.mul_f64(1.0 + rand::random_range(0.0..JITTER));
        let queue = Arc::clone(self);
        tasks.spawn_until_stop(async move {
            tokio::time::sleep(delay).await;
            queue.put(held);
        });
    }

    /// Puts a doorbell among the dead letters.
    pub(super) fn bury(&self, doorbell: Doorbell, trace: TraceContext, reason: &str) {
        let letter = DeadLetter {
            id: Uuid::now_v7().simple().to_string(),
            doorbell,
            reason: reason.to_owned(),
            died_at: now_ms(),
        };
        let mut dead = self.dead.lock();
        if dead.len() >= DEAD_LETTERS
            && let Some(oldest) = dead.pop_front()
        {
            tracing::warn!(
                id = oldest.letter.id,
                "too many dead letters: the oldest is dropped"
            );
        }
        dead.push_back(Dead { letter, trace });
    }

    pub(super) fn dead(&self, limit: usize) -> Vec<DeadLetter> {
        let dead = self.dead.lock();
        dead.iter()
            .take(limit)
            .map(|dead| dead.letter.clone())
            .collect()
    }

    pub(super) fn remove_dead(&self, id: &str) -> bool {
        let mut dead = self.dead.lock();
        let index = dead.iter().position(|dead| dead.letter.id == id);
        index.and_then(|index| dead.remove(index)).is_some()
    }

    /// Rung before it is removed: at worst it is in both.
    pub(super) fn replay(&self, id: &str) -> Result<bool> {
        let found = {
            let dead = self.dead.lock();
            let found = dead.iter().find(|dead| dead.letter.id == id);
            found.map(|dead| (dead.letter.doorbell.clone(), dead.trace.clone()))
        };
        let Some((mut doorbell, trace)) = found else {
            return Ok(false);
        };
        if let Some(command) = &mut doorbell.command {
            command.replay = true;
        }
        self.ring(doorbell, trace)?;
        Ok(self.remove_dead(id))
    }

    fn put(&self, held: Held) {
        self.waiting.lock().push_back(held);
        self.rung.notify_one();
    }
}
