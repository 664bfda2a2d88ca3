//! What is left of a flow that is over: for whoever called it, and for those who correct it.

use crate::engine::{
    frame::Waiting,
    record::{Outcome, Why},
    state::{Done, State},
};

/// So many flows that are over are remembered.
const MOST_DONE: usize = 16;

/// A longer value of one is not, in bytes.
const LONGEST_SAID: usize = 500;

impl State {
    pub(super) fn end_top(&mut self, outcome: Outcome) {
        let Some(ended) = self.stack.pop() else {
            return;
        };
        if outcome == Outcome::Silence {
            let asked = ended.question().and_then(|question| question.of.as_ref());
            let whose = asked.or(ended.of.as_ref());
            self.wishes
                .retain(|wish| whose.is_some() && wish.of.as_ref() != whose);
        }
        if ended.why == Why::Called
            && let Some(caller) = self.stack.last_mut()
        {
            let value = |theirs| ended.slots.get(theirs).map(|filled| filled.value.clone());
            let returns = ended.returns.iter();
            caller.waiting = Waiting::Returned {
                outcome,
                values: returns
                    .map(|(mine, theirs)| (mine.clone(), value(theirs)))
                    .collect(),
            };
        }
        if outcome == Outcome::Completed {
            self.done
                .retain(|done| done.flow != ended.flow || done.of != ended.of);
            for done in self.done.iter_mut().filter(|done| done.of == ended.of) {
                done.said.clear();
            }
            let said = ended.slots.into_iter();
            let said = said.filter(|(_, filled)| {
                filled.from.is_person() && filled.value.to_string().len() <= LONGEST_SAID
            });
            self.done.push_back(Done {
                flow: ended.flow,
                of: ended.of,
                said: said.map(|(slot, filled)| (slot, filled.value)).collect(),
            });
            let surplus = self.done.len().saturating_sub(MOST_DONE);
            self.done.drain(..surplus);
        }
    }
}
