//! In which language somebody is answered: each person in their own.

use super::{input::Heard, record::Recorded, state::State, turn::Turn};
use crate::{
    name::{Locale, Who},
    phrase::own_name,
};

impl State {
    /// The language in which this person is answered: their own, else the conversation's. None is the project's first.
    #[must_use]
    pub fn language_of(&self, who: Option<&Who>) -> Option<&Locale> {
        let own = who.and_then(|who| self.languages.get(who));
        own.unwrap_or(&self.language).as_ref()
    }

    /// Whoever comes speaks what was spoken last, and goes on so when others go over to something else.
    pub(super) fn meet(&mut self, who: &Who) {
        if !self.languages.contains_key(who) {
            self.languages.insert(who.clone(), self.language.clone());
        }
    }

    pub(super) fn speak(&mut self, language: &Locale, who: Option<&Who>) {
        self.language = Some(language.clone());
        match who {
            Some(who) => drop(self.languages.insert(who.clone(), self.language.clone())),
            None => self.languages.clear(),
        }
    }
}

impl Turn<'_> {
    /// The language of whom is spoken to: of who has just done something, while that is answered, else of whose the flow on
    /// top is.
    pub(super) fn locale(&self) -> Locale {
        let owner = self.owner();
        let to = self.spoken_to.as_ref().or(owner.as_ref());
        let known = self.state.language_of(to).cloned();
        known.unwrap_or_else(|| self.projects.current().first_language())
    }

    /// The language of a message becomes its sender's where it is spoken here; where it is not, they are told once what is.
    /// True, if they were.
    pub(super) fn hear_language(&mut self, heard: &Heard) -> bool {
        let Some(spoken) = &heard.language else {
            return false;
        };
        let (language, who) = (spoken.clone(), heard.who.clone());
        let languages = &self.projects.current().assistant().languages;
        if languages.iter().any(|own| own.value == *spoken) {
            if *spoken != self.locale() {
                self.record(Recorded::LanguageSwitched { language, who });
            }
            return false;
        }
        if self.state.told_languages.contains(&who) {
            return false;
        }
        let ours: Vec<_> = languages
            .iter()
            .map(|own| own_name(own.value.as_str()))
            .collect();
        self.record(Recorded::LanguageUnspoken { language, who });
        let mut names = self.spoken();
        names.insert("languages".to_owned(), ours.join(", ").into());
        self.say_with("convene.unspoken", &names, Vec::new());
        true
    }
}
