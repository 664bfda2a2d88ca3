//! What is promised of the work, as properties of each state.

use stateright::{Model as _, Property};

use super::{Event, State, Submit, Work, Worker};

/// Where nothing changes any more by itself, every accepted input is answered.
pub const NO_LOST_WORK: &str = "no lost work";
/// An input stands in the log once, and so does its answer.
pub const NO_DOUBLE_COMMIT: &str = "no double commit";
/// An answer is completed by the attempt that began last.
pub const ONE_WRITER: &str = "one writer";
/// Inputs are answered in the order in which the log has them.
pub const NO_REORDER: &str = "no reorder";
/// What was stopped ends so, and nothing else does.
pub const STOPS_ARE_KEPT: &str = "stops are kept";

pub(super) fn all() -> Vec<Property<Work>> {
    vec![
        Property::always(NO_LOST_WORK, |model: &Work, state: &State| {
            !model.is_quiescent(state) || state.is_all_answered()
        }),
        Property::always(NO_DOUBLE_COMMIT, |_, state: &State| {
            let twice = |event: &Event| {
                let same = |other: &&Event| is_same_commit(event, other);
                state.log.iter().filter(same).count() > 1
            };
            !state.log.iter().any(twice)
        }),
        Property::always(ONE_WRITER, |_, state: &State| state.is_of_one_writer()),
        Property::always(NO_REORDER, |_, state: &State| {
            let said = state.log.iter().filter_map(|event| match event {
                Event::Input(input) => Some(*input),
                _ => None,
            });
            let answered = state.log.iter().filter_map(Event::ended);
            said.zip(answered).all(|(said, answered)| said == answered)
        }),
        Property::always(STOPS_ARE_KEPT, |_, state: &State| {
            state.log.iter().all(|event| match event {
                Event::Input(_) | Event::Begun { .. } => true,
                Event::Finished { input, .. } => !state.stopped.contains(input),
                Event::Cancelled { input, .. } => state.stopped.contains(input),
            })
        }),
        Property::sometimes("everything is answered", |model: &Work, state: &State| {
            model.is_quiescent(state) && state.is_all_answered()
        }),
    ]
}

fn is_same_commit(one: &Event, other: &Event) -> bool {
    match (one, other) {
        (Event::Input(one), Event::Input(other)) => one == other,
        // An attempt begins once under its lease.
        (Event::Begun { .. }, Event::Begun { .. }) => one == other,
        _ => one.ended().is_some() && one.ended() == other.ended(),
    }
}

impl Event {
    /// The input whose run it ends, be it stopped or not.
    fn ended(&self) -> Option<u8> {
        match self {
            Self::Finished { input, .. } | Self::Cancelled { input, .. } => Some(*input),
            Self::Input(_) | Self::Begun { .. } => None,
        }
    }
}

impl Work {
    /// Whether nothing but a fault can change anything.
    fn is_quiescent(&self, state: &State) -> bool {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        let changes = |action| self.next_state(state, action).as_ref() != Some(state);
        !actions
            .into_iter()
            .any(|action| !action.is_fault() && changes(action))
    }
}

impl State {
    fn is_all_answered(&self) -> bool {
        let finished = |input: u8| self.log.iter().any(|event| event.ended() == Some(input));
        self.submits.iter().enumerate().all(|(input, submit)| {
            *submit == Submit::Accepted && u8::try_from(input).is_ok_and(finished)
        }) && self.workers.iter().all(|worker| *worker == Worker::Idle)
    }

    fn is_of_one_writer(&self) -> bool {
        let mut begun = None;
        for event in &self.log {
            match event {
                // Whoever hears that a run is stopped need not begin it.
                Event::Input(_) | Event::Cancelled { .. } => {}
                Event::Begun { input, nonce } => begun = Some((*input, *nonce)),
                Event::Finished { input, nonce } => {
                    if begun != Some((*input, *nonce)) {
                        return false;
                    }
                }
            }
        }
        true
    }
}
