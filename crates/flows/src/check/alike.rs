//! What can be chosen and is called the same: whoever says it gets the first one.

use std::collections::BTreeMap;

use convene_source::Place;

use crate::{
    fault::{Code, Faults},
    project::{Op, Project},
    slot::{SlotSpec, folded},
};

pub(super) fn check(project: &Project, faults: &mut Faults) {
    for (file, slot) in project.slots() {
        values(project, file, slot, faults);
    }
    for flow in project.flows() {
        for step in &flow.steps {
            let Op::Choose { options, .. } = &step.op else {
                continue;
            };
            let mut names = Names::default();
            for (index, option) in options.iter().enumerate() {
                names.take_label(project, index, option.label.as_str());
            }
            names.tell(&flow.file, step.place, faults);
        }
    }
}

fn values(project: &Project, file: &str, slot: &SlotSpec, faults: &mut Faults) {
    let mut names = Names::default();
    for (index, choice) in slot.choices.iter().enumerate() {
        for name in std::iter::once(&choice.value).chain(&choice.synonyms) {
            names.take(index, name);
        }
        if let Some(label) = choice.text() {
            names.take_label(project, index, label.as_str());
        }
    }
    names.tell(file, slot.place, faults);
}

/// What things are called, folded as what people say is, with the number of the first that is.
#[derive(Default)]
struct Names {
    first: BTreeMap<String, usize>,
    /// Those that others are called, too.
    taken: Vec<String>,
}

impl Names {
    fn take(&mut self, index: usize, name: &str) {
        let first = *self.first.entry(folded(name)).or_insert(index);
        if first != index && !self.taken.iter().any(|taken| taken == name) {
            self.taken.push(name.to_owned());
        }
    }

    /// A label without placeholders, in all languages.
    fn take_label(&mut self, project: &Project, index: usize, key: &str) {
        let speech = &project.speech;
        let phrases = speech
            .locales()
            .filter_map(|locale| speech.phrase(locale, key))
            .filter(|phrase| phrase.names.is_empty());
        for text in phrases.flat_map(|phrase| &phrase.variants) {
            self.take(index, text);
        }
    }

    fn tell(self, file: &str, place: Place, faults: &mut Faults) {
        if self.taken.is_empty() {
            return;
        }
        let message = format!(
            "two of these are called the same: {}",
            self.taken.join(", ")
        );
        let remedy = "call one of them otherwise: whoever says it in words gets the first";
        faults.add(file, place, Code::CalledTheSame, message, remedy);
    }
}
