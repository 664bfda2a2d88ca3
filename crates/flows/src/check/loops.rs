//! Circles in which nobody is waited for.

use std::collections::BTreeSet;

use crate::{
    fault::{Code, Faults},
    name::SlotName,
    project::{FlowSpec, Op, Project, StepSpec, Target, Uses, WaitTime},
};

/// Whether a step waits for somebody, whenever it is come to.
fn always_waits(step: &StepSpec) -> bool {
    match &step.op {
        Op::Choose { .. } | Op::Ask { again: true, .. } => true,
        // A moment may be past.
        Op::Wait { time, .. } => !matches!(time, Some(WaitTime::Until { .. })),
        _ => false,
    }
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

/// Whether a step fills a slot, itself or by the flows that it calls. Whoever asks for it fills it, too.
fn fills(project: &Project, flow: &FlowSpec, step: &StepSpec, slot: &SlotName) -> bool {
    let has = |flow: &FlowSpec, step: &StepSpec| {
        let sets = Uses::of(project, flow, step).sets;
        sets.iter().any(|(set, _)| set == slot)
    };
    let is_in_called = || {
        let mut called = project.with_called(step.called().cloned());
        called.any(|flow| flow.steps.iter().any(|step| has(flow, step)))
    };
    has(flow, step) || (project.shared.contains_key(slot) && is_in_called())
}

/// Whether a question is asked in every lap: on each way to it from where its slot is filled, itself included, the slot is
/// emptied again.
fn is_asked_anew(
    project: &Project,
    flow: &FlowSpec,
    index: usize,
    slot: &SlotName,
    gone: &BTreeSet<usize>,
) -> bool {
    let steps = || flow.steps.iter().enumerate();
    let emptied = steps().filter(|(_, other)| clears(other, slot));
    let without = emptied.map(|(other, _)| other).chain(gone.iter().copied());
    let without: BTreeSet<usize> = without.collect();
    // What is not come to again before somebody was waited for has filled it once.
    let in_circle = circle(project, flow, index, gone);
    steps()
        .filter(|(other, step)| {
            *other == index || (in_circle.contains(other) && fills(project, flow, step, slot))
        })
        .all(|(other, _)| !from(project, flow, other, &without).contains(&index))
}

/// The steps at which somebody is waited for, in every lap of a circle at least. A question waits if its slot is empty: what
/// waits in every lap is taken away until nothing more can be.
pub(super) fn waits(project: &Project, flow: &FlowSpec) -> BTreeSet<usize> {
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        if always_waits(step) {
            gone.insert(index);
        }
    }
    loop {
        let waits = flow.steps.iter().enumerate().find(|(index, step)| {
            !gone.contains(index)
                && is_in_circle(project, flow, *index, &gone)
                && asks(step).is_some_and(|slot| is_asked_anew(project, flow, *index, slot, &gone))
        });
        match waits {
            Some((index, _)) => gone.insert(index),
            None => return gone,
        };
    }
}

/// What is in a circle without them goes round without waiting.
pub(super) fn check(project: &Project, flow: &FlowSpec, faults: &mut Faults) {
    let gone = waits(project, flow);
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        let is_endless = match gone.contains(&index) {
            true => comes_back_unasked(project, flow, (index, step), &gone),
            false => is_in_circle(project, flow, index, &gone),
        };
        if told.contains(&index) || !is_endless {
            continue;
        }
        told.insert(index);
        told.extend(circle(project, flow, index, &gone));
        let message = format!(
            "from the step `{}` on it goes round and round without waiting for anybody",
            step.id
        );
        let remedy = "put a `choose`, a `wait`, or an `ask` with `again: true` into the circle";
        faults.add(&flow.file, step.place, Code::EndlessLoop, message, remedy);
    }
    talks_alone(project, flow, &gone, faults);
}

