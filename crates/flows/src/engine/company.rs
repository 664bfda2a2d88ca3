//! A conversation of several people: whether what somebody says there is for the assistant.

use super::{Engine, state::State};
use crate::{folder::Groups, name::Who, slot::mentions};

/// Somebody in a conversation: a person, not an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub who: Who,
    /// What others call them.
    pub name: String,
    /// Whether they joined to help. Staff talk to people, not to the assistant.
    pub is_staff: bool,
}

/// A message, and those who are in the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Remark<'a> {
    /// The words.
    pub text: &'a str,
    /// Who said them.
    pub who: &'a Who,
    /// Whether those to whom it was sent include the assistant; none where it was sent to all.
    pub to_us: Option<bool>,
    /// What the assistant is called beside the name that its project has: by the settings, and in the conversation.
    pub called_too: &'a [&'a str],
    /// All people who are in the conversation.
    pub people: &'a [Person],
}

impl Engine<'_> {
    /// Whether a message is for the assistant.
    #[must_use]
    pub fn is_for_us(&self, state: &State, remark: &Remark<'_>) -> bool {
        if let Some(is_to_us) = remark.to_us {
            return is_to_us;
        }
        let customers = remark.people.iter().filter(|person| !person.is_staff);
        let customers = customers.count();
        let is_staff = |person: &Person| person.who == *remark.who && person.is_staff;
        if customers > 0 && remark.people.iter().any(is_staff) {
            return false;
        }
        // Staff alone try the assistant out.
        let people = if customers > 0 {
            customers
        } else {
            remark.people.len()
        };
        let project = self.projects.current();
        let is_addressed = remark.is_to(&project.assistant().name);
        let is_anothers = !is_addressed && remark.is_to_another();
        match &project.assistant().groups {
            Groups::Always => true,
            _ if people <= 1 => !is_anothers,
            Groups::Addressed => {
                let is_asked = state.asked().any(|asked| asked == remark.who);
                is_addressed || (is_asked && !is_anothers)
            }
            Groups::Rule(rule) => {
                let names = [
                    ("addressed", minijinja::Value::from(is_addressed)),
                    ("people", minijinja::Value::from(people)),
                    ("text", minijinja::Value::from(remark.text)),
                    ("who", minijinja::Value::from(remark.who.as_str())),
                ];
                let names = names.map(|(name, value)| (name.to_owned(), value)).into();
                project
                    .speech
                    .templates
                    .holds(rule, &names)
                    .unwrap_or(is_addressed)
            }
        }
    }
}

impl Remark<'_> {
    /// Whether it has the assistant's name in it, or calls it by another one. Those may be words like others, such as
    /// `desk`, and by its first name alone people only call it.
    fn is_to(&self, name: &str) -> bool {
        let first = name.split_whitespace().next();
        let mut others = self.called_too.iter().copied().chain(first);
        names(self.text, name) || others.any(|other| calls(self.text, other))
    }

    /// Whether it calls another person by name: `Bob, do you know it?`, `hi Bob: …`, `@Bob`.
    fn is_to_another(&self) -> bool {
        let others = self.people.iter().filter(|one| one.who != *self.who);
        let mut others = others.flat_map(|one| {
            let first = one.name.split_whitespace().next();
            [Some(one.name.as_str()), first]
        });
        others.any(|name| name.is_some_and(|name| calls(self.text, name)))
    }
}

fn names(text: &str, name: &str) -> bool {
    mentions(text, name).next().is_some()
}

/// Whether somebody of this name is called: at the beginning, perhaps behind a greeting; at the end, behind a comma; or with an `@`.
fn calls(text: &str, name: &str) -> bool {
    mentions(text, name).any(|(before, behind)| {
        let is_first = before.split_whitespace().count() <= 1;
        let is_apart = behind.starts_with([',', ':', '!', '?']);
        let is_last = behind.chars().all(|rest| !rest.is_alphanumeric());
        let is_behind = before.trim_end().ends_with(',');
        before.ends_with('@') || (is_first && is_apart) || (is_last && is_behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["shop?", "Hey Shop, are you there", "@shop", "the SHOP"] {
            assert!(names(text, "Shop"), "{text}");
        }
        for text in ["I was shopping", "workshop", ""] {
            assert!(!names(text, "Shop"), "{text}");
        }
        assert!(!names("anything", ""));
    }

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
}
