//! Texts: used but missing, missing in a language, written but unused.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::{At, Place};

use crate::{
    fault::{Code, Faults, did_you_mean},
    name::{Locale, TextKey},
    project::{FlowSpec, Project, Uses},
    slot::{ChoiceSpec, SlotSpec},
};

/// The group of the engine's own texts.
const BUILT_IN: &str = "convene.";

/// Answers the keys of what is said.
pub(super) fn check(project: &Project, faults: &mut Faults) -> BTreeSet<String> {
    let used = used(project);
    for (file, key) in &used {
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
    }
    let keys = keys(project, &used);
    missing(project, &keys, faults);
    foreign(project, faults);
    nameless(project, faults);
    if project.assistant().languages.len() > 1 {
        untranslated(project, faults);
    }
    keys
}

/// The texts that are said, with the files in which they are named.
fn used(project: &Project) -> Vec<(&str, At<TextKey>)> {
    let mut used = Vec::new();
    for flow in project.flows() {
        let said = flow
            .steps
            .iter()
            .flat_map(|step| Uses::of(project, flow, step).texts);
        let others = flow.title.iter().chain(of_slots(flow.slots.values()));
        let all = said.chain(others.cloned());
        used.extend(all.map(|key| (flow.file.as_str(), key)));
    }
    let assistant = project.assistant();
    let silence = assistant
        .silence
        .as_ref()
        .and_then(|silence| silence.say.as_ref());
    let own = silence
        .into_iter()
        .chain(&assistant.handoff.say)
        .chain(&assistant.suggestions);
    let own = own.map(|text| At::new(TextKey::from(text.as_str()), text.place));
    let own = own.chain(of_slots(project.shared.values()).cloned());
    used.extend(own.map(|key| ("assistant.yaml", key)));
    used
}

/// Their keys, with those of what is asked by default: that is no fault where nobody asks, and no unused text either.
fn keys(project: &Project, used: &[(&str, At<TextKey>)]) -> BTreeSet<String> {
    let said = used.iter().map(|(_, key)| key.to_string());
    let asked = project.flows().flat_map(FlowSpec::asks_of_slots);
    let shared = project.shared.values().map(|slot| slot.ask.to_string());
    said.chain(asked).chain(shared).collect()
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
        let labels = slot.choices.iter().filter_map(ChoiceSpec::text);
        slot.label.iter().chain(&slot.invalid).chain(labels)
    })
}

/// Each text must be there in each language. One that nobody says is another fault.
fn missing(project: &Project, used: &BTreeSet<String>, faults: &mut Faults) {
    let own = project.built_in_keys();
    let all: BTreeSet<&str> = project
        .speech
        .keys()
        .into_iter()
        .chain(own.iter().map(String::as_str))
        .collect();
    for locale in project.speech.locales() {
        let mut built_in = Vec::new();
        let has_none = project.speech.keys_of(locale).next().is_none();
        if has_none {
            nothing_in(project, locale, used.len(), faults);
        }
        for key in all
            .iter()
            .filter(|key| project.speech.phrase(locale, key).is_none())
        {
            if key.starts_with(BUILT_IN) {
                built_in.push(*key);
                continue;
            }
            if has_none || !used.contains(*key) {
                continue;
            }
            let written = project
                .speech
                .written()
                .find(|(other, ..)| other.as_str() == *key);
            let message = format!("the text `{key}` is missing in `{locale}`");
            if let Some((_, _, file, place)) = written {
                let otherwise = format!("add it to texts/{locale}.yaml");
                let there = project.speech.keys_of(locale);
                let unsaid = there.filter(|other| !used.contains(*other));
                let remedy = did_you_mean(key, unsaid, &otherwise);
                let remedy = match remedy == otherwise {
                    true => remedy,
                    false => format!("what texts/{locale}.yaml says is said by no step: {remedy}"),
                };
                faults.add(file, place, Code::MissingTranslation, message, remedy);
            }
        }
        if !built_in.is_empty() {
            let message = format!(
                "the engine's own texts are missing in `{locale}`: {}",
                built_in.join(", ")
            );
            let remedy = format!(
                "they are built in for English, German, Spanish and French alone: write them in texts/{locale}.yaml"
            );
            let (place, code) = (named_at(project, locale), Code::MissingTranslation);
            faults.add("assistant.yaml", place, code, message, remedy);
        }
    }
}

