//! How flows end, by themselves and otherwise.

use super::{
    record::{Outcome, Recorded, Why},
    turn::Turn,
};
use crate::{name::Who, project::FAILED};

impl Turn<'_> {
    /// Ends the flow on top. Where another has called it, that goes on.
    pub(super) fn end_flow(&mut self, outcome: Outcome) {
        let is_speechless = std::mem::take(&mut self.is_speechless);
        let Some(frame) = self.frame() else {
            return;
        };
        let was_called = frame.why == Why::Called;
        let outcome = if is_speechless {
            Outcome::Failed
        } else if frame.is_cancelled {
            Outcome::Cancelled
        } else {
            outcome
        };
        self.record(Recorded::FlowEnded {
            flow: frame.flow.clone(),
            outcome,
        });
        if was_called {
            self.go_on_behind_call();
        } else {
            self.came_back = true;
        }
    }

    /// Ends all that runs of this person; of nobody in particular: all.
    pub(super) fn end_all(&mut self, of: Option<&Who>, outcome: Outcome) {
        self.is_speechless = false;
        self.end_theirs_above(0, of, outcome);
        self.came_back = true;
    }

    /// Something went wrong that a person cannot mend.
    pub(super) fn fail(&mut self) {
        self.say(FAILED);
        self.end_flow(Outcome::Failed);
    }

    /// Ends the flow on top, and nothing goes on for it.
    pub(super) fn end_top(&mut self, outcome: Outcome) {
        if let Some(frame) = self.frame() {
            self.record(Recorded::FlowEnded {
                flow: frame.flow.clone(),
                outcome,
            });
        }
    }

    /// Ends this person's flows above so many, and leaves what others have begun.
    pub(super) fn end_theirs_above(&mut self, count: usize, who: Option<&Who>, outcome: Outcome) {
        loop {
            let theirs = self
                .state
                .stack
                .iter()
                .rposition(|frame| self.may_answer(frame.of.as_ref(), who));
            let Some(index) = theirs.filter(|index| *index >= count) else {
                return;
            };
            self.end_whole(index, self.state.root_of(index).max(count), outcome);
        }
    }

    /// Ends a flow and those that have called it, down to one of them.
    pub(super) fn end_whole(&mut self, index: usize, down_to: usize, outcome: Outcome) {
        self.raise_to_top(index);
        for _ in down_to..=index {
            self.end_top(outcome);
        }
    }
}
