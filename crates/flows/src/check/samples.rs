//! Expressions and texts are tried on values of their slots' types.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde_json::Value as Json;

use crate::{
    name::{Locale, SlotName},
    phrase::{BadTemplate, Names, operands},
    project::{FlowSpec, Formula, Phrase, Project, Scene},
    slot::{Limit, Misfit, SlotSpec},
    value::Value,
};

const NOON: DateTime = DateTime::constant(2026, 1, 31, 12, 0, 0, 0);

fn sample(slot: &SlotSpec) -> Value {
    let choice = slot.choices.first().map(|choice| choice.value.as_str());
    Value::sample(slot.kind, choice)
}

/// Names with a value for each slot, but for one that is empty.
fn with_names<T>(
    project: &Project,
    flow: &FlowSpec,
    (locale, spoken): (&Locale, bool),
    empty: Option<&SlotName>,
    then: impl FnOnce(&Names) -> T,
) -> T {
    let slots = flow.slots.values().chain(project.shared.values());
    let values: BTreeMap<_, _> = slots
        .filter(|slot| Some(&slot.name) != empty)
        .map(|slot| (slot.name.clone(), sample(slot)))
        .collect();
    let scene = Scene {
        locale,
        now: NOON,
        who: None,
        name: None,
        waiting: 0,
    };
    let value = |slot: &SlotSpec| values.get(&slot.name);
    let mut names = if spoken {
        scene.spoken(project, Some(flow), value)
    } else {
        scene.plain(project, Some(flow), value)
    };
    names.insert("value".into(), minijinja::Value::from("sample"));
    then(&names)
}

pub(super) fn try_formula(
    project: &Project,
    flow: &FlowSpec,
    formula: Formula<'_>,
) -> Result<(), BadTemplate> {
    try_without(project, flow, formula, None)
}

/// Tries each part of a condition that others in front of it may spare.
pub(super) fn try_parts(project: &Project, flow: &FlowSpec, text: &str) -> Result<(), BadTemplate> {
    let mut parts = operands(text).into_iter();
    parts.try_for_each(|part| try_formula(project, flow, Formula::Expression(part)))
}

/// The slots of a flow without which a formula has no value, such as `n` of `n + 1`.
pub(super) fn needed<'f>(
    project: &Project,
    flow: &'f FlowSpec,
    formula: Formula<'_>,
) -> Vec<&'f SlotName> {
    if try_formula(project, flow, formula).is_err() {
        return Vec::new();
    }
    let names = formula.names(&project.speech.templates);
    let names = names.unwrap_or_default();
    let slots = flow.slots.keys();
    let slots = slots.filter(|slot| names.contains(slot.as_str()));
    let fails_without = |slot: &&SlotName| try_without(project, flow, formula, Some(slot)).is_err();
    slots.filter(fails_without).collect()
}

fn try_without(
    project: &Project,
    flow: &FlowSpec,
    formula: Formula<'_>,
    empty: Option<&SlotName>,
) -> Result<(), BadTemplate> {
    let templates = &project.speech.templates;
    let locale = project.first_language();
    let plain = (&locale, false);
    with_names(project, flow, plain, empty, |names| match formula {
        Formula::Template(text) => templates.write(text, names).map(drop),
        Formula::Expression(text) => templates.evaluate(text, names).map(drop),
        Formula::Body(json) => templates.fill(json, names).map(drop),
        // What a call will answer is not known.
        Formula::Answer(_) => Ok(()),
    })
}

pub(super) fn try_text(
    project: &Project,
    flow: &FlowSpec,
    locale: &Locale,
    phrase: &Phrase,
) -> Result<(), BadTemplate> {
    with_names(project, flow, (locale, true), None, |names| {
        let templates = &project.speech.templates;
        phrase
            .variants
            .iter()
            .try_for_each(|text| templates.say(text, names).map(drop))
    })
}

/// Why a value that is written out is none for a slot.
pub(super) fn misfit(project: &Project, slot: &SlotSpec, json: &Json) -> Option<String> {
    let is_template = json.as_str().is_some_and(|text| text.contains('{'));
    if json.is_null() || is_template {
        return None;
    }
    let items = slot.item.as_ref().and_then(|parts| {
        let language = minijinja::Value::from(project.first_language().as_str());
        let known = Names::from([("language".to_owned(), language)]);
        project.items(parts, json, &known)
    });
    let Some(value) = Value::from_json(slot.kind, items.as_ref().unwrap_or(json)) else {
        return Some("it is of another type".into());
    };
    match slot.accept(value, NOON.date()) {
        Err(Misfit::Type) => Some("it is of another type".into()),
        // What a list will have is not known.
        Err(Misfit::NotOffered) if slot.from.is_some() => None,
        Err(Misfit::NotOffered) => Some("it is none of its values".into()),
        Err(Misfit::Pattern) => Some("it does not match its pattern".into()),
        // A day that is past by now stays past.
        Err(Misfit::Below(min)) => Some(format!("it is less than its `min`, {min}")),
        Err(Misfit::Above(max)) if slot.max != Some(Limit::Today) => {
            Some(format!("it is more than its `max`, {max}"))
        }
        _ => None,
    }
}

/// Tries the rule of `groups` on a message, and what is behind `and` and `or` by itself.
pub(super) fn try_rule(project: &Project, rule: &str) -> Result<(), BadTemplate> {
    let names = [
        ("addressed", minijinja::Value::from(true)),
        ("people", minijinja::Value::from(2)),
        ("text", minijinja::Value::from("sample")),
        ("who", minijinja::Value::from("user:sample")),
    ];
    let names = names.map(|(name, value)| (name.to_owned(), value)).into();
    let mut parts = operands(rule).into_iter().chain([rule]);
    parts.try_for_each(|part| project.speech.templates.holds(part, &names).map(drop))
}
