//! What one connection reads from the log. A state or a page may be megabytes and is held until the
//! client has taken it, so one is read at a time. One that the store keeps waiting stands aside for
//! the others; only a few do, since what they bring is held as well.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::error::{Refusal, Result};

/// A store that is well answers many times faster.
const PROMPT: Duration = Duration::from_millis(100);
/// Readings that stand aside at once.
const ASIDE: usize = 4;
/// The deadline of one reading, which may be several calls.
const DEADLINE: Duration = Duration::from_secs(10);

/// See the module. Clones are of the same connection.
#[derive(Debug, Clone)]
pub(crate) struct CatchUps {
    turn: Arc<Semaphore>,
    aside: Arc<Semaphore>,
}

/// Goes with what was read. The next is read once it is dropped.
#[derive(Debug)]
pub(crate) struct Held(
    #[expect(dead_code, reason = "it is there to be dropped")] OwnedSemaphorePermit,
);

impl CatchUps {
    pub(crate) fn new() -> Self {
        Self {
            turn: Arc::new(Semaphore::new(1)),
            aside: Arc::new(Semaphore::new(ASIDE)),
        }
    }

    /// Reads, when it is its turn.
    pub(crate) async fn read<T>(
        &self,
        reading: impl Future<Output = Result<T>>,
    ) -> Result<(T, Held)> {
        let turn = self.turn().await?;
        let mut reading = pin!(timeout(DEADLINE, reading));
        if let Ok(read) = timeout(PROMPT, &mut reading).await {
            let read = read.map_err(|_| away())?;
            return Ok((read?, turn));
        }
        let _aside = self.aside.clone().try_acquire_owned().map_err(|_| away())?;
        drop(turn);
        let read = reading.await.map_err(|_| away())??;
        Ok((read, self.turn().await?))
    }

    async fn turn(&self) -> Result<Held> {
        let turn = self.turn.clone().acquire_owned().await;
        turn.map(Held).map_err(|_| Refusal::broken())
    }
}

fn away() -> Refusal {
    Refusal::unavailable("the conversation store is away for a moment; try again")
}
