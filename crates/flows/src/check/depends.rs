//! Slots that empty each other: what depends on itself is never filled for long.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    fault::{Code, Faults},
    name::SlotName,
    project::Project,
    slot::SlotSpec,
};

pub(super) fn check(project: &Project, faults: &mut Faults) {
    circles("assistant.yaml", &project.shared, faults);
    for flow in project.flows() {
        circles(&flow.file, &flow.slots, faults);
    }
}

/// Each circle is told once, at the first of its slots.
fn circles(file: &str, slots: &BTreeMap<SlotName, SlotSpec>, faults: &mut Faults) {
    let reached: BTreeMap<_, _> = slots.keys().map(|name| (name, from(slots, name))).collect();
    let leads = |one, other| reached.get(one).is_some_and(|all| all.contains(other));
    for (name, slot) in slots {
        let first = slot
            .rests_on()
            .find(|other| other.value == *name || leads(&other.value, name));
        let mut before = slots.keys().take_while(|other| *other != name);
        let is_told = before.any(|other| leads(name, other) && leads(other, name));
        if let Some(first) = first.filter(|_| !is_told) {
            let message =
                format!("the slot `{name}` depends on itself: whatever fills it would empty it");
            let remedy = "take `depends_on` away from one of them: it names what was asked before, and is emptied when that changes";
            let (place, code) = (first.place, Code::DependsOnItself);
            faults.add(file, place, code, message, remedy);
        }
    }
}

/// The slots that a slot depends on, over any number of others.
fn from<'s>(slots: &'s BTreeMap<SlotName, SlotSpec>, name: &SlotName) -> BTreeSet<&'s SlotName> {
    let next = |name: &SlotName| {
        let slot = slots.get(name).into_iter();
        slot.flat_map(SlotSpec::rests_on).map(|other| &other.value)
    };
    let mut found = BTreeSet::new();
    let mut rest: Vec<_> = next(name).collect();
    while let Some(other) = rest.pop() {
        if found.insert(other) {
            rest.extend(next(other));
        }
    }
    found
}
