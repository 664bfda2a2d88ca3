//! Slots are filled: those of a flow, and those of the conversation, which may be others to flows that wait.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{
    record::{Origin, Recorded},
    turn::Turn,
};
use crate::{
    name::{SlotName, Who},
    project::{FlowSpec, Project},
    value::Value,
};

impl Turn<'_> {
    /// Fills a slot of the flow on top, or of the conversation.
    pub(super) fn set(
        &mut self,
        slot: &SlotName,
        value: Option<Value>,
        from: Origin,
        who: Option<&Who>,
    ) {
        self.set_at(None, slot, value, from, who);
    }

    /// The same for a flow that may stand below, counted from the bottom of the stack.
    pub(super) fn set_at(
        &mut self,
        frame: Option<usize>,
        slot: &SlotName,
        value: Option<Value>,
        from: Origin,
        who: Option<&Who>,
    ) {
        let flow = match frame {
            None => self.top(),
            Some(frame) => self.flow_at(frame),
        };
        let is_own = flow.is_some_and(|(_, flow)| flow.slots.contains_key(slot));
        if !is_own {
            self.keep(frame, slot, value.as_ref());
        }
        self.record(Recorded::SlotSet {
            slot: slot.clone(),
            shared: !is_own,
            frame,
            value,
            from,
            who: who.cloned(),
        });
    }

    /// A slot of the conversation gets this value from a flow: to the others that ask for it, it stays as it is.
    fn keep(&mut self, frame: Option<usize>, slot: &SlotName, value: Option<&Value>) {
        let now = self.state.slots.get(slot).map(|filled| &filled.value);
        if now.is_none() || now == value {
            return;
        }
        let top = self.state.stack.len().saturating_sub(1);
        let mine = self.state.root_of(frame.unwrap_or(top));
        let asking = (0..self.state.stack.len()).filter(|frame| {
            let flow = self.flow_at(*frame);
            flow.is_some_and(|(_, flow)| flow.asks(slot))
        });
        let others: BTreeSet<usize> = asking
            .map(|frame| self.state.root_of(frame))
            .filter(|root| *root != mine)
            .filter(|root| {
                let frame = self.state.stack.get(*root);
                frame.is_some_and(|frame| !frame.kept.contains_key(slot))
            })
            .collect();
        for frame in others {
            self.record(Recorded::SlotKept {
                slot: slot.clone(),
                frame,
            });
        }
    }

    /// The conversation's values are held to what `assistant.yaml` says of their slots now. To flows that run on a version
    /// in which they were right, they stay as they were.
    pub(super) fn outdate_shared(&mut self) {
        let project = self.projects.current();
        let outdated: Vec<_> = project
            .shared
            .values()
            .filter_map(|spec| {
                let filled = self.state.slots.get(&spec.name)?;
                Some((spec.name.clone(), spec.outdates(&filled.value)?))
            })
            .collect();
        for (slot, value) in outdated {
            self.keep_where_right(&slot);
            self.record(Recorded::SlotOutdated {
                slot,
                frame: None,
                kept: false,
                value,
            });
        }
    }

    /// A value of the conversation changes with its declaration: to the flows whose version takes it, it stays as it is.
    fn keep_where_right(&mut self, slot: &SlotName) {
        let Some(value) = self.state.slots.get(slot).map(|filled| &filled.value) else {
            return;
        };
        let is_right = |frame: &usize| {
            let flow = self.flow_at(*frame);
            let spec = flow.and_then(|(project, _)| project.shared.get(slot));
            spec.is_some_and(|spec| spec.outdates(value).is_none())
        };
        let roots: BTreeSet<usize> = (0..self.state.stack.len())
            .filter(is_right)
            .map(|frame| self.state.root_of(frame))
            .filter(|root| {
                let frame = self.state.stack.get(*root);
                frame.is_some_and(|frame| !frame.kept.contains_key(slot))
            })
            .collect();
        for frame in roots {
            self.record(Recorded::SlotKept {
                slot: slot.clone(),
                frame,
            });
        }
    }

    /// The flow on top goes on as it is now, and not as it was when it began: so do its values.
    pub(super) fn outdate_own(&mut self, project: &Project, flow: &FlowSpec) {
        let [below @ .., top] = self.state.stack.as_slice() else {
            return;
        };
        let frame = below.len();
        let both = [
            (&top.slots, &flow.slots, false),
            (&top.kept, &project.shared, true),
        ];
        let outdated = both.into_iter().flat_map(|(values, specs, kept)| {
            values.iter().filter_map(move |(slot, filled)| {
                let value = specs.get(slot)?.outdates(&filled.value)?;
                Some((slot.clone(), kept, value))
            })
        });
        for (slot, kept, value) in outdated.collect::<Vec<_>>() {
            self.record(Recorded::SlotOutdated {
                slot,
                frame: Some(frame),
                kept,
                value,
            });
        }
    }

    /// A value for a slot of a flow, if it is one.
    pub(super) fn fitting(&self, flow: &FlowSpec, slot: &SlotName, json: &Json) -> Option<Value> {
        self.fitting_in(self.project(), flow, slot, json)
    }

    /// The same for a flow of another project than that of the flow on top.
    pub(super) fn fitting_in(
        &self,
        project: &Project,
        flow: &FlowSpec,
        slot: &SlotName,
        json: &Json,
    ) -> Option<Value> {
        let spec = project.slot(flow, slot.as_str())?;
        let value = Value::from_json(spec.kind, json)?;
        spec.accept(value, self.now().date()).ok()
    }
}
