//! "No, I meant …": an earlier answer is set anew, and what depends on it is asked for again.

use std::collections::BTreeSet;

use super::{
    hear::Meant,
    input::{Heard, Input},
    record::{Origin, Why},
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::SlotName,
    project::{FlowSpec, Project, Target},
    value::Value,
};

impl Turn<'_> {
    /// Corrects earlier answers of the flow on top, if that is what was said. `asked` is the slot that is asked for
    /// now, and `own` what was said for it.
    pub(super) fn correct(
        &mut self,
        heard: &Heard,
        meant: &Meant,
        asked: &SlotName,
        own: Option<&Value>,
    ) -> bool {
        let Some((_, flow)) = self.top() else {
            return false;
        };
        let is_wrong = meant.correct || (meant.deny && self.is_no_answer(heard, asked));
        let mut corrected = self.corrections(is_wrong, asked);
        if corrected.is_empty() && meant.correct {
            // What only the question takes is its answer.
            if self.spec(asked).is_some_and(|spec| self.has_entity(&spec)) {
                return false;
            }
            // Without a new value: the last answer is asked for again, unless it can be read from the words.
            let Some(last) = self.answered_but(asked).into_iter().next() else {
                return false;
            };
            corrected.push((last, None));
        }
        if corrected.is_empty() {
            return false;
        }
        self.say("convene.corrected");
        if let Some(value) = own {
            self.set(
                asked,
                Some(value.clone()),
                Origin::Entity,
                heard.who.as_ref(),
            );
        }
        self.set_anew(flow, corrected, heard.who.as_ref());
        true
    }

    /// Whether a no cannot be what was asked for.
    fn is_no_answer(&self, heard: &Heard, asked: &SlotName) -> bool {
        self.spec(asked).is_some_and(|spec| {
            let is_told = spec.kind != SlotType::Boolean && !spec.takes_any_words();
            is_told && self.read(&spec, &heard.text).is_err()
        })
    }

    /// What was said anew of earlier answers of the flow on top: by entities, and, where it is said that something was
    /// wrong, by words that can be nothing else.
    pub(super) fn corrections(
        &mut self,
        is_wrong: bool,
        asked: &SlotName,
    ) -> Vec<(SlotName, Option<Value>)> {
        let mut corrected = Vec::new();
        for slot in self.answered_but(asked) {
            let Some(spec) = self.spec(&slot) else {
                continue;
            };
            if let Some(value) = self.take_entity(&spec, is_wrong)
                && self.value(&spec) != Some(&value)
            {
                corrected.push((slot, Some(value)));
            }
        }
        if corrected.is_empty() && is_wrong {
            corrected.extend(self.read_anew(asked));
        }
        corrected
    }

    /// The last answer of which words say another value: one that was chosen, or looks as its pattern says.
    fn read_anew(&self, asked: &SlotName) -> Option<(SlotName, Option<Value>)> {
        let Input::Heard(heard) = &self.input else {
            return None;
        };
        self.answered_but(asked).into_iter().find_map(|slot| {
            let spec = self.spec(&slot)?;
            let can_be_told = match spec.kind {
                SlotType::Text => !spec.takes_any_words(),
                SlotType::Choice | SlotType::Email => true,
                _ => false,
            };
            let value = self.read(&spec, &heard.text).ok().filter(|_| can_be_told)?;
            (self.value(&spec) != Some(&value)).then_some((slot, Some(value)))
        })
    }

    /// The slots that people have filled, but for the one that is asked for: the last one first, and at last those that
    /// the flow did not ask for since they were known before it began.
    fn answered_but(&self, asked: &SlotName) -> Vec<SlotName> {
        let (Some(frame), Some((project, flow))) = (self.frame(), self.top()) else {
            return Vec::new();
        };
        let here = frame.step.as_ref().and_then(|step| flow.index_of(step));
        let is_behind = |slot: &SlotName| flow.step_that_asks(slot) < here;
        let known = project.shared.keys().filter(|slot| {
            let filled = self.state.filled(slot.as_str());
            filled.is_some_and(|filled| filled.from.is_person())
                && flow.asks(slot)
                && is_behind(slot)
                && !frame.answered.contains(slot)
        });
        let answered = frame.answered.iter().rev().chain(known);
        answered.filter(|slot| *slot != asked).cloned().collect()
    }

    /// Sets slots anew, empties what depends on them, and goes back to where the first of all these was asked for.
    pub(super) fn set_anew(
        &mut self,
        flow: &FlowSpec,
        corrected: Vec<(SlotName, Option<Value>)>,
        who: Option<&crate::name::Who>,
    ) {
        let project = self.project();
        let mut touched: BTreeSet<SlotName> =
            corrected.iter().map(|(slot, _)| slot.clone()).collect();
        let dependent = dependents(project, flow, &touched);
        for (slot, value) in corrected {
            self.set(&slot, value, Origin::Correction, who);
        }
        for slot in &dependent {
            self.set(slot, None, Origin::Dependence, None);
        }
        touched.extend(dependent);
        let first = touched
            .iter()
            .filter_map(|slot| flow.step_that_asks(slot))
            .min();
        match first {
            Some(index) => self.go(flow, Target::Step(index), Why::Corrected),
            None => {
                if let Some(question) = self.state.question().cloned() {
                    self.ask_again(&question, question.tries);
                }
            }
        }
    }
}

/// The slots that depend on these, over any number of steps.
fn dependents(project: &Project, flow: &FlowSpec, on: &BTreeSet<SlotName>) -> BTreeSet<SlotName> {
    let mut found: BTreeSet<SlotName> = BTreeSet::new();
    loop {
        let slots = flow.slots.values().chain(project.shared.values());
        let more: Vec<SlotName> = slots
            .filter(|slot| !found.contains(&slot.name) && !on.contains(&slot.name))
            .filter(|slot| {
                slot.depends_on
                    .iter()
                    .any(|other| on.contains(&other.value) || found.contains(&other.value))
            })
            .map(|slot| slot.name.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
