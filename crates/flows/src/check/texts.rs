//! Texts: used but missing, missing in a language, written but unused.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::{At, Place};

use super::uses::Uses;
use crate::{
    fault::{Code, Faults, did_you_mean},
    name::TextKey,
    project::{FlowSpec, Project},
    slot::SlotSpec,
};

/// The group of the engine's own texts.
const BUILT_IN: &str = "convene.";

pub(super) fn check(project: &Project, faults: &mut Faults) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut use_text = |file: &str, key: &At<TextKey>, faults: &mut Faults| {
        used.insert(key.to_string());
        if !project.speech.knows(key.as_str()) {
            let known = project.speech.keys();
            let remedy = did_you_mean(key.as_str(), known, "write it in each file of texts/");
            faults.add(
                file,
                key.place,
                Code::UnknownText,
                format!("there is no text `{}`", key.value),
                remedy,
            );
        }
    };
    for flow in project.flows() {
        for step in &flow.steps {
            for text in Uses::of(project, flow, step).texts {
                use_text(&flow.file, &text, faults);
            }
        }
        for text in flow.title.iter().chain(of_slots(flow.slots.values())) {
            use_text(&flow.file, text, faults);
        }
    }
    for text in of_slots(project.shared.values()) {
        use_text("assistant.yaml", text, faults);
    }
    let assistant = project.assistant();
    let silence = assistant
        .silence
        .as_ref()
        .and_then(|silence| silence.say.as_ref());
    for text in silence.into_iter().chain(&assistant.handoff.say) {
        let key = At::new(TextKey::from(text.as_str()), text.place);
        use_text("assistant.yaml", &key, faults);
    }
    // What is asked by default is no fault where nobody asks, and no unused text either.
    let asked = project.flows().flat_map(FlowSpec::asks_of_slots);
    used.extend(asked.chain(project.shared.values().map(|slot| slot.ask.to_string())));
    missing(project, faults);
    unused(project, &used, faults);
    foreign(project, faults);
}

impl FlowSpec {
    fn asks_of_slots(&self) -> impl Iterator<Item = String> {
        self.slots.values().map(|slot| slot.ask.to_string())
    }
}

fn of_slots<'a>(
    slots: impl Iterator<Item = &'a SlotSpec>,
) -> impl Iterator<Item = &'a At<TextKey>> {
    slots.flat_map(|slot| {
        let labels = slot
            .choices
            .iter()
            .filter_map(|choice| choice.label.as_ref());
        slot.label.iter().chain(&slot.invalid).chain(labels)
    })
}

/// Each text must be there in each language.
fn missing(project: &Project, faults: &mut Faults) {
    let own = project.built_in_keys();
    let all: BTreeSet<&str> = project
        .speech
        .keys()
        .into_iter()
        .chain(own.iter().map(String::as_str))
        .collect();
    for locale in project.speech.locales() {
        let mut built_in = Vec::new();
        for key in all
            .iter()
            .filter(|key| project.speech.phrase(locale, key).is_none())
        {
            if key.starts_with(BUILT_IN) {
                built_in.push(*key);
                continue;
            }
            let written = project
                .speech
                .written()
                .find(|(other, ..)| other.as_str() == *key);
            let message = format!("the text `{key}` is missing in `{locale}`");
            if let Some((_, _, file, place)) = written {
                faults.add(
                    file,
                    place,
                    Code::MissingTranslation,
                    message,
                    format!("add it to texts/{locale}.yaml"),
                );
            }
        }
        if !built_in.is_empty() {
            let message = format!(
                "the engine's own texts are missing in `{locale}`: {}",
                built_in.join(", ")
            );
            let file = format!("texts/{locale}.yaml");
            let remedy = "they are built in for English, German, Spanish and French alone: write them in this file";
            faults.add(
                &file,
                Place::default(),
                Code::MissingTranslation,
                message,
                remedy,
            );
        }
    }
}

fn unused(project: &Project, used: &BTreeSet<String>, faults: &mut Faults) {
    let mut told = BTreeMap::new();
    for (key, _, file, place) in project.speech.written() {
        if !key.as_str().starts_with(BUILT_IN) && !used.contains(key.as_str()) {
            told.entry(key.clone()).or_insert((file, place));
        }
    }
    for (key, (file, place)) in told {
        let message = format!("no step says the text `{key}`");
        faults.add(
            file,
            place,
            Code::UnusedText,
            message,
            "say it somewhere, or take it away",
        );
    }
}

/// Texts of the engine's group must be texts of the engine, and know nothing of slots.
fn foreign(project: &Project, faults: &mut Faults) {
    const NAMES: [&str; 4] = ["limit", "value", "language", "today"];
    let known: BTreeSet<String> = project.built_in_keys();
    for (key, phrase, file, place) in project.speech.written() {
        let Some(name) = key.as_str().strip_prefix(BUILT_IN) else {
            continue;
        };
        if !known.contains(key.as_str()) {
            let remedy = did_you_mean(
                key.as_str(),
                known.iter().map(String::as_str),
                "take it out of the group `convene`",
            );
            faults.add(
                file,
                place,
                Code::UnknownText,
                format!("the engine has no text `{name}`"),
                remedy,
            );
        }
        for placeholder in phrase
            .names
            .iter()
            .filter(|name| !NAMES.contains(&name.as_str()))
        {
            let message = format!("the engine's text `{name}` cannot speak of `{placeholder}`");
            faults.add(
                file,
                place,
                Code::UnknownPlaceholder,
                message,
                "it knows `value` and `limit` alone",
            );
        }
    }
}
