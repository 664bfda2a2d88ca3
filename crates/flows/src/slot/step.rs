//! "One more", "zwei weniger": a number that counts on from what is known, or back.

use std::ops::Range;

use super::{SmallWords, folded};

/// What ends a part of a message.
const MARKS: [char; 6] = [',', '.', ';', ':', '!', '?'];

/// In a phrase: the number.
const NUMBER: &str = "…";

/// Which way a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    On,
    Back,
}

impl SmallWords {
    /// Which way the number at a place of a text counts, if it does. What it counts may stand between: "2 guests more".
    pub(crate) fn step(&self, text: &str, place: Range<usize>) -> Option<Step> {
        let (before, behind) = (text.get(..place.start)?, text.get(place.end..)?);
        let before = folded(before.rsplit(MARKS).next()?);
        let behind = folded(behind.split(MARKS).next()?);
        let [before, behind] = [&before, &behind].map(|part| words(part));
        let has = |phrases: &[String]| {
            let mut phrases = phrases.iter();
            phrases.any(|phrase| self.counts(phrase, &before, &behind))
        };
        if has(&self.more) {
            return Some(Step::On);
        }
        has(&self.less).then_some(Step::Back)
    }

    fn counts(&self, phrase: &str, before: &[&str], behind: &[&str]) -> bool {
        let Some((lead, rest)) = phrase.split_once(NUMBER) else {
            return false;
        };
        let (lead, rest) = (words(lead), words(rest));
        let is_noun = |word: &str| !self.is_no_value(word) && !word.contains(char::is_numeric);
        let mut from = [behind, behind.get(1..).unwrap_or_default()]
            .into_iter()
            .take(if behind.first().is_some_and(|word| is_noun(word)) {
                2
            } else {
                1
            });
        let is_behind = from.any(|behind| {
            let next = behind.get(rest.len());
            // "3 more or less" is about three.
            let is_about = next.is_some_and(|word| self.alternatives.iter().any(|or| or == word));
            behind.starts_with(&rest) && !is_about
        });
        before.ends_with(&lead) && is_behind
    }

    /// Whether these words say how many more or less, with the number before them.
    pub(crate) fn are_step(&self, said: &str) -> bool {
        let said = folded(said);
        let mut phrases = self.more.iter().chain(&self.less);
        phrases.any(|phrase| {
            let behind = phrase.strip_prefix(NUMBER);
            behind.is_some_and(|behind| behind.trim() == said)
        })
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
