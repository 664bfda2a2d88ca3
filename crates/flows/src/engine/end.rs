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

    /// Ends all that runs of this person, and nothing that an event has begun.
    pub(super) fn end_theirs(&mut self, of: Option<&Who>, outcome: Outcome) {
        self.is_speechless = false;
        self.end_theirs_above(0, of, outcome);
        self.came_back = true;
    }

    /// A flow says that all is over: all of whose it is; where nobody in particular has begun it, all there is.
    pub(super) fn end_all(&mut self, outcome: Outcome) {
        let top = self.state.stack.len().wrapping_sub(1);
        let root = self.state.stack.get(self.state.root_of(top));
        let of = root.filter(|root| !root.is_nobodys());
        if let Some(of) = of.map(|root| root.of.clone()) {
            return self.end_theirs(of.as_ref(), outcome);
        }
        self.is_speechless = false;
        while self.frame().is_some() {
            self.end_top(outcome);
        }
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
            let mut frames = count..self.state.stack.len();
            let theirs = frames.rfind(|frame| self.may_end(*frame, who));
            let Some(index) = theirs else {
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
