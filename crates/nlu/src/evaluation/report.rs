//! The figures.

use std::collections::BTreeMap;

use convene_training_data::Intent;
use serde::Serialize;

use super::{
    judgement::Judgement,
    spans,
    threshold::{PaperRule, auroc, interval, share},
};
use crate::understanding::Decision;

/// How well a model did. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Sentences that belong to an intent.
    pub in_scope: usize,
    /// Sentences that belong to none.
    pub out_of_scope: usize,
    /// Of those in scope: the best intent is the right one, whatever its score.
    pub accuracy: f64,
    /// Between what it lies for all that people say, as far as these sentences are like that: 95 times of 100.
    pub accuracy_between: (f64, f64),
    /// The mean of the intents' F1.
    pub macro_f1: f64,
    /// At the model's own thresholds.
    pub decisions: Decisions,
    /// How well scores tell in scope from out of scope. None if there is nothing out of scope.
    pub auroc: Option<f64>,
    /// Under the rule of CLINC150's paper. None if there is nothing out of scope.
    pub paper_rule: Option<PaperRule>,
    /// In order of their names.
    pub intents: Vec<IntentReport>,
    /// Over all kinds of entities: a piece counts as right if it begins and ends where it should, and
    /// has the right kind and role. None if no sentence has any.
    pub spans: Option<EntityReport>,
    /// In order of their names.
    pub entities: Vec<EntityReport>,
    /// What was taken for something else, the most frequent first.
    pub confusions: Vec<Confusion>,
}

/// What was decided at the model's own thresholds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Decisions {
    /// Of those in scope: sure, torn and lost.
    pub sure: f64,
    pub torn: f64,
    pub lost: f64,
    /// Of the sure ones: right.
    pub sure_and_right: f64,
    /// Of those in scope: taken for the right intent, or asked about with the right one among the choices.
    pub helped: f64,
    /// Of those out of scope: lost. None if there are none.
    pub out_of_scope_recall: Option<f64>,
    /// Of those out of scope: sure, and so answered wrongly. None if there are none.
    pub out_of_scope_answered: Option<f64>,
}

/// Of one kind of thing: how many there are, were found, and were found rightly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub there: usize,
    pub found: usize,
    pub right: usize,
}

impl Counts {
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    pub fn recall(&self) -> f64 {
        share(self.right, self.there)
    }

    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.there + self.found)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntentReport {
    pub intent: Intent,
    #[serde(flatten)]
    pub counts: Counts,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityReport {
    /// With its role, as in `city/departure`; `all` for all of them.
    pub entity: String,
    #[serde(flatten)]
    pub counts: Counts,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl EntityReport {
    pub(super) fn new(entity: &str, counts: Counts) -> Self {
        Self {
            entity: entity.to_owned(),
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            counts,
        }
    }
}

/// An intent that was taken for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    pub is: Intent,
    pub taken_for: Intent,
    pub times: usize,
    /// One of the sentences.
    pub example: String,
}

impl Report {
    /// Adds up judgements. `validation` is what the paper's threshold is chosen on, if there is any.
    pub fn of(judgements: &[Judgement<'_>], validation: Option<&[Judgement<'_>]>) -> Self {
        let inside: Vec<_> = judgements
            .iter()
            .filter_map(|judgement| Some((judgement.example.intent.as_ref()?, judgement)))
            .collect();
        let mut counts = BTreeMap::<&Intent, Counts>::new();
        let mut confusions = BTreeMap::<(&Intent, &Intent), (usize, &str)>::new();
        for (intent, judgement) in &inside {
            counts.entry(intent).or_default().there += 1;
            let Some(first) = judgement.understood.first() else {
                continue;
            };
            let found = counts.entry(&first.intent).or_default();
            found.found += 1;
            if first.intent == **intent {
                found.right += 1;
            } else {
                let text = judgement.example.text.as_str();
                confusions
                    .entry((intent, &first.intent))
                    .or_insert((0, text))
                    .0 += 1;
            }
        }
        let intents: Vec<_> = counts
            .into_iter()
            .map(|(intent, counts)| IntentReport {
                intent: intent.clone(),
                counts,
                precision: counts.precision(),
                recall: counts.recall(),
                f1: counts.f1(),
            })
            .collect();
        let mut confusions: Vec<_> = confusions
            .into_iter()
            .map(|((is, taken_for), (times, example))| Confusion {
                is: is.clone(),
                taken_for: taken_for.clone(),
                times,
                example: example.to_owned(),
            })
            .collect();
        confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.times));
        let right = intents.iter().map(|intent| intent.counts.right).sum();
        let f1s = intents.iter().map(|intent| intent.f1);
        let (spans, entities) = spans::count(judgements);
        Self {
            spans,
            entities,
            in_scope: inside.len(),
            out_of_scope: judgements.len() - inside.len(),
            accuracy: share(right, inside.len()),
            accuracy_between: interval(right, inside.len()),
            macro_f1: f1s.sum::<f64>() / share(intents.len().max(1), 1),
            decisions: Decisions::of(judgements),
            auroc: auroc(judgements),
            paper_rule: PaperRule::apply(judgements, validation),
            intents,
            confusions,
        }
    }
}

impl Decisions {
    fn of(judgements: &[Judgement<'_>]) -> Self {
        let (inside, outside): (Vec<_>, Vec<_>) = judgements
            .iter()
            .partition(|judgement| judgement.example.intent.is_some());
        let count = |side: &[&Judgement<'_>], is: fn(&Decision) -> bool| {
            side.iter()
                .filter(|one| is(&one.understood.decision))
                .count()
        };
        let is_sure = |decision: &Decision| *decision == Decision::Sure;
        let is_lost = |decision: &Decision| *decision == Decision::Lost;
        let sure = count(&inside, is_sure);
        let lost = count(&inside, is_lost);
        let right = inside
            .iter()
            .filter(|one| one.understood.decision == Decision::Sure && one.is_right())
            .count();
        let offered = inside.iter().filter(|one| match &one.understood.decision {
            Decision::Torn { between } => one
                .example
                .intent
                .as_ref()
                .is_some_and(|intent| between.contains(intent)),
            Decision::Sure | Decision::Lost => false,
        });
        let of_outside = |is: fn(&Decision) -> bool| {
            (!outside.is_empty()).then(|| share(count(&outside, is), outside.len()))
        };
        Self {
            sure: share(sure, inside.len()),
            lost: share(lost, inside.len()),
            torn: share(inside.len() - sure - lost, inside.len()),
            sure_and_right: share(right, sure),
            helped: share(right + offered.count(), inside.len()),
            out_of_scope_recall: of_outside(is_lost),
            out_of_scope_answered: of_outside(is_sure),
        }
    }
}
