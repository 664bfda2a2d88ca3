//! Lists, and the choices that come from them.

use convene_source::Place;

use crate::{
    fault::{Code, Faults, did_you_mean},
    folder::SlotType,
    project::{FlowSpec, Op, Project},
    slot::SlotSpec,
};

pub(super) fn check(project: &Project, faults: &mut Faults) {
    for slot in project.shared.values() {
        of_slot(project, None, slot, faults);
    }
    for flow in project.flows() {
        for slot in flow.slots.values() {
            of_slot(project, Some(flow), slot, faults);
        }
        asked(project, flow, faults);
    }
}

fn of_slot(project: &Project, flow: Option<&FlowSpec>, slot: &SlotSpec, faults: &mut Faults) {
    let file = flow.map_or("assistant.yaml", |flow| flow.file.as_str());
    let name = &slot.name;
    let mut add = |place: Place, code: Code, message: String, remedy: &str| {
        faults.add(file, place, code, message, remedy);
    };
    if let Some(from) = &slot.from {
        match project.slot_of(flow, from.as_str()) {
            Some(list) if list.kind == SlotType::List => {}
            Some(_) => {
                let message = format!("the slot `{name}`: `{}` is no list", from.value);
                let remedy = "name a slot of `type: list`, which a `call` or a `set` fills";
                add(from.place, Code::WrongType, message, remedy);
            }
            // That of a flow is told with its other names.
            None if flow.is_none() => {
                let lists = project.shared.values();
                let lists = lists.filter(|slot| slot.kind == SlotType::List);
                let lists = lists.map(|slot| slot.name.as_str());
                let remedy = "add it to the `slots` of assistant.yaml: what all flows see comes from what all see";
                let remedy = did_you_mean(from.as_str(), lists, remedy);
                let message = format!("there is no slot `{}` here", from.value);
                add(from.place, Code::UnknownSlot, message, &remedy);
            }
            None => {}
        }
    }
    let Some(item) = &slot.item else { return };
    if slot.kind != SlotType::List {
        let message = format!("the slot `{name}`: only a list has an `item`");
        let remedy = "add `type: list`, or take the item away";
        add(item.value.place, Code::WrongType, message, remedy);
    }
    for part in std::iter::once(&item.value).chain(&item.label) {
        if let Err(error) = project.speech.templates.names_in_expression(part) {
            let message = format!("this cannot be read: {error}");
            let remedy = "write the name of a field of the objects in the list, or an expression over some: `name ~ \", \" ~ place`";
            add(part.place, Code::BadExpression, message, remedy);
        }
    }
}

/// Nobody is asked for a list, and no model writes one.
fn asked(project: &Project, flow: &FlowSpec, faults: &mut Faults) {
    for step in &flow.steps {
        if let Op::Generate {
            save: Some(slot), ..
        } = &step.op
            && let Some(spec) = project.slot(flow, slot.as_str())
            && spec.kind == SlotType::List
        {
            let message = format!("`{}` is a list, and a model writes text", slot.value);
            let remedy = "save it in a slot of type `text`";
            faults.add(&flow.file, slot.place, Code::WrongType, message, remedy);
        }
        let Op::Ask { slot, .. } = &step.op else {
            continue;
        };
        let spec = project.slot(flow, slot.as_str());
        if spec.is_some_and(|spec| spec.kind == SlotType::List) {
            let message = format!("`{}` is a list, and nobody is asked for one", slot.value);
            let remedy = format!(
                "ask for a slot of `type: choice` with `from: {}`, and fill the list with a `call` or a `set` before",
                slot.value
            );
            faults.add(&flow.file, slot.place, Code::WrongType, message, remedy);
        }
    }
}
