//! Choices whose values come from a list: what there is to choose where a question is asked, and what becomes of what was chosen
//! when the list is another one.

use std::borrow::Cow;

use super::{record::Origin, turn::Turn};
use crate::{
    name::SlotName,
    project::{FlowSpec, Project},
    slot::SlotSpec,
    value::Value,
};

impl Turn<'_> {
    /// A slot that the flow on top sees, with what there is to choose now.
    pub(super) fn offered(
        &self,
        project: &Project,
        flow: &FlowSpec,
        slot: &SlotName,
    ) -> Option<SlotSpec> {
        let spec = project.slot(flow, slot.as_str())?;
        Some(self.as_offered(spec).into_owned())
    }

    /// The same for one that was found.
    pub(super) fn as_offered<'s>(&self, slot: &'s SlotSpec) -> Cow<'s, SlotSpec> {
        match &slot.from {
            None => Cow::Borrowed(slot),
            Some(list) => Cow::Owned(slot.clone().offering(self.state.slot(list.as_str()))),
        }
    }

    /// The same for the flow at a place of the stack.
    pub(super) fn offered_at(
        &self,
        frame: usize,
        (project, flow): (&Project, &FlowSpec),
        slot: &SlotName,
    ) -> Option<SlotSpec> {
        let spec = project.slot(flow, slot.as_str())?.clone();
        let list = spec.from.as_ref();
        let list = list.and_then(|list| self.value_at(frame, list));
        Some(spec.offering(list))
    }

    /// Whether what is to be asked for was said when there was nothing to choose from yet: that is the answer, if it is offered.
    pub(super) fn was_said_before_it_was_offered(&mut self, slot: &SlotName) -> bool {
        let spec = self.spec(slot);
        let is_from_list = spec.is_some_and(|spec| spec.from.is_some());
        is_from_list && self.fill_from_kept() && self.state.slot(slot.as_str()).is_some()
    }

    /// A question has nothing to choose from: there is no use in asking it.
    pub(super) fn nothing_to_choose(&mut self) {
        let own = self.top().and_then(|(_, flow)| self.own_way_out(flow));
        if own.is_none() {
            self.say("convene.nothing_to_choose");
        }
        self.way_out();
    }

    /// A list is another one: what was chosen from it and is not in it any more is chosen anew.
    pub(super) fn forget_what_is_not_offered(&mut self, frame: Option<usize>, list: &SlotName) {
        let top = self.state.stack.len().checked_sub(1);
        let Some(at) = frame.or(top) else {
            return;
        };
        let Some((project, flow)) = self.flow_at(at) else {
            return;
        };
        let slots = flow.slots.values().chain(project.shared.values());
        let chosen =
            slots.filter(|slot| slot.from.as_ref().is_some_and(|from| from.value == *list));
        let is_gone = |slot: &&SlotSpec| {
            let offered = self.offered_at(at, (project, flow), &slot.name);
            match (self.value_at(at, &slot.name), offered) {
                (Some(Value::Choice(chosen)), Some(spec)) => {
                    !spec.choices.iter().any(|choice| choice.value == *chosen)
                }
                _ => false,
            }
        };
        let gone: Vec<_> = chosen
            .filter(is_gone)
            .map(|slot| slot.name.clone())
            .collect();
        for slot in gone {
            self.set_at(frame, &slot, None, Origin::Dependence, None);
        }
    }
}
