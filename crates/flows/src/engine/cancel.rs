//! What a person has begun is cancelled.

use super::{
    frame::Question,
    input::Heard,
    record::{Outcome, Why},
    turn::Turn,
};
use crate::{name::IntentName, project::Target};

/// From this confidence on a flow is cancelled at once; below it is asked whether it is to be.
const SURELY_CANCEL: f64 = 0.95;

/// Whether it is so sure that something was to be cancelled that nobody is asked.
pub(super) fn surely_cancels(heard: &Heard) -> bool {
    let first = heard.intents.first();
    first.is_some_and(|first| first.confidence >= SURELY_CANCEL)
}

impl Turn<'_> {
    /// Whether it is one word, where words are no answer by themselves: there is nothing to doubt.
    pub(super) fn cancels_in_a_word(&self, heard: &Heard, question: Option<&Question>) -> bool {
        let is_free = question.is_some_and(|question| self.takes_any_words(question));
        !is_free && heard.text.split_whitespace().count() == 1
    }

    /// A person cancels: the flow on top ends, with those that called it. Each does what it has for that, the innermost first.
    pub(super) fn cancel(&mut self) {
        if !self.says_what_is_cancelled() {
            self.say("convene.cancelled");
        }
        self.cancel_top();
    }

    /// Whether the flow on top only waits and has something to say to that: what it was wanted for may be done long since.
    fn says_what_is_cancelled(&self) -> bool {
        let top = self.state.stack.len().saturating_sub(1);
        let flow = self.flow_at(top);
        let has_words =
            flow.is_some_and(|(_, flow)| matches!(flow.on_cancel, Some(Target::Step(_))));
        has_words && self.waits_outside(top)
    }

    /// The same, and something else is wanted: where the flow has something to do for its end, that comes first.
    pub(super) fn cancel_and_want(&mut self, wants: Vec<IntentName>) {
        self.cancel();
        if self.frame().is_some_and(|frame| frame.is_cancelled) {
            self.queue(wants);
        } else {
            self.want(wants);
        }
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
