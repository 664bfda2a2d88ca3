//! Sentences, and what a model that had not learnt from them takes them for.

use std::collections::BTreeMap;

use convene_training_data::{Example, Intent, Split, TrainingData};

use crate::{
    encoder::{self, Encoder, EncoderError, Remembered},
    understanding::{Context, Settings, Understanding, Understood, Untrainable},
};

/// A sentence and what it was taken for.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    pub example: &'a Example,
    pub understood: Understood,
}

impl Judgement<'_> {
    /// Whether the best intent is the right one, whatever was decided.
    pub(super) fn is_right(&self) -> bool {
        let first = self.understood.first().map(|first| &first.intent);
        first.is_some() && first == self.example.intent.as_ref()
    }

    /// How well it fits its best intent.
    pub(super) fn score(&self) -> f32 {
        let first = self.understood.first();
        first.map_or(f32::NEG_INFINITY, |first| first.score)
    }
}

/// Asks a model about sentences, each as a conversation's first in its own language; with an encoder, by what
/// that says of them, too.
///
/// # Errors
/// If the encoder has nothing to say. Never without one.
pub fn judge<'a>(
    model: &Understanding,
    examples: impl Iterator<Item = &'a Example>,
    encoder: Option<&dyn Encoder>,
    context: &Context,
) -> Result<Vec<Judgement<'a>>, EncoderError> {
    let examples: Vec<&Example> = examples.collect();
    let texts: Vec<&str> = examples.iter().map(|one| one.text.as_str()).collect();
    let embeddings = encoder.map(|encoder| encoder::encode(encoder, &texts));
    let embeddings = embeddings.transpose()?;
    let judgements = examples.into_iter().enumerate().map(|(number, example)| {
        let mut context = context.clone();
        context.languages.extend(example.language.clone());
        let embedding = embeddings.as_ref().map(|embeddings| &embeddings[number]);
        Judgement {
            understood: model.understand_with(&example.text, embedding, &context),
            example,
        }
    });
    Ok(judgements.collect())
}

/// Judges every training sentence once, by a model that learnt from the other folds. A fold has the
/// same share of each intent's sentences.
///
/// # Errors
/// If no intent has two sentences, or the encoder has nothing to say.
pub fn cross_validate<'a>(
    data: &'a TrainingData,
    folds: usize,
    settings: &Settings,
    encoder: Option<&dyn Encoder>,
    context: &Context,
) -> Result<Vec<Judgement<'a>>, Untrainable> {
    // Each sentence is in all folds but one.
    let remembered = encoder.map(Remembered::new);
    let encoder = remembered.as_ref().map(|one| one as &dyn Encoder);
    let mut turns = BTreeMap::<(Option<&Intent>, Option<&str>), usize>::new();
    let placed: Vec<(usize, &Example)> = data
        .of(Split::Train)
        .map(|example| {
            let language = example.language.as_ref().map(|language| language.as_str());
            let turn = turns
                .entry((example.intent.as_ref(), language))
                .or_default();
            *turn += 1;
            (*turn % folds.max(2), example)
        })
        .collect();
    let has_two = turns
        .iter()
        .any(|((intent, _), turn)| intent.is_some() && *turn > 1);
    if !has_two {
        return Err(Untrainable::NothingToHoldOut);
    }
    let mut judgements = Vec::with_capacity(placed.len());
    for fold in 0..folds.max(2) {
        let mut held = placed.iter().filter(|(turn, _)| *turn == fold).peekable();
        if held.peek().is_none() {
            continue;
        }
        let others = placed.iter().filter(|(turn, _)| *turn != fold);
        let part = TrainingData {
            examples: others.map(|(_, example)| (*example).clone()).collect(),
            synonyms: data.synonyms.clone(),
            lookups: data.lookups.clone(),
            patterns: data.patterns.clone(),
            ..TrainingData::default()
        };
        let model = Understanding::train(&part, settings, encoder)?;
        let held = held.map(|(_, example)| *example);
        judgements.extend(judge(&model, held, encoder, context)?);
    }
    Ok(judgements)
}
