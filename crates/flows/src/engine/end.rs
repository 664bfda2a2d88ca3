//! How flows end, by themselves and otherwise.

use super::{
    effect::Effect,
    record::{Outcome, Recorded, Why},
    turn::Turn,
};
use crate::{
    bounds::{LONGEST_TEXT, cut_to},
    folder::{SilenceEnd, WayOut},
    name::Who,
    project::{FAILED, Op, Target},
};

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

    /// Ends the flows that have asked somebody. What waits for a time or an event goes on, whoever is silent.
    fn end_asked(&mut self, outcome: Outcome) {
        self.is_speechless = false;
        let asks = |frame: &super::Frame| frame.question().is_some();
        while let Some(index) = self.state.stack.iter().rposition(asks) {
            self.end_whole(index, self.state.root_of(index), outcome);
        }
        self.came_back = true;
    }

    /// Something went wrong that a person cannot mend.
    pub(super) fn fail(&mut self) {
        self.say(FAILED);
        self.end_flow(Outcome::Failed);
    }

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

    /// No answer fitted, so often as it was asked.
    pub(super) fn way_out(&mut self) {
        let Some((project, flow)) = self.top() else {
            return self.outdated();
        };
        let otherwise = self.step_on_top(flow).and_then(|step| match &step.op {
            Op::Ask { otherwise, .. } | Op::Choose { otherwise, .. } => *otherwise,
            _ => None,
        });
        match (otherwise, project.assistant().ask.way_out) {
            (Some(target), _) => self.go(flow, target, Why::Otherwise),
            (None, WayOut::Handoff) => {
                let own = self.owner();
                self.hand_off(own.as_ref(), None, None, None);
            }
            (None, WayOut::Cancel) => {
                self.say("convene.cancelled");
                self.end_flow(Outcome::GaveUp);
            }
        }
    }

    /// Asks for a person, for this one; what others have begun goes on afterwards.
    pub(super) fn hand_off(
        &mut self,
        of: Option<&Who>,
        to: Option<String>,
        say: Option<&str>,
        reason: Option<String>,
    ) {
        let handoff = &self.project().assistant().handoff;
        let to = to.unwrap_or_else(|| handoff.to.clone());
        let own = handoff.say.as_ref().map(|say| say.as_str());
        self.say(say.or(own).unwrap_or("convene.handoff"));
        let reason = reason.map(|reason| cut_to(reason, LONGEST_TEXT));
        self.record(Recorded::HandedOff {
            to: to.clone(),
            of: of.cloned(),
            reason: reason.clone(),
        });
        self.effect(Effect::HandOff { to, reason });
        self.end_all(of, Outcome::HandedOff);
    }

    /// Nobody has answered for a while: something is said, and at last it is ended.
    pub(super) fn silence_over(&mut self, stage: u8) {
        let project = self.project();
        let Some(silence) = &project.assistant().silence else {
            return;
        };
        if stage == 1 {
            self.say(
                silence
                    .say
                    .as_ref()
                    .map_or("convene.silence", |say| say.as_str()),
            );
            let timer = self.number();
            self.record(Recorded::SilenceWatched { timer, stage: 2 });
            self.effect(Effect::SetTimer {
                timer,
                after: silence.then_after.unwrap_or(silence.after).duration(),
            });
            return;
        }
        match silence.then {
            SilenceEnd::Handoff => self.hand_off(None, None, None, None),
            SilenceEnd::End => {
                self.say("convene.silence_end");
                if self.state.which.is_some() {
                    self.record(Recorded::WhichClosed);
                }
                self.end_asked(Outcome::Silence);
            }
        }
    }

    /// If a question is open, somebody is waited for no longer than is set.
    pub(super) fn watch_silence(&mut self) {
        let is_open = self.state.question().is_some();
        if !(is_open || self.state.which.is_some())
            || self.state.silence.is_some()
            || self.state.is_handed_off
        {
            return;
        }
        if let Some(silence) = &self.project().assistant().silence {
            let timer = self.number();
            self.record(Recorded::SilenceWatched { timer, stage: 1 });
            self.effect(Effect::SetTimer {
                timer,
                after: silence.after.duration(),
            });
        }
    }
}
