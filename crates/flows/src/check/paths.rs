//! Paths through a flow: steps that none leads to, and slots that are empty where they are used.

use std::collections::{BTreeSet, VecDeque};

use super::{comes_back, samples};
use crate::{
    fault::{Code, Faults},
    name::{FlowName, SlotName},
    project::{FlowSpec, Formula, Op, Project, StepSpec, Target, Uses, may_save_nothing},
};

/// `back` are the flows that come back to whoever calls them.
pub(super) fn check(
    project: &Project,
    flow: &FlowSpec,
    back: &BTreeSet<FlowName>,
    faults: &mut Faults,
) {
    let reached = comes_back::reached(project, flow, back);
    unreachable(flow, &reached, faults);
    empty_slots(project, flow, &reached, faults);
}

pub(super) fn entries(flow: &FlowSpec) -> impl Iterator<Item = usize> {
    let cancelled = match flow.on_cancel {
        Some(Target::Step(index)) => Some(index),
        _ => None,
    };
    std::iter::once(0).chain(cancelled)
}

/// Of steps that follow each other, the first one is told.
fn unreachable(flow: &FlowSpec, reached: &BTreeSet<usize>, faults: &mut Faults) {
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (index, step) in flow.steps.iter().enumerate() {
        if reached.contains(&index) || told.contains(&index) {
            continue;
        }
        let message = format!("no path leads to the step `{}`", step.id);
        let remedy = "lead to it with `next` or `then`, or take it away; behind a flow that ends all or fetches a person nothing follows";
        faults.add(&flow.file, step.place, Code::Unreachable, message, remedy);
        told.extend(flow.reached([index], None));
    }
}

type Known = BTreeSet<SlotName>;

fn empty_slots(project: &Project, flow: &FlowSpec, reached: &BTreeSet<usize>, faults: &mut Faults) {
    let given: Known = given(project, flow).into_iter().flatten().collect();
    let told = told_by_events(project, flow);
    let before = known_before(project, flow);
    let settable: Known = flow
        .steps
        .iter()
        .flat_map(|step| Uses::of(project, flow, step).sets)
        .map(|(slot, _)| slot)
        .chain(given.iter().cloned())
        .chain(told)
        .chain(
            flow.slots
                .values()
                .filter(|slot| !slot.entities.is_empty())
                .map(|slot| slot.name.clone()),
        )
        .collect();
    for (index, step) in flow
        .steps
        .iter()
        .enumerate()
        .filter(|(index, _)| reached.contains(index))
    {
        let uses = Uses::of(project, flow, step);
        let (shown, tested) = (uses.shown(project, step), uses.tested(project));
        let needed = needed(project, flow, step, &uses);
        for slot in flow.slots.keys() {
            if !shown.contains(slot.as_str()) && !tested.contains(slot.as_str()) {
                continue;
            }
            if !settable.contains(slot) {
                let message = format!("nothing ever sets the slot `{slot}`, which this step uses");
                let remedy = "ask for it, `set` it, or `save` a call's answer in it before";
                faults.add(&flow.file, step.place, Code::NeverSet, message, remedy);
            } else if (shown.contains(slot.as_str()) || needed.contains(slot))
                && before
                    .get(index)
                    .is_some_and(|known| known.as_ref().is_some_and(|known| !known.contains(slot)))
            {
                let message = format!("the slot `{slot}` may be empty here");
                let remedy =
                    "ask for it on every path to this step, or go another way where it is `none`";
                faults.add(&flow.file, step.place, Code::MaybeUnset, message, remedy);
            }
        }
    }
}

/// The slots without which a value that the step sets, sends, gives to a flow or asks about in a condition cannot be told.
fn needed(project: &Project, flow: &FlowSpec, step: &StepSpec, uses: &Uses<'_>) -> Known {
    let judges = matches!(step.op, Op::Flow { .. } | Op::Branch { .. });
    let formulas = uses.formulas.iter().map(|(formula, _)| *formula);
    formulas
        .filter(|formula| match formula {
            Formula::Body(_) => true,
            Formula::Expression(_) => judges,
            Formula::Template(_) | Formula::Answer(_) => false,
        })
        .flat_map(|formula| samples::needed(project, flow, formula))
        .cloned()
        .collect()
}

