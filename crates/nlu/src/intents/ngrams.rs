//! What a sentence is made of: words, pairs of words, and pieces of two to four letters within words.

use std::str;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Lengths of the pieces of words, in letters; a word's borders count as letters.
const PIECES: std::ops::RangeInclusive<usize> = 2..=4;

/// The kind of an n-gram. Kinds are weighed apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// One word, or two that follow one another; the sentence's border counts as one.
    Words,
    /// Letters within a word; a space stands for its border.
    Letters,
}

/// One n-gram of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ngram<'a> {
    pub(crate) kind: Kind,
    /// A part of the sentence in its compared form.
    pub(crate) text: &'a str,
}

impl Ngram<'_> {
    /// Its name in a vocabulary. Two of a million n-grams share one with a chance of one to 30 million.
    pub(crate) fn hash(self) -> u64 {
        xxh3_64_with_seed(self.text.as_bytes(), self.kind as u64)
    }
}

/// Every n-gram of a text in its compared form ([`crate::text::words`]), in order, with repetitions.
pub(crate) fn of(words: &str) -> Vec<Ngram<'_>> {
    let mut ngrams = Vec::with_capacity(words.len() * 4);
    let mut borders = words.match_indices(' ').map(|(at, _)| at);
    let Some(mut begin) = borders.next() else {
        return ngrams;
    };
    let mut previous = None;
    for end in borders {
        let mut add = |kind, text| ngrams.push(Ngram { kind, text });
        add(Kind::Words, &words[begin + 1..end]);
        if let Some(previous) = previous {
            add(Kind::Words, &words[previous + 1..end]);
        }
        // How a sentence begins and ends tells a question from a statement.
        if begin == 0 {
            add(Kind::Words, &words[..end]);
        }
        if end + 1 == words.len() {
            add(Kind::Words, &words[begin + 1..]);
        }
        letters(&words[begin..=end], |piece| add(Kind::Letters, piece));
        previous = Some(begin);
        begin = end;
    }
    ngrams
}

/// The pieces of a word that has its borders. A word that is shorter than a piece is one piece.
fn letters<'a>(word: &'a str, mut take: impl FnMut(&'a str)) {
    let ends = |from: usize| {
        let rest = word[from..].char_indices().skip(1);
        rest.map(move |(at, _)| from + at).chain([word.len()])
    };
    for (begin, _) in word.char_indices() {
        for (end, length) in ends(begin).zip(1..=*PIECES.end()) {
            if PIECES.contains(&length) {
                take(&word[begin..end]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &str, kind: Kind) -> Vec<&str> {
        let all = of(words).into_iter().filter(|ngram| ngram.kind == kind);
        all.map(|ngram| ngram.text).collect()
    }

    #[test]
    fn words_and_pairs_and_pieces_are_found() {
        let words = " an ox ";
        assert_eq!(
            texts(words, Kind::Words),
            ["an", " an", "ox", "an ox", "ox "]
        );
        assert_eq!(
            texts(words, Kind::Letters),
            [
                " a", " an", " an ", "an", "an ", "n ", " o", " ox", " ox ", "ox", "ox ", "x "
            ]
        );
        assert!(of(" ").is_empty() && of("").is_empty());
    }

    #[test]
    fn letters_are_letters_and_not_bytes() {
        let words = " жук ";
        assert!(texts(words, Kind::Letters).contains(&"жук"));
        assert_eq!(texts(" a ", Kind::Letters), [" a", " a ", "a "]);
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        let name = |kind| Ngram { kind, text: "an" }.hash();
        assert_ne!(name(Kind::Words), name(Kind::Letters));
    }
}
