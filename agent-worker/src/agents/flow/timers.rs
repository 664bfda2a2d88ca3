//! The flows' timers, as timers of the conversation: each is named after its number.

use std::time::{Duration, UNIX_EPOCH};

use convene_agent::{Error, Run, TimerName};
use convene_flows::{Due, MOST_AWAITED, State};
use convene_proto::timer::MOST_TIMERS;

const _: () = assert!(
    MOST_AWAITED <= MOST_TIMERS,
    "no run fails since its flows wait for too much"
);

/// Does what a turn that is over wants of its timers: those that nothing waits for make room for those that were set
/// and are waited for still. It is done at once, with nothing in between that could be stopped.
pub(super) fn settle(run: &mut Run, state: &State, set: Vec<(u64, Due)>) -> Result<(), Error> {
    clear_idle(run, state);
    for (timer, due) in set {
        if state.timers().any(|awaited| awaited == timer) {
            self::set(run, timer, due)?;
        }
    }
    Ok(())
}

fn set(run: &mut Run, timer: u64, due: Due) -> Result<(), Error> {
    let name = TimerName::new(format!("t{timer}"))
        .map_err(|error| Error::permanent("timer_invalid", error.to_string()))?;
    match due {
        Due::After(time) => run.set_timer(name, time),
        Due::At(at) => {
            let since = u64::try_from(at.as_millisecond()).unwrap_or_default();
            run.set_timer_at(name, UNIX_EPOCH + Duration::from_millis(since))
        }
    }
}

/// Takes back those that nothing waits for.
fn clear_idle(run: &mut Run, state: &State) {
    let is_idle = |name: &&TimerName| {
        number(name).is_none_or(|number| state.timers().all(|awaited| awaited != number))
    };
    let idle: Vec<_> = run.timers().filter(is_idle).cloned().collect();
    for name in idle {
        run.clear_timer(&name);
    }
}

/// Sets those again that rang for a run which somebody stopped, or which failed: something waits for them still. They
/// ring at once. The one that this run was rung for has had its turn.
pub(super) fn set_again(run: &mut Run, state: &State, rung: Option<u64>) -> Result<(), Error> {
    clear_idle(run, state);
    let set: Vec<_> = run.timers().filter_map(number).collect();
    let lost = state
        .timers()
        .filter(|timer| !set.contains(timer) && Some(*timer) != rung);
    for timer in lost.collect::<Vec<_>>() {
        self::set(run, timer, Due::After(Duration::ZERO))?;
    }
    Ok(())
}

/// Which one has this name.
pub(super) fn number(name: &TimerName) -> Option<u64> {
    name.as_str().strip_prefix('t')?.parse().ok()
}
