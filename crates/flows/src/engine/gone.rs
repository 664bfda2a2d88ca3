//! Answers that a running flow has lost, since their slots were declared otherwise: it goes back to their questions.

use std::collections::BTreeSet;

use super::{state::Frame, turn::Turn};
use crate::{
    name::SlotName,
    project::{FlowSpec, Project, StepSpec, Uses},
};

impl Turn<'_> {
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
    let ahead = flow.reached([here], None).into_iter();
    let ahead: Vec<_> = ahead.filter_map(|index| flow.steps.get(index)).collect();
    let called = ahead.iter().copied().filter_map(StepSpec::called);
    let called = project.with_called(called.cloned());
    let called = called.iter().filter_map(|name| project.flow(name));
    let theirs = called.flat_map(|flow| flow.steps.iter().map(move |step| (flow.as_ref(), step)));
    let own = ahead.into_iter().map(|step| (flow, step));
    own.chain(theirs)
        .flat_map(|(flow, step)| {
            let uses = Uses::of(project, flow, step);
            let shown = uses.shown(project, step).into_iter();
            shown.chain(uses.tested(project))
        })
        .collect()
}
