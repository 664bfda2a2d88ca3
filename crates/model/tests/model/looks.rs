//! The two ways to look at a model: everything holds, or one promise breaks.

use std::{fmt::Debug, hash::Hash};

use stateright::{Checker as _, Model};

/// Looks at every state: all promises hold, and everything that must be possible is.
pub(crate) fn holds<M>(name: &str, model: M)
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let checker = model.checker().spawn_bfs().join();
    println!(
        "{name}: {} states, the furthest after {} steps",
        checker.unique_state_count(),
        checker.max_depth()
    );
    checker.assert_properties();
}

/// Looks until there is a state in which the promise is broken, and shows the way there.
pub(crate) fn breaks<M>(promise: &'static str, model: M)
where
    M: Model + Clone + Debug + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let checker = model.clone().checker().spawn_bfs().join();
    let Some(path) = checker.discovery(promise) else {
        panic!("{model:?} breaks nothing of {promise:?}");
    };
    let steps = path.into_actions();
    println!(
        "{model:?} breaks {promise:?} in {} steps: {steps:?}",
        steps.len()
    );
}