/// Of several languages: what stands on buttons as it stands in the files.
fn untranslated(project: &Project, faults: &mut Faults) {
    let mut add = |file: &str, place: Place, message: String, remedy: &str| {
        faults.add(file, place, Code::Untranslated, message, remedy);
    };
    for flow in project.flows() {
        if flow.title.is_none() && !flow.intents.is_empty() {
            let message = format!(
                "where it is asked which was meant, the flow `{}` is called the same in all languages",
                flow.name
            );
            add(
                &flow.file,
                flow.place,
                message,
                "add `title:` with the key of a text",
            );
        }
    }
    for (file, slot) in project.slots() {
        let is_asked = |flow: &FlowSpec| flow.asks(&slot.name);
        if !project.flows().any(is_asked) {
            continue;
        }
        // Numbers and sizes are what they are.
        let is_word = |value: &str| value.chars().any(char::is_lowercase);
        let bare = slot
            .choices
            .iter()
            .filter(|choice| choice.label.is_none() && is_word(&choice.value));
        let bare: Vec<_> = bare.map(|choice| choice.value.as_str()).collect();
        if !bare.is_empty() {
            let message = format!(
                "values of `{}` are shown the same in all languages: {}",
                slot.name,
                bare.join(", ")
            );
            add(
                file,
                slot.place,
                message,
                "write each as `{value: …, label: …}` with the key of a text",
            );
        }
    }
}

/// Where `assistant.yaml` names a language.
fn named_at(project: &Project, locale: &Locale) -> Place {
    let mut languages = project.assistant().languages.iter();
    let named = languages.find(|other| other.value == *locale);
    named.map(|other| other.place).unwrap_or_default()
}

/// There are no texts in one of the languages.
fn nothing_in(project: &Project, locale: &Locale, many: usize, faults: &mut Faults) {
    let place = named_at(project, locale);
    let message = format!("there are no texts in `{locale}`, and {many} are said");
    let remedy = format!(
        "write them in texts/{locale}.yaml: copy that of another language, and translate it"
    );
    let code = Code::MissingTranslation;
    faults.add("assistant.yaml", place, code, message, remedy);
}

/// Texts that no step says.
pub(super) fn unused(project: &Project, used: &BTreeSet<String>, faults: &mut Faults) {
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

/// Where a text is shown before anything is known: titles of flows, labels of values, what people could say first.
fn nameless(project: &Project, faults: &mut Faults) {
    let titles = project.flows().filter_map(|flow| flow.title.as_ref());
    let labels = project.slots().flat_map(|(_, slot)| &slot.choices);
    let labels = labels.filter_map(ChoiceSpec::text);
    let keys = titles.chain(labels).map(|key| key.as_str());
    let first = project.assistant().suggestions.iter();
    let keys: BTreeSet<&str> = keys.chain(first.map(|key| key.as_str())).collect();
    for (key, phrase, file, place) in project.speech.written() {
        let name = phrase.names.first().filter(|_| keys.contains(key.as_str()));
        if let Some(name) = name {
            let message = format!(
                "the text `{key}` is a title, a label or a suggestion, and `{name}` has no value there"
            );
            let remedy = "write it without placeholders, or another text for this";
            let code = Code::UnknownPlaceholder;
            faults.add(file, place, code, message, remedy);
        }
    }
}

/// Texts of the engine's group must be texts of the engine, and know nothing of slots.
fn foreign(project: &Project, faults: &mut Faults) {
    const NAMES: [&str; 5] = ["limit", "value", "language", "languages", "today"];
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
                "it knows `value` and `limit` alone, and that of languages which are not spoken `languages`",
            );
        }
    }
}
