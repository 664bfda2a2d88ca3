//! Entities that are learnt from annotated sentences of one intent.

use std::{collections::BTreeSet, ops::Range};

use convene_training_data::{Annotation, EntityKind};
use serde::{Deserialize, Serialize};

use super::{
    chain::{Chain, Lesson},
    tokens::{Token, features, tokens},
};

/// What a piece of a sentence may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) entity: EntityKind,
    pub(super) role: Option<String>,
    pub(super) group: Option<String>,
}

/// A trained tagger. Of each label a token may be the first, or a later one; or it has none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tagger {
    labels: Vec<Label>,
    chain: Chain,
}

/// A sentence to learn from, with what word lists and patterns find in it.
pub(super) struct Sentence<'a> {
    pub(super) text: &'a str,
    pub(super) annotations: &'a [Annotation],
    pub(super) hints: Vec<(Range<usize>, &'a str)>,
}

const NONE: usize = 0;

impl Tagger {
    /// None if no sentence has an annotation.
    pub(super) fn train(sentences: &[Sentence<'_>]) -> Option<Self> {
        let all = sentences
            .iter()
            .flat_map(|sentence| sentence.annotations)
            .map(label);
        let labels: Vec<Label> = all.collect::<BTreeSet<_>>().into_iter().collect();
        if labels.is_empty() {
            return None;
        }
        let lessons: Vec<Lesson> = sentences
            .iter()
            .map(|sentence| {
                let tokens = tokens(sentence.text);
                let truth = truth(&tokens, sentence.annotations, &labels);
                let seen = features(sentence.text, &tokens, &sentence.hints);
                seen.into_iter().zip(truth).collect()
            })
            .collect();
        let chain = Chain::train(&lessons, 1 + 2 * labels.len());
        Some(Self { labels, chain })
    }

    /// The pieces of a text that have a label, from its front to its end; none overlaps another.
    pub(super) fn tag(
        &self,
        text: &str,
        hints: &[(Range<usize>, &str)],
    ) -> Vec<(Range<usize>, &Label)> {
        let tokens = tokens(text);
        let found = self.chain.label(&features(text, &tokens, hints));
        let mut pieces = Vec::<(Range<usize>, &Label)>::new();
        let mut under_way = None;
        for (token, number) in tokens.into_iter().zip(found) {
            let at = number.checked_sub(1).map(|number| number / 2);
            let label = at.and_then(|at| self.labels.get(at));
            let goes_on = number % 2 == 0 && under_way == at;
            match (label, pieces.last_mut()) {
                (Some(_), Some(last)) if goes_on => last.0.end = token.end,
                (Some(label), _) => pieces.push((token, label)),
                (None, _) => {}
            }
            under_way = at;
        }
        // A full stop is nobody's name.
        let is_mark = |c: char| c.is_ascii_punctuation() || c.is_whitespace();
        pieces.retain(|(place, _)| !text[place.clone()].chars().all(is_mark));
        pieces
    }

    pub(super) fn is_whole(&self) -> bool {
        self.chain.is_whole(1 + 2 * self.labels.len())
    }
}

fn label(annotation: &Annotation) -> Label {
    Label {
        entity: annotation.entity.clone(),
        role: annotation.role.clone(),
        group: annotation.group.clone(),
    }
}

/// The tokens' labels as numbers: none, or the first or a later one of a label.
fn truth(tokens: &[Token], annotations: &[Annotation], labels: &[Label]) -> Vec<usize> {
    let mut truth = vec![NONE; tokens.len()];
    for annotation in annotations {
        let Ok(number) = labels.binary_search(&label(annotation)) else {
            continue;
        };
        let within = tokens
            .iter()
            .zip(&mut truth)
            .filter(|(token, _)| token.start < annotation.end && annotation.start < token.end);
        for (place, (_, truth)) in within.enumerate() {
            *truth = 1 + 2 * number + usize::from(place > 0);
        }
    }
    truth
}
