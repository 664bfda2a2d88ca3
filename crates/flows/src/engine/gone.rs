//! Flows whose version is gone: they go on as they are now, and where an answer is gone that they need, back to its question.

use std::collections::BTreeSet;

use super::{
    frame::{Frame, Waiting},
    record::{Outcome, Why},
    turn::Turn,
};
use crate::{
    name::SlotName,
    project::{FlowSpec, Op, Project, StepSpec, Target, Uses},
};

impl Turn<'_> {
    /// The version on which the flow on top runs is gone. If the flow has its step still, it goes on there, or behind it where
    /// that has waited for what came since, or has called what is over; or at a question before it whose answer is gone, too.
    /// Else it is over.
    pub(super) fn outdated(&mut self) {
        let Some(frame) = self.frame() else {
            return;
        };
        let waiting = frame.waiting.clone();
        let project = self.projects.current();
        let now = project.flow(&frame.flow);
        let now = now.filter(|flow| flow.version != frame.version);
        let step = now.and_then(|flow| Some((flow, frame.index_in(flow)?)));
        let Some((flow, index)) = step else {
            self.say("convene.outdated");
            return self.end_flow(Outcome::Outdated);
        };
        self.outdate_own(project, flow);
        let (target, why) = match (waiting, flow.steps.get(index)) {
            (Waiting::Returned { values, .. }, Some(step)) if step.called().is_some() => {
                self.take_back(flow, values);
                (step.next, Why::Next)
            }
            (Waiting::Over { in_time }, Some(step)) if matches!(step.op, Op::Wait { .. }) => {
                (step.after_wait(in_time), Why::Waited)
            }
            _ => (Target::Step(index), Why::Next),
        };
        let Target::Step(here) = target else {
            return self.go(flow, target, why);
        };
        match self.question_gone(project, flow, here) {
            Some(asks) => self.go(flow, Target::Step(asks), Why::Corrected),
            None if self.goes_back_in_caller(project, flow, here) => {}
            None => self.go(flow, target, why),
        }
    }

    /// A flow on top whose version is gone goes on as it is now, and so do its values.
    pub(super) fn renew(&mut self) {
        let top = self.state.stack.len().saturating_sub(1);
        if self.top().is_none()
            && let Some((project, flow)) = self.flow_at(top)
        {
            self.outdate_own(project, flow);
        }
    }

    /// Whether an answer is gone that is needed from this step of the flow on top on, and that one of those that have called it
    /// has asked for: that one goes back to its question.
    fn goes_back_in_caller(&mut self, project: &Project, flow: &FlowSpec, here: usize) -> bool {
        let Some(frame) = self.frame().filter(|frame| !frame.is_cancelled) else {
            return false;
        };
        let emptied = frame.emptied.iter();
        let mut gone: Vec<SlotName> = emptied
            .filter(|slot| self.state.filled(slot.as_str()).is_none() && !flow.asks(slot))
            .cloned()
            .collect();
        if gone.is_empty() {
            return false;
        }
        let needed = read_from(project, flow, here);
        gone.retain(|slot| needed.contains(slot.as_str()));
        let asked = self.state.chain().skip(1).find_map(|index| {
            let (frame, (_, caller)) = (self.state.stack.get(index)?, self.flow_at(index)?);
            let called = frame.index_in(caller)?;
            let asked = gone.iter().filter_map(|slot| {
                let asks = caller.step_that_asks(slot)?;
                was_passed(frame, caller, slot, asks, called).then_some(asks)
            });
            Some((index, caller, asked.min()?))
        });
        let Some((index, caller, asks)) = asked else {
            return false;
        };
        self.drop_called_by(index);
        self.renew();
        self.go(caller, Target::Step(asks), Why::Corrected);
        true
    }

    /// The first question on the way to this step of the flow on top whose answer is gone, if something is still to be done with
    /// that: else what lies between, such as a call, would be done again for nothing.
    pub(super) fn question_gone(
        &self,
        project: &Project,
        flow: &FlowSpec,
        here: usize,
    ) -> Option<usize> {
        let frame = self.frame().filter(|frame| !frame.is_cancelled)?;
        let mut gone: Vec<_> = frame
            .emptied
            .iter()
            .filter(|slot| self.state.filled(slot.as_str()).is_none())
            .filter_map(|slot| Some((slot, flow.step_that_asks(slot)?)))
            .filter(|(slot, asks)| was_passed(frame, flow, slot, *asks, here))
            .collect();
        if gone.is_empty() {
            return None;
        }
        let needed = read_from(project, flow, here);
        gone.retain(|(slot, _)| needed.contains(slot.as_str()));
        gone.into_iter().map(|(_, asks)| asks).min()
    }
}

/// Whether a flow that is here has come through the step that asks for a slot.
fn was_passed(frame: &Frame, flow: &FlowSpec, slot: &SlotName, asks: usize, here: usize) -> bool {
    let leads_here = flow.reached([asks], None).contains(&here);
    // What was known before the flow began was not asked for.
    let no_way_around = || !flow.reached([0], Some(asks)).contains(&here);
    asks != here && leads_here && (frame.answered.contains(slot) || no_way_around())
}

/// The names that are read from this step on, also in flows that are called.
fn read_from(project: &Project, flow: &FlowSpec, here: usize) -> BTreeSet<String> {
    read_by(project, flow, flow.reached([here], None))
}

/// The names that these steps read, also in flows that they call.
pub(super) fn read_by(
    project: &Project,
    flow: &FlowSpec,
    steps: impl IntoIterator<Item = usize>,
) -> BTreeSet<String> {
    let steps = steps.into_iter();
    let steps: Vec<_> = steps.filter_map(|index| flow.steps.get(index)).collect();
    let called = steps.iter().copied().filter_map(StepSpec::called);
    let read = |flow: &FlowSpec, step: &StepSpec| {
        let uses = Uses::of(project, flow, step);
        let shown = uses.shown(project, step).into_iter();
        shown.chain(uses.tested(project)).collect::<Vec<_>>()
    };
    let theirs = project.with_called(called.cloned()).flat_map(|flow| {
        let names = flow.steps.iter().flat_map(|step| read(flow, step));
        // Their own slots are others of the same name.
        names.filter(|name| !flow.slots.contains_key(name.as_str()))
    });
    let own = steps.iter().flat_map(|step| read(flow, step));
    own.chain(theirs).collect()
}
