//! A conversation of several people: whether what somebody says there is for the assistant.

use super::{
    Engine,
    addressed::{calls, is_to},
    state::State,
};
use crate::{
    folder::{Groups, WhoMayAnswer},
    name::Who,
};

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
    /// Who has written here lately.
    pub writers: &'a [Who],
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
        let is_addressed = is_to(remark.text, &project.assistant().name, remark.called_too);
        let is_anothers = !is_addressed && self.is_for_another(state, remark);
        match &project.assistant().groups {
            // With staff who talk to them nobody is alone.
            Groups::Always => true,
            _ if people <= 1 && !self.is_taken_over(state, remark) => !is_anothers,
            Groups::Addressed => {
                let may_anyone = project.assistant().ask.who_may_answer == WhoMayAnswer::Anyone;
                let mut asked = state.asked();
                let is_asked = asked.any(|asked| may_anyone || asked == remark.who);
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

impl Engine<'_> {
    /// Whether it calls another person by name: `Bob, do you know it?`, `hi Bob: …`, `@Bob`, and is no answer beside that.
    fn is_for_another(&self, state: &State, remark: &Remark<'_>) -> bool {
        remark.others().any(|name| {
            calls(remark.text, name) && !self.is_answer_beside(state, remark.who, remark.text, name)
        })
    }

    /// Whether somebody of staff is there who has written, or whom a person was asked for.
    fn is_taken_over(&self, state: &State, remark: &Remark<'_>) -> bool {
        let mut staff = remark.people.iter().filter(|person| person.is_staff);
        let customers = remark.people.iter().any(|person| !person.is_staff);
        customers && staff.any(|one| state.is_handed_off() || remark.writers.contains(&one.who))
    }
}

impl Remark<'_> {
    /// What people call the others who are there: by their names, or the first words of those.
    fn others(&self) -> impl Iterator<Item = &str> {
        let others = self.people.iter().filter(|one| one.who != *self.who);
        let names = others.flat_map(|one| {
            let first = one.name.split_whitespace().next();
            [Some(one.name.as_str()), first]
        });
        names.flatten()
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["shop?", "Hey Shop, are you there", "@shop", "the SHOP"] {
            assert!(is_to(text, "Shop", &[]), "{text}");
        }
        for text in ["I was shopping", "workshop", ""] {
            assert!(!is_to(text, "Shop", &[]), "{text}");
        }
        assert!(!is_to("anything", "", &[]));
    }
}
