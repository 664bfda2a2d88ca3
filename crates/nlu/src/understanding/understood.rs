//! What a message was taken for.

use convene_training_data::{Intent, Language};
use serde::Serialize;

use crate::{
    entities::Entity,
    intents::{Basis, Encoding, Evidence, Learnt},
};

/// What a message was taken for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Understood {
    pub language: Language,
    /// The language that it is surely in, where it is none of those that it may be in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Language>,
    /// The best first; all of the project's in this language.
    pub intents: Vec<Ranked>,
    pub decision: Decision,
    /// Where each of several clauses surely means something else: these, in their order. Entities were looked for in each by
    /// itself then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// What its vector had to do with that.
    pub encoding: Encoding,
    /// From the message's front to its end; none overlaps another.
    pub entities: Vec<Entity>,
}

/// A part of a message that surely means something by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// In bytes.
    pub start: usize,
    /// In bytes, behind its last letter.
    pub end: usize,
    /// What it means, by its words.
    #[serde(flatten)]
    pub meant: Ranked,
}

/// What a message was taken for, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    #[serde(flatten)]
    pub understood: Understood,
    /// What spoke for or against the first intent: the strongest first.
    pub evidence: Vec<Evidence>,
    /// Which share of the message's n-grams is in the training data: 0 to 1.
    pub familiarity: f32,
    /// What it would have to reach to be sure ...
    pub sure: Enough,
    /// ... and not to be lost.
    pub lost: Limit,
    /// Entities that were found and lost against stronger or longer ones.
    pub overruled: Vec<Entity>,
}

/// What the best intent must reach to be meant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Enough {
    pub confidence: f32,
    /// None where the project has set the confidence itself.
    pub score: Option<f32>,
}

impl Enough {
    fn is_reached(self, by: &Ranked) -> bool {
        let fits = self.score.is_none_or(|score| by.score >= score);
        fits && by.confidence >= self.confidence
    }
}

/// What the best intent must reach not to be lost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Learnt by cross-validation.
    Score(f32),
    /// Set by the project.
    Confidence(f32),
}

impl Limit {
    /// Whether an intent reaches it.
    pub(super) fn is_reached(self, by: &Ranked) -> bool {
        match self {
            Self::Score(limit) => by.score >= limit,
            Self::Confidence(limit) => by.confidence >= limit,
        }
    }
}

/// An intent, and how much speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    pub intent: Intent,
    /// From 0 to 1; those of all intents add up to 1.
    pub confidence: f32,
    /// How well the message fits the intent, whatever the others: about 1 for what was learnt, about
    /// -1 for what has nothing to do with it, and less than that by a vector that says so, too.
    pub score: f32,
}

/// What to do about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Decision {
    /// The first intent is meant.
    Sure,
    /// It may be one of these two or three: ask.
    Torn { between: Vec<Intent> },
    /// It belongs to no intent of the project.
    Lost,
}

impl Understood {
    /// The best intent, whatever was decided.
    pub fn first(&self) -> Option<&Ranked> {
        self.intents.first()
    }

    /// The intent that is meant, if that is sure.
    pub fn intent(&self) -> Option<&Intent> {
        match self.decision {
            Decision::Sure => self.first().map(|first| &first.intent),
            Decision::Torn { .. } | Decision::Lost => None,
        }
    }
}

/// Ranks intents by their scores, and decides.
pub(super) fn decide(
    intents: Vec<Ranked>,
    basis: Basis,
    sure: Enough,
    lost: Limit,
) -> (Vec<Ranked>, Decision) {
    let mut ranked = intents;
    ranked.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| b.confidence.total_cmp(&a.confidence))
            .then_with(|| a.intent.cmp(&b.intent))
    });
    let decision = match basis {
        Basis::Taught(Learnt::Intent(_)) => Decision::Sure,
        Basis::Taught(Learnt::OutOfScope) => Decision::Lost,
        Basis::Words | Basis::Pieces => match ranked.as_slice() {
            [first, rest @ ..] if lost.is_reached(first) => {
                // A project that sets the limit itself goes by it alone.
                let is_guess = basis == Basis::Pieces && sure.score.is_some();
                let is_sure = !is_guess && sure.is_reached(first);
                torn(first, rest)
                    .filter(|_| !is_sure)
                    .unwrap_or(Decision::Sure)
            }
            _ => Decision::Lost,
        },
    };
    (ranked, decision)
}

/// Between the first and the second, and the third where it is worth a button: if it is half as likely as the second. None if
/// there is only one.
fn torn(first: &Ranked, rest: &[Ranked]) -> Option<Decision> {
    let (second, rest) = rest.split_first()?;
    let third = rest.first();
    let third = third.filter(|third| third.confidence * 2.0 >= second.confidence);
    let between = [first, second].into_iter().chain(third);
    Some(Decision::Torn {
        between: between.map(|one| one.intent.clone()).collect(),
    })
}
