//! The sentences that a project has taught, word for word: whoever says one means what it was taught as.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// What a sentence was taught as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learnt {
    /// The intent at this place.
    Intent(usize),
    OutOfScope,
}

/// The sentences that are taught as one thing only.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sentences {
    /// In order of the first: a sentence's name, and the number of its class; that behind the last intent's is what is
    /// out of scope. Two of a million sentences share a name with a chance of one to 30 million.
    names: Vec<(u64, u32)>,
    intents: u32,
}

impl Sentences {
    /// Of sentences as they are compared, with their classes.
    pub(super) fn of(words: &[String], classes: &[usize], intents: usize) -> Self {
        let number = |class: &usize| u32::try_from(*class).unwrap_or(u32::MAX);
        let said = words.iter().zip(classes);
        let said = said.filter(|(words, _)| !words.trim().is_empty());
        let mut names: Vec<_> = said
            .map(|(words, class)| (name(words), number(class)))
            .collect();
        names.sort_unstable();
        names.dedup();
        let alone = names.chunk_by(|a, b| a.0 == b.0);
        let alone = alone.filter_map(|same| match same {
            [one] => Some(*one),
            _ => None,
        });
        Self {
            names: alone.collect(),
            intents: number(&intents),
        }
    }

    /// What a sentence, as it is compared, was taught as.
    pub(super) fn of_words(&self, words: &str) -> Option<Learnt> {
        let name = name(words);
        let at = self.names.binary_search_by_key(&name, |(name, _)| *name);
        let (_, class) = self.names.get(at.ok()?)?;
        Some(if *class < self.intents {
            Learnt::Intent(*class as usize)
        } else {
            Learnt::OutOfScope
        })
    }

    /// Whether what was read from a file fits these intents.
    pub(super) fn is_whole(&self, intents: usize) -> bool {
        self.intents as usize == intents && self.names.is_sorted()
    }
}

fn name(words: &str) -> u64 {
    xxh3_64(words.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_is_taught_as_two_things_is_none() {
        let taught = [
            (" stop ", 0),
            (" stop ", 0),
            (" go ", 1),
            (" wait ", 2),
            (" on ", 0),
            (" on ", 2),
            (" ", 1),
        ];
        let words = taught.map(|(words, _)| words.to_owned());
        let sentences = Sentences::of(&words, &taught.map(|(_, class)| class), 2);
        for (words, expected) in [
            (" stop ", Some(Learnt::Intent(0))),
            (" go ", Some(Learnt::Intent(1))),
            (" wait ", Some(Learnt::OutOfScope)),
            (" on ", None),
            (" ", None),
            (" stop it ", None),
        ] {
            assert_eq!(sentences.of_words(words), expected, "{words:?}");
        }
        assert!(sentences.is_whole(2) && !sentences.is_whole(3));
    }
}
