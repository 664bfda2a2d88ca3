//! "The name is Bob": an earlier answer of any words is called by its name, with what it is instead.

use super::{corrections::Corrections, frame::Question, input::Heard, meant::Meant, turn::Turn};
use crate::{
    slot::{Nod, SlotSpec, mentions},
    value::Value,
};

impl Turn<'_> {
    /// What is said anew of an earlier answer that any words are, where nothing else is wanted. While any words are an answer, only
    /// where it is said that something was wrong.
    pub(super) fn reworded(
        &self,
        heard: &Heard,
        meant: &Meant,
        question: &Question,
    ) -> Option<Corrections> {
        let asked = self.spec_asked(question);
        let is_free = asked.as_ref().is_some_and(SlotSpec::takes_any_words);
        let is_other = !meant.wants.is_empty() || heard.text.trim_end().ends_with('?');
        if is_other || (is_free && !meant.correct) {
            return None;
        }
        let asked = asked.map(|spec| spec.name).unwrap_or_default();
        let mut free = self
            .answered_earlier(&asked)
            .filter(|(_, spec)| spec.takes_any_words());
        free.find_map(|(frame, spec)| {
            let value = self.named_with_words(&spec, heard)?;
            let is_anew = self.value_at(frame, &spec.name) != Some(&value);
            is_anew.then(|| Corrections::of(frame, (spec.name, Some(value))))
        })
    }

    fn named_with_words(&self, spec: &SlotSpec, heard: &Heard) -> Option<Value> {
        let small = &self.project().speech.small;
        let said = self.names_of(spec).find_map(|name| {
            let mut found = mentions(&heard.text, &name);
            found.find_map(|(_, behind)| small.become_of(behind))
        })?;
        // "The name is wrong" says no name.
        let is_judged = self.nod_said(said).nod != Nod::Nothing;
        self.read(spec, said).ok().filter(|_| !is_judged)
    }
}
