//! The words around a value: those that take it back ("not broken"), and those that say nothing more ("please").

use super::{answer::bare, refused::Part};

/// Words of the languages of a project that are not a value's.
#[derive(Debug, Clone, Default)]
pub(crate) struct SmallWords {
    /// Beside a value they say nothing else: "it is", "please".
    pub(crate) courtesy: Vec<String>,
    /// They take back what follows: "not".
    pub(crate) negations: Vec<String>,
    /// The same, but for numbers, which they correct: "no" in "no refund" and in "no 3".
    pub(crate) denials: Vec<String>,
    /// Behind them is said what is meant: "but".
    pub(crate) contrasts: Vec<String>,
    /// They stand between the values of a list: "and".
    pub(crate) joining: Vec<String>,
    /// A name stands behind them: "my name is".
    pub(crate) names: Vec<String>,
    /// "The second one": places in a list, the first of them 0.
    pub(crate) ordinals: Vec<(String, usize)>,
    /// "The last one".
    pub(crate) last: Vec<String>,
    /// They leave a choice to others: "I don't mind".
    pub(crate) any: Vec<String>,
    /// They stand between values of which one is meant: "or".
    pub(crate) alternatives: Vec<String>,
    /// They say that something is to be otherwise: "change", "instead".
    pub(crate) changes: Vec<String>,
    /// What is said behind them is another matter: "but", "I just want".
    pub(crate) turns: Vec<String>,
    /// They say that what follows is not wanted: "don't want to"; in one with a `…` some words may stand there.
    pub(crate) unwished: Vec<Part>,
    /// The same, where a part of a message begins with them: "don't".
    pub(crate) forbids: Vec<Part>,
    /// They stand between what a value is for and the value: "the name is Bob", "change the name to Bob".
    pub(crate) becoming: Vec<String>,
    /// They ask what a value is: "what is private?".
    pub(crate) meaning: Vec<String>,
    /// With a number, that stands where they have a `…`, they say how many more: "one more".
    pub(crate) more: Vec<String>,
    /// The same the other way: "one less".
    pub(crate) less: Vec<String>,
}

/// A name has no more words than this.
const NAME: usize = 4;

/// A negation takes back a word of a choice over so many others: "I do not want a refund".
const REACH: usize = 3;

fn trimmed(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
        .replace('’', "'")
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|one| one == word)
}

/// Whether words end with these.
fn is_behind(lead: &str, words: &str) -> bool {
    let before = lead.strip_suffix(words);
    before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric()))
}

impl SmallWords {
    /// How many words stand between a negation and what is said at this byte of a text, if one takes it back.
    pub(crate) fn negated_over(&self, text: &str, at: usize) -> Option<usize> {
        let (before, said) = text.split_at_checked(at)?;
        let lead = before.trim_end().to_lowercase();
        let mut phrases = self.negations.iter().filter(|own| own.contains(' '));
        if phrases.any(|own| is_behind(&lead, own)) {
            return Some(0);
        }
        let is_number = said.starts_with(|c: char| c.is_numeric());
        let mut words = before.split_whitespace().rev();
        for between in 0..=REACH {
            let word = words.next()?;
            if word.ends_with([',', '.', ';', ':', '!', '?']) {
                return None;
            }
            let word = trimmed(word);
            if has(&self.contrasts, &word) {
                return None;
            }
            let is_denied = has(&self.denials, &word) && !(between == 0 && is_number);
            if is_denied || has(&self.negations, &word) {
                return Some(between);
            }
        }
        None
    }

    /// Whether one of the words of a text joins what stands before it and behind.
    pub(crate) fn join(&self, text: &str) -> bool {
        let mut words = text.split_whitespace();
        words.any(|word| self.joining.contains(&bare(word)))
    }

    /// Whether a name of a choice stands in a text, and is taken back wherever it does.
    pub(crate) fn take_back(&self, text: &str, name: &str) -> bool {
        let mut stands = mentions(text, name).peekable();
        stands.peek().is_some()
            && stands.all(|(before, _)| self.negated_over(text, before.len()).is_some())
    }

