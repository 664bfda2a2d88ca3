//! What each step uses and sets.

use std::collections::BTreeSet;

use convene_source::{At, Place};
use serde_json::Value as Json;

use super::{CardSpec, FlowSpec, HeaderPiece, Op, Project, StepSpec, WaitTime};
use crate::{
    name::{SlotName, TextKey},
    phrase::{BadTemplate, Templates},
};

/// Something with names in it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Formula<'a> {
    /// A text for machines.
    Template(&'a str),
    /// An expression.
    Expression(&'a str),
    /// JSON whose texts are templates.
    Body(&'a Json),
    /// An expression over a call's answer.
    Answer(&'a str),
}

impl Formula<'_> {
    /// The names in it.
    pub(crate) fn names(self, templates: &Templates) -> Result<BTreeSet<String>, BadTemplate> {
        match self {
            Self::Template(text) => templates.names_in_text(text),
            Self::Expression(text) | Self::Answer(text) => templates.names_in_expression(text),
            Self::Body(json) => templates.names_in_json(json),
        }
    }
}

/// Everything that a step uses.
#[derive(Debug, Default)]
pub(crate) struct Uses<'a> {
    pub(crate) texts: Vec<At<TextKey>>,
    pub(crate) formulas: Vec<(Formula<'a>, Place)>,
    /// The slots that it fills when it goes on as planned.
    pub(crate) sets: Vec<(SlotName, Place)>,
    /// The slots without which it cannot be done.
    pub(crate) needs: Vec<(SlotName, Place)>,
    /// The slots that it empties.
    pub(crate) clears: Vec<(SlotName, Place)>,
}

impl<'a> Uses<'a> {
    pub(crate) fn of(project: &Project, flow: &FlowSpec, step: &'a StepSpec) -> Self {
        let mut uses = Self::default();
        match &step.op {
            Op::Say { text, card } => {
                uses.texts.push(text.clone());
                uses.card(card.as_deref());
            }
            Op::Ask { slot, confirm, .. } => {
                uses.sets.push((slot.value.clone(), slot.place));
                if let Some(spec) = project.slot(flow, slot.as_str()) {
                    let mut ask = spec.ask.clone();
                    // The default question is missed where it is asked, as is one that another file names.
                    if spec.asks_by_default() || !flow.slots.contains_key(&slot.value) {
                        ask.place = slot.place;
                    }
                    uses.texts.push(ask);
                    let list = spec.from.iter();
                    uses.needs
                        .extend(list.map(|list| (list.value.clone(), slot.place)));
                }
                uses.texts.extend(confirm.clone());
            }
            Op::Choose {
                text,
                card,
                options,
                ..
            } => {
                uses.texts.push(text.clone());
                uses.card(card.as_deref());
                uses.texts
                    .extend(options.iter().map(|option| option.label.clone()));
            }
            Op::Branch { arms, .. } => {
                let conditions = arms
                    .iter()
                    .map(|(condition, _)| (Formula::Expression(condition), condition.place));
                uses.formulas.extend(conditions);
            }
            Op::Set(values) => {
                for (slot, value) in values {
                    let into = if value.is_null() {
                        &mut uses.clears
                    } else {
                        &mut uses.sets
                    };
                    into.push((slot.clone(), value.place));
                    uses.formulas
                        .push((Formula::Body(&value.value), value.place));
                }
            }
            Op::Call(call) => {
                uses.formulas
                    .push((Formula::Template(&call.url), call.url.place));
                let headers = call
                    .headers
                    .values()
                    .flat_map(|header| header.value.iter().map(|piece| (piece, header.place)))
                    .filter_map(|(piece, place)| match piece {
                        HeaderPiece::Text(text) => Some((Formula::Template(text), place)),
                        HeaderPiece::Environment(_) => None,
                    });
                uses.formulas.extend(headers);
                uses.formulas.extend(
                    call.body
                        .iter()
                        .map(|body| (Formula::Body(&body.value), body.place)),
                );
                for (slot, path) in &call.save {
                    uses.sets.push((slot.clone(), path.place));
                    uses.formulas.push((Formula::Answer(path), path.place));
                }
            }
            Op::Generate {
                prompt,
                facts,
                otherwise,
                save,
            } => {
                uses.texts.push(otherwise.clone());
                uses.formulas
                    .push((Formula::Template(prompt), prompt.place));
                uses.formulas.extend(
                    facts
                        .iter()
                        .map(|fact| (Formula::Template(fact), fact.place)),
                );
                uses.sets
                    .extend(save.iter().map(|slot| (slot.value.clone(), slot.place)));
            }
            Op::Flow { with, save, .. } => {
                uses.formulas.extend(
                    with.iter()
                        .map(|(_, value)| (Formula::Expression(value), value.place)),
                );
                uses.sets.extend(
                    save.iter()
                        .map(|(slot, theirs)| (slot.clone(), theirs.place)),
                );
            }
            Op::Handoff { say, reason, .. } => {
                uses.texts.extend(say.clone());
                uses.formulas.extend(
                    reason
                        .iter()
                        .map(|reason| (Formula::Template(reason), reason.place)),
                );
            }
            Op::Wait { time, .. } => {
                if let Some(WaitTime::Until { slot, hour }) = time {
                    let slots = std::iter::once(slot).chain(hour);
                    uses.needs
                        .extend(slots.map(|slot| (slot.value.clone(), slot.place)));
                }
            }
            Op::End(_) => {}
        }
        uses
    }

    fn card(&mut self, card: Option<&'a CardSpec>) {
        let Some(card) = card else { return };
        self.texts.extend(card.texts().cloned());
        let addresses = card.addresses();
        self.formulas
            .extend(addresses.map(|url| (Formula::Template(url), url.place)));
    }

    /// The slots whose values the step shows to somebody, or cannot do without.
    pub(crate) fn shown(&self, project: &Project, step: &StepSpec) -> BTreeSet<String> {
        let speech = &project.speech;
        let phrases = self.texts.iter().flat_map(|text| {
            let locales = speech.locales();
            locales.filter_map(|locale| speech.phrase(locale, text.as_str()))
        });
        let templates = self.formulas.iter().map(|(formula, _)| match formula {
            Formula::Template(text) => speech.templates.names_in_text(text).unwrap_or_default(),
            Formula::Expression(_) | Formula::Answer(_) | Formula::Body(_) => BTreeSet::new(),
        });
        let mut names: BTreeSet<String> = phrases
            .flat_map(|phrase| phrase.names.iter().cloned())
            .chain(templates.flatten())
            .chain(self.needs.iter().map(|(slot, _)| slot.to_string()))
            .collect();
        // Its own answer is there when it is confirmed.
        if let Op::Ask { slot, .. } = &step.op {
            names.remove(slot.as_str());
        }
        names
    }

    /// The slots that the step looks at: they may be empty, but must be set somewhere.
    pub(crate) fn tested(&self, project: &Project) -> BTreeSet<String> {
        let templates = &project.speech.templates;
        let formulas = self.formulas.iter();
        let names = formulas.map(|(formula, _)| formula.names(templates));
        names.flat_map(Result::unwrap_or_default).collect()
    }
}
