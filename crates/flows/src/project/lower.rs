//! Flows from how they were written to how they run: nested steps are laid out, ids are given, and names
//! of steps become indices.

use std::collections::BTreeSet;

use convene_source::At;

use super::{
    Vocabulary,
    draft::DrawnFlow,
    flow::{FlowSpec, Target},
    layout::{Goal, Layout},
    resolve::Resolver,
    slots, version,
};
use crate::{
    fault::{Code, Faults},
    name::StepId,
};

pub(super) fn flow(drawn: &DrawnFlow, vocabulary: &Vocabulary, faults: &mut Faults) -> FlowSpec {
    let DrawnFlow { file, flow, .. } = drawn;
    let slots = slots::compile(file, &flow.slots, &drawn.slot_places, vocabulary, faults);
    for (name, slot) in &flow.slots {
        if let Some(of) = &slot.of {
            let message =
                format!("the slot `{name}`: its values are the flow's, and nobody else's");
            let remedy = "take `of` away, or move the slot to `assistant.yaml`";
            faults.add(file, of.place, Code::WrongForm, message, remedy);
        }
    }
    let mut layout = Layout {
        file,
        faults,
        steps: Vec::new(),
        ids: BTreeSet::new(),
    };
    layout.list(&flow.steps, &drawn.step_places, Goal::Known(Target::End));
    let Layout { steps, .. } = layout;
    let ids: Vec<StepId> = steps.iter().map(|step| step.id.clone()).collect();
    let mut resolver = Resolver {
        file,
        faults,
        ids: &ids,
        unread: &drawn.unread,
    };
    let on_cancel = flow
        .on_cancel
        .as_ref()
        .map(|id| resolver.target(&Goal::Named(id)));
    let steps = steps.iter().map(|laid| resolver.step(laid)).collect();
    FlowSpec {
        name: drawn.name.clone(),
        version: version::of_flow(&drawn.flow),
        file: file.clone(),
        place: drawn.place,
        description: flow.description.clone(),
        title: flow.title.as_ref().map(convert),
        intents: flow.start.intents.iter().map(convert).collect(),
        events: flow.start.events.iter().map(convert).collect(),
        slots,
        on_cancel,
        steps,
    }
}

/// Names of one kind from words.
pub(super) fn convert<T: for<'a> From<&'a str>>(at: &At<String>) -> At<T> {
    At::new(T::from(at.as_str()), at.place)
}
