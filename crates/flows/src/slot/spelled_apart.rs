//! "It is ab 1234": where a text stands in others that is kept without the signs in it.

use std::ops::Range;

use super::{SlotSpec, SmallWords, answer::bare};

/// A value is spelled in no more pieces.
const MOST: usize = 12;

impl SlotSpec {
    /// The only part of a text that looks as the slot's pattern says: as it stands there, or without the signs that are left out.
    pub(super) fn find(&self, text: &str, small: &SmallWords) -> Option<Range<usize>> {
        let pattern = self.pattern.as_ref()?;
        if self.without.is_empty() || pattern.is_in(text) {
            return pattern.find(text);
        }
        let pieces = pieces(text);
        let spans = pieces.iter().enumerate().flat_map(|(index, first)| {
            let behind = pieces.iter().skip(index).take(MOST);
            behind.map(move |last| first.start..last.end)
        });
        let is_small = |span: &Range<usize>| {
            let mut words = text[span.clone()].split_whitespace().map(bare);
            words.any(|word| small.is_no_value(&word))
        };
        let mut found = spans
            .filter(|span| pattern.is_match(&self.spelled(text[span.clone()].to_owned())))
            .filter(|span| !is_small(span));
        let mut longest = found.next()?;
        for span in found {
            let holds = |one: &Range<usize>, other: &Range<usize>| {
                one.start <= other.start && other.end <= one.end
            };
            if holds(&span, &longest) {
                longest = span;
            } else if !holds(&longest, &span) {
                return None;
            }
        }
        Some(longest)
    }

    /// A text without all that looks so.
    pub(super) fn cut_out(&self, text: &str, small: &SmallWords) -> String {
        match (&self.pattern, self.find(text, small)) {
            (Some(pattern), Some(span)) if !pattern.is_in(text) => {
                format!("{} {}", &text[..span.start], &text[span.end..])
            }
            (Some(pattern), _) => pattern.without(text),
            (None, _) => String::new(),
        }
    }
}

/// Where letters and digits stand together in a text.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (at, sign) in text
        .char_indices()
        .filter(|(_, sign)| sign.is_alphanumeric())
    {
        let end = at + sign.len_utf8();
        match pieces.last_mut().filter(|piece| piece.end == at) {
            Some(piece) => piece.end = end,
            None => pieces.push(at..end),
        }
    }
    pieces
}
