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

/// A slot, and what it is set to.
pub(super) type Told = (SlotName, Option<Value>);

/// What was said anew of earlier answers.
#[derive(Debug)]
pub(super) struct Corrections {
    /// Those that have another value now.
    pub(super) anew: Vec<Told>,
    /// Whether one was said to be what it is.
    pub(super) is_restated: bool,
}

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
        let Corrections {
            mut anew,
            is_restated,
        } = self.corrections(is_wrong, asked);
        if anew.is_empty() && is_restated && is_wrong && own.is_none() {
            self.nothing_changes();
            return true;
        }
        let is_told = !anew.is_empty();
        if anew.is_empty() && meant.correct {
            // What only the question takes is its answer.
            if self.spec(asked).is_some_and(|spec| self.has_entity(&spec)) {
                return false;
            }
            // Without a new value: the last answer is asked for again, unless it can be read from the words.
            let Some(last) = self.answered_but(asked).into_iter().next() else {
                return false;
            };
            anew.push((last, None));
        }
        if anew.is_empty() {
            return false;
        }
        self.say(if is_told {
            "convene.corrected"
        } else {
            "convene.rejected"
        });
        if let Some(value) = own {
            self.set(
                asked,
                Some(value.clone()),
                Origin::Entity,
                heard.who.as_ref(),
            );
        }
        self.set_anew(flow, anew, heard.who.as_ref());
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
    pub(super) fn corrections(&mut self, is_wrong: bool, asked: &SlotName) -> Corrections {
        let mut anew = Vec::new();
        let mut is_restated = false;
        for slot in self.answered_but(asked) {
            let Some(spec) = self.spec(&slot) else {
                continue;
            };
            let Some(value) = self.take_entity(&spec, is_wrong) else {
                continue;
            };
            if self.value(&spec) == Some(&value) {
                is_restated = true;
            } else {
                anew.push((slot, Some(value)));
            }
        }
        if anew.is_empty() && is_wrong {
            let read = self.read_earlier(asked);
            let (same, other): (Vec<_>, Vec<_>) = read.partition(|(_, is_same)| *is_same);
            is_restated |= !same.is_empty();
            anew.extend(other.into_iter().next().map(|(told, _)| told));
        }
        Corrections { anew, is_restated }
    }

    /// What was said to be wrong is what is known: that is said, and the question that is open is asked again.
    pub(super) fn nothing_changes(&mut self) {
        self.say("convene.unchanged");
        if let Some(question) = self.state.question().cloned() {
            self.ask_again(&question, question.tries);
        }
    }

    /// The answers of which words say a value, the last first, and whether it is the one that they have: answers that were
    /// chosen, or look as their pattern says.
    fn read_earlier(&self, asked: &SlotName) -> impl Iterator<Item = (Told, bool)> {
        let said = match &self.input {
            Input::Heard(heard) => heard.text.as_str(),
            _ => "",
        };
        self.answered_but(asked)
            .into_iter()
            .filter_map(move |slot| {
                let spec = self.spec(&slot)?;
                let can_be_told = match spec.kind {
                    SlotType::Text => !spec.takes_any_words(),
                    SlotType::Choice | SlotType::Email => true,
                    _ => false,
                };
                let value = self.read(&spec, said).ok().filter(|_| can_be_told)?;
                let is_same = self.value(&spec) == Some(&value);
                Some(((slot, Some(value)), is_same))
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
        corrected: Vec<Told>,
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
