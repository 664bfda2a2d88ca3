//! What a flow asks for, and which of its steps ask for it or fill it.

use crate::{
    name::SlotName,
    project::{FlowSpec, Op, Project, StepSpec},
    slot::SlotSpec,
};

impl FlowSpec {
    /// The slots that are filled from what is said when it is wanted: its own, and those of the conversation that it asks for.
    pub(super) fn fillable<'a>(
        &'a self,
        project: &'a Project,
    ) -> impl Iterator<Item = &'a SlotSpec> {
        let shared = project.shared.values();
        let shared = shared.filter(|slot| self.asks(&slot.name));
        self.slots.values().chain(shared)
    }

    /// Those of them that it asks for.
    pub(super) fn asked<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = &'a SlotSpec> {
        let slots = self.fillable(project);
        slots.filter(|slot| self.asks(&slot.name))
    }

    /// Whether a step of it asks for a slot.
    pub(crate) fn asks(&self, slot: &SlotName) -> bool {
        self.step_that_asks(slot).is_some()
    }

    /// The first step that fills a slot and asks nobody.
    pub(super) fn step_that_fills(&self, slot: &SlotName) -> Option<usize> {
        let fills = |step: &StepSpec| match &step.op {
            Op::Call(call) => call.save.iter().any(|(own, _)| own == slot),
            Op::Flow { save, .. } => save.iter().any(|(own, _)| own == slot),
            Op::Set(values) => values
                .iter()
                .any(|(own, json)| own == slot && !json.is_null()),
            _ => false,
        };
        self.steps.iter().position(fills)
    }

    /// Whether a step of it asks for what is chosen from a list.
    pub(super) fn offers(&self, project: &Project, list: &SlotName) -> bool {
        self.steps.iter().any(|step| match &step.op {
            Op::Ask { slot, .. } => {
                let spec = project.slot(self, slot.as_str());
                let from = spec.and_then(|spec| spec.from.as_ref());
                from.is_some_and(|from| from.value == *list)
            }
            _ => false,
        })
    }

    /// The first step that asks for a slot.
    pub(super) fn step_that_asks(&self, slot: &SlotName) -> Option<usize> {
        self.steps.iter().position(
            |step| matches!(&step.op, Op::Ask { slot: asked, .. } if asked.value == *slot),
        )
    }
}
