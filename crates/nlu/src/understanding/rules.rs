//! What a project finds in messages without having learnt anything.

use std::collections::BTreeMap;

use convene_training_data::{Example, Language, Split, TrainingData};

use super::{Context, Settings};
use crate::{
    entities::{Entity, Extractor, Known},
    identification::{Candidate, Said, identify},
};

/// The entities of a project that need no learning: patterns, word lists with their synonyms, and those that every
/// project has.
#[derive(Debug, Clone)]
pub struct EntityRules {
    settings: Settings,
    languages: BTreeMap<Language, Extractor>,
}

impl EntityRules {
    /// Those of some training data, in these languages and that of the settings. Takes as long as to make its
    /// expressions.
    pub fn of(
        data: &TrainingData,
        settings: &Settings,
        languages: impl IntoIterator<Item = Language>,
    ) -> Self {
        let of = |language: &Language| {
            let examples = data.of(Split::Train);
            let examples = examples
                .filter(|one| one.language.as_ref().unwrap_or(&settings.language) == language);
            Extractor::by_rules(data, &examples.collect::<Vec<&Example>>(), language)
        };
        let languages = languages.into_iter().chain([settings.language.clone()]);
        Self {
            languages: languages
                .map(|language| (language.clone(), of(&language)))
                .collect(),
            settings: settings.clone(),
        }
    }

    /// What a message names. Its language is told by its letters and small words alone.
    pub fn find(&self, text: &str, context: &Context) -> Vec<Entity> {
        let first = self.languages.get_key_value(&self.settings.language);
        let others = self.languages.iter();
        let others = others.filter(|(language, _)| **language != self.settings.language);
        let all: Vec<_> = first
            .into_iter()
            .chain(others)
            .map(|(language, _)| Candidate {
                language,
                familiarity: Some(0.0),
            })
            .collect();
        let language = identify(&Said::of(text), &all, context.last.as_ref());
        let extractor = language.and_then(|language| self.languages.get_key_value(language));
        extractor.map_or_else(Vec::new, |(language, extractor)| {
            let known = Known {
                intent: None,
                language,
                built_ins: &self.settings.built_ins,
                zone: &context.zone,
                now: context.now,
            };
            extractor.find(text, &known).kept
        })
    }
}
