//! What one connection reads from the log. A state or a page may be megabytes and is held until the
//! client has taken it, so one is read at a time. One that the store keeps waiting stands aside for
//! the others. Only a few do, since what they bring is held as well: behind those nothing new begins
//! until one is back, so that a short pause of the store refuses nobody.

use std::{
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
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

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct CatchUps(Mutex<Weak<Places>>);

/// They are there while something is read, which for most connections is only at their beginning.
#[derive(Debug)]
struct Places {
    /// Held from a reading's beginning until it has an answer or stands aside.
    beginning: Arc<Semaphore>,
    turn: Arc<Semaphore>,
    aside: Arc<Semaphore>,
}

/// Goes with what was read. The next is read once it is dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "it is there to be dropped")]
pub(crate) struct Held(OwnedSemaphorePermit, Arc<Places>);

impl CatchUps {
    fn places(&self) -> Arc<Places> {
        let mut known = self.0.lock();
        known.upgrade().unwrap_or_else(|| {
            let places = Arc::new(Places {
                beginning: Arc::new(Semaphore::new(1)),
                turn: Arc::new(Semaphore::new(1)),
                aside: Arc::new(Semaphore::new(ASIDE)),
            });
            *known = Arc::downgrade(&places);
            places
        })
    }

    /// Reads, when it is its turn.
    pub(crate) async fn read<T>(
        &self,
        reading: impl Future<Output = Result<T>>,
    ) -> Result<(T, Held)> {
        let places = self.places();
        let beginning = take(&places.beginning).await?;
        let turn = take(&places.turn).await?;
        let mut reading = pin!(timeout(DEADLINE, reading));
        if let Ok(read) = timeout(PROMPT, &mut reading).await {
            let read = read.map_err(|_| away())?;
            return Ok((read?, Held(turn, places)));
        }
        // Those that stand aside need it to come back.
        drop(turn);
        let (read, _stood) = tokio::select! {
            biased;
            read = &mut reading => (read, beginning),
            place = take(&places.aside) => {
                let place = place?;
                drop(beginning);
                (reading.await, place)
            }
        };
        let read = read.map_err(|_| away())??;
        let turn = take(&places.turn).await?;
        Ok((read, Held(turn, places)))
    }
}

async fn take(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let place = places.clone().acquire_owned().await;
    place.map_err(|_| Refusal::broken())
}

fn away() -> Refusal {
    Refusal::unavailable("the conversation store is away for a moment; try again")
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join_all, pending};
    use tokio::{sync::watch, time::sleep};

    use super::*;

    /// More than may stand aside.
    const MANY: usize = 3 * ASIDE;

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_the_store_refuses_nobody() {
        let catch_ups = CatchUps::default();
        let store = watch::Sender::new(false);
        let begun = watch::Sender::new(0);
        let readings = join_all((0..MANY).map(|number| {
            let (catch_ups, mut store, begun) = (&catch_ups, store.subscribe(), &begun);
            async move {
                let reading = async {
                    begun.send_modify(|begun| *begun += 1);
                    store.wait_for(|open| *open).await.unwrap();
                    Ok(number)
                };
                // What was read is taken at once.
                catch_ups.read(reading).await.map(|(read, _)| read)
            }
        }));
        let pause = async {
            sleep(DEADLINE / 2).await;
            let reading = *begun.borrow();
            store.send_replace(true);
            reading
        };
        let (read, reading) = tokio::join!(readings, pause);
        let read: Vec<_> = read.into_iter().map(Result::unwrap).collect();
        assert_eq!(read, (0..MANY).collect::<Vec<_>>());
        assert_eq!(reading, ASIDE + 1, "are read at once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_stays_away_refuses_each_in_turn() {
        let catch_ups = CatchUps::default();
        let readings = (0..MANY).map(|_| catch_ups.read(pending::<Result<()>>()));
        for read in join_all(readings).await {
            assert_eq!(
                read.err().map(|refusal| refusal.code()),
                Some(away().code())
            );
        }
        assert_eq!(catch_ups.read(async { Ok(1) }).await.unwrap().0, 1);
    }
}
