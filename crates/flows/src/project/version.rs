//! The version of a flow: the hash of what it says, and of what the slots of the conversation say that it uses.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_128;

use super::{FlowSpec, Op, Project, Uses};
use crate::{
    folder::{Flow, Slot},
    name::{SlotName, Version},
    slot::SlotSpec,
};

/// The hash of all that was written for a flow, wherever it stands.
pub(super) fn of_flow(flow: &Flow) -> Version {
    // It came from a file, so that it can be written.
    hash(&serde_json::to_string(flow).unwrap_or_default())
}

/// The version of a flow that has the one of what it says alone: with what those slots of the conversation say that
/// it uses, or a flow that it calls. A flow that uses none has the version that it had.
pub(super) fn with_shared(
    project: &Project,
    flow: &FlowSpec,
    written: &BTreeMap<String, Slot>,
) -> Version {
    let used: BTreeMap<_, _> = shared_uses(project, flow)
        .into_iter()
        .filter_map(|slot| written.get_key_value(slot.as_str()))
        .collect();
    if used.is_empty() {
        return flow.version.clone();
    }
    hash(&serde_json::to_string(&(&flow.version, used)).unwrap_or_default())
}

fn hash(text: &str) -> Version {
    Version::from(format!("{:016x}", xxh3_128(text.as_bytes()) >> 64))
}

/// The slots of the conversation that a flow or one that it calls uses, and those on which these depend.
fn shared_uses(project: &Project, flow: &FlowSpec) -> BTreeSet<SlotName> {
    let flows = project.with_called([flow.name.clone()]);
    let mut rest: Vec<SlotName> = flows.flat_map(|flow| named(project, flow)).collect();
    let mut found = BTreeSet::new();
    while let Some(slot) = rest.pop() {
        let Some(spec) = project.shared.get(&slot) else {
            continue;
        };
        if found.insert(slot) {
            rest.extend(spec.rests_on().map(|other| other.value.clone()));
        }
    }
    found
}

/// The slots that a flow names and does not have itself.
fn named(project: &Project, flow: &FlowSpec) -> BTreeSet<SlotName> {
    let own = flow.slots.values();
    let own = own.flat_map(SlotSpec::rests_on);
    let mut named: BTreeSet<SlotName> = own.map(|slot| slot.value.clone()).collect();
    for step in &flow.steps {
        let uses = Uses::of(project, flow, step);
        let read = uses.shown(project, step).into_iter();
        named.extend(read.chain(uses.tested(project)).map(SlotName::from));
        let changed = uses.sets.into_iter().chain(uses.clears);
        named.extend(changed.map(|(slot, _)| slot));
        if let Op::Ask { form, .. } = &step.op {
            named.extend(form.iter().map(|slot| slot.value.clone()));
        }
    }
    named.retain(|slot| !flow.slots.contains_key(slot));
    named
}
