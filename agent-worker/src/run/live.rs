//! The runs under way here, so that a `cancel` from the inbox finds its run.

use std::{collections::HashMap, sync::Arc};

use convene_proto::id::RunId;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// The runs under way. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<HashMap<RunId, CancellationToken>>>);

impl Runs {
    /// A run begins. It is listed until the entry is dropped.
    pub(crate) fn enter(&self, run: RunId) -> Entered {
        let cancel = CancellationToken::new();
        self.0.lock().insert(run.clone(), cancel.clone());
        Entered {
            runs: self.clone(),
            run,
            cancel,
        }
    }

    /// Stops a run. Where it is not under way here nothing happens.
    pub(crate) fn cancel(&self, run: &str) {
        if let Some(cancel) = self.0.lock().get(run) {
            cancel.cancel();
        }
    }
}

/// A run's place in the list.
pub(crate) struct Entered {
    runs: Runs,
    run: RunId,
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
        self.runs.0.lock().remove(&self.run);
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
        assert!(runs.0.lock().is_empty());
    }
}
