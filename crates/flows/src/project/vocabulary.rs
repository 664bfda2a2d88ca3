//! The names of intents and entities that there are training data for.

use std::collections::BTreeSet;

use convene_source::Sources;
use convene_training_data::{BuiltIn, Split, TrainingData};

use crate::name::{EntityName, IntentName};

/// What can be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The intents.
    pub intents: BTreeSet<IntentName>,
    /// The entities, the built-in ones too.
    pub entities: BTreeSet<EntityName>,
    /// The languages, as far as it is said what they are: codes such as `en`.
    pub languages: BTreeSet<String>,
    /// The sentences by which the intents are learnt.
    pub sentences: Vec<Sentence>,
}

/// A sentence of the training data, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it means.
    pub intent: IntentName,
    /// What is said.
    pub text: String,
}

impl Vocabulary {
    /// The names in the training data of a project (`nlu/`). What cannot be read of them is left out.
    #[must_use]
    pub fn of(sources: &Sources) -> Self {
        let (data, _) = convene_training_data::survey(sources.inside("nlu"));
        Self::from(&data)
    }
}

impl From<&TrainingData> for Vocabulary {
    fn from(data: &TrainingData) -> Self {
        let intents = data.examples.iter().filter_map(|one| one.intent.as_ref());
        let marked = data.examples.iter().flat_map(|one| &one.annotations);
        let entities = marked
            .map(|mark| &mark.entity)
            .chain(data.lookups.iter().map(|lookup| &lookup.entity))
            .chain(data.patterns.iter().map(|pattern| &pattern.entity))
            .map(|entity| entity.as_str())
            .chain(BuiltIn::ALL.map(BuiltIn::as_str));
        let learnt = data.examples.iter().filter(|one| one.split == Split::Train);
        let sentences = learnt.filter_map(|one| {
            Some(Sentence {
                intent: one.intent.as_ref()?.as_str().into(),
                text: one.text.clone(),
            })
        });
        let languages = data.examples.iter().filter_map(|one| one.language.as_ref());
        Self {
            sentences: sentences.collect(),
            languages: languages.map(ToString::to_string).collect(),
            intents: intents.map(|intent| intent.as_str().into()).collect(),
            entities: entities.map(EntityName::from).collect(),
        }
    }
}
