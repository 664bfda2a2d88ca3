//! What is said while a digression asks, and is an answer to what was asked below it.

use super::{
    frame::Question,
    input::Heard,
    meant::Meant,
    record::{About, Outcome},
    turn::Turn,
};
use crate::{folder::SlotType, slot::Nod};

impl Turn<'_> {
    /// The flow below whose question a message answers that is nothing to the one on top, and wants nothing.
    pub(super) fn is_answer_below(
        &self,
        heard: &Heard,
        meant: &Meant,
        question: &Question,
    ) -> Option<usize> {
        let is_more = meant.human || meant.cancel || meant.correct || meant.repeat;
        if is_more || !meant.wants.is_empty() || self.fits_on_top(heard, meant, question) {
            return None;
        }
        let root = self.state.chain().last().unwrap_or_default();
        (0..root).rev().find(|frame| {
            let asked = self.question_at(*frame);
            let is_theirs =
                asked.is_some_and(|asked| self.may_answer(asked.of.as_ref(), heard.who.as_ref()));
            is_theirs && self.is_told_at(*frame, heard)
        })
    }

    /// Where nothing is chosen of what is offered, a value of what this person was asked last before, and nothing else, is its
    /// answer: what was begun above it ends, as with a button of that question. False, if it is none.
    pub(super) fn answers_below(&mut self, heard: &Heard) -> bool {
        let who = heard.who.as_ref();
        let root = self.state.chain().last().unwrap_or_default();
        let asked = (0..root).rev().find_map(|frame| {
            let asked = self.question_at(frame)?;
            let is_theirs = self.may_answer(asked.of.as_ref(), who);
            is_theirs.then(|| (frame, asked.clone()))
        });
        let Some((frame, question)) = asked.filter(|(frame, _)| self.is_told_at(*frame, heard))
        else {
            return false;
        };
        self.end_theirs_above(frame + 1, who, Outcome::Dropped);
        self.raise_to_top(frame);
        self.answer(heard, Meant::default(), &question);
        true
    }

    fn question_at(&self, frame: usize) -> Option<&Question> {
        self.state.stack.get(frame)?.question()
    }

    /// Whether a message is a value of the slot that a flow asks for, and says nothing else. Any words are no such value, and
    /// neither are yes and no.
    fn is_told_at(&self, frame: usize, heard: &Heard) -> bool {
        let Some(About::Slot(slot)) = self.question_at(frame).map(|asked| &asked.about) else {
            return false;
        };
        self.spec_at(frame, slot).is_some_and(|spec| {
            let is_told = spec.kind != SlotType::Boolean && !spec.takes_any_words();
            is_told && self.is_alone(heard, &spec)
        })
    }

    /// Whether a message is an answer to the question that is open, a try at one, or fills something else of what runs.
    fn fits_on_top(&self, heard: &Heard, meant: &Meant, question: &Question) -> bool {
        // What is no choice is looked for below when nothing was chosen.
        let fits = question.about == About::Choice
            || self.spec_asked(question).is_some_and(|spec| {
                let mut meant = meant.intents.iter();
                spec.takes_any_words()
                    || self.has_alternatives(&spec)
                    || self.has_entity(&spec)
                    || self.misfitting_entity(&spec).is_some()
                    || meant.any(|intent| spec.intents.contains_key(intent))
                    || self.read(&spec, &heard.text).is_ok()
            });
        fits || self.says_yes_or_no(heard, meant, question) || self.fills_what_runs()
    }

    fn says_yes_or_no(&self, heard: &Heard, meant: &Meant, question: &Question) -> bool {
        self.is_yes_or_no(question) && self.nod_of(heard, meant.affirm, meant.deny) != Nod::Nothing
    }

    /// Whether what runs has a slot for what was said.
    pub(super) fn fills_what_runs(&self) -> bool {
        self.state.chain().any(|frame| {
            self.flow_at(frame)
                .is_some_and(|(project, flow)| self.has_value_for(project, flow))
        })
    }
}
