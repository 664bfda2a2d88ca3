//! What a flow has done by a call stays when it is cancelled: where it says nothing to that, people believe that it is undone.

use std::collections::BTreeSet;

use crate::{
    fault::{Code, Faults},
    folder::Method,
    name::FlowName,
    project::{FlowSpec, Op, Project, StepSpec, Target},
};

pub(super) fn check(project: &Project, faults: &mut Faults) {
    if project.assistant().commands.cancel.is_empty() {
        return;
    }
    let wanted = project.flows().filter(|flow| !flow.intents.is_empty());
    let of_people = project.with_called(wanted.map(|flow| flow.name.clone()));
    let of_people: BTreeSet<&FlowName> = of_people.map(|flow| &flow.name).collect();
    for flow in project.flows().filter(|flow| flow.on_cancel.is_none()) {
        // What an event has begun is somebody's to cancel where it asks them.
        let by_person = of_people.contains(&flow.name);
        let is_open = |index: &usize| {
            let step = flow.steps.get(*index);
            step.is_some_and(|step| some(project, flow, step, |step| stays_open(step, by_person)))
        };
        let mut steps = flow.steps.iter();
        let done = steps.find(|step| {
            some(project, flow, step, changes)
                && flow.reached(behind(step), None).iter().any(is_open)
        });
        if let Some(step) = done {
            let message = format!(
                "whoever cancels `{}` behind this step hears that it is cancelled, and what was called for stays done",
                flow.name
            );
            let remedy = "let `on_cancel` lead to steps that undo it, or that say how it is; where nothing is to be undone, write `on_cancel: end`";
            faults.add(&flow.file, step.place, Code::NotUndone, message, remedy);
        }
    }
}

/// Whether a step is such a one, or has one in a flow that it calls.
fn some(
    project: &Project,
    flow: &FlowSpec,
    step: &StepSpec,
    is: impl Fn(&StepSpec) -> bool,
) -> bool {
    let called = step.called().filter(|name| **name != flow.name).cloned();
    is(step)
        || project
            .with_called(called)
            .any(|flow| flow.steps.iter().any(&is))
}

/// Whether it asks an endpoint to do something, and not to tell something.
fn changes(step: &StepSpec) -> bool {
    matches!(&step.op, Op::Call(call) if call.method != Method::Get)
}

/// Whether a person may say something before the next step.
const fn stays_open(step: &StepSpec, by_person: bool) -> bool {
    match step.op {
        Op::Ask { .. } | Op::Choose { .. } => true,
        Op::Wait { .. } => by_person,
        _ => false,
    }
}

/// Where a step leads to that has done what it does: the second way of a call is the one where it went wrong.
fn behind(step: &StepSpec) -> impl Iterator<Item = usize> {
    let ways = step.ways().into_iter();
    let most = if changes(step) { 1 } else { usize::MAX };
    ways.take(most).filter_map(|(target, _)| match target {
        Target::Step(index) => Some(index),
        Target::End => None,
    })
}
