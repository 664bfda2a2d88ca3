//! A text in words, as times are read from them.

use std::{ops::Range, sync::LazyLock};

use jiff::civil::DateTime;
use regex::Regex;

static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2}\b)?";
    Regex::new(&format!(
        r"{date}|\d{{1,2}}[:.]\d{{2}}\b|\d+\.|\d+|\p{{L}}+|\S"
    ))
    .ok()
});

const COUNTS: [&str; 21] = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
    "zwanzig",
];

const TENS: [(&str, usize); 5] = [
    ("zwanzig", 20),
    ("dreißig", 30),
    ("dreissig", 30),
    ("vierzig", 40),
    ("fünfzig", 50),
];

/// The words of a text, and when it is said.
pub(super) struct Words {
    words: Vec<(String, Range<usize>)>,
    pub(super) now: DateTime,
}

impl Words {
    pub(super) fn of(text: &str, now: DateTime) -> Self {
        let pieces = WORD.iter().flat_map(|word| word.find_iter(text));
        let words = pieces.map(|piece| (small(piece.as_str()), piece.range()));
        Self {
            words: words.collect(),
            now,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.words.len()
    }

    /// Where some words stand in the text, in bytes.
    pub(super) fn place(&self, words: Range<usize>) -> Range<usize> {
        self.words[words.start].1.start..self.words[words.end - 1].1.end
    }

    /// A word in small letters; nothing behind the last.
    pub(super) fn at(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |(word, _)| word)
    }

    /// The word before one.
    pub(super) fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.at(before))
    }
}

/// Small letters, with umlauts where people write two.
fn small(word: &str) -> String {
    let word = word.to_lowercase();
    [("ae", "ä"), ("oe", "ö"), ("ue", "ü")]
        .into_iter()
        .fold(word, |word, (two, one)| word.replace(two, one))
}

/// A number to 127, in words up to 59.
pub(super) fn count(word: &str) -> Option<i8> {
    let is_one = ["ein", "eins", "eine", "einen", "einem", "einer"].contains(&word);
    let named = if is_one {
        Some(1)
    } else {
        let counted = COUNTS.iter().position(|count| *count == word);
        counted.or_else(|| compound(word))
    };
    match named {
        Some(count) => i8::try_from(count).ok(),
        None => word.parse().ok(),
    }
}

/// "Dreißig", "fünfundvierzig".
fn compound(word: &str) -> Option<usize> {
    let (ones, tens) = TENS
        .iter()
        .find_map(|(name, tens)| Some((word.strip_suffix(name)?, tens)))?;
    if ones.is_empty() {
        return Some(*tens);
    }
    let ones = ones.strip_suffix("und")?;
    let ones = COUNTS.iter().position(|count| *count == ones)?;
    (1..10).contains(&ones).then_some(tens + ones)
}
