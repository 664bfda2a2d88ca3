//! Circles in which nobody is waited for.

use std::collections::BTreeSet;

use crate::{
    fault::{Code, Faults},
    name::SlotName,
    project::{FlowSpec, Op, Project, StepSpec, Target},
};

/// Whether a step waits for somebody, whenever it is come to.
fn always_waits(step: &StepSpec) -> bool {
    matches!(
        step.op,
        Op::Choose { .. } | Op::Wait { .. } | Op::Ask { again: true, .. }
    )
}

fn asks(step: &StepSpec) -> Option<&SlotName> {
    match &step.op {
        Op::Ask { slot, .. } => Some(&slot.value),
        _ => None,
    }
}

fn clears(step: &StepSpec, slot: &SlotName) -> bool {
    match &step.op {
        Op::Set(values) => values
            .iter()
            .any(|(name, value)| name == slot && value.is_null()),
        _ => false,
    }
}

/// A question waits if its slot is empty. So it waits in every lap of a circle if no circle leads through
/// it that does not empty the slot. What waits is taken away until nothing more can be; what is then left in a circle
/// goes round without waiting.
pub(super) fn check(flow: &FlowSpec, faults: &mut Faults) {
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        if always_waits(step) {
            gone.insert(index);
        }
    }
    loop {
        let waits = flow.steps.iter().enumerate().find(|(index, step)| {
            !gone.contains(index)
                && asks(step).is_some_and(|slot| {
                    let emptied = flow
                        .steps
                        .iter()
                        .enumerate()
                        .filter(|(_, other)| clears(other, slot));
                    let without: BTreeSet<usize> = emptied
                        .map(|(other, _)| other)
                        .chain(gone.iter().copied())
                        .collect();
                    !is_in_circle(flow, *index, &without)
                })
                && is_in_circle(flow, *index, &gone)
        });
        match waits {
            Some((index, _)) => gone.insert(index),
            None => break,
        };
    }
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        if gone.contains(&index) || told.contains(&index) || !is_in_circle(flow, index, &gone) {
            continue;
        }
        told.extend(circle(flow, index, &gone));
        let message = format!(
            "from the step `{}` on it goes round and round without waiting for anybody",
            step.id
        );
        let remedy = "put a `choose`, a `wait`, or an `ask` with `again: true` into the circle";
        faults.add(&flow.file, step.place, Code::EndlessLoop, message, remedy);
    }
}

fn is_in_circle(flow: &FlowSpec, index: usize, without: &BTreeSet<usize>) -> bool {
    from(flow, index, without).contains(&index)
}

/// The steps of the circles through a step.
fn circle(flow: &FlowSpec, index: usize, without: &BTreeSet<usize>) -> BTreeSet<usize> {
    let from_here = from(flow, index, without);
    from_here
        .into_iter()
        .filter(|other| from(flow, *other, without).contains(&index))
        .collect()
}

/// Where a step can lead without anybody being waited for. To take a question's way out, somebody was.
fn unwaited(step: &StepSpec) -> Vec<Target> {
    match &step.op {
        Op::Ask { .. } => vec![step.next],
        _ => step.ways().into_iter().map(|(target, _)| target).collect(),
    }
}

/// The steps that a step leads to.
fn from(flow: &FlowSpec, index: usize, without: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut rest = vec![index];
    while let Some(step) = rest.pop().and_then(|index| flow.steps.get(index)) {
        for target in unwaited(step) {
            if let Target::Step(next) = target
                && !without.contains(&next)
                && found.insert(next)
            {
                rest.push(next);
            }
        }
    }
    found
}

/// Flows that start each other in a circle would pile up.
pub(super) fn check_calls(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        for step in &flow.steps {
            let Op::Flow { name, .. } = &step.op else {
                continue;
            };
            let seen = project.with_called([name.value.clone()]);
            if seen.contains(&flow.name) {
                let message = format!(
                    "`{}` leads back to the flow `{}`, which started it",
                    name.value, flow.name
                );
                let remedy = "end this flow, and let the other one start by an intent; or lead to a step of this flow";
                faults.add(&flow.file, name.place, Code::FlowCircle, message, remedy);
            }
        }
    }
}
