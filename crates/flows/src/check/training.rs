//! Training data that nobody will be heard with, and people who will not be heard for want of it.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::Place;
use convene_training_data::{Example, Language, Split, survey};

use super::starts;
use crate::{
    fault::{Code, Faults},
    name::IntentName,
    project::{Project, Vocabulary},
};

/// Sentences in languages that the assistant does not speak, and languages that it speaks and has no sentences in.
pub(super) fn check(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    nothing(project, faults);
    foreign(project, vocabulary, faults);
    untaught(project, vocabulary, faults);
    unsaid(project, vocabulary, faults);
}

/// What can be said in some of the languages that are taught, and not in others.
fn unsaid(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    let first = project.first_language();
    let first = Language::new(first.as_str()).map(|language| language.to_string());
    let Ok(first) = first else { return };
    let (data, _) = survey(project.sources().inside("nlu"));
    let mut said: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for example in &data.examples {
        let language = example.language.as_ref().map(ToString::to_string);
        let intents = example.intent.as_ref().map(|intent| intent.as_str());
        let parts = intents.into_iter().flat_map(|intent| intent.split('+'));
        said.entry(language.unwrap_or_else(|| first.clone()))
            .or_default()
            .extend(parts);
    }
    let named: BTreeSet<IntentName> = starts::named(project)
        .into_iter()
        .map(|(_, intent)| intent.value)
        .collect();
    for locale in &project.assistant().languages {
        let Ok(language) = Language::new(locale.value.as_str()) else {
            continue;
        };
        // Where nothing is taught, that is told.
        let Some(here) = said.get(language.as_str()).filter(|here| !here.is_empty()) else {
            continue;
        };
        let missing: Vec<_> = named
            .iter()
            .filter(|intent| vocabulary.intents.contains(*intent))
            .map(IntentName::as_str)
            .filter(|intent| !intent.split('+').all(|part| here.contains(part)))
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "there are no sentences in `{}` for: {}",
                locale.value,
                missing.join(", ")
            );
            let remedy = format!(
                "write some in nlu/{}.yaml; without them nobody can say so in it",
                locale.value
            );
            let code = Code::UntaughtLanguage;
            faults.add("assistant.yaml", locale.place, code, message, remedy);
        }
    }
}

/// Training data of which nothing can be learnt what people want: whoever runs the project would refuse it.
fn nothing(project: &Project, faults: &mut Faults) {
    if project.sources().inside("nlu").next().is_none() {
        return;
    }
    let (data, unread) = survey(project.sources().inside("nlu"));
    let teaches = |example: &Example| example.split == Split::Train && example.intent.is_some();
    // What cannot be read may teach something.
    if unread.is_empty() && !data.examples.iter().any(teaches) {
        faults.add(
            "nlu/",
            Place::default(),
            Code::NothingTaught,
            "there is training data, and no sentence with an intent to learn from",
            "add examples of at least one intent, or take the files away: without them nothing is understood but buttons and answers",
        );
    }
}

fn untaught(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    if vocabulary.intents.is_empty() {
        return;
    }
    // Sentences that do not say their language are in the first one.
    for locale in project.assistant().languages.iter().skip(1) {
        // Where there are no texts either, that is told.
        if !project.speech.is_written_in(&locale.value) {
            continue;
        }
        let is_taught = |language: Language| vocabulary.languages.contains(language.as_str());
        if Language::new(locale.value.as_str()).is_ok_and(|language| !is_taught(language)) {
            let message = format!(
                "nothing is learnt in `{}`: there are texts in it, and no sentences",
                locale.value
            );
            let remedy = format!(
                "write sentences in nlu/{}.yaml; without them, people are answered in it, and understood by those of the other languages",
                locale.value
            );
            let code = Code::UntaughtLanguage;
            faults.add("assistant.yaml", locale.place, code, message, remedy);
        }
    }
}

fn foreign(project: &Project, vocabulary: &Vocabulary, faults: &mut Faults) {
    let spoken = project.assistant().languages.iter();
    let spoken: BTreeSet<String> = spoken
        .filter_map(|locale| Language::new(locale.as_str()).ok())
        .map(|language| language.to_string())
        .collect();
    let mut foreign: BTreeSet<&String> = vocabulary.languages.difference(&spoken).collect();
    if foreign.is_empty() {
        return;
    }
    let mut add = |file: &str, place: Place, language: &str| {
        let message = format!(
            "these sentences are in `{language}`, which `languages` of assistant.yaml does not name"
        );
        let remedy = "add it there, or take them away; where that is no language, name the file otherwise, with no two letters that stand alone";
        faults.add(file, place, Code::ForeignSentences, message, remedy);
    };
    for file in project.sources().inside("nlu") {
        let (data, _) = survey([file]);
        let mut told = BTreeSet::new();
        for example in &data.examples {
            let language = example.language.as_ref().map(ToString::to_string);
            if let Some(language) = language.filter(|language| !spoken.contains(language))
                && told.insert(language.clone())
            {
                add(file.0, example.place, &language);
                foreign.remove(&language);
            }
        }
    }
    // Those of folders that are read as one.
    for language in foreign {
        add("nlu/", Place::default(), language);
    }
}
