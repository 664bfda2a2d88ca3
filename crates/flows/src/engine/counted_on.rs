//! "One more guest": a number that counts on from what was answered, or back.

use super::{
    input::{Entity, Input},
    record::About,
    turn::Turn,
};
use crate::{
    slot::{SlotSpec, Step},
    value::Value,
};

impl Turn<'_> {
    /// A number for a slot as it is meant: where it counts on from what the slot has, or back, what comes of that; nothing, where
    /// the slot has nothing yet.
    pub(super) fn counted_on(
        &self,
        slot: &SlotSpec,
        entity: &Entity,
        said: Value,
    ) -> Option<Value> {
        let step = match said {
            Value::Number(_) | Value::Integer(_) => self.step_said(entity),
            _ => None,
        };
        let Some(step) = step else {
            return Some(said);
        };
        let sum = match (self.known_for(slot)?, said) {
            (Value::Integer(known), Value::Integer(said)) => Value::Integer(match step {
                Step::On => known.checked_add(said)?,
                Step::Back => known.checked_sub(said)?,
            }),
            (Value::Number(known), Value::Number(said)) => Value::Number(match step {
                Step::On => known + said,
                Step::Back => known - said,
            }),
            _ => return None,
        };
        Some(sum)
    }

    fn step_said(&self, entity: &Entity) -> Option<Step> {
        let Input::Heard(heard) = &self.input else {
            return None;
        };
        let small = &self.project().speech.small;
        small.step(&heard.text, entity.start?..entity.end?)
    }

    /// The value that a slot has, or of which it is asked whether it is right.
    fn known_for(&self, slot: &SlotSpec) -> Option<Value> {
        let asked = self.state.question().map(|question| &question.about);
        if let Some(About::Confirm { slot: own, value }) = asked
            && *own == slot.name
        {
            return Some(value.clone());
        }
        let mut frames = self.state.chain();
        frames.find_map(|frame| self.value_at(frame, &slot.name).cloned())
    }
}
