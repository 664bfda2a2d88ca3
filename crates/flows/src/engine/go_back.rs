//! A flow goes back to the first question whose answer is another one now.

use std::collections::BTreeSet;

use super::{
    corrections::{Corrections, Told},
    gone::read_by,
    record::{Origin, Why},
    turn::Turn,
};
use crate::{
    name::{SlotName, Who},
    project::{FlowSpec, Project, Target},
};

/// What came of setting slots anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anew {
    /// Nothing had used them: what is open stays open.
    Beside,
    /// A flow went back to its question, or the one that is open was asked again.
    Back,
}

impl Turn<'_> {
    /// Sets slots anew, and asks again what is open, or for what comes of them.
    pub(super) fn set_anew(&mut self, corrections: Corrections, who: Option<&Who>) {
        if self.went_back_for(corrections, who) == Anew::Beside {
            self.ask_what_is_open();
        }
    }

    /// Sets slots anew. A flow that has called the one on top goes back for them only where something has used them.
    pub(super) fn went_back_for(&mut self, corrections: Corrections, who: Option<&Who>) -> Anew {
        if self.sets_beside(&corrections, who) {
            return Anew::Beside;
        }
        self.go_back_for(corrections, who);
        Anew::Back
    }

    /// Sets slots anew, empties what depends on them, and goes back to where the first of all these was asked for, but never
    /// forward: what was called behind that is called again.
    fn go_back_for(&mut self, corrections: Corrections, who: Option<&Who>) {
        let Corrections {
            frame,
            anew: slots,
            beside,
            ..
        } = corrections;
        if let Some((slot, value)) = beside.clone() {
            self.set(&slot, Some(value), Origin::Entity, who);
        }
        let Some((project, flow)) = self.flow_at(frame) else {
            return;
        };
        let mut touched: BTreeSet<SlotName> = slots.iter().map(|(slot, _)| slot.clone()).collect();
        let mut dependent = dependents(project, flow, &touched);
        if let Some((beside, _)) = &beside {
            dependent.remove(beside);
        }
        touched.extend(dependent.iter().cloned());
        let here = self.state.stack.get(frame);
        let here = here.and_then(|own| own.index_in(flow));
        let asked = touched.iter().filter_map(|slot| flow.step_that_asks(slot));
        // What a call has filled is filled by it again.
        let filled = dependent
            .iter()
            .filter_map(|slot| flow.step_that_fills(slot));
        let asked = asked.chain(filled);
        let first = first_asked(flow, asked, here);
        // What is emptied has to be asked for where it was.
        let first = match self.asked_before(frame, &slots) {
            Some(asks) if !first.is_some_and(|one| flow.reached([one], None).contains(&asks)) => {
                Some(asks)
            }
            _ => first,
        };
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

    pub(super) fn are_unused(&self, frame: usize, slots: &[Told]) -> bool {
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
    asks.map(|asks| {
        if was_passed(flow, asks, here) {
            asks
        } else {
            here
        }
    })
    .min()
}

/// Whether every way to this step comes by that question, as far as the flow itself tells.
pub(super) fn was_passed(flow: &FlowSpec, asks: usize, here: usize) -> bool {
    let leads_here = flow.reached([asks], None).contains(&here);
    leads_here && (asks < here || !flow.reached([0], Some(asks)).contains(&here))
}

/// The slots that depend on these, over any number of steps.
fn dependents(project: &Project, flow: &FlowSpec, on: &BTreeSet<SlotName>) -> BTreeSet<SlotName> {
    let mut found: BTreeSet<SlotName> = BTreeSet::new();
    loop {
        let slots = flow.slots.values().chain(project.shared.values());
        let more: Vec<SlotName> = slots
            .filter(|slot| !found.contains(&slot.name) && !on.contains(&slot.name))
            .filter(|slot| {
                let mut others = slot.rests_on();
                others.any(|other| on.contains(&other.value) || found.contains(&other.value))
            })
            .map(|slot| slot.name.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
