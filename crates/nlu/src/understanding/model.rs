//! A project's understanding: one model for each of its languages.

use std::collections::BTreeMap;

use convene_training_data::{Example, Language, Split, TrainingData};
use serde::{Deserialize, Serialize};

use super::{
    Context, Fingerprint, Settings,
    understood::{Explanation, Ranked, Understood, decide},
};
use crate::{
    entities::{Entity, Extractor, Known},
    identification::{Candidate, identify, spoken},
    intents::{Calibration, Classifier, Sentence},
};

/// So many n-grams explain an intent.
const EVIDENCE: usize = 12;

/// What a project understands, in all of its languages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Understanding {
    fingerprint: Fingerprint,
    settings: Settings,
    languages: BTreeMap<Language, Model>,
}

/// What it understands in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Model {
    intents: Classifier,
    entities: Extractor,
}

/// Why there is nothing to learn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untrainable {
    #[error(
        "there is no sentence to learn from: add examples of at least one intent to the training data"
    )]
    NoExamples,
}

impl Understanding {
    /// Learns from the training split of some data.
    ///
    /// Takes about a millisecond for each two sentences on two cores; the result is the same on any
    /// number of them.
    ///
    /// # Errors
    /// If there is no sentence with an intent.
    pub fn train(data: &TrainingData, settings: &Settings) -> Result<Self, Untrainable> {
        let mut by_language = BTreeMap::<&Language, Vec<&Example>>::new();
        for example in data.of(Split::Train) {
            let language = example.language.as_ref().unwrap_or(&settings.language);
            by_language.entry(language).or_default().push(example);
        }
        by_language.retain(|_, examples| examples.iter().any(|example| example.intent.is_some()));
        if by_language.is_empty() {
            return Err(Untrainable::NoExamples);
        }
        let languages = by_language.into_iter().map(|(language, examples)| {
            let sentences: Vec<Sentence<'_>> = examples
                .iter()
                .map(|example| (example.text.as_str(), example.intent.as_ref()))
                .collect();
            let model = Model {
                intents: Classifier::train(&sentences, language),
                entities: Extractor::train(data, &examples, language),
            };
            (language.clone(), model)
        });
        Ok(Self {
            fingerprint: Fingerprint::of(data, settings),
            languages: languages.collect(),
            settings: settings.clone(),
        })
    }

    /// The languages in which there is something to understand.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.languages.keys()
    }

    /// What it was made of. While [`Fingerprint::of`] training data is the same, there is nothing to
    /// learn anew.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Whether what was read from a file can be used.
    pub(super) fn is_whole(&self) -> bool {
        let is_whole = |model: &Model| model.intents.is_whole() && model.entities.is_whole();
        !self.languages.is_empty() && self.languages.values().all(is_whole)
    }

    /// Has made what the first message of each language would wait for: the rules for built-in entities take
    /// up to a second.
    pub fn warm_up(&self, context: &Context) {
        for language in self.languages.keys() {
            let only = Context {
                languages: vec![language.clone()],
                ..context.clone()
            };
            self.understand("1", &only);
        }
    }

    /// What a message means.
    ///
    /// Takes tens of microseconds, and a millisecond more where built-in entities are looked for.
    pub fn understand(&self, text: &str, context: &Context) -> Understood {
        let (language, model) = self.model(text, context);
        self.ask(language, model, text, context).0
    }

    /// What a message means, and why.
    pub fn explain(&self, text: &str, context: &Context) -> Explanation {
        let (language, model) = self.model(text, context);
        let (understood, overruled) = self.ask(language, model, text, context);
        let first = understood.first().and_then(|first| {
            model
                .intents
                .intents()
                .iter()
                .position(|intent| *intent == first.intent)
        });
        let calibration = self.calibration(model);
        Explanation {
            evidence: first.map_or_else(Vec::new, |first| {
                model.intents.evidence(text, first, EVIDENCE)
            }),
            familiarity: model.intents.familiarity(text),
            sure: calibration.sure,
            lost: calibration.lost,
            overruled,
            understood,
        }
    }

    /// The model's thresholds, under those of the project.
    fn calibration(&self, model: &Model) -> Calibration {
        let learnt = model.intents.calibration;
        Calibration {
            sure: self.settings.sure.unwrap_or(learnt.sure),
            lost: self.settings.lost.unwrap_or(learnt.lost),
            ..learnt
        }
    }

    /// What a message means, and the entities that lost against others.
    fn ask(
        &self,
        language: &Language,
        model: &Model,
        text: &str,
        context: &Context,
    ) -> (Understood, Vec<Entity>) {
        let calibration = self.calibration(model);
        let scores = model.intents.scores(text);
        let confidences = calibration.confidences(&scores);
        let all = model.intents.intents().iter().zip(scores).zip(confidences);
        let ranked = all.map(|((intent, score), confidence)| Ranked {
            intent: intent.clone(),
            confidence,
            score,
        });
        let (intents, decision) = decide(ranked.collect(), calibration.sure, calibration.lost);
        let found = model.entities.find(
            text,
            &Known {
                intent: intents.first().map(|first| &first.intent),
                language,
                built_ins: &self.settings.built_ins,
                zone: &context.zone,
                now: context.now,
            },
        );
        let understood = Understood {
            language: language.clone(),
            intents,
            decision,
            entities: found.kept,
        };
        (understood, found.lost)
    }

    /// The model of the message's language.
    fn model(&self, text: &str, context: &Context) -> (&Language, &Model) {
        let allowed = |language: &Language| {
            context.languages.is_empty() || context.languages.contains(language)
        };
        // The first language first: it has what is unclear.
        let of_project = self.languages.get_key_value(&self.settings.language);
        let others = self
            .languages
            .iter()
            .filter(|(language, _)| **language != self.settings.language);
        let mut models: Vec<_> = of_project.into_iter().chain(others).collect();
        if models.iter().any(|(language, _)| allowed(language)) {
            models.retain(|(language, _)| allowed(language));
        }
        let is_clear = models.len() == 1;
        let spoken = spoken(text);
        let candidates: Vec<_> = models
            .iter()
            .map(|(language, model)| Candidate {
                language,
                familiarity: if is_clear {
                    1.0
                } else {
                    model.intents.familiarity(&spoken)
                },
            })
            .collect();
        let found = identify(&spoken, &candidates, context.last.as_ref());
        let model = found.and_then(|found| self.languages.get_key_value(found));
        model.unwrap_or(models[0])
    }
}
