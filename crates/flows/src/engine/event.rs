//! Events from outside: each is told to the flows that wait for it, kept for those that have their wait still ahead, and
//! begins a flow where none waits.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::Value as Json;

use super::{
    frame::{Frame, Waiting},
    record::{Origin, Recorded, Why},
    turn::Turn,
};
use crate::{
    bounds::LARGEST_SAVED,
    name::{EventName, FlowName, SlotName},
    project::{FlowSpec, Op, Project, StepSpec},
};

/// A flow that an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    /// It waits for it: its place in the stack.
    Waits(usize),
    /// It, or what it calls, has its wait still ahead.
    Keeps(usize),
}

impl Turn<'_> {
    /// Whom an event is for. Of several that run the same flow it is that one's of which more is known that the event
    /// says too, and less that it contradicts; of equals one that waits, and of those the one that began first.
    pub(super) fn takers(&self, name: &EventName, data: &BTreeMap<SlotName, Json>) -> Vec<Taker> {
        let mut best: BTreeMap<&FlowName, (Likeness, Taker)> = BTreeMap::new();
        let stack = &self.state.stack;
        let mut root = 0;
        while let Some(first) = stack.get(root) {
            let next = self.state.end_of_chain(root) + 1;
            if let Some(taker) = self.taker(root..next, name) {
                let likeness = self.likeness(root..next, data, taker);
                let is_better = best
                    .get(&first.flow)
                    .is_none_or(|(other, _)| likeness > *other);
                if is_better {
                    best.insert(&first.flow, (likeness, taker));
                }
            }
            root = next;
        }
        best.into_values().map(|(_, taker)| taker).collect()
    }

    fn taker(&self, chain: std::ops::Range<usize>, name: &EventName) -> Option<Taker> {
        let (root, last) = (chain.start, chain.end.checked_sub(1)?);
        let waits = |frame: &Frame| matches!(&frame.waiting, Waiting::Outside { event: Some(own), .. } if own == name);
        if self.state.stack.get(last).is_some_and(waits) {
            return Some(Taker::Waits(last));
        }
        chain
            .into_iter()
            .any(|frame| self.waits_later(frame, name))
            .then_some(Taker::Keeps(root))
    }

    /// Whether a wait for this event is ahead of a flow, or in what it is still to call.
    fn waits_later(&self, frame: usize, name: &EventName) -> bool {
        let (Some((project, flow)), Some(frame)) =
            (self.flow_at(frame), self.state.stack.get(frame))
        else {
            return false;
        };
        let here = frame.step.as_ref().map(|step| flow.index_of(step));
        let ahead = match here {
            None => flow.reached([0], None),
            Some(here) => {
                let here = here.and_then(|here| flow.steps.get(here));
                flow.reached(here.into_iter().flat_map(StepSpec::followers), None)
            }
        };
        let ahead: Vec<_> = ahead
            .into_iter()
            .filter_map(|step| flow.steps.get(step))
            .collect();
        let called = ahead.iter().copied().filter_map(StepSpec::called).cloned();
        let called = project.with_called(called).flat_map(|flow| &flow.steps);
        let mut steps = ahead.iter().copied().chain(called);
        steps
            .any(|step| matches!(&step.op, Op::Wait { event: Some(own), .. } if own.value == *name))
    }

    fn likeness(
        &self,
        chain: std::ops::Range<usize>,
        data: &BTreeMap<SlotName, Json>,
        taker: Taker,
    ) -> Likeness {
        let (mut alike, mut unlike) = (0, 0);
        let first = chain.start;
        for index in chain {
            let is_first = index == first;
            let (Some((project, flow)), Some(frame)) =
                (self.flow_at(index), self.state.stack.get(index))
            else {
                continue;
            };
            for (slot, json) in data {
                let shared = is_first.then(|| self.state.filled_at(index, slot.as_str()));
                let known = frame.slots.get(slot).or_else(|| shared.flatten());
                match (known, self.fitting_in(project, flow, slot, json)) {
                    (Some(known), Some(told)) if known.value == told => alike += 1,
                    (Some(_), Some(_)) => unlike += 1,
                    _ => {}
                }
            }
        }
        (alike, Reverse(unlike), matches!(taker, Taker::Waits(_)))
    }

    /// An event: the flows that it is for go on, or will; where none waits for it, one begins that starts with it.
    pub(super) fn happened(&mut self, name: &EventName, data: &BTreeMap<SlotName, Json>) {
        let takers = self.takers(name, data);
        let is_awaited = takers.iter().any(|taker| matches!(taker, Taker::Waits(_)));
        let begins = self.projects.current().flow_of_event(name);
        let begins = begins
            .filter(|_| !is_awaited && !self.state.is_handed_off)
            .cloned();
        for taker in takers {
            match taker {
                Taker::Waits(frame) => {
                    self.fill_from_event(frame, name, data);
                    self.record(Recorded::WaitOver {
                        frame,
                        in_time: true,
                    });
                }
                // It is another one's that begins with it.
                Taker::Keeps(frame) if self.runs_at(frame, begins.as_ref()) => {}
                Taker::Keeps(frame) => self.keep_event(frame, name, data),
            }
        }
        let begins = begins.and_then(|begins| self.projects.current().flow(&begins));
        if let Some(flow) = begins {
            self.begin_with(flow, name, data);
        }
    }

    fn runs_at(&self, frame: usize, flow: Option<&FlowName>) -> bool {
        flow.is_some() && self.state.stack.get(frame).map(|frame| &frame.flow) == flow
    }

    /// Each event begins a flow of its own. Where somebody is being asked in one of the same kind, it waits its turn below: an
    /// answer that is on its way is none to what nobody has read yet.
    fn begin_with(&mut self, flow: &FlowSpec, name: &EventName, data: &BTreeMap<SlotName, Json>) {
        let is_alike = |frame: &Frame| frame.flow == flow.name;
        if !self.makes_room_for_event() {
            return self.say("convene.too_much");
        }
        self.begin_flow(flow, Why::Event(name.clone()), None);
        let Some(new) = self.state.stack.len().checked_sub(1) else {
            return;
        };
        self.fill_from_event(new, name, data);
        let Some(below) = new.checked_sub(1) else {
            return;
        };
        let asking = self.state.root_of(below);
        let is_asking = self.state.stack.get(asking).is_some_and(is_alike)
            && self
                .state
                .stack
                .get(below)
                .and_then(Frame::question)
                .is_some();
        if !is_asking {
            return;
        }
        let in_line = self.state.stack.iter().take(asking).rev();
        let in_line = in_line.take_while(|frame| is_alike(frame) && frame.step.is_none());
        let in_line = in_line.count();
        let first = asking - in_line;
        // Those in front go by, one after the other, and at last the one that asks.
        for _ in 0..=in_line {
            self.raise_to_top(self.state.end_of_chain(first));
        }
    }

    /// The flow on top waits for an event that came before: it has it. False, if none is kept.
    pub(super) fn take_early(&mut self, event: &EventName) -> bool {
        let Some(top) = self.state.stack.len().checked_sub(1) else {
            return false;
        };
        let root = self.state.stack.get(self.state.root_of(top));
        let mut early = root.into_iter().flat_map(|root| &root.early);
        let Some(data) = early
            .find(|early| early.event == *event)
            .map(|early| early.data.clone())
        else {
            return false;
        };
        self.record(Recorded::EventTaken {
            event: event.clone(),
        });
        self.record(Recorded::WaitStarted {
            event: Some(event.clone()),
            timer: None,
        });
        self.fill_from_event(top, event, &data);
        self.record(Recorded::WaitOver {
            frame: top,
            in_time: true,
        });
        true
    }

    /// Keeps an event for a flow that will wait for it, with what is known of it that slots are there for.
    fn keep_event(&mut self, frame: usize, event: &EventName, data: &BTreeMap<SlotName, Json>) {
        let Some((project, _)) = self.flow_at(frame) else {
            return;
        };
        let mut bytes = 0;
        let (mut kept, mut misfits) = (BTreeMap::new(), Vec::new());
        for (slot, json) in data.iter().filter(|(slot, _)| has_slot(project, slot)) {
            bytes += slot.as_str().len() + json.to_string().len();
            if bytes > LARGEST_SAVED {
                misfits.push(slot.clone());
            } else {
                kept.insert(slot.clone(), json.clone());
            }
        }
        self.record(Recorded::EventKept {
            frame,
            event: event.clone(),
            data: kept,
        });
        self.note_misfits(event, misfits);
    }

    /// What is known of an event fills slots of the flow whose event it is, wherever that stands. What fits none of its slots'
    /// declarations is told to those who read the notes.
    fn fill_from_event(
        &mut self,
        frame: usize,
        event: &EventName,
        data: &BTreeMap<SlotName, Json>,
    ) {
        let Some((project, flow)) = self.flow_at(frame) else {
            return;
        };
        let below = (frame + 1 < self.state.stack.len()).then_some(frame);
        let mut misfits = Vec::new();
        for (slot, json) in project.lists_first(flow, data, |(slot, _)| slot) {
            match self.fitting_in(project, flow, slot, json) {
                Some(value) => self.set_at(below, slot, Some(value), Origin::Event, None),
                // Much may be known that no slot is there for.
                None if project.slot(flow, slot.as_str()).is_some() => misfits.push(slot.clone()),
                None => {}
            }
        }
        self.note_misfits(event, misfits);
    }

    fn note_misfits(&mut self, event: &EventName, slots: Vec<SlotName>) {
        if !slots.is_empty() {
            self.record(Recorded::EventMisfitted {
                event: event.clone(),
                slots,
            });
        }
    }
}

/// How well an event goes with what a flow knows: the greater the better.
type Likeness = (usize, Reverse<usize>, bool);

/// Whether some flow has a slot of this name, or the conversation has.
fn has_slot(project: &Project, slot: &SlotName) -> bool {
    let mut flows = project.flows();
    project.shared.contains_key(slot) || flows.any(|flow| flow.slots.contains_key(slot))
}
