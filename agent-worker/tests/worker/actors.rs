//! Agents that do what a test needs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use convene_agent::{Agent, Agents, Error, Run, async_trait};
use convene_agent_worker::agents::guide::Guide;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;

use crate::house::name;

type Part = dyn for<'run> Fn(&'run mut Run) -> BoxFuture<'run, Result<(), Error>> + Send + Sync;

/// An agent made of a function.
#[derive(Clone)]
pub(crate) struct Actor(Arc<Part>);

impl Actor {
    pub(crate) fn new<F>(part: F) -> Self
    where
        F: for<'run> Fn(&'run mut Run) -> BoxFuture<'run, Result<(), Error>>
            + Send
            + Sync
            + 'static,
    {
        Self(Arc::new(part))
    }

    /// As the only agent of a worker.
    pub(crate) fn alone(self) -> Agents {
        Agents::new().with(name(), self)
    }
}

#[async_trait]
impl Agent for Actor {
    async fn run(&self, run: &mut Run) -> Result<(), Error> {
        (self.0)(run).await
    }
}

/// Knows whether what holds it was dropped.
#[derive(Clone, Default)]
pub(crate) struct Dropped(Arc<AtomicBool>);

impl Dropped {
    pub(crate) fn guard(&self) -> Guard {
        Guard(self.0.clone())
    }

    pub(crate) fn is_so(&self) -> bool {
        self.0.load(SeqCst)
    }
}

pub(crate) struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Counts calls over all workers of a test.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<AtomicUsize>);

impl Calls {
    /// Counts one, and says the how manieth it is.
    pub(crate) fn count(&self) -> usize {
        self.0.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn so_far(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// Answers as the guide does, but `hold`: to that it says that it is held, and ends when it is let go.
pub(crate) fn held_by(gate: &Arc<Notify>) -> Actor {
    let (guide, gate) = (Arc::new(Guide::new()), gate.clone());
    Actor::new(move |run| {
        let (guide, gate) = (guide.clone(), gate.clone());
        Box::pin(async move {
            if run.input_text() != "hold" {
                return guide.run(run).await;
            }
            run.write("held").await?;
            gate.notified().await;
            Ok(())
        })
    })
}

/// Says a few words, then says no more and never ends; knows when it was dropped.
pub(crate) fn stuck_after(words: &'static str, dropped: &Dropped) -> Actor {
    let dropped = dropped.clone();
    Actor::new(move |run| {
        let guard = dropped.guard();
        Box::pin(async move {
            run.write(words).await?;
            std::future::pending::<()>().await;
            drop(guard);
            Ok(())
        })
    })
}