/// Circles in which a time alone is waited for, and something is said without a way out, or an endpoint asked with no other
/// way out than that it answers.
fn talks_alone(project: &Project, flow: &FlowSpec, waits: &BTreeSet<usize>, faults: &mut Faults) {
    let is_time = |index: &usize| {
        let step = flow.steps.get(*index);
        step.is_some_and(|step| matches!(step.op, Op::Wait { event: None, .. }))
    };
    let people: BTreeSet<usize> = waits
        .iter()
        .copied()
        .filter(|index| !is_time(index))
        .collect();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        if people.contains(&index)
            || seen.contains(&index)
            || !is_in_circle(project, flow, index, &people)
        {
            continue;
        }
        let round = circle(project, flow, index, &people);
        seen.extend(&round);
        let steps = || round.iter().filter_map(|index| flow.steps.get(*index));
        let leads_out = |(target, _): &(Target, _)| match target {
            Target::Step(next) => !round.contains(next),
            Target::End => true,
        };
        if !round.iter().any(is_time) {
            continue;
        }
        let speaks = steps().any(|step| matches!(step.op, Op::Say { .. } | Op::Generate { .. }));
        let mut out = steps()
            .filter(|step| step.ways().iter().any(leads_out))
            .peekable();
        let what = if out.peek().is_none() && speaks {
            "it speaks for ever"
        } else if out.peek().is_some() && out.all(|step| matches!(step.op, Op::Call { .. })) {
            "nothing leads out but what an endpoint answers"
        } else {
            continue;
        };
        let message = format!(
            "from the step `{}` on {what}, and a time alone is waited for",
            step.id
        );
        let remedy =
            "lead out of the circle after a while, or wait for an event or an answer in it";
        faults.add(&flow.file, step.place, Code::TalksAlone, message, remedy);
    }
}

fn is_in_circle(
    project: &Project,
    flow: &FlowSpec,
    index: usize,
    without: &BTreeSet<usize>,
) -> bool {
    from(project, flow, index, without).contains(&index)
}

/// The steps of the circles through a step.
fn circle(
    project: &Project,
    flow: &FlowSpec,
    index: usize,
    without: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let from_here = from(project, flow, index, without);
    from_here
        .into_iter()
        .filter(|other| from(project, flow, *other, without).contains(&index))
        .collect()
}

/// Where a step can lead without anybody being waited for. To take a question's way out, somebody was, unless there is nothing
/// to choose.
pub(super) fn unwaited(project: &Project, flow: &FlowSpec, step: &StepSpec) -> Vec<Target> {
    match &step.op {
        Op::Ask { .. } => {
            let unasked = unasked(project, flow, step);
            std::iter::once(step.next).chain(unasked).collect()
        }
        _ => step.ways().into_iter().map(|(target, _)| target).collect(),
    }
}

/// Where a question leads that has nothing to choose from, and so waits for nobody.
pub(super) fn unasked(project: &Project, flow: &FlowSpec, step: &StepSpec) -> Option<Target> {
    match &step.op {
        Op::Ask {
            slot, otherwise, ..
        } => {
            let spec = project.slot(flow, slot.as_str())?;
            spec.from.as_ref().and(*otherwise)
        }
        _ => None,
    }
}

/// Where a step leads without anybody being waited for: one at which somebody is, only where it asks nothing.
pub(super) fn next(
    project: &Project,
    flow: &FlowSpec,
    (index, step): (usize, &StepSpec),
    waits: &BTreeSet<usize>,
) -> Vec<usize> {
    match waits.contains(&index) {
        true => steps(unasked(project, flow, step)),
        false => steps(unwaited(project, flow, step)),
    }
}

fn steps(targets: impl IntoIterator<Item = Target>) -> Vec<usize> {
    let steps = targets.into_iter().filter_map(|target| match target {
        Target::Step(index) => Some(index),
        Target::End => None,
    });
    steps.collect()
}

/// Whether a question that has nothing to choose from leads back to itself, past others of which the same is so.
fn comes_back_unasked(
    project: &Project,
    flow: &FlowSpec,
    (index, step): (usize, &StepSpec),
    without: &BTreeSet<usize>,
) -> bool {
    let targets = steps(unasked(project, flow, step));
    reached(project, flow, targets, without).contains(&index)
}

/// The steps that a step leads to, but for those that are left out.
fn from(
    project: &Project,
    flow: &FlowSpec,
    index: usize,
    without: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let step = flow.steps.get(index);
    let targets = step.map(|step| steps(unwaited(project, flow, step)));
    let reached = reached(project, flow, targets.unwrap_or_default(), without);
    reached.difference(without).copied().collect()
}

/// The steps that are come to from these. Those that are left out are passed where they ask nothing.
fn reached(
    project: &Project,
    flow: &FlowSpec,
    targets: Vec<usize>,
    without: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    flow.reached_by(targets.into_iter(), |index, step| {
        next(project, flow, (index, step), without)
    })
}

/// Flows that start each other in a circle would pile up.
pub(super) fn check_calls(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        for step in &flow.steps {
            let Op::Flow { name, .. } = &step.op else {
                continue;
            };
            let mut called = project.with_called([name.value.clone()]);
            if called.any(|called| called.name == flow.name) {
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
