//! Values in the state: set, kept, and emptied.

use std::collections::BTreeMap;

use super::{frame::Filled, record::Origin, state::State};
use crate::name::SlotName;

impl State {
    /// The values of the conversation; those of a flow, counted from the bottom of the stack, or those of the conversation as
    /// they are to it.
    pub(super) fn slots_at(
        &mut self,
        frame: Option<usize>,
        kept: bool,
    ) -> Option<&mut BTreeMap<SlotName, Filled>> {
        let Some(frame) = frame else {
            return Some(&mut self.slots);
        };
        let frame = self.stack.get_mut(frame)?;
        Some(if kept {
            &mut frame.kept
        } else {
            &mut frame.slots
        })
    }

    /// The flows that saw a value which is none any more know of it.
    pub(super) fn note_emptied(&mut self, slot: &SlotName, frame: Option<usize>, kept: bool) {
        for index in 0..self.stack.len() {
            let root = self.root_of(index);
            let keeps = self
                .stack
                .get(root)
                .is_some_and(|root| root.kept.contains_key(slot));
            let saw_it = match frame {
                None => !keeps,
                Some(frame) if kept => frame == root,
                Some(frame) => frame == index,
            };
            if let Some(frame) = self.stack.get_mut(index).filter(|_| saw_it) {
                frame.emptied.insert(slot.clone());
            }
        }
    }

    pub(super) fn set(
        &mut self,
        slot: &SlotName,
        shared: bool,
        frame: Option<usize>,
        filled: Option<Filled>,
    ) {
        let by_person = filled
            .as_ref()
            .is_some_and(|filled| filled.from.is_person());
        if let Some(frame) = frame.and_then(|frame| self.stack.get_mut(frame)) {
            frame.answered.retain(|other| other != slot);
            frame.emptied.remove(slot);
            if by_person {
                frame.answered.push(slot.clone());
            }
        }
        if shared {
            // Whoever sets it has no other value any more.
            let root = frame.map(|frame| self.root_of(frame));
            if let Some(root) = root.and_then(|root| self.stack.get_mut(root)) {
                root.kept.remove(slot);
            }
        }
        let slots = match (shared, frame.and_then(|frame| self.stack.get_mut(frame))) {
            (false, Some(frame)) => &mut frame.slots,
            _ => &mut self.slots,
        };
        match filled {
            Some(filled) => drop(slots.insert(slot.clone(), filled)),
            None => drop(slots.remove(slot)),
        }
    }
}

impl Origin {
    /// Whether a person has said it.
    pub(super) const fn is_person(self) -> bool {
        matches!(
            self,
            Self::Answer | Self::Entity | Self::Correction | Self::Button | Self::Form
        )
    }
}
