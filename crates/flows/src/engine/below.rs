//! An answer to a question that waits below what was begun above it.

use super::{
    input::Heard,
    meant::Meant,
    record::{About, Outcome},
    turn::Turn,
};
use crate::folder::SlotType;

impl Turn<'_> {
    /// Where nothing is chosen of what is offered, a value of what this person was asked before, and nothing else, is its answer:
    /// what was begun above it ends, as with a button of that question. False, if it is none.
    pub(super) fn answers_below(&mut self, heard: &Heard) -> bool {
        let who = heard.who.as_ref();
        let root = self.state.root_of(self.state.stack.len().saturating_sub(1));
        let below = self.state.stack.iter().enumerate().take(root).rev();
        let mut asked = below.filter_map(|(index, frame)| Some((index, frame.question()?.clone())));
        let Some((index, question)) =
            asked.find(|(_, question)| self.may_answer(question.of.as_ref(), who))
        else {
            return false;
        };
        let About::Slot(slot) = &question.about else {
            return false;
        };
        let Some(spec) = self.spec_at(index, slot) else {
            return false;
        };
        if spec.takes_any_words() || spec.kind == SlotType::Boolean || !self.is_alone(heard, &spec)
        {
            return false;
        }
        self.end_theirs_above(index + 1, who, Outcome::Dropped);
        self.raise_to_top(index);
        self.answer(heard, Meant::default(), &question);
        true
    }
}
