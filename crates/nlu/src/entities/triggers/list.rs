//! The words of a language that values are made of.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use convene_training_data::Language;

/// In all languages `duckling` knows English days and the currencies.
const EVERY: &str = include_str!("every.txt");
pub(super) const LANGUAGES: [(&str, &str); 7] = [
    ("de", include_str!("de.txt")),
    ("en", include_str!("en.txt")),
    ("es", include_str!("es.txt")),
    ("fr", include_str!("fr.txt")),
    ("it", include_str!("it.txt")),
    ("nl", include_str!("nl.txt")),
    ("pt", include_str!("pt.txt")),
];

static LISTS: LazyLock<HashMap<&str, List>> = LazyLock::new(|| {
    let all = LANGUAGES.iter();
    all.map(|(language, own)| (*language, List::of([EVERY, *own])))
        .collect()
});

/// Words in small letters.
#[derive(Default)]
pub(super) struct List {
    words: HashSet<&'static str>,
    beginnings: BTreeSet<&'static str>,
    /// Values only beside another, or one of those `beside`.
    faint: HashSet<&'static str>,
    beside: HashSet<&'static str>,
    /// What else stands in the rules.
    others: HashSet<&'static str>,
}

/// None for a language that has none.
pub(super) fn list(language: &Language) -> Option<&'static List> {
    LISTS.get(language.as_str())
}

impl List {
    fn of(texts: [&'static str; 2]) -> Self {
        let mut list = Self::default();
        for text in texts {
            let mut part = "";
            for word in text.split_whitespace() {
                match part {
                    _ if word.starts_with('[') => part = word,
                    "[words]" => drop(list.words.insert(word)),
                    "[beginnings]" => drop(list.beginnings.insert(word)),
                    "[faint]" => drop(list.faint.insert(word)),
                    "[beside]" => drop(list.beside.insert(word)),
                    _ => drop(list.others.insert(word)),
                }
            }
        }
        // Without those that begin as another does, only the one before a word in order can be its beginning.
        let all = list.beginnings.clone();
        list.beginnings.retain(|word| {
            let shorter = (1..word.len()).filter_map(|end| word.get(..end));
            !shorter.into_iter().any(|shorter| all.contains(shorter))
        });
        list
    }

    /// The words that are no value by themselves.
    #[cfg(test)]
    pub(super) fn weak(&self) -> BTreeSet<&'static str> {
        self.faint.union(&self.beside).copied().collect()
    }

    /// Whether a word may be a value, or a part of one, whatever it stands beside.
    pub(super) fn tells(&self, word: &str) -> bool {
        let begins = |word: &str| {
            let before = self.beginnings.range(..=word).next_back();
            before.is_some_and(|before| word.starts_with(before))
        };
        self.words.contains(word) || begins(word)
    }

    /// Whether any rule has to do with a word.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.tells(word)
            || self.is_faint(word)
            || self.is_beside(word)
            || self.others.contains(word)
    }

    pub(super) fn is_faint(&self, word: &str) -> bool {
        self.faint.contains(word)
    }

    pub(super) fn is_beside(&self, word: &str) -> bool {
        self.beside.contains(word)
    }
}
