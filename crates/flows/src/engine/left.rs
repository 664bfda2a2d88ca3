//! Somebody leaves the conversation: nobody asks them any more, and nobody waits for them.

use std::collections::BTreeSet;

use super::{
    frame::Frame,
    record::{Outcome, Recorded},
    state::State,
    turn::Turn,
};
use crate::name::Who;

impl State {
    /// Those who have begun something that is not over, or are asked something. Whoever of them is not in the conversation
    /// any more has left: feed [`super::Input::Left`] first.
    #[must_use]
    pub fn engaged(&self) -> BTreeSet<Who> {
        let begun = self.stack.iter().filter_map(|frame| frame.of.as_ref());
        let wanted = self.wishes.iter().filter_map(|wish| wish.of.as_ref());
        begun.chain(wanted).chain(self.asked()).cloned().collect()
    }
}

impl Turn<'_> {
    /// What these have begun ends, and so does what asks them. What others have begun stays as it is.
    pub(super) fn leave(&mut self, who: &[Who]) {
        for who in who {
            let is_of = |frame: &Frame| {
                let asked = frame.question().and_then(|question| question.of.as_ref());
                frame.of.as_ref() == Some(who) || asked == Some(who)
            };
            while let Some(index) = self.state.stack.iter().rposition(is_of) {
                let end = self.state.end_of_chain(index);
                self.end_whole(end, self.state.root_of(index), Outcome::Dropped);
            }
            self.record(Recorded::PersonLeft { who: who.clone() });
        }
    }
}
