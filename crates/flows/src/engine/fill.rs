//! Slots are filled: those of a flow, and those of the conversation, which may be others to flows that wait.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    frame::Filled,
    record::{Origin, Recorded},
    shared::{Values, Whose},
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
        let project = flow.map_or(self.projects.current(), |(project, _)| project);
        let spec = project.shared.get(slot).filter(|_| !is_own);
        let for_all = spec.is_some_and(|spec| spec.is_everybodys);
        if !is_own {
            let value = value.clone().map(|value| Filled {
                value,
                from,
                who: who.cloned(),
                whose: Whose::Everybody,
            });
            self.keep(frame, slot, (value, who), for_all);
        }
        let chosen = self.chosen_from(frame, slot);
        self.record(Recorded::SlotSet {
            slot: slot.clone(),
            shared: !is_own,
            frame,
            value,
            from,
            who: who.cloned(),
            for_all,
        });
        self.forget_what_is_not_offered(frame, slot, &chosen);
    }

    /// A slot of the conversation gets this value from a flow: to the others that ask for it, it stays as it is.
    fn keep(
        &mut self,
        frame: Option<usize>,
        slot: &SlotName,
        (value, who): (Option<Filled>, Option<&Who>),
        for_all: bool,
    ) {
        let top = self.state.stack.len().checked_sub(1);
        let whose = if for_all {
            Whose::Everybody
        } else {
            self.state.whose_at(frame.or(top), who)
        };
        let owner = whose.owner(who).cloned();
        let value = value.map(|value| Filled { whose, ..value });
        let after = self
            .state
            .shared_after(slot.as_str(), value.ok_or(owner.as_ref()));
        let changes = |root: &usize| {
            let of = self
                .state
                .stack
                .get(*root)
                .and_then(|root| root.of.as_ref());
            let seen = self.state.shared_at(*root, slot.as_str());
            let after = after.seen_by(of).map(|filled| &filled.value);
            seen.is_some_and(|seen| Some(&seen.value) != after)
        };
        let mine = self.state.root_of(frame.or(top).unwrap_or_default());
        let asking = (0..self.state.stack.len()).filter(|frame| {
            let flow = self.flow_at(*frame);
            flow.is_some_and(|(project, flow)| flow.asks(slot) || flow.offers(project, slot))
        });
        let others: BTreeSet<usize> = asking
            .map(|frame| self.state.root_of(frame))
            .filter(|root| *root != mine)
            .filter(|root| {
                let frame = self.state.stack.get(*root);
                frame.is_some_and(|frame| !frame.kept.contains_key(slot))
            })
            .filter(changes)
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
        let shared = project.shared.values().flat_map(|spec| {
            let values = self.state.slots.get(&spec.name).into_iter();
            values
                .flat_map(Values::iter)
                .map(move |filled| (spec, filled))
        });
        let outdated = shared.filter_map(|(spec, filled)| {
            let value = spec.outdates(&filled.value)?;
            Some((spec.name.clone(), filled.clone(), value))
        });
        for (slot, filled, value) in outdated.collect::<Vec<_>>() {
            self.keep_where_right(&slot, &filled);
            self.record(Recorded::SlotOutdated {
                slot,
                frame: None,
                kept: false,
                of: filled.owner().cloned(),
                value,
            });
        }
    }

    /// A value of the conversation changes with its declaration: to the flows whose version takes it, it stays as it is.
    fn keep_where_right(&mut self, slot: &SlotName, filled: &Filled) {
        let value = &filled.value;
        let is_right = |frame: &usize| {
            let seen = self.state.shared_at(*frame, slot.as_str());
            if seen.map(Filled::owner) != Some(filled.owner()) {
                return false;
            }
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
                of: None,
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
        self.fitting_beside(project, flow, (slot, json), &BTreeMap::new())
    }

    /// The same where these lists are about to be set.
    pub(super) fn fitting_beside(
        &self,
        project: &Project,
        flow: &FlowSpec,
        (slot, json): (&SlotName, &Json),
        lists: &BTreeMap<SlotName, Value>,
    ) -> Option<Value> {
        let spec = project.slot(flow, slot.as_str())?;
        let spec = spec.offering(|list| lists.get(list).or_else(|| self.state.slot(list.as_str())));
        let items = match &spec.item {
            Some(parts) => Some(project.items(parts, json, &self.plain())?),
            None => None,
        };
        let value = Value::from_json(spec.kind, items.as_ref().unwrap_or(json))?;
        spec.accept(value, self.now().date()).ok()
    }
}
