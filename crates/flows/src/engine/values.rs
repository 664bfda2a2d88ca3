//! Values in the state: set, kept, and emptied.

use std::collections::BTreeMap;

use super::{frame::Filled, record::Origin, shared::Values, state::State};
use crate::{
    name::{SlotName, Who},
    value::Value,
};

impl State {
    /// The values of a flow, counted from the bottom of the stack, or those of the conversation as they are to it.
    fn slots_at(&mut self, frame: usize, kept: bool) -> Option<&mut BTreeMap<SlotName, Filled>> {
        let frame = self.stack.get_mut(frame)?;
        Some(if kept {
            &mut frame.kept
        } else {
            &mut frame.slots
        })
    }

    /// A value of a state that was is one of this, too.
    pub(super) fn restore(
        &mut self,
        slot: &SlotName,
        frame: Option<usize>,
        kept: bool,
        filled: &Filled,
    ) {
        match frame {
            None => {
                let values = self.shared_after(slot.as_str(), Ok(filled.clone()));
                self.slots.insert(slot.clone(), values);
            }
            Some(frame) => {
                if let Some(slots) = self.slots_at(frame, kept) {
                    slots.insert(slot.clone(), filled.clone());
                }
            }
        }
    }

    /// A value is read as this now, or is none any more: one of a flow, as [`State::slots_at`] says, or one of the conversation
    /// and of this owner.
    pub(super) fn outdate(
        &mut self,
        slot: &SlotName,
        frame: Option<usize>,
        kept: bool,
        of: Option<&Who>,
        value: Option<&Value>,
    ) {
        let meant = self.slots.get(slot);
        let meant = meant.and_then(|values| values.owner_meant(of));
        let of = meant.as_ref();
        if value.is_none() {
            self.note_emptied(slot, frame, kept, of);
        }
        let own = match frame {
            None => self.slots.get_mut(slot).and_then(|values| values.of(of)),
            Some(frame) => self
                .slots_at(frame, kept)
                .and_then(|slots| slots.get_mut(slot)),
        };
        match (value, own) {
            (Some(value), Some(filled)) => filled.value.clone_from(value),
            _ => self.remove(slot, frame, kept, of),
        }
    }

    fn remove(&mut self, slot: &SlotName, frame: Option<usize>, kept: bool, of: Option<&Who>) {
        match frame {
            None => {
                let mut values = self.slots.remove(slot).unwrap_or_default();
                values.remove(of);
                self.hold(slot, values);
            }
            Some(frame) => {
                if let Some(slots) = self.slots_at(frame, kept) {
                    slots.remove(slot);
                }
            }
        }
    }

    fn hold(&mut self, slot: &SlotName, values: Values) {
        if values.is_empty() {
            self.slots.remove(slot);
        } else {
            self.slots.insert(slot.clone(), values);
        }
    }

    /// The flows that saw a value which is none any more know of it.
    fn note_emptied(
        &mut self,
        slot: &SlotName,
        frame: Option<usize>,
        kept: bool,
        of: Option<&Who>,
    ) {
        for index in 0..self.stack.len() {
            let root = self.root_of(index);
            let keeps = self
                .stack
                .get(root)
                .is_some_and(|root| root.kept.contains_key(slot));
            let sees_it = || {
                let seen = self.shared_at(index, slot.as_str());
                seen.is_none_or(|seen| seen.owner() == of)
            };
            let saw_it = match frame {
                None => !keeps && sees_it(),
                Some(frame) if kept => frame == root,
                Some(frame) => frame == index,
            };
            if let Some(frame) = self.stack.get_mut(index).filter(|_| saw_it) {
                frame.emptied.insert(slot.clone());
            }
        }
    }

    /// A slot is filled, or emptied for this owner.
    pub(super) fn set(
        &mut self,
        slot: &SlotName,
        shared: bool,
        frame: Option<usize>,
        filled: Option<Filled>,
        owner: Option<&Who>,
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
        match (shared, frame.and_then(|frame| self.stack.get_mut(frame))) {
            (false, Some(frame)) => match filled {
                Some(filled) => drop(frame.slots.insert(slot.clone(), filled)),
                None => drop(frame.slots.remove(slot)),
            },
            _ => {
                let values = self.shared_after(slot.as_str(), filled.ok_or(owner));
                self.hold(slot, values);
            }
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
