//! German times. `duckling` has rules for single sentences of its German tests ("3 März", "um halb 4"), which do not
//! combine; here a time is a day, a part of the day and an hour, each of which may be missing.

mod date;
mod day;
mod day_part;
mod hour;
mod later;
mod moved;
mod part;
mod parts;
mod together;
mod words;

use std::ops::Range;

use jiff::civil::DateTime;

pub(super) use self::{day_part::WEEKDAYS, moved::without_old, together::together};
use self::{parts::FILLERS, words::Words};
use super::said::Said;

/// The times in a text, with their places in bytes.
pub(super) fn times(text: &str, now: DateTime) -> Vec<(Range<usize>, Said)> {
    let words = Words::of(text, now);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match words.expression(at) {
            Some((said, end)) => {
                let begin =
                    (at..end).find(|at| !FILLERS.contains(&words.at(*at)) || words.at(*at) == "ab");
                found.push((words.place(begin.unwrap_or(at)..end), said));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

impl Words {
    /// A time that begins at a word, and behind which word it ends.
    fn expression(&self, at: usize) -> Option<(Said, usize)> {
        let direction = self.at(at);
        let begin = at + usize::from(["ab", "von", "bis", "zwischen"].contains(&direction));
        let (first, end) = self.one(begin, None)?;
        if ["von", "zwischen"].contains(&direction)
            && ["bis", "und"].contains(&self.at(end))
            && let Some((second, end)) = self.one(end + 1, Some(first))
        {
            return Some((
                Said::Between(first.from(), second.from(), first.grain()),
                end,
            ));
        }
        let said = match direction {
            "ab" | "von" => Said::Between(first.from(), None, first.grain()),
            "bis" => Said::Between(None, first.from(), first.grain()),
            _ => first,
        };
        Some((said, end))
    }
}