    /// The name in words that give one and say no more: "Ada" in "my name is Ada".
    pub(crate) fn name_given<'t>(&self, text: &'t str) -> Option<&'t str> {
        let name = self.names.iter().find_map(|lead| {
            let (before, name) = mentions(text, lead).next()?;
            self.are_courtesy(before).then_some(name)
        })?;
        let name = name.trim_matches(|c: char| c.is_whitespace() || ".!,;:".contains(c));
        let is_name = (1..=NAME).contains(&name.split_whitespace().count());
        is_name.then_some(name)
    }

    /// Which one of a list of this length these words say, the first of them 0: "the second one, please".
    pub(crate) fn place_in_list(&self, text: &str, length: usize) -> Option<usize> {
        let words = text.split_whitespace().map(trimmed);
        let words: Vec<_> = words.filter(|word| !has(&self.courtesy, word)).collect();
        let place = |word: &String| {
            if has(&self.last, word) {
                return length.checked_sub(1);
            }
            let mut ordinals = self.ordinals.iter();
            ordinals
                .find(|(own, _)| own == word)
                .map(|(_, place)| *place)
        };
        match words.as_slice() {
            // What it is the second of may be said.
            [ordinal] | [ordinal, _] => place(ordinal),
            _ => None,
        }
    }

    /// What something is said to be, in words that stand behind what it is called: "Bob" in "is Bob" and "to Bob, not Ada".
    pub(crate) fn become_of<'t>(&self, behind: &'t str) -> Option<&'t str> {
        let mut rest = behind.trim_start();
        let mark = rest.strip_prefix([':', '=']);
        let mut is_led = mark.is_some();
        rest = mark.unwrap_or(rest).trim_start();
        while let Some((word, behind)) = rest.split_once(char::is_whitespace)
            && has(&self.becoming, &word.to_lowercase())
        {
            (rest, is_led) = (behind.trim_start(), true);
        }
        let is_taken_back = |part: &str| {
            let first = part.split_whitespace().next().map(trimmed);
            first.is_some_and(|word| has(&self.negations, &word) || has(&self.denials, &word))
        };
        let mut at = rest.match_indices(',').map(|(at, _)| at);
        let end = at.find(|at| is_taken_back(&rest[at + 1..]));
        let said = rest[..end.unwrap_or(rest.len())].trim();
        let said = said.trim_end_matches(['.', '!', ',', ';']);
        (is_led && !said.is_empty() && !is_taken_back(said)).then_some(said)
    }

    /// Whether a text asks what something is, and says no more than that beside it: "what is", "what does … mean".
    pub(crate) fn ask_what_it_is(&self, rest: &str) -> bool {
        let rest = rest.trim().to_lowercase().replace('’', "'");
        let behind = self.meaning.iter().filter(|own| own.contains(' '));
        let mut behind = behind.filter_map(|own| rest.strip_prefix(own.as_str()));
        behind.any(|behind| {
            !behind.starts_with(|c: char| c.is_alphanumeric())
                && self.are_courtesy_or(behind, &self.meaning)
        })
    }

    /// Whether a text leaves a choice to others, and says nothing else beside such words.
    pub(crate) fn leave_open(&self, text: &str, others: &[String]) -> bool {
        let told = |text: &str| -> Vec<String> {
            let words = text.split_whitespace().map(trimmed);
            let says = |word: &String| !word.is_empty() && !has(&self.courtesy, word);
            words.filter(says).collect()
        };
        let said = told(text);
        let are = |own: &[String]| {
            let mut rest = own.iter().peekable();
            let is_beside = |word: &String| {
                rest.next_if(|own| *own == word).is_some()
                    || (has(others, word) && !self.negate(word))
            };
            !said.is_empty() && said.iter().all(is_beside) && rest.peek().is_none()
        };
        self.any.iter().any(|own| are(&told(own)))
    }

    /// Whether a word takes something back.
    pub(crate) fn negate(&self, word: &str) -> bool {
        has(&self.negations, word) || has(&self.denials, word)
    }

    /// Whether a word is one of those that are no value's.
    pub(super) fn is_no_value(&self, word: &str) -> bool {
        let lists = [
            &self.courtesy,
            &self.negations,
            &self.denials,
            &self.contrasts,
            &self.joining,
            &self.alternatives,
            &self.turns,
            &self.becoming,
        ];
        lists.into_iter().any(|list| has(list, word))
    }

    /// Whether a text says that something is to be otherwise.
    pub(crate) fn say_to_change(&self, text: &str) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|words| mentions(text, words).next().is_some())
    }

    /// Words without those before them that say nothing: "replacement" of "a replacement".
    pub(crate) fn without_lead<'t>(&self, folded: &'t str) -> &'t str {
        let mut rest = folded;
        while let Some((first, behind)) = rest.split_once(' ')
            && has(&self.courtesy, first)
        {
            rest = behind;
        }
        rest
    }

    /// Whether these words say nothing beside a value.
    pub(crate) fn are_courtesy(&self, text: &str) -> bool {
        self.are_courtesy_or(text, &[])
    }

    /// Whether these words say nothing beside a value and such words.
    pub(crate) fn are_courtesy_or(&self, text: &str, others: &[String]) -> bool {
        text.split_whitespace()
            .map(trimmed)
            .all(|word| word.is_empty() || has(&self.courtesy, &word) || has(others, &word))
    }
}

/// Where a text has a name in it as a word, or as words, of its own: what stands before it, and what behind.
pub(crate) fn mentions<'t>(
    text: &'t str,
    name: &str,
) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
    let is_apart = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric());
    let (length, name) = (name.len(), name.to_lowercase());
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter_map(move |at| {
        let (found, behind) = text[at..].split_at_checked(length)?;
        let before = &text[..at];
        let stands = !name.is_empty()
            && is_apart(before.chars().next_back())
            && is_apart(behind.chars().next())
            && found.to_lowercase() == name;
        stands.then_some((before, behind))
    })
}
