//! What is promised to readers, as properties of each state.

use stateright::{Model as _, Property};

use super::{Audience, Place, State, Writer};

/// An event is in what was read when the inbox joined the audience, or goes to the inbox.
pub const NO_WINDOW: &str = "no window";
/// A reader is shown 1, 2, 3 and so on, each once.
pub const PREFIX: &str = "a prefix of the log";
/// Where nothing changes any more by itself, a reader was shown all of the log.
pub const NO_LOST_TAIL: &str = "no lost tail";

pub(super) fn all() -> Vec<Property<Audience>> {
    vec![
        Property::always(NO_WINDOW, |_, state: &State| {
            state.gateways.iter().all(|gateway| {
                let Some(joined_at) = gateway.joined_at else {
                    return true;
                };
                let goes_there = |event| {
                    state.sent.contains(&(gateway.inbox, event))
                        || (event == state.log
                            && matches!(&state.writer, Writer::Sends(to) if to.contains(&gateway.inbox)))
                };
                (joined_at + 1..=state.log).all(goes_there)
            })
        }),
        Property::always(PREFIX, |_, state: &State| {
            let is_prefix = |shown: &[u8]| (1..).zip(shown).all(|(event, shown)| event == *shown);
            state
                .gateways
                .iter()
                .all(|gateway| is_prefix(&gateway.shown))
        }),
        Property::always(NO_LOST_TAIL, |model: &Audience, state: &State| {
            !model.is_quiescent(state) || state.is_all_shown()
        }),
        Property::sometimes("everything is shown", |model: &Audience, state: &State| {
            model.is_quiescent(state) && state.is_all_shown()
        }),
    ]
}

impl Audience {
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
    fn is_all_shown(&self) -> bool {
        self.gateways.iter().all(|gateway| {
            gateway.place == Place::Open && gateway.shown.last().copied().unwrap_or(0) == self.log
        })
    }
}
