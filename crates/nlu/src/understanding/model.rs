//! A project's understanding: one model for each of its languages.

use std::collections::BTreeMap;

use convene_training_data::{BuiltIn, Example, Language, Split, TrainingData};
use serde::{Deserialize, Serialize};

use super::{
    Context, Fingerprint, Settings,
    both::of_both,
    clauses::clauses,
    letter::asked_for,
    understood::{Clause, Decision, Enough, Explanation, Limit, Ranked, Understood, decide},
};
use crate::{
    encoder::{self, Embedding, Encoder, EncoderError},
    entities::{Entity, Extractor, Known, grammar},
    identification::{Candidate, Said, foreign, identify},
    intents::{Basis, Calibration, Classifier, Learnt, Scored, Sentence, top},
    text,
};

/// So many n-grams explain an intent.
const EVIDENCE: usize = 12;

/// The score of what was taught word for word is at least this.
const TAUGHT: f32 = 1.0;

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

/// Why nothing can be learnt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Untrainable {
    #[error(
        "there is no sentence to learn from: add examples of at least one intent to the training data"
    )]
    NoExamples,
    #[error(
        "no intent has two sentences, of which one could be judged by what is learnt from the other: add sentences, or name held-out ones to judge by"
    )]
    NothingToHoldOut,
    #[error(transparent)]
    Encoder(#[from] EncoderError),
}

/// What a message is in, and what it is understood by.
struct Identified<'a> {
    language: &'a Language,
    model: &'a Model,
    /// See [`Understood::foreign`].
    foreign: Option<Language>,
}

