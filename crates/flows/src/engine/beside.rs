//! "2 pieces" and "the number of pieces is 4": a value beside the name of what it is for.

use super::{
    input::{Entity, Input},
    turn::Turn,
};
use crate::{
    folder::SlotType,
    slot::{SlotSpec, mentions},
};

/// What stands between a name and its value ends no part of a message.
const MARKS: [char; 5] = [',', ';', '.', '!', '?'];

impl Turn<'_> {
    /// Whether the name of a slot, or its label, stands directly behind what was found in a message, or in front of it with one word
    /// between at most.
    pub(super) fn is_named_beside(&self, slot: &SlotSpec, entity: &Entity) -> bool {
        let (Input::Heard(heard), Some(start), Some(end)) = (&self.input, entity.start, entity.end)
        else {
            return false;
        };
        let text = heard.text.as_str();
        let (Some(before), Some(behind)) = (text.get(..start), text.get(end..)) else {
            return false;
        };
        let is_close = |between: &str, most: usize| {
            !between.contains(MARKS) && between.split_whitespace().count() <= most
        };
        let small = &self.project().speech.small;
        self.names_of(slot).any(|name| {
            let leads = mentions(before, &name).any(|(_, between)| is_close(between, 1));
            leads
                || mentions(behind, &name).any(|(between, _)| {
                    let is_step = !between.contains(MARKS) && small.are_step(between);
                    is_close(between, 0) || is_step
                })
        })
    }

    /// Whether a message has a slot's name, or its label, in it.
    pub(super) fn is_named(&self, slot: &SlotSpec, text: &str) -> bool {
        self.names_of(slot)
            .any(|name| mentions(text, &name).next().is_some())
    }

    pub(super) fn names_of<'s>(&'s self, slot: &'s SlotSpec) -> impl Iterator<Item = String> + 's {
        let speech = &self.project().speech;
        let labels = slot.label.iter().flat_map(move |label| {
            let locales = speech.locales();
            locales.filter_map(move |locale| {
                let phrase = speech.phrase(locale, label.as_str())?;
                Some(phrase.variants.first()?.value.clone())
            })
        });
        std::iter::once(slot.name.as_str().replace('_', " ")).chain(labels)
    }
}

/// What is measured or counted: of several such values in a message nobody knows which is meant.
pub(super) const fn is_measured(kind: SlotType) -> bool {
    matches!(
        kind,
        SlotType::Number | SlotType::Integer | SlotType::Money | SlotType::Date | SlotType::Time
    )
}
