//! What is more than a message can show, as far as that can be told before anybody is asked.

use convene_source::{At, Place};

use crate::{
    bounds::{
        LONGEST_ANSWER, LONGEST_CARD, LONGEST_LABEL, MOST_BUTTONS, MOST_FIELDS, MOST_OPTIONS,
    },
    fault::{Code, Faults},
    folder::{Layout, SlotType},
    name::TextKey,
    project::{CardSpec, FlowSpec, Op, Project},
    slot::{Limit, SlotSpec},
};

pub(super) fn check(project: &Project, faults: &mut Faults) {
    for flow in project.flows() {
        let mut checker = Checker {
            project,
            flow,
            faults,
        };
        for step in &flow.steps {
            match &step.op {
                Op::Choose { options, card, .. } => {
                    let links = card.as_ref().map_or(0, |card| card.links.len());
                    checker.buttons(step.place, options.len() + links);
                    for option in options {
                        checker.text(step.place, &option.label.value, LONGEST_LABEL);
                    }
                    checker.card(step.place, card.as_deref());
                }
                Op::Say { card, .. } => checker.card(step.place, card.as_deref()),
                Op::Ask {
                    slot, form, layout, ..
                } => {
                    let asked = project.slot(flow, slot.as_str());
                    checker.layout(layout.as_ref(), asked);
                    let others = form
                        .iter()
                        .filter_map(|slot| project.slot(flow, slot.as_str()));
                    if form.is_empty() {
                        asked.into_iter().for_each(|slot| checker.asked(slot));
                    } else {
                        let fields: Vec<_> = asked.into_iter().chain(others).collect();
                        checker.form(step.place, &fields);
                    }
                }
                _ => {}
            }
        }
    }
}

struct Checker<'a> {
    project: &'a Project,
    flow: &'a FlowSpec,
    faults: &'a mut Faults,
}

impl Checker<'_> {
    fn add(&mut self, place: Place, message: String, remedy: &str) {
        self.faults
            .add(&self.flow.file, place, Code::TooMuch, message, remedy);
    }

    fn buttons(&mut self, place: Place, many: usize) {
        if many > MOST_BUTTONS {
            let message = format!(
                "{many} buttons are more than the {MOST_BUTTONS} of a message, so none is shown"
            );
            self.add(
                place,
                message,
                "ask in two steps, or let people say it in words",
            );
        }
    }

    /// A slot that is asked for with buttons. It may be the conversation's: then this stands there.
    fn asked(&mut self, slot: &SlotSpec) {
        if slot.kind != SlotType::Choice {
            return;
        }
        let is_own = self.flow.slots.contains_key(&slot.name);
        let many = slot.choices.len();
        if many > MOST_BUTTONS {
            let file = if is_own {
                &self.flow.file
            } else {
                "assistant.yaml"
            };
            let message = format!(
                "the {many} values of `{}` are more than the {MOST_BUTTONS} buttons of a message, so none is shown",
                slot.name
            );
            let remedy = "ask in two steps, or make it a text with a lookup of its words in nlu/";
            self.faults
                .add(file, slot.place, Code::TooMuch, message, remedy);
        }
    }

    /// How answers are shown, where there are any.
    fn layout(&mut self, layout: Option<&At<Layout>>, slot: Option<&SlotSpec>) {
        let (Some(layout), Some(slot)) = (layout, slot) else {
            return;
        };
        if !matches!(slot.kind, SlotType::Choice | SlotType::Boolean) {
            let message = format!(
                "`as` has nothing to show: `{}` has no answers that can be pressed",
                slot.name
            );
            let remedy = "take it out, or make the slot a `choice` or a `boolean`";
            self.faults.add(
                &self.flow.file,
                layout.place,
                Code::WrongForm,
                message,
                remedy,
            );
        }
    }

    fn form(&mut self, place: Place, fields: &[&SlotSpec]) {
        if fields.len() > MOST_FIELDS {
            let message = format!(
                "{} fields are more than the {MOST_FIELDS} of a form, so it is not shown",
                fields.len()
            );
            self.add(place, message, "make two forms of it");
        }
        for slot in fields {
            let name = &slot.name;
            if slot.choices.len() > MOST_OPTIONS {
                let message = format!(
                    "the {} values of `{name}` are more than the {MOST_OPTIONS} of a form's field, so the form is not shown",
                    slot.choices.len()
                );
                self.add(place, message, "take it out of the form");
            }
            let longest = slot
                .min
                .iter()
                .chain(&slot.max)
                .find_map(|limit| match limit {
                    Limit::Length(length) => Some(*length),
                    _ => None,
                });
            if longest.is_some_and(|longest| longest > LONGEST_ANSWER) {
                let message = format!(
                    "`{name}` is longer than the {LONGEST_ANSWER} characters of a form's field, so the form is not shown"
                );
                self.add(
                    place,
                    message,
                    "take it out of the form, or shorten its bounds",
                );
            }
            let label = slot.label.as_ref().unwrap_or(&slot.ask);
            self.text(place, &label.value, LONGEST_LABEL);
        }
    }

    fn card(&mut self, place: Place, card: Option<&CardSpec>) {
        let Some(card) = card else { return };
        if card.fields.len() > MOST_FIELDS {
            let message = format!(
                "{} lines are more than the {MOST_FIELDS} of a card: the rest is left out",
                card.fields.len()
            );
            self.add(place, message, "take some away");
        }
        for key in card.texts() {
            let is_main = card
                .text
                .as_ref()
                .is_some_and(|text| text.value == key.value);
            let most = if is_main { LONGEST_CARD } else { LONGEST_LABEL };
            self.text(place, &key.value, most);
        }
    }

    /// A text that is longer than it may be there as it stands.
    fn text(&mut self, place: Place, key: &TextKey, most: usize) {
        for locale in self.project.speech.locales() {
            let phrase = self.project.speech.phrase(locale, key.as_str());
            let mut texts = phrase.into_iter().flat_map(|phrase| &phrase.variants);
            if texts.any(|text| text.len() > most) {
                let message = format!(
                    "the text `{key}` is longer in `{locale}` than the {most} bytes that can be shown here"
                );
                return self.add(
                    place,
                    message,
                    "shorten it, and say the rest in a text before",
                );
            }
        }
    }
}
