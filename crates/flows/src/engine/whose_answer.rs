//! What is said while a digression asks, and is an answer to what was asked below it.

use super::{frame::Question, input::Heard, meant::Meant, record::About, turn::Turn};
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
            let below = self.state.stack.get(*frame);
            let asked = below.and_then(super::Frame::question);
            let asked =
                asked.filter(|asked| self.may_answer(asked.of.as_ref(), heard.who.as_ref()));
            let Some(About::Slot(slot)) = asked.map(|asked| &asked.about) else {
                return false;
            };
            let spec = self.spec_at(*frame, slot);
            spec.is_some_and(|spec| {
                let is_told = spec.kind != SlotType::Boolean && !spec.takes_any_words();
                is_told && self.is_alone(heard, &spec)
            })
        })
    }

    /// Whether a message is an answer to the question that is open, a try at one, or fills something else of what runs.
    fn fits_on_top(&self, heard: &Heard, meant: &Meant, question: &Question) -> bool {
        let fits = match &question.about {
            // What is no choice is looked for below when nothing was chosen.
            About::Choice => true,
            About::Slot(slot) | About::Confirm { slot, .. } => {
                self.spec(slot).is_some_and(|spec| {
                    let mut meant = meant.intents.iter();
                    spec.takes_any_words()
                        || self.has_alternatives(&spec)
                        || self.has_entity(&spec)
                        || self.misfitting_entity(&spec).is_some()
                        || meant.any(|intent| spec.intents.contains_key(intent))
                        || self.read(&spec, &heard.text).is_ok()
                })
            }
        };
        fits || self.says_yes_or_no(heard, meant, question) || self.fills_what_runs()
    }

    fn says_yes_or_no(&self, heard: &Heard, meant: &Meant, question: &Question) -> bool {
        self.is_yes_or_no(question) && self.nod_of(heard, meant.affirm, meant.deny) != Nod::Nothing
    }

    /// Whether what runs has a slot for what was said.
    pub(super) fn fills_what_runs(&self) -> bool {
        self.state.chain().any(|frame| {
            self.flow_at(frame).is_some_and(|(project, flow)| {
                let mut slots = flow.fillable(project);
                slots.any(|slot| self.entity_for(slot, false).is_some())
            })
        })
    }
}
