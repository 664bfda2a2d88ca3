//! What a sentence names: by patterns and word lists, by what annotated sentences have taught, and by
//! what every project has.

mod any_day;
mod built_in;
mod by_name;
mod chain;
mod days_and_hours;
mod either;
mod english;
mod english_hours;
mod entity;
mod french;
mod german;
pub(crate) mod grammar;
mod inside;
mod lexicon;
mod money;
mod phone_numbers;
mod plain_dates;
mod said;
mod small_words;
mod tagger;
mod tokens;
mod triggers;
mod values;

use std::{collections::BTreeMap, ops::Range};

use convene_training_data::{BuiltIn, EntityKind, Example, Intent, Language, TrainingData};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use self::entity::{Entity, Moment, Source, Value};
use self::{
    entity::merge,
    lexicon::{Kept, Lexicon},
    tagger::{Sentence, Tagger},
};
use crate::parallel;

/// Finds a project's entities in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Extractor {
    lexicon: Lexicon,
    taggers: BTreeMap<Intent, Tagger>,
}

/// What is known of a message before its entities are.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) intent: Option<&'a Intent>,
    pub(crate) language: &'a Language,
    pub(crate) built_ins: &'a [BuiltIn],
    pub(crate) zone: &'a TimeZone,
    pub(crate) now: Timestamp,
}

/// What was found in a message.
#[derive(Default)]
pub(crate) struct Found {
    /// From its front to its end; none overlaps another.
    pub(crate) kept: Vec<Entity>,
    /// What overlaps something stronger.
    pub(crate) lost: Vec<Entity>,
}

impl Found {
    /// The same as a part of a text that begins so many bytes before it.
    pub(crate) fn behind(mut self, bytes: usize) -> Self {
        for entity in self.kept.iter_mut().chain(&mut self.lost) {
            entity.start += bytes;
            entity.end += bytes;
        }
        self
    }
}

impl FromIterator<Self> for Found {
    fn from_iter<T: IntoIterator<Item = Self>>(parts: T) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.kept.extend(part.kept);
            all.lost.extend(part.lost);
        }
        all
    }
}

impl Extractor {
    /// Learns from a language's sentences, and takes the word lists that are for it.
    pub(crate) fn train(data: &TrainingData, examples: &[&Example], language: &Language) -> Self {
        let Self { lexicon, .. } = Self::by_rules(data, examples, language);
        let mut by_intent = BTreeMap::<&Intent, Vec<Sentence<'_>>>::new();
        for example in examples {
            if let Some(intent) = &example.intent {
                by_intent.entry(intent).or_default().push(Sentence {
                    text: &example.text,
                    annotations: &example.annotations,
                    hints: hints(&lexicon, &example.text),
                });
            }
        }
        let intents: Vec<_> = by_intent.into_iter().collect();
        let taggers = parallel::map(intents.len(), |at| Tagger::train(&intents[at].1));
        let named = intents.iter().zip(taggers);
        Self {
            taggers: named
                .filter_map(|((intent, _), tagger)| Some(((*intent).clone(), tagger?)))
                .collect(),
            lexicon,
        }
    }

    /// The word lists and patterns alone; of sentences it takes what their words stand for.
    pub(crate) fn by_rules(
        data: &TrainingData,
        examples: &[&Example],
        language: &Language,
    ) -> Self {
        Self {
            lexicon: Lexicon::from(lexicon(data, examples, language)),
            taggers: BTreeMap::new(),
        }
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.taggers.values().all(Tagger::is_whole)
    }

    pub(crate) fn find(&self, text: &str, known: &Known<'_>) -> Found {
        let lexicon = &self.lexicon;
        let mut found = Vec::new();
        let mut add = |place: Range<usize>, entity: &EntityKind, source, role, group| {
            let written = &text[place.clone()];
            found.push(Entity {
                entity: entity.clone(),
                start: place.start,
                end: place.end,
                text: written.to_owned(),
                value: Value::Text {
                    text: lexicon.value(written).unwrap_or(written).to_owned(),
                },
                role,
                group,
                source,
            });
        };
        for (place, entity) in lexicon.patterns(text) {
            add(place, entity, Source::Pattern, None, None);
        }
        for (place, entity) in lexicon.words(text) {
            add(place, entity, Source::Lookup, None, None);
        }
        if let Some(tagger) = known.intent.and_then(|intent| self.taggers.get(intent)) {
            for (place, label) in tagger.tag(text, &hints(lexicon, text)) {
                let (role, group) = (label.role.clone(), label.group.clone());
                add(place, &label.entity, Source::Learnt, role, group);
            }
        }
        let find = |text: &str| built_in::find(text, known);
        found.extend(find(text));
        let mut pieces = inside::without_figures(&mut found);
        pieces.extend(by_name::as_built_in(&mut found, find));
        if let Some(rest) = inside::without_words(text, &found) {
            let mut new = find(&rest);
            new.retain(|entity| inside::is_day_of_another(entity, &found));
            found.extend(new);
        }
        let (kept, mut lost) = merge(found);
        lost.extend(pieces);
        Found { kept, lost }
    }
}

/// What word lists and patterns find, for taggers to go by.
fn hints<'a>(lexicon: &'a Lexicon, text: &str) -> Vec<(Range<usize>, &'a str)> {
    let all = lexicon
        .words(text)
        .into_iter()
        .chain(lexicon.patterns(text));
    all.map(|(place, entity)| (place, entity.as_str()))
        .collect()
}

fn lexicon(data: &TrainingData, examples: &[&Example], language: &Language) -> Kept {
    let is_for = |of: &Option<Language>| of.as_ref().is_none_or(|of| of == language);
    let mut kept = Kept::default();
    for lookup in data
        .lookups
        .iter()
        .filter(|lookup| is_for(&lookup.language))
    {
        let words = lookup.words.iter().map(|words| words.trim().to_lowercase());
        let words = words.filter(|words| !words.is_empty());
        kept.words
            .extend(words.map(|words| (words, lookup.entity.clone())));
    }
    for pattern in data
        .patterns
        .iter()
        .filter(|pattern| is_for(&pattern.language))
    {
        kept.patterns
            .push((pattern.entity.clone(), pattern.pattern.clone()));
    }
    for synonym in data
        .synonyms
        .iter()
        .filter(|synonym| is_for(&synonym.language))
    {
        kept.synonyms
            .insert(synonym.words.to_lowercase(), synonym.value.clone());
    }
    // A value that an annotation gives holds for its words everywhere, as in Rasa.
    for example in examples {
        for annotation in &example.annotations {
            if let Some(value) = &annotation.value {
                let words = example.text[annotation.start..annotation.end].to_lowercase();
                kept.synonyms.entry(words).or_insert_with(|| value.clone());
            }
        }
    }
    kept
}
