//! "Standrad": something that is offered, but for one letter, is all of a message.

use super::turn::Turn;
use crate::{
    folder::SlotType,
    slot::{Asking, SlotSpec, called, folded, meant_by},
    value::Value,
};

impl Turn<'_> {
    /// The value of a choice of which somebody has mistyped a name.
    pub(super) fn mistyped_choice(
        &self,
        spec: &SlotSpec,
        text: &str,
        asking: &Asking<'_>,
    ) -> Option<Value> {
        if spec.kind != SlotType::Choice {
            return None;
        }
        let value = self.mistyped(text, called(spec, asking).into_iter())?;
        Some(Value::Choice(value.clone()))
    }

    /// The same of all that is offered by these names, where courtesy is no part of them. What is learnt from examples is no
    /// slip, and neither is a yes, a no, or what the assistant knows else.
    pub(super) fn mistyped<T: PartialEq>(
        &self,
        text: &str,
        offered: impl Iterator<Item = (String, T)>,
    ) -> Option<T> {
        let (project, wanted) = (self.project(), &self.projects.current().wanted);
        let speech = &project.speech;
        let said = |text: &str| -> Vec<String> {
            let words = folded(text);
            let words = words.split(' ').filter(|word| !speech.small.is_small(word));
            words.map(ToOwned::to_owned).collect()
        };
        let words = said(text);
        if words.iter().all(|word| wanted.knows(word)) || self.is_known_otherwise(text) {
            return None;
        }
        let offered = offered.map(|(name, value)| (said(&name).join(" "), value));
        meant_by(&words.join(" "), offered)
    }

    fn is_known_otherwise(&self, text: &str) -> bool {
        let speech = &self.project().speech;
        speech.nods.are_all(text, &speech.small)
            || speech.small.leave_open(text, &[])
            || self.asks_what(text)
    }
}