/// Own slots that each flow which starts this one gives it.
fn given(project: &Project, flow: &FlowSpec) -> Vec<Known> {
    let calls = project
        .flows()
        .flat_map(|other| &other.steps)
        .filter_map(|step| match &step.op {
            Op::Flow { name, with, .. } if name.value == flow.name => Some(with),
            _ => None,
        });
    calls
        .map(|with| with.iter().map(|(slot, _)| slot.clone()).collect())
        .collect()
}

/// The slots that are filled whichever way the flow begins: by an intent none surely is.
fn known_at_first(project: &Project, flow: &FlowSpec) -> Known {
    if !flow.intents.is_empty() {
        return Known::new();
    }
    let mut ways = given(project, flow);
    if !flow.events.is_empty() {
        ways.push(told_by_events(project, flow));
    }
    let in_all = |all: Known, way: Known| all.intersection(&way).cloned().collect();
    ways.into_iter().reduce(in_all).unwrap_or_default()
}

/// Where an event comes in, the slots that no step sets are taken to be filled by what is known of it.
fn told_by_events(project: &Project, flow: &FlowSpec) -> Known {
    let waits = flow.steps.iter().any(is_for_an_event);
    if flow.events.is_empty() && !waits {
        return Known::new();
    }
    let set: Known = flow
        .steps
        .iter()
        .flat_map(|step| Uses::of(project, flow, step).sets)
        .map(|(slot, _)| slot)
        .collect();
    flow.slots
        .keys()
        .filter(|slot| !set.contains(*slot))
        .cloned()
        .collect()
}

fn is_for_an_event(step: &StepSpec) -> bool {
    matches!(step.op, Op::Wait { event: Some(_), .. })
}

/// The slots that are surely filled before each step; nothing for a step that no path leads to.
fn known_before(project: &Project, flow: &FlowSpec) -> Vec<Option<Known>> {
    let first = known_at_first(project, flow);
    let mut before: Vec<Option<Known>> = flow.steps.iter().map(|_| None).collect();
    let mut queue: VecDeque<(usize, Known)> =
        entries(flow).map(|entry| (entry, first.clone())).collect();
    while let Some((index, coming)) = queue.pop_front() {
        let (Some(step), Some(known)) = (flow.steps.get(index), before.get_mut(index)) else {
            continue;
        };
        let now = match known {
            Some(old) => old.intersection(&coming).cloned().collect(),
            None => coming,
        };
        if known.as_ref() == Some(&now) {
            continue;
        }
        *known = Some(now.clone());
        for (way, (target, _)) in step.ways().into_iter().enumerate() {
            if let Target::Step(next) = target {
                queue.push_back((next, after(project, flow, step, way, &now)));
            }
        }
    }
    before
}

/// What is known when a step was left by one of its ways.
fn after(project: &Project, flow: &FlowSpec, step: &StepSpec, way: usize, before: &Known) -> Known {
    let mut known = before.clone();
    let uses = Uses::of(project, flow, step);
    for (slot, _) in &uses.clears {
        known.remove(slot);
    }
    match &step.op {
        // Its second way is the one where it went wrong.
        Op::Ask { .. } | Op::Call(_) if way > 0 => {}
        Op::Call(call) => {
            for (slot, part) in &call.save {
                if may_save_nothing(part) {
                    known.remove(slot);
                } else {
                    known.insert(slot.clone());
                }
            }
        }
        // Its second way is the one where it did not come.
        Op::Wait { event: Some(_), .. } if way == 0 => known.extend(told_by_events(project, flow)),
        // Without a model, nothing is saved.
        Op::Generate { .. } => {}
        Op::Branch { arms, .. } => {
            for (index, (condition, _)) in arms.iter().enumerate() {
                let names = project
                    .speech
                    .templates
                    .names_in_expression(condition)
                    .unwrap_or_default();
                let denies = condition.contains("not ") || condition.contains("none");
                // A condition that holds speaks of slots that are there; one that fails and asks for
                // their absence does, too.
                if (index == way && !denies) || (index < way && denies) {
                    known.extend(names.into_iter().map(SlotName::from));
                }
            }
        }
        _ => known.extend(uses.sets.into_iter().map(|(slot, _)| slot)),
    }
    known
}