impl Understanding {
    /// Learns from the training split of some data.
    ///
    /// Takes about a millisecond for each two sentences on two cores; the result is the same on any
    /// number of them.
    ///
    /// With an encoder it learns from what sentences mean, too: then each of them is encoded once, and what it
    /// says of a message's words alone is still there where the message has no vector.
    ///
    /// # Errors
    /// If there is no sentence with an intent, or the encoder has nothing to say.
    pub fn train(
        data: &TrainingData,
        settings: &Settings,
        encoder: Option<&dyn Encoder>,
    ) -> Result<Self, Untrainable> {
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
            let texts: Vec<&str> = sentences.iter().map(|(text, _)| *text).collect();
            let embeddings = encoder.map(|encoder| encoder::encode(encoder, &texts));
            let model = Model {
                intents: Classifier::train(
                    &sentences,
                    embeddings.transpose()?.as_deref(),
                    language,
                ),
                entities: Extractor::train(data, &examples, language),
            };
            Ok((language.clone(), model))
        });
        Ok(Self {
            fingerprint: Fingerprint::of(data, settings, encoder),
            languages: languages.collect::<Result<_, Untrainable>>()?,
            settings: settings.clone(),
        })
    }

    /// The same with other built-in entities, which are looked for and not learnt. Its fingerprint stays.
    #[must_use]
    pub fn with_built_ins(mut self, built_ins: Vec<BuiltIn>) -> Self {
        self.settings.built_ins = built_ins;
        self
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

    /// Whether a message can be understood at once. The first of each language that may have a built-in entity cannot: the
    /// rules for these are made when they are needed, since they take some 30 MB.
    pub fn is_ready_for(&self, text: &str, context: &Context) -> bool {
        let Identified { language, .. } = self.model(text, context);
        grammar::is_ready(text, &self.settings.built_ins, language)
    }

    /// Has made what a message would wait for: takes some tenths of a second the first time.
    pub fn get_ready_for(&self, text: &str, context: &Context) {
        let Identified { language, .. } = self.model(text, context);
        grammar::get_ready(&self.settings.built_ins, language);
    }

    /// Whether it has learnt from what sentences mean: then [`Self::understand_with`] a message's vector knows
    /// better.
    pub fn is_encoded(&self) -> bool {
        let mut models = self.languages.values();
        models.any(|model| model.intents.is_encoded())
    }

    /// What a message means, by its words alone.
    ///
    /// Takes tens of microseconds, and a millisecond more where there is a word or a figure that a built-in entity may be
    /// made of.
    pub fn understand(&self, text: &str, context: &Context) -> Understood {
        self.understand_with(text, None, context)
    }

    /// What a message means, by its words and what the encoder says of it. Without that, or if it is another
    /// encoder's, by its words alone.
    pub fn understand_with(
        &self,
        text: &str,
        embedding: Option<&Embedding>,
        context: &Context,
    ) -> Understood {
        let identified = self.model(text, context);
        self.ask(&identified, (text, embedding), context).0
    }

    /// What a message means, and why.
    pub fn explain(
        &self,
        text: &str,
        embedding: Option<&Embedding>,
        context: &Context,
    ) -> Explanation {
        let identified = self.model(text, context);
        let (understood, (sure, lost), overruled) =
            self.ask(&identified, (text, embedding), context);
        let model = identified.model;
        let first = understood.first().and_then(|first| {
            model
                .intents
                .intents()
                .iter()
                .position(|intent| *intent == first.intent)
        });
        Explanation {
            evidence: first.map_or_else(Vec::new, |first| {
                model.intents.evidence(text, first, EVIDENCE)
            }),
            familiarity: model.intents.familiarity(text),
            sure,
            lost,
            overruled,
            understood,
        }
    }

    /// From what on it is sure, and below what it is lost: as the project says, else as was learnt.
    fn limits(&self, learnt: &Calibration) -> (Enough, Limit) {
        let lost = self.settings.lost.map(Limit::Confidence);
        let sure = Enough {
            confidence: self.settings.sure.unwrap_or(learnt.sure),
            score: self.settings.sure.is_none().then_some(learnt.poor),
        };
        (sure, lost.unwrap_or(Limit::Score(learnt.lost)))
    }

    /// What a message means, the limits that it was held to, and the entities that lost against others.
    fn ask(
        &self,
        identified: &Identified<'_>,
        (text, embedding): (&str, Option<&Embedding>),
        context: &Context,
    ) -> (Understood, (Enough, Limit), Vec<Entity>) {
        let Identified {
            language,
            model,
            foreign,
        } = identified;
        let scored = model.intents.score(text, embedding);
        let encoding = scored.encoding;
        let (sure, lost) = self.limits(scored.calibration);
        let (intents, decision) = decide(ranked(model, &scored), scored.basis, sure, lost);
        let clauses = match scored.basis {
            Basis::Taught(_) => Vec::new(),
            Basis::Words | Basis::Pieces => self.clauses(language, model, text),
        };
        let (intents, decision) = match (&decision, scored.basis) {
            (Decision::Sure, _) | (_, Basis::Taught(_)) => (intents, decision),
            _ if !clauses.is_empty() => (intents, decision),
            _ => match asked_for(text, language, |text| self.by_words(model, text)) {
                Some(intents) => (intents, Decision::Sure),
                None => (intents, decision),
            },
        };
        let known = |intent| Known {
            intent,
            language,
            built_ins: &self.settings.built_ins,
            zone: &context.zone,
            now: context.now,
        };
        let first = intents.first().map(|first| &first.intent);
        let found = if clauses.is_empty() {
            model.entities.find(text, &known(first))
        } else {
            let parts = clauses.iter().map(|clause| {
                let own = known(Some(&clause.meant.intent));
                let found = model.entities.find(&text[clause.start..clause.end], &own);
                found.behind(clause.start)
            });
            parts.collect()
        };
        let clauses = match (first, &decision) {
            (Some(both), Decision::Sure) if clauses.is_empty() => {
                let rank = |text: &str| ranked(model, &model.intents.score(text, None));
                of_both(text, language, both, &found.kept, rank)
            }
            _ => clauses,
        };
        let understood = Understood {
            language: Language::clone(language),
            foreign: foreign.clone(),
            intents,
            decision,
            clauses,
            encoding,
            entities: found.kept,
        };
        (understood, (sure, lost), found.lost)
    }

    /// What a part of a message means, by its words.
    fn by_words(&self, model: &Model, text: &str) -> (Vec<Ranked>, Decision) {
        let scored = model.intents.score(text, None);
        let (sure, lost) = self.limits(scored.calibration);
        decide(ranked(model, &scored), scored.basis, sure, lost)
    }

    /// A message's clauses, if they mean something else each, by their words.
    fn clauses(&self, language: &Language, model: &Model, text: &str) -> Vec<Clause> {
        let decided = |text: &str| self.by_words(model, text);
        let surely = |text: &str| match decided(text) {
            (ranked, Decision::Sure) => ranked.into_iter().next(),
            _ => None,
        };
        clauses(text, language, surely, || decided(text).0)
    }

    /// The message's language, and the model that it is understood by: that of the language, or where nothing is
    /// learnt in it, of the one that knows most of its words.
    fn model<'a>(&'a self, text: &str, context: &'a Context) -> Identified<'a> {
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
        let untaught = context.languages.iter();
        let untaught = untaught.filter(|language| !self.languages.contains_key(language));
        if models.iter().any(|(language, _)| allowed(language)) {
            models.retain(|(language, _)| allowed(language));
        }
        let said = Said::of(text);
        let taught = models.iter().map(|(language, model)| Candidate {
            language,
            familiarity: Some(model.intents.familiarity(said.spoken())),
        });
        let taught: Vec<_> = taught.collect();
        let untaught = untaught.map(|language| Candidate {
            language,
            familiarity: None,
        });
        let may_be = taught.iter().filter(|one| allowed(one.language)).copied();
        let all: Vec<_> = may_be.chain(untaught).collect();
        let last = context.last.as_ref();
        let language = identify(&said, &all, last).unwrap_or(models[0].0);
        let word_for_word = taught_in(&models, text);
        // Who says "danke" between English sentences is understood, and goes on in English.
        let language = match word_for_word {
            Some(taught) if last.is_none() || !said.is_short() => taught,
            _ => language,
        };
        let by = match (word_for_word, self.languages.get_key_value(language)) {
            (Some(taught), _) => taught,
            (None, Some((language, _))) => language,
            (None, None) => identify(&said, &taught, None).unwrap_or(models[0].0),
        };
        Identified {
            language,
            model: self.languages.get(by).unwrap_or(models[0].1),
            foreign: foreign(&said, &all).filter(|_| word_for_word.is_none()),
        }
    }
}

