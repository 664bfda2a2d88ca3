//! The question that is open, and who was told that it is not theirs.

use crate::{
    engine::{
        frame::{Question, Waiting},
        record::About,
        state::State,
    },
    name::Who,
};

impl State {
    pub(super) fn ask(&mut self, id: u64, about: &About, tries: u32, of: Option<&Who>) {
        self.numbers = self.numbers.max(id);
        let open = self.question().filter(|open| open.id == id);
        let refused = open.map(|open| open.refused.clone()).unwrap_or_default();
        if let Some(top) = self.stack.last_mut() {
            top.waiting = Waiting::Answer(Question {
                id,
                about: about.clone(),
                tries,
                of: of.cloned(),
                refused,
            });
        }
    }

    pub(super) fn refuse(&mut self, question: u64, who: &Who) {
        let top = match self.stack.last_mut().map(|top| &mut top.waiting) {
            Some(Waiting::Answer(open)) if open.id == question => Some(&mut open.refused),
            _ => None,
        };
        let which = self.which.as_mut().filter(|which| which.id == question);
        let which = which.map(|which| &mut which.refused);
        if let Some(refused) = top.or(which) {
            refused.insert(who.clone());
        }
    }
}
