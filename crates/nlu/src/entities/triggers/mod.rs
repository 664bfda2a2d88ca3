//! Whether a text has a word at all that a built-in value may be made of: most messages have none, and what looks for values
//! costs a hundred times what looks for words.
//!
//! The lists are read off the rules of `duckling` 0.4.0, in which everything that is found begins and ends where words do,
//! is made of what the rules' words and signs leave no gap between, and holds at least one that stands for a value by
//! itself. Where in doubt, a word is listed; in a language without a list, everything is looked through.

mod list;
#[cfg(test)]
mod tests;

use convene_training_data::Language;

use self::list::{List, list};
use super::small_words::COUNTED;
use crate::text::is_part_of_word;

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
