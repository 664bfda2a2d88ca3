//! Names, and what has happened, told where any words are an answer: no wish is read out of them.

use super::{frame::Question, input::Heard, turn::Turn};

/// A wish has no more words than this.
const LONGEST_WISH: usize = 8;

/// Below this confidence nothing else than an answer is meant: a name may look like a greeting.
const SURELY_A_WISH: f64 = 0.75;

/// A part of a message that says something has so many words.
const PART: usize = 3;

impl Turn<'_> {
    /// Whether any words are an answer, and these are no sure wish: it is less than sure, or they are more than a few, or say several things.
    pub(super) fn is_a_story(&self, heard: &Heard, question: &Question) -> bool {
        if !self.takes_any_words(question) {
            return false;
        }
        let first = heard.intents.first();
        if first.is_some_and(|first| first.confidence < SURELY_A_WISH) {
            return true;
        }
        let joining = &self.project().speech.small.joining;
        let (mut words, mut parts, mut part) = (0, 0, 0);
        for word in heard.text.split_whitespace() {
            words += 1;
            if joining.contains(&word.to_lowercase()) {
                (parts, part) = (parts + usize::from(part >= PART), 0);
                continue;
            }
            part += 1;
            if word.ends_with([',', ';', '.', '!', '?', ':']) {
                (parts, part) = (parts + usize::from(part >= PART), 0);
            }
        }
        parts += usize::from(part >= PART);
        words > LONGEST_WISH || parts > 1
    }
}
