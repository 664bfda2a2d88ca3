//! The words by which intents are wanted, as their sentences have them: those that a negation takes back are others.

use std::collections::{BTreeMap, BTreeSet};

use super::vocabulary::Sentence;
use crate::{name::IntentName, slot::SmallWords};

/// A word stands for an intent in the rest of a message when so many of its sentences have it.
const KNOWN: usize = 2;

/// What the sentences of a project say of its intents.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Whose each word is: the intent of which the most sentences have it, and how many.
    words: BTreeMap<String, (IntentName, usize)>,
    /// The words that sentences of an intent have behind a negation: it is a part of what they mean.
    negated: BTreeSet<(IntentName, String)>,
    /// All words that the sentences have.
    known: BTreeSet<String>,
}

impl Wanted {
    pub(crate) fn learn(sentences: &[Sentence], small: &SmallWords) -> Self {
        let mut counts: BTreeMap<String, BTreeMap<&IntentName, usize>> = BTreeMap::new();
        let (mut negated, mut known) = (BTreeSet::new(), BTreeSet::new());
        for Sentence { intent, text } in sentences {
            let mut said = BTreeSet::new();
            for part in small.parts(text) {
                known.extend(part.iter().cloned());
                let behind = small.negated(&part);
                negated.extend(behind.iter().map(|word| (intent.clone(), word.clone())));
                let is_said = |word: &String| !small.is_small(word) && !behind.contains(word);
                said.extend(part.iter().filter(|word| is_said(word)).cloned());
            }
            for word in said {
                *counts.entry(word).or_default().entry(intent).or_default() += 1;
            }
        }
        let words = counts.into_iter().filter_map(|(word, of)| {
            let most = of.values().copied().max()?;
            let mut first = of.into_iter().filter(|(_, count)| *count == most);
            match (first.next(), first.next()) {
                // A word that is as much another's tells nothing.
                (Some((intent, count)), None) => Some((word, (intent.clone(), count))),
                _ => None,
            }
        });
        Self {
            words: words.collect(),
            negated,
            known,
        }
    }

    /// Whether some sentence has a word.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// The intents that a message says not to be wanted, and in no other part of it has a word of; and whether it has
    /// other parts.
    pub(crate) fn refused(
        &self,
        text: &str,
        small: &SmallWords,
    ) -> Option<(BTreeSet<IntentName>, bool)> {
        let parts = small.parts(text);
        let mut others = BTreeSet::new();
        let mut refused = BTreeSet::new();
        let mut is_all = true;
        for part in &parts {
            if let Some(word) = small.refused(part) {
                let of = self.words.get(word).map(|(intent, _)| intent);
                let is_meant_so = |intent: &&IntentName| {
                    let own = ((*intent).clone(), word.clone());
                    !self.negated.contains(&own)
                };
                refused.extend(of.filter(is_meant_so).cloned());
            } else {
                is_all &= part.iter().all(|word| small.is_small(word));
                let known = part.iter().filter_map(|word| self.words.get(word));
                others.extend(
                    known
                        .filter(|(_, count)| *count >= KNOWN)
                        .map(|(own, _)| own),
                );
            }
        }
        refused.retain(|intent| !others.contains(intent));
        (!refused.is_empty()).then_some((refused, !is_all))
    }
}
