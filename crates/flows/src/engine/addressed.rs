//! Who is spoken to: what a message says besides the name by which it calls the assistant.

use jiff::civil::DateTime;

use super::{
    Engine,
    input::{Called, Heard, Input},
    state::State,
};
use crate::{
    folder::SlotType,
    name::Who,
    slot::{Misfit, mentions},
};

/// What a message says to the assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed<'t> {
    /// What it says, without the name where that stands apart; the name, where there is nothing else.
    pub text: &'t str,
    /// Where that begins in the message, in bytes.
    pub at: usize,
    /// Whether it has the name in it.
    pub called: Called,
}

impl Engine<'_> {
    /// What a message says, and whether it calls the assistant: by the project's name, its first word, or by another one that
    /// the settings and the conversation have for it.
    #[must_use]
    pub fn addressed<'t>(&self, text: &'t str, called_too: &[&str]) -> Addressed<'t> {
        let name = self.projects.current().assistant().name.as_str();
        let first = name.split_whitespace().next();
        let names = [name].into_iter().chain(first);
        let names = names.chain(called_too.iter().copied());
        let rest = names.clone().find_map(|name| besides(text, name));
        let (at, text, called) = match rest {
            Some((_, "")) => (0, text, Called::Alone),
            Some((at, rest)) => (at, rest, Called::Beside),
            None if is_to(text, name, called_too) => (0, text, Called::Beside),
            None => (0, text, Called::No),
        };
        Addressed { text, at, called }
    }

    /// "Thanks Bob, AB1234": whether what is said beside somebody else's name is a value of what this person was asked, and
    /// nothing else. What they are asked or is sent to them with an `@` is theirs, and so is a yes or a no.
    pub(super) fn is_answer_beside(
        &self,
        state: &State,
        who: &Who,
        text: &str,
        name: &str,
    ) -> bool {
        let mut stands = mentions(text, name);
        let Some((_, said)) = besides(text, name).filter(|(_, said)| !said.is_empty()) else {
            return false;
        };
        let is_sent = stands.any(|(before, _)| before.ends_with('@'));
        if is_sent || text.trim_end().ends_with('?') {
            return false;
        }
        let heard = Heard {
            text: said.to_owned(),
            who: Some(who.clone()),
            ..Heard::default()
        };
        // A bound of today is looked at when it is heard.
        let input = Input::Heard(heard.clone());
        let mut turn = self.feed(state, input, DateTime::default());
        let question = turn.question_for(Some(who));
        let asked = question.and_then(|question| turn.spec_asked(&question));
        let asked = asked.filter(|spec| !spec.takes_any_words() && spec.kind != SlotType::Boolean);
        asked.is_some_and(|spec| {
            let is_value = matches!(
                turn.read(&spec, said),
                Ok(_) | Err(Misfit::Below(_) | Misfit::Above(_))
            );
            is_value && turn.says_nothing_else(&heard, &spec)
        })
    }
}

/// Whether a message has the assistant's name in it, or calls it by another one. Those may be words like others, such as
/// `desk`, and by its first name alone people only call it.
pub(super) fn is_to(text: &str, name: &str, called_too: &[&str]) -> bool {
    let first = name.split_whitespace().next();
    let mut others = called_too.iter().copied().chain(first);
    mentions(text, name).next().is_some() || others.any(|other| calls(text, other))
}

/// Whether somebody of this name is called: at the beginning, perhaps behind a greeting; at the end, behind a comma; or with an `@`.
pub(super) fn calls(text: &str, name: &str) -> bool {
    mentions(text, name).any(|(before, behind)| {
        before.ends_with('@') || is_at_first(before, behind) || is_at_last(before, behind)
    })
}

fn is_at_first(before: &str, behind: &str) -> bool {
    before.split_whitespace().count() <= 1 && behind.starts_with([',', ':', '!', '?'])
}

fn is_at_last(before: &str, behind: &str) -> bool {
    is_over(behind) && before.trim_end().ends_with(',')
}

fn is_over(behind: &str) -> bool {
    behind.chars().all(|rest| !rest.is_alphanumeric())
}

/// What is said where somebody of this name is called, and where that begins; none where nobody is.
fn besides<'t>(text: &'t str, name: &str) -> Option<(usize, &'t str)> {
    let is_apart = |sign: char| !sign.is_alphanumeric();
    let is_mark = |sign: char| sign.is_whitespace() || ",:;.!?@".contains(sign);
    mentions(text, name).find_map(|(before, behind)| {
        let is_with_sign = before.ends_with('@');
        let is_nothing_before = before.chars().all(is_apart);
        let is_called = is_with_sign || is_at_first(before, behind) || is_at_last(before, behind);
        if is_over(behind) && (is_called || is_nothing_before) {
            // "Hello Shop!"
            let said = before.trim_start();
            return Some((before.len() - said.len(), said.trim_end_matches(is_mark)));
        }
        let is_first = is_at_first(before, behind) || (is_with_sign && is_nothing_before);
        let said = is_first.then(|| behind.trim_start_matches(is_mark))?;
        Some((text.len() - said.len(), said))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_called_by_name_is_spoken_to() {
        for text in [
            "Bob, do you know it?",
            "hi bob: which?",
            "I ask @Bob",
            "do you know it, Bob?",
            "Bob?",
        ] {
            assert!(calls(text, "Bob"), "{text}");
        }
        for text in [
            "Bob",
            "it is for Bob, my friend",
            "it is for Ann, Bob and me",
            "I ask Bob?",
            "Bobby, hi",
            "bob@example.org",
        ] {
            assert!(!calls(text, "Bob"), "{text}");
        }
    }

    #[test]
    fn what_is_said_does_not_have_the_name_in_it() {
        for (text, said) in [
            ("Bob, do you know it?", Some("do you know it?")),
            ("hey Bob: which?", Some("which?")),
            ("Hello Bob!", Some("Hello")),
            ("are you a robot, Bob?", Some("are you a robot")),
            ("@bob where is it", Some("where is it")),
            ("where is it @bob", Some("where is it")),
            ("Bob?", Some("")),
            ("bob", Some("")),
            ("@Bob!", Some("")),
            ("when is Bob open", None),
            ("Bob is open", None),
            ("is it in Bob?", None),
            ("bobby, hi", None),
            ("", None),
        ] {
            let found = besides(text, "Bob");
            assert_eq!(found.map(|(_, said)| said), said, "{text}");
            assert!(
                found.is_none_or(|(at, said)| text[at..].starts_with(said)),
                "{text}"
            );
        }
    }
}
