//! What a person has begun is cancelled.

use super::{
    input::Heard,
    record::{Outcome, Why},
    turn::Turn,
};
use crate::project::Target;

/// From this confidence on a flow is cancelled at once; below it is asked whether it is to be.
const SURELY_CANCEL: f64 = 0.95;

/// Whether it is so sure that something was to be cancelled that nobody is asked.
pub(super) fn surely_cancels(heard: &Heard) -> bool {
    let first = heard.intents.first();
    first.is_some_and(|first| first.confidence >= SURELY_CANCEL)
}

impl Turn<'_> {
    /// A person cancels: the flow on top ends, with those that called it. Each does what it has for that, the innermost first.
    pub(super) fn cancel(&mut self) {
        self.say("convene.cancelled");
        self.cancel_top();
    }

    pub(super) fn cancel_top(&mut self) {
        let Some(frame) = self.frame() else {
            return;
        };
        let can_go_on = frame.step.is_some() && !frame.is_cancelled;
        let own = self.flow_at(self.state.stack.len() - 1);
        let target = own.and_then(|(_, flow)| Some((flow, flow.on_cancel?)));
        match target {
            Some((flow, target @ Target::Step(_))) if can_go_on => {
                self.renew();
                self.go(flow, target, Why::Cancelled);
            }
            _ => self.end_flow(Outcome::Cancelled),
        }
    }
}
