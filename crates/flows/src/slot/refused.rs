//! "I don't want to return it": what is said not to be wanted, in the parts of a message.

use super::{SmallWords, folded};

/// What ends a part of a message.
const MARKS: [char; 9] = [',', '.', ';', ':', '!', '?', '\n', '–', '—'];

/// So many words may stand where a phrase has its gap: "ich will [die Jacke doch] nicht".
const GAP: usize = 3;

/// In a phrase: some words.
const GAP_SIGN: &str = "…";

/// The words of a part of a message, or of a phrase, folded as words are compared.
pub(crate) type Part = Vec<String>;

impl SmallWords {
    /// The parts of a message: marks, joining words and those that say what is meant instead stand between them.
    pub(crate) fn parts(&self, text: &str) -> Vec<Part> {
        let ends = |word: &String| self.joining.contains(word) || self.turns.contains(word);
        let mut parts = Vec::new();
        for piece in text.split(MARKS) {
            let words: Part = words(piece);
            parts.extend(words.split(ends).map(<[String]>::to_vec));
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The word for what a part says not to be wanted: "return" in "I don't want to return it".
    pub(crate) fn refused<'p>(&self, part: &'p [String]) -> Option<&'p String> {
        let forbidden = self.forbids.iter().find_map(|phrase| {
            let behind = behind(part, phrase)?;
            behind.first().filter(|word| !self.is_small(word))
        });
        let unwished = || {
            (0..part.len()).find_map(|at| {
                let phrases = self.unwished.iter();
                let mut found = phrases.filter_map(|own| behind(&part[at..], own));
                found.find_map(|rest| rest.iter().find(|word| !self.is_small(word)))
            })
        };
        forbidden.or_else(unwished)
    }

    /// The words of a part that stand behind a negation of any kind.
    pub(crate) fn negated<'p>(&self, part: &'p [String]) -> &'p [String] {
        let negates = |word: &String| {
            let mut negating = self.negations.iter().chain(&self.denials);
            word == "not" || negating.any(|own| own == word)
        };
        let Some(at) = part.iter().position(negates) else {
            return &[];
        };
        let behind = &part[at + 1..];
        let ends = |word: &String| self.contrasts.contains(word);
        &behind[..behind.iter().position(ends).unwrap_or(behind.len())]
    }

    /// Whether a folded word says nothing beside others.
    pub(crate) fn is_small(&self, word: &str) -> bool {
        self.courtesy.iter().any(|own| own == word)
    }
}

/// Phrases as they stand in texts.
pub(crate) fn phrases(written: &[String]) -> Vec<Part> {
    written.iter().map(|phrase| words(phrase)).collect()
}

/// The same words, whether written in one or not, by themselves.
fn words(text: &str) -> Part {
    let words = text.split_whitespace().flat_map(|word| {
        let is_gap = word == GAP_SIGN;
        let told = if is_gap {
            word.to_owned()
        } else {
            folded(word)
        };
        told.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// What stands behind a phrase with which these words begin.
fn behind<'p>(said: &'p [String], phrase: &[String]) -> Option<&'p [String]> {
    match phrase.split_first() {
        None => Some(said),
        Some((gap, rest)) if gap == GAP_SIGN => {
            let most = GAP.min(said.len());
            (0..=most).find_map(|over| behind(&said[over..], rest))
        }
        Some((first, rest)) => {
            let (own, others) = said.split_first()?;
            (own == first).then(|| behind(others, rest)).flatten()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{project::Project, project::Vocabulary};

    fn refused(locale: &str, text: &str) -> Option<String> {
        let assistant = format!("name: Test\nlanguages: [{locale}]\n");
        let texts = format!("texts/{locale}.yaml");
        let files = [
            ("assistant.yaml", assistant.as_str()),
            (
                "flows/a.yaml",
                "flows: {a: {start: {events: [a]}, steps: [{say: a}]}}",
            ),
            (texts.as_str(), "a: A"),
        ];
        let project = Project::check(&files.into_iter().collect(), &Vocabulary::default());
        let small = &project.project.unwrap().speech.small;
        let parts = small.parts(text);
        let mut refused = parts.iter().filter_map(|part| small.refused(part));
        refused.next().cloned()
    }

    #[test]
    fn the_word_behind_a_wish_that_is_negated_is_refused() {
        for (locale, text, word) in [
            ("en", "don't freeze my membership", "freeze"),
            ("en", "hello, please do not freeze it", "freeze"),
            ("en", "I dont want to return anything", "return"),
            ("en", "it came and I'm not going to send it back", "send"),
            ("en", "I'd rather not cancel", "cancel"),
            ("en", "it's not an emergency", "emergency"),
            ("de", "das ist kein Notfall", "notfall"),
            ("de", "ich will nichts zurückschicken", "zurückschicken"),
            ("de", "ich möchte mich nicht beschweren", "beschweren"),
            ("de", "hallo, bitte nicht kündigen", "kündigen"),
            ("de", "ich will die Jacke doch nicht behalten", "behalten"),
            ("fr", "je ne veux pas annuler", "annuler"),
            ("es", "no quiero devolver nada", "devolver"),
        ] {
            assert_eq!(refused(locale, text).as_deref(), Some(word), "{text}");
        }
    }

    #[test]
    fn what_is_only_said_with_a_negation_is_not() {
        for (locale, text) in [
            ("en", "my order has not arrived"),
            ("en", "I can't log in"),
            ("en", "it doesn't work"),
            ("en", "it is not here"),
            ("en", "I don't know where my parcel is"),
            ("en", "don't you deliver on mondays"),
            ("en", "I want to send it back, not exchange it"),
            ("de", "mein Paket ist nicht da"),
            ("de", "ich will es nicht"),
            ("de", "ich will wissen, warum es nicht kommt"),
        ] {
            assert_eq!(refused(locale, text), None, "{text}");
        }
    }
}