/// The language in which a text is taught word for word, if it is one alone.
fn taught_in<'a>(models: &[(&'a Language, &Model)], text: &str) -> Option<&'a Language> {
    let words = text::words(text);
    let mut taught = models
        .iter()
        .filter(|(_, model)| model.intents.has_taught(&words));
    match (taught.next(), taught.next()) {
        (Some((language, _)), None) => Some(*language),
        _ => None,
    }
}

/// All intents with what speaks for them. What was taught word for word fits its intent as well as can be, and no other.
fn ranked(model: &Model, scored: &Scored<'_>) -> Vec<Ranked> {
    let taught = match scored.basis {
        Basis::Taught(Learnt::Intent(at)) => Some(at),
        _ => None,
    };
    let best = top(&scored.scores);
    let confidences = scored.calibration.confidences(&scored.scores);
    let scores = scored.scores.iter().zip(confidences);
    let all = model.intents.intents().iter().zip(scores).enumerate();
    let ranked = all.map(|(at, (intent, (score, confidence)))| Ranked {
        intent: intent.clone(),
        confidence: match taught {
            None => confidence,
            Some(taught) => f32::from(u8::from(at == taught)),
        },
        score: if taught == Some(at) {
            score.max(scored.scores[best]).max(TAUGHT)
        } else {
            *score
        },
    });
    ranked.collect()
}
