//! Training data that nobody will be heard with, and people who will not be heard for want of it.

use std::collections::{BTreeMap, BTreeSet};

use convene_source::At;
use convene_training_data::{BuiltIn, Example, Language, Split};

use super::{starts, taught::Taught};
use crate::{
    fault::{Code, Faults, did_you_mean},
    name::{IntentName, Locale},
    project::{Project, Vocabulary},
};

/// Sentences in languages that the assistant does not speak, and languages that it speaks and has no sentences in.
pub(super) fn check(
    project: &Project,
    vocabulary: &Vocabulary,
    taught: &Taught<'_>,
    faults: &mut Faults,
) {
    nothing(project, taught, faults);
    foreign(project, taught, faults);
    untaught(project, vocabulary, faults);
    unsaid(project, vocabulary, taught, faults);
    taught.twice(faults);
    roles(project, taught, faults);
    entities(project, taught, faults);
}

/// Roles that slots wait for, and no sentence marks.
fn roles(project: &Project, taught: &Taught<'_>, faults: &mut Faults) {
    if taught.data.examples.is_empty() || !taught.is_whole {
        return;
    }
    for (file, slot) in project.slots() {
        let Some(role) = &slot.role else { continue };
        let marks = taught.data.examples.iter();
        let marks = marks
            .flat_map(|example| &example.annotations)
            .filter(|mark| {
                let mut entities = slot.entities.iter();
                entities.any(|entity| entity.as_str() == mark.entity.as_str())
            });
        let known: BTreeSet<&str> = marks.filter_map(|mark| mark.role.as_deref()).collect();
        if !known.contains(role.as_str()) {
            let message = format!(
                "the slot `{}`: no sentence marks its entity with the role `{role}`",
                slot.name
            );
            let otherwise = format!(
                "mark some so: `[Paris]{{\"entity\": \"city\", \"role\": \"{role}\"}}`; or take the role away"
            );
            let remedy = did_you_mean(role, known, &otherwise);
            faults.add(file, slot.place, Code::UnknownRole, message, remedy);
        }
    }
}

/// Entities of slots that can be said in some of the languages that are taught, and not in others.
fn entities(project: &Project, taught: &Taught<'_>, faults: &mut Faults) {
    let data = &taught.data;
    let first = Language::new(project.first_language().as_str()).ok();
    let marked = data.examples.iter().flat_map(|example| {
        let language = example.language.clone().or_else(|| first.clone());
        let marks = example.annotations.iter();
        marks.map(move |mark| (&mark.entity, language.clone()))
    });
    let words = data.lookups.iter();
    let words = words.map(|lookup| (&lookup.entity, lookup.language.clone()));
    let patterns = data.patterns.iter();
    let patterns = patterns.map(|pattern| (&pattern.entity, pattern.language.clone()));
    let mut known: BTreeMap<&str, BTreeSet<Option<Language>>> = BTreeMap::new();
    for (entity, language) in marked.chain(words).chain(patterns) {
        known.entry(entity.as_str()).or_default().insert(language);
    }
    let built_in = BuiltIn::ALL.map(BuiltIn::as_str);
    let named = project.slots().flat_map(|(_, slot)| &slot.entities);
    let named: BTreeSet<&str> = named.map(|entity| entity.as_str()).collect();
    let taught: BTreeSet<_> = data
        .examples
        .iter()
        .map(|example| &example.language)
        .collect();
    for locale in &project.assistant().languages {
        let language = Language::new(locale.value.as_str()).ok();
        let is_taught = taught.contains(&language) || language == first && taught.contains(&None);
        if !is_taught {
            continue;
        }
        let is_missing = |entity: &&&str| {
            let languages = known.get(**entity);
            !built_in.contains(entity)
                && languages.is_some_and(|all| !all.contains(&language) && !all.contains(&None))
        };
        let missing: Vec<_> = named.iter().filter(is_missing).copied().collect();
        if !missing.is_empty() {
            let message = format!(
                "nobody can say in `{}` what these entities are of slots: {}",
                locale.value,
                missing.join(", ")
            );
            let remedy = format!(
                "mark them in sentences of nlu/{0}.yaml, or write a `lookup` or a `regex` there; what is in a file without a language holds for all",
                locale.value
            );
            tell(locale, message, remedy, faults);
        }
    }
}

/// What is missing in a language stands where that is named.
fn tell(locale: &At<Locale>, message: String, remedy: String, faults: &mut Faults) {
    let code = Code::UntaughtLanguage;
    faults.add("assistant.yaml", locale.place, code, message, remedy);
}

/// What can be said in some of the languages that are taught, and not in others.
fn unsaid(project: &Project, vocabulary: &Vocabulary, taught: &Taught<'_>, faults: &mut Faults) {
    let first = project.first_language();
    let first = Language::new(first.as_str()).map(|language| language.to_string());
    let Ok(first) = first else { return };
    let mut said: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for example in &taught.data.examples {
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
            tell(locale, message, remedy, faults);
        }
    }
}

/// Training data of which nothing can be learnt what people want: whoever runs the project would refuse it.
fn nothing(project: &Project, taught: &Taught<'_>, faults: &mut Faults) {
    if project.sources().inside("nlu").next().is_none() {
        return;
    }
    let teaches = |example: &Example| example.split == Split::Train && example.intent.is_some();
    // What cannot be read may teach something.
    if taught.is_whole && !taught.data.examples.iter().any(teaches) {
        let (file, place) = taught.first(|_| true);
        faults.add(
            file,
            place,
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
            tell(locale, message, remedy, faults);
        }
    }
}

fn foreign(project: &Project, taught: &Taught<'_>, faults: &mut Faults) {
    let spoken = project.assistant().languages.iter();
    let spoken: BTreeSet<Language> = spoken
        .filter_map(|locale| Language::new(locale.as_str()).ok())
        .collect();
    let mut told = BTreeSet::new();
    for (file, example) in &taught.sentences {
        let Some(language) = &example.language else {
            continue;
        };
        if !spoken.contains(language) && told.insert((file, language)) {
            let message = format!(
                "these sentences are in `{language}`, which `languages` of assistant.yaml does not name"
            );
            let remedy = "add it there, or take them away; where that is no language, name the file otherwise, with no two letters that stand alone";
            let code = Code::ForeignSentences;
            faults.add(file, example.place, code, message, remedy);
        }
    }
}
