//! The flows' timers, as timers of the conversation: each is named after its number.

use std::time::Duration;

use convene_agent::{Error, Run, TimerName};
use convene_flows::State;

/// Sets one. Those that nothing waits for any more make room for it.
pub(super) fn set(run: &mut Run, state: &State, timer: u64, after: Duration) -> Result<(), Error> {
    clear_idle(run, state);
    let name = TimerName::new(format!("t{timer}"))
        .map_err(|error| Error::permanent("timer_invalid", error.to_string()))?;
    run.set_timer(name, after)
}

/// Takes back those that nothing waits for.
pub(super) fn clear_idle(run: &mut Run, state: &State) {
    let is_idle = |name: &&TimerName| {
        number(name).is_none_or(|number| state.timers().all(|awaited| awaited != number))
    };
    let idle: Vec<_> = run.timers().filter(is_idle).cloned().collect();
    for name in idle {
        run.clear_timer(&name);
    }
}

/// Which one has this name.
pub(super) fn number(name: &TimerName) -> Option<u64> {
    name.as_str().strip_prefix('t')?.parse().ok()
}
