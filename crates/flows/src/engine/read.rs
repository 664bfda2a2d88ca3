//! Words are read as values.

use super::turn::Turn;
use crate::{
    slot::{Asking, Misfit, SlotSpec, read},
    value::Value,
};

impl Turn<'_> {
    /// Reads words as a slot's value.
    pub(super) fn read(&self, spec: &SlotSpec, text: &str) -> Result<Value, Misfit> {
        let asking = self.asking(spec);
        let said = read(spec, text, &asking);
        let mistyped = || self.mistyped_choice(spec, text, &asking);
        said.or_else(|misfit| mistyped().ok_or(misfit))
    }

    pub(super) fn asking(&self, spec: &SlotSpec) -> Asking<'_> {
        let (project, locale) = (self.project(), self.locale());
        let speech = &project.speech;
        let labels = speech.locales().flat_map(|locale| {
            let choices = spec.choices.iter();
            choices.map(move |choice| {
                let value = Value::Choice(choice.value.clone());
                (project.spoken(locale, spec, &value), choice.value.clone())
            })
        });
        Asking {
            today: self.now().date(),
            decimal_comma: speech.tongue(&locale).has_decimal_comma(),
            nods: &speech.nods,
            small: &speech.small,
            labels: labels.collect(),
        }
    }
}
