//! Forms: questions that can be answered together.

use super::{
    effect::{Form, FormField},
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::TextKey,
    project::{FlowSpec, Op},
    slot::{Limit, SlotSpec, written},
    value::Value,
};

impl Turn<'_> {
    /// The form that goes with the question of a slot, if its step has one, with what is not known yet. One
    /// question alone is no form.
    pub(super) fn form_of(&self, flow: &FlowSpec, asked: &SlotSpec, question: u64) -> Option<Form> {
        let Some(Op::Ask { slot, form, .. }) = self.step_on_top(flow).map(|step| &step.op) else {
            return None;
        };
        if slot.value != asked.name {
            return None;
        }
        let project = self.project();
        let others = form
            .iter()
            .filter(|other| other.value != asked.name)
            .filter_map(|other| self.offered(project, flow, other))
            .filter(|other| self.value(other).is_none() && !other.offers_nothing());
        let others = others.map(|slot| self.field(&slot));
        let fields: Vec<_> = [self.field(asked)].into_iter().chain(others).collect();
        let names = self.spoken();
        let submit = project
            .speech
            .say(&self.locale(), "convene.submit", 0, &names);
        (fields.len() > 1).then_some(Form {
            question,
            submit,
            fields,
        })
    }

    fn field(&self, slot: &SlotSpec) -> FormField {
        let (project, locale, names) = (self.project(), self.locale(), self.spoken());
        let choices = slot.choices.iter().map(|choice| {
            let value = Value::Choice(choice.value.clone());
            (choice.value.clone(), project.spoken(&locale, slot, &value))
        });
        let choices = choices.collect();
        let bound = |limit: &Limit| match limit {
            Limit::Today => self.now().date().to_string(),
            limit => limit.to_string(),
        };
        let say = |key: &TextKey| project.speech.say(&locale, key.as_str(), 0, &names);
        let label = slot.label.as_ref().unwrap_or(&slot.ask);
        FormField {
            slot: slot.name.clone(),
            label: say(&label.value),
            kind: slot.kind,
            choices,
            pattern: match slot.kind {
                // A client knows one spelling, and the server all.
                SlotType::Text if slot.case.is_none() && slot.without.is_empty() => slot
                    .pattern
                    .as_ref()
                    .map(|pattern| pattern.whole().to_owned()),
                kind => written(kind).map(ToOwned::to_owned),
            },
            invalid: slot.invalid.as_ref().map(|key| say(&key.value)),
            min: slot.min.as_ref().map(bound),
            max: slot.max.as_ref().map(bound),
        }
    }
}
