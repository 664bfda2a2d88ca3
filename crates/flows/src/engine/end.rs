//! How flows end, by themselves and otherwise.

use super::{
    effect::Effect,
    record::{Origin, Outcome, Recorded, Why},
    state::Waiting,
    turn::Turn,
};
use crate::{
    folder::{SilenceEnd, WayOut},
    name::Who,
    project::{FAILED, Op, Target},
    value::Value,
};

impl Turn<'_> {
    /// Ends the flow on top. One that was called gives back its values, and its caller goes on; if it did not
    /// complete, its caller ends in the same way.
    pub(super) fn end_flow(&mut self, outcome: Outcome) {
        let Some(frame) = self.frame() else {
            return;
        };
        let was_called = frame.why == Why::Called;
        let is_speechless = std::mem::take(&mut self.is_speechless);
        let Some(frame) = self.frame() else {
            return;
        };
        let outcome = if is_speechless {
            Outcome::Failed
        } else if frame.is_cancelled {
            Outcome::Cancelled
        } else {
            outcome
        };
        let values: Vec<_> = frame
            .returns
            .iter()
            .map(|(mine, theirs)| {
                (
                    mine.clone(),
                    frame.slots.get(theirs).map(|filled| filled.value.clone()),
                )
            })
            .collect();
        self.record(Recorded::FlowEnded {
            flow: frame.flow.clone(),
            outcome,
        });
        if !was_called {
            self.came_back = true;
            return;
        }
        if outcome != Outcome::Completed {
            return self.end_flow(outcome);
        }
        let Some((_, flow)) = self.top() else {
            return;
        };
        for (slot, value) in values {
            let value: Option<Value> =
                value.and_then(|value| self.fitting(flow, &slot, &value.to_json()));
            self.set(&slot, value, Origin::Flow, None);
        }
        if let Some(step) = self.step_on_top(flow)
            && matches!(step.op, Op::Flow { .. })
        {
            self.go(flow, step.next, Why::Next);
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

    /// The version on which the flow on top runs is gone. If the flow has its step still, it goes on there, or behind it where
    /// that has waited for what came since; or at a question before it whose answer is gone, too. Else it is over.
    pub(super) fn outdated(&mut self) {
        let Some(frame) = self.frame() else {
            return;
        };
        let (step, waiting) = (frame.step.clone(), frame.waiting.clone());
        let now = self.projects.current().flow(&frame.flow);
        let known =
            now.and_then(|flow| Some((flow, step.as_ref().and_then(|step| flow.index_of(step))?)));
        match known {
            Some((flow, index)) if flow.version != frame.version => {
                let project = self.projects.current();
                self.outdate_own(project, flow);
                if let Some(asks) = self.question_gone(project, flow, index) {
                    return self.go(flow, Target::Step(asks), Why::Corrected);
                }
                let waited = flow
                    .steps
                    .get(index)
                    .filter(|step| matches!(step.op, Op::Wait { .. }));
                match (waiting, waited) {
                    (Waiting::Over { in_time }, Some(step)) => {
                        self.go(flow, step.after_wait(in_time), Why::Waited);
                    }
                    _ => self.go(flow, Target::Step(index), Why::Next),
                }
            }
            _ => {
                self.say("convene.outdated");
                self.end_flow(Outcome::Outdated);
            }
        }
    }

    /// A person cancels: the flow on top ends, with those that called it. It may have steps for that.
    pub(super) fn cancel(&mut self) {
        let callers = self
            .state
            .stack
            .iter()
            .rev()
            .take_while(|frame| frame.why == Why::Called)
            .count();
        for _ in 0..callers {
            if let Some(frame) = self.frame() {
                self.record(Recorded::FlowEnded {
                    flow: frame.flow.clone(),
                    outcome: Outcome::Cancelled,
                });
            }
        }
        let Some((_, flow)) = self.top() else {
            return self.end_flow(Outcome::Cancelled);
        };
        self.say("convene.cancelled");
        let can_go_on = self
            .frame()
            .is_some_and(|frame| frame.step.is_some() && !frame.is_cancelled);
        match flow.on_cancel {
            Some(target) if can_go_on => self.go(flow, target, Why::Cancelled),
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
        self.record(Recorded::HandedOff {
            to: to.clone(),
            of: of.cloned(),
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
                self.end_all(None, Outcome::Silence);
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
