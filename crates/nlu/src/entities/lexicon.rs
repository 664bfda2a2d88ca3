//! Entities by word lists and regular expressions, and the values that synonyms stand for.

use std::{collections::BTreeMap, ops::Range};

use aho_corasick::{AhoCorasick, MatchKind};
use convene_training_data::{EntityKind, Expression};
use serde::{Deserialize, Serialize};

use crate::text;

/// A project's word lists, patterns and synonyms in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(super) struct Lexicon {
    kept: Kept,
    /// Finds the words, of which the longest wins. None: there are none, or too many.
    words: Option<AhoCorasick>,
    patterns: Vec<(EntityKind, Expression)>,
}

/// What it is made of, and how it stands in a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// In small letters.
    pub(super) words: Vec<(String, EntityKind)>,
    pub(super) patterns: Vec<(EntityKind, String)>,
    /// From words in small letters to what they stand for.
    pub(super) synonyms: BTreeMap<String, String>,
}

impl From<Kept> for Lexicon {
    fn from(kept: Kept) -> Self {
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(kept.words.iter().map(|(words, _)| words));
        // What was loaded has been checked; what is from a file may be anything.
        let patterns = kept
            .patterns
            .iter()
            .filter_map(|(entity, pattern)| Some((entity.clone(), Expression::new(pattern).ok()?)));
        Self {
            patterns: patterns.collect(),
            words: words.ok().filter(|_| !kept.words.is_empty()),
            kept,
        }
    }
}

impl From<Lexicon> for Kept {
    fn from(lexicon: Lexicon) -> Self {
        lexicon.kept
    }
}

impl Lexicon {
    /// Whole words of a text that a list has.
    pub(super) fn words(&self, text: &str) -> Vec<(Range<usize>, &EntityKind)> {
        let Some(words) = &self.words else {
            return Vec::new();
        };
        let (small, places) = small_letters(text);
        let found = words.find_iter(&small).filter_map(|found| {
            let place = places[found.start()]..places[found.end()];
            let (_, entity) = &self.kept.words[found.pattern()];
            is_whole(text, &place).then_some((place, entity))
        });
        found.collect()
    }

    /// What patterns find in a text.
    pub(super) fn patterns(&self, text: &str) -> Vec<(Range<usize>, &EntityKind)> {
        let each = self.patterns.iter().flat_map(|(entity, pattern)| {
            // Where that takes too many steps, nothing is found; `check` says so of what may.
            let found = pattern.find(text).unwrap_or_default();
            found.into_iter().map(move |place| (place, entity))
        });
        each.collect()
    }

    /// What words stand for.
    pub(super) fn value(&self, words: &str) -> Option<&str> {
        self.kept
            .synonyms
            .get(&words.to_lowercase())
            .map(String::as_str)
    }
}

/// A text in small letters, and for each of its bytes, and its end, where that stood.
fn small_letters(text: &str) -> (String, Vec<usize>) {
    let mut small = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, sign) in text.char_indices() {
        small.extend(sign.to_lowercase());
        places.resize(small.len(), at);
    }
    places.push(text.len());
    (small, places)
}

/// Whether a piece of a text is there, and begins and ends where words do.
pub(super) fn is_whole(text: &str, piece: &Range<usize>) -> bool {
    let is_there = text
        .get(piece.clone())
        .is_some_and(|piece| !piece.is_empty());
    is_there && is_border(text, piece.start) && is_border(text, piece.end)
}

/// Whether a place of a text is not in the midst of a word.
pub(super) fn is_border(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else {
        return true;
    };
    let ends = |sign: Option<char>| sign.is_some_and(text::is_part_of_word);
    !(ends(before.chars().next_back()) && ends(after.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let word = |words: &str, entity| (words.to_owned(), EntityKind::new(entity));
        Lexicon::from(Kept {
            words: vec![
                word("new york", "city"),
                word("york", "city"),
                word("äpfel", "fruit"),
                word("i", "x"),
            ],
            patterns: vec![(EntityKind::new("order"), r"\b[A-Z]{2}-\d+\b".to_owned())],
            synonyms: [("nyc".to_owned(), "New York".to_owned())].into(),
        })
    }

    #[test]
    fn whole_words_are_found_whatever_their_case_and_the_longest_wins() {
        let lexicon = lexicon();
        for (text, expected) in [
            ("to NEW York, please", vec!["NEW York"]),
            ("Yorkshire", vec![]),
            ("İ ÄPFEL", vec!["ÄPFEL"]),
        ] {
            let found: Vec<_> = lexicon
                .words(text)
                .into_iter()
                .map(|(place, _)| &text[place])
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn patterns_and_synonyms_are_found() {
        let lexicon = lexicon();
        let found = lexicon.patterns("where is AB-12?");
        assert_eq!(found[0].0, 9..14);
        assert_eq!(lexicon.value("NYC"), Some("New York"));
        assert_eq!(lexicon.value("LA"), None);
    }
}
