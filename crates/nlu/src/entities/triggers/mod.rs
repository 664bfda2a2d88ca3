//! Whether a text has a word at all that a built-in value may be made of: most messages have none, and what looks for values
//! costs a hundred times what looks for words.
//!
//! The lists are read off the rules of `duckling` 0.4.0, in which everything that is found begins and ends where words do,
//! is made of what the rules' words and signs leave no gap between, and holds at least one that stands for a value by
//! itself. Where in doubt, a word is listed; in a language without a list, everything is looked through.

mod list;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use convene_training_data::Language;

use self::list::{List, list};
use super::small_words::COUNTED;
use crate::text::is_part_of_word;

/// Signs of an address, as they are spoken.
const SPOKEN: [&str; 5] = ["dot", "punkt", "arobase", "chiocciola", "ingi"];

/// What may stand around a word.
const MARKS: [char; 10] = ['.', ',', ';', ':', '!', '?', '"', '(', ')', '…'];

/// A longer word may be made of any.
const LONGEST: usize = 40;

/// Whether there may be a value that `duckling` finds. What it is asked about is what this is.
pub(super) fn may_hold_values(text: &str, language: &Language) -> bool {
    let Some(list) = list(language) else {
        return true;
    };
    if has_telling_signs(text) {
        return true;
    }
    let small = text.to_lowercase();
    let mut words = words(&small).peekable();
    let mut before: Option<&str> = None;
    while let Some(word) = words.next() {
        if list.tells(word) || word.len() > LONGEST {
            return true;
        }
        let next = words.peek().copied();
        if list.is_faint(word) && means_something(list, before, next) {
            return true;
        }
        before = Some(word);
    }
    false
}

/// A text without the words that no rule has to do with, as long as it is: `duckling` would see a number in the "l" of
/// "call". Addresses are made of any words.
pub(super) fn without_strangers<'a>(text: &'a str, language: &Language) -> Cow<'a, str> {
    let Some(list) = list(language).filter(|_| !may_have_address(text)) else {
        return text.into();
    };
    let mut read = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let small = piece.to_lowercase();
        let is_strange = |sign: char| !is_part_of_word(sign) || sign.is_numeric() || sign == '_';
        let said = small.trim_matches(|sign: char| sign.is_whitespace() || MARKS.contains(&sign));
        let of_letters = said.trim_matches(['\'', '’']).split(['\'', '’']);
        let mut words = of_letters.filter(|word| !word.is_empty()).peekable();
        let is_one = words.peek().is_some();
        if is_one && words.all(|word| !word.contains(is_strange) && !list.knows(word)) {
            let signs = piece.chars().map(|sign| (sign, sign.len_utf8()));
            read.extend(signs.flat_map(|(sign, bytes)| {
                let is_letter = is_part_of_word(sign);
                let masked = if is_letter { 'x' } else { sign };
                std::iter::repeat_n(masked, if is_letter { bytes } else { 1 })
            }));
        } else {
            read.push_str(piece);
        }
    }
    read.into()
}

fn may_have_address(text: &str) -> bool {
    let is_inside = |at: usize| {
        let next = text[at + 1..].chars().next();
        next.is_some_and(is_part_of_word)
    };
    let mut points = text.match_indices(['.', '@', '/']);
    points.any(|(at, _)| is_inside(at))
        || text
            .split_whitespace()
            .any(|word| SPOKEN.contains(&word.to_lowercase().as_str()))
}

/// Whether a word such as "eine" or "dollar" is more than an article or a unit: by what stands beside it.
fn means_something(list: &List, before: Option<&str>, next: Option<&str>) -> bool {
    let is_beside = |word: &str| list.is_beside(word) || list.is_faint(word);
    before.is_none() && next.is_none()
        || before.is_some_and(is_beside)
        || next.is_some_and(|next| is_beside(next) || COUNTED.contains(&next))
}

/// The words of a text; of "I'm" no m.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split(|sign: char| !is_part_of_word(sign) && !matches!(sign, '\'' | '’'));
    pieces.flat_map(|piece| {
        let mut parts = piece.split(['\'', '’']);
        let first = parts.next();
        first
            .into_iter()
            .chain(parts.filter(|part| *part != "m"))
            .filter(|part| !part.is_empty())
    })
}

/// A digit, a sign of a currency, an address: anything but letters of Europe and what divides words.
fn has_telling_signs(text: &str) -> bool {
    let mut before = ' ';
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let is_inert = match sign {
            '.' => {
                let next = signs.peek().copied().unwrap_or(' ');
                !(is_part_of_word(before) && is_part_of_word(next))
            }
            '/' => before != '/',
            'ª' | 'º' => false,
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{17E}' => true,
            ',' | ';' | ':' | '!' | '?' | '¡' | '¿' | '\'' | '’' | '‘' | '"' | '“' | '”' | '„'
            | '«' | '»' | '(' | ')' | '[' | ']' | '-' | '–' | '—' | '…' | '*' | '&' | '_' => {
                true
            }
            sign => sign.is_whitespace(),
        };
        if !is_inert {
            return true;
        }
        before = sign;
    }
    false
}
