//! "No, I meant …": an earlier answer is set anew, and what depends on it is asked for again. What a flow has asked that called the
//! one on top is an earlier answer, too.

use std::collections::BTreeSet;

use super::{
    gone::read_by,
    hear::Meant,
    input::{Heard, Input},
    record::{Origin, Why},
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::{SlotName, Who},
    project::{FlowSpec, Project, Target},
    slot::SlotSpec,
    value::Value,
};

/// A slot, and what it is set to; without a value: to be asked for again.
pub(super) type Told = (SlotName, Option<Value>);

/// What was said anew of the earlier answers of a flow.
#[derive(Debug)]
pub(super) struct Corrections {
    /// The flow: the one on top, or one that has called it.
    frame: usize,
    /// Those that have another value now.
    pub(super) anew: Vec<Told>,
    /// Whether one was said to be what it is.
    pub(super) is_restated: bool,
}

/// What came of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corrected {
    /// There was none.
    Nothing,
    /// An answer that was not used yet is another one, and the question that is open stays open.
    Beside,
    /// A flow went back to its question, or the one that is open was asked again.
    Asked,
}

impl Turn<'_> {
    /// Corrects earlier answers, if that is what was said. `asked` is the slot that is asked for now, and `own` what was said
    /// for it.
    pub(super) fn correct(
        &mut self,
        heard: &Heard,
        meant: &Meant,
        asked: &SlotName,
        own: Option<&Value>,
    ) -> Corrected {
        let is_wrong = meant.correct || (meant.deny && self.is_no_answer(heard, asked));
        let mut said = self.corrections(is_wrong, asked);
        if said.anew.is_empty() && said.is_restated && is_wrong && own.is_none() {
            self.nothing_changes();
            return Corrected::Asked;
        }
        let is_told = !said.anew.is_empty();
        if !is_told && meant.correct {
            // What only the question takes is its answer.
            if self.spec(asked).is_some_and(|spec| self.has_entity(&spec)) {
                return Corrected::Nothing;
            }
            // Without a new value: the last answer is asked for again, unless it can be read from the words.
            let mut chain = self.state.chain();
            let last = chain.find_map(|frame| {
                let last = self.answered_but(frame, asked).into_iter().next()?;
                Some((frame, last))
            });
            if let Some((frame, last)) = last {
                (said.frame, said.anew) = (frame, vec![(last, None)]);
            }
        }
        if said.anew.is_empty() {
            return Corrected::Nothing;
        }
        self.say(if is_told {
            "convene.corrected"
        } else {
            "convene.rejected"
        });
        if self.sets_beside(&said, heard.who.as_ref()) {
            return Corrected::Beside;
        }
        if let Some(value) = own {
            self.set(
                asked,
                Some(value.clone()),
                Origin::Entity,
                heard.who.as_ref(),
            );
        }
        self.go_back_for(said, heard.who.as_ref());
        Corrected::Asked
    }

    /// Whether a no cannot be what was asked for.
    fn is_no_answer(&self, heard: &Heard, asked: &SlotName) -> bool {
        self.spec(asked).is_some_and(|spec| {
            let is_told = spec.kind != SlotType::Boolean && !spec.takes_any_words();
            is_told && self.read(&spec, &heard.text).is_err()
        })
    }

    /// What was said anew of earlier answers: by entities, and, where it is said that something was wrong, by words that can be
    /// nothing else. The flow on top has the first right to it, then whichever has called it.
    pub(super) fn corrections(&mut self, is_wrong: bool, asked: &SlotName) -> Corrections {
        let mut said = Corrections {
            frame: self.state.stack.len().saturating_sub(1),
            anew: Vec::new(),
            is_restated: false,
        };
        for frame in self.state.chain() {
            if !said.anew.is_empty() {
                break;
            }
            said.frame = frame;
            self.told_by_entities(is_wrong, asked, &mut said);
        }
        let chain = self.state.chain().filter(|_| is_wrong);
        for frame in chain {
            if !said.anew.is_empty() {
                break;
            }
            said.frame = frame;
            let read = self.read_earlier(frame, asked);
            let (same, other): (Vec<_>, Vec<_>) = read.partition(|(_, is_same)| *is_same);
            said.is_restated |= !same.is_empty();
            said.anew
                .extend(other.into_iter().next().map(|(told, _)| told));
        }
        said
    }

    fn told_by_entities(&mut self, is_wrong: bool, asked: &SlotName, said: &mut Corrections) {
        for slot in self.answered_but(said.frame, asked) {
            let Some(spec) = self.spec_at(said.frame, &slot) else {
                continue;
            };
            if !is_wrong && self.is_for_a_called_flow(said.frame, &spec) {
                continue;
            }
            let Some(value) = self.take_entity(&spec, is_wrong) else {
                continue;
            };
            if self.value_at(said.frame, &slot) == Some(&value) {
                said.is_restated = true;
            } else {
                said.anew.push((slot, Some(value)));
            }
        }
    }

    /// What was said to be wrong is what is known: that is said, and the question that is open is asked again.
    pub(super) fn nothing_changes(&mut self) {
        self.say("convene.unchanged");
        self.ask_what_is_open();
    }

    /// Whether what was said for a slot of a flow would fill one that is empty yet of those that it has called.
    fn is_for_a_called_flow(&self, frame: usize, slot: &SlotSpec) -> bool {
        let Some((index, _)) = self.entity_for(slot, false) else {
            return false;
        };
        let mut called = self.state.chain().take_while(|above| *above != frame);
        self.entities.get(index).is_some_and(|entity| {
            called.any(|above| {
                self.flow_at(above).is_some_and(|(project, flow)| {
                    let mut empty = flow
                        .fillable(project)
                        .filter(|slot| self.value_at(above, &slot.name).is_none());
                    empty.any(|slot| slot.takes(entity, false).is_some())
                })
            })
        })
    }

    /// The answers of a flow of which words say a value, the last first, and whether it is the one that they have: answers that
    /// were chosen, or look as their pattern says.
    fn read_earlier(&self, frame: usize, asked: &SlotName) -> impl Iterator<Item = (Told, bool)> {
        let said = match &self.input {
            Input::Heard(heard) => heard.text.as_str(),
            _ => "",
        };
        self.answered_but(frame, asked)
            .into_iter()
            .filter_map(move |slot| {
                let spec = self.spec_at(frame, &slot)?;
                let can_be_told = match spec.kind {
                    SlotType::Text => !spec.takes_any_words(),
                    SlotType::Choice | SlotType::Email => true,
                    _ => false,
                };
                let value = self.read(&spec, said).ok().filter(|_| can_be_told)?;
                let is_same = self.value_at(frame, &slot) == Some(&value);
                Some(((slot, Some(value)), is_same))
            })
    }

    /// The slots of a flow that people have filled, but for the one that is asked for: the last one first, and at last those
    /// that the flow did not ask for since they were known before it began.
    fn answered_but(&self, frame: usize, asked: &SlotName) -> Vec<SlotName> {
        let (Some(own), Some((project, flow))) = (self.state.stack.get(frame), self.flow_at(frame))
        else {
            return Vec::new();
        };
        let here = own.index_in(flow);
        let is_behind = |slot: &SlotName| flow.step_that_asks(slot) < here;
        let known = project.shared.keys().filter(|slot| {
            let filled = self.state.filled_at(frame, slot.as_str());
            filled.is_some_and(|filled| filled.from.is_person())
                && flow.asks(slot)
                && is_behind(slot)
                && !own.answered.contains(slot)
        });
        let answered = own.answered.iter().rev().chain(known);
        answered.filter(|slot| *slot != asked).cloned().collect()
    }

    /// Sets slots anew, and asks again what is open, or for what comes of them.
    pub(super) fn set_anew(&mut self, corrections: Corrections, who: Option<&Who>) {
        if self.sets_beside(&corrections, who) {
            return self.ask_what_is_open();
        }
        self.go_back_for(corrections, who);
    }

    /// Sets slots anew, empties what depends on them, and goes back to where the first of all these was asked for, but never
    /// forward: what was called behind that is called again.
    fn go_back_for(&mut self, corrections: Corrections, who: Option<&Who>) {
        let Corrections {
            frame, anew: slots, ..
        } = corrections;
        let Some((project, flow)) = self.flow_at(frame) else {
            return;
        };
        let mut touched: BTreeSet<SlotName> = slots.iter().map(|(slot, _)| slot.clone()).collect();
        let dependent = dependents(project, flow, &touched);
        touched.extend(dependent.iter().cloned());
        let here = self.state.stack.get(frame);
        let here = here.and_then(|own| own.index_in(flow));
        let asked = touched.iter().filter_map(|slot| flow.step_that_asks(slot));
        let first = first_asked(flow, asked, here);
        if first.is_some() {
            self.drop_called_by(frame);
            self.renew();
        }
        let below = (frame + 1 < self.state.stack.len()).then_some(frame);
        for (slot, value) in slots {
            self.set_at(below, &slot, value, Origin::Correction, who);
        }
        for slot in &dependent {
            self.set_at(below, slot, None, Origin::Dependence, None);
        }
        match first {
            Some(index) => self.go(flow, Target::Step(index), Why::Corrected),
            None => self.ask_what_is_open(),
        }
    }

    fn ask_what_is_open(&mut self) {
        if let Some(question) = self.state.question().cloned() {
            self.ask_again(&question, question.tries);
        }
    }

    /// Sets slots anew of a flow that has called the one on top, where nothing has used them yet and nothing depends on them:
    /// what it has called goes on. False, and nothing is set, where that is not so.
    fn sets_beside(&mut self, corrections: &Corrections, who: Option<&Who>) -> bool {
        let Corrections {
            frame, anew: slots, ..
        } = corrections;
        if !self.are_unused(*frame, slots) {
            return false;
        }
        for (slot, value) in slots {
            self.set_at(Some(*frame), slot, value.clone(), Origin::Correction, who);
        }
        true
    }

    fn are_unused(&self, frame: usize, slots: &[Told]) -> bool {
        let is_below = frame + 1 < self.state.stack.len();
        let (Some(own), Some((project, flow))) = (
            self.state.stack.get(frame).filter(|_| is_below),
            self.flow_at(frame),
        ) else {
            return false;
        };
        let Some(here) = own.index_in(flow) else {
            return false;
        };
        let corrected: BTreeSet<_> = slots.iter().map(|(slot, _)| slot.clone()).collect();
        let is_unused = |slot: &SlotName| {
            let Some(asks) = flow.step_that_asks(slot) else {
                return true;
            };
            let is_between = |step: &usize| flow.reached([*step], None).contains(&here);
            let between = flow.reached([asks], Some(here)).into_iter();
            let between = between.filter(is_between).chain([here]);
            let confirms = flow.steps.get(asks);
            !confirms.is_some_and(|step| self.is_to_confirm(&step.op, Origin::Correction))
                && !read_by(project, flow, between).contains(slot.as_str())
        };
        slots
            .iter()
            .all(|(slot, value)| value.is_some() && is_unused(slot))
            && dependents(project, flow, &corrected).is_empty()
    }
}

/// Where the first of these questions was asked. What is asked only behind this step has its turn still: from here it goes on.
fn first_asked(
    flow: &FlowSpec,
    asks: impl Iterator<Item = usize>,
    here: Option<usize>,
) -> Option<usize> {
    let Some(here) = here else {
        return asks.min();
    };
    let was_passed = |asks: usize| {
        let leads_here = flow.reached([asks], None).contains(&here);
        leads_here && (asks < here || !flow.reached([0], Some(asks)).contains(&here))
    };
    asks.map(|asks| if was_passed(asks) { asks } else { here })
        .min()
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
