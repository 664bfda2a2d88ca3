//! The runs under way here, so that a `cancel` from the inbox finds its run.

use std::{collections::HashMap, sync::Arc};

use convene_proto::id::RunId;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// The runs under way. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    entered: u64,
    /// The latest to enter each run: one that has lost its lease may still be there.
    runs: HashMap<RunId, (u64, CancellationToken)>,
}

impl Runs {
    /// A run begins. It is listed until the entry is dropped.
    pub(crate) fn enter(&self, run: RunId) -> Entered {
        let cancel = CancellationToken::new();
        let mut state = self.0.lock();
        state.entered += 1;
        let number = state.entered;
        state.runs.insert(run.clone(), (number, cancel.clone()));
        Entered {
            runs: self.clone(),
            run,
            number,
            cancel,
        }
    }

    /// Stops a run. Where it is not under way here nothing happens.
    pub(crate) fn cancel(&self, run: &str) {
        if let Some((_, cancel)) = self.0.lock().runs.get(run) {
            cancel.cancel();
        }
    }
}

/// A run's place in the list.
pub(crate) struct Entered {
    runs: Runs,
    run: RunId,
    number: u64,
    cancel: CancellationToken,
}

impl Entered {
    /// Ends when somebody wants the run to stop.
    pub(crate) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut state = self.runs.0.lock();
        let latest = state.runs.get(&self.run);
        if latest.is_some_and(|(number, _)| *number == self.number) {
            state.runs.remove(&self.run);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cancel_finds_its_run_while_it_lasts_and_no_other() {
        let runs = Runs::default();
        let (one, two) = (
            runs.enter("one".parse().unwrap()),
            runs.enter("two".parse().unwrap()),
        );
        runs.cancel("three");
        runs.cancel("one");
        one.cancelled().await;
        assert!(!two.cancel.is_cancelled());
        drop((one, two));
        assert!(runs.0.lock().runs.is_empty());
    }

    #[tokio::test]
    async fn who_leaves_a_run_late_does_not_take_its_successor_along() {
        let runs = Runs::default();
        let old = runs.enter("one".parse().unwrap());
        let new = runs.enter("one".parse().unwrap());
        drop(old);
        runs.cancel("one");
        new.cancelled().await;
    }
}
