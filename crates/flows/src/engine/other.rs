//! Timers, events, and a conversation that is given back.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    input::Input,
    record::{Origin, Recorded, Why},
    state::Waiting,
    turn::Turn,
};
use crate::name::{EventName, SlotName};

impl Turn<'_> {
    /// Whether the input is anything to this conversation as it stands.
    pub(super) fn is_relevant(&self) -> bool {
        match &self.input {
            Input::HandedBack => self.state.is_handed_off,
            Input::Resumed => self.state.is_half_way(),
            _ if self.state.is_handed_off => false,
            Input::Timer { timer } => {
                self.silence_of(*timer).is_some() || self.frame_of_timer(*timer).is_some()
            }
            Input::Event { name, .. } => {
                self.frame_of_event(name).is_some()
                    || self.projects.current().flow_of_event(name).is_some()
            }
            Input::Heard(_) | Input::Pressed { .. } | Input::Submitted { .. } => true,
        }
    }

    /// Does what the input asks for.
    pub(super) fn take_in(&mut self) {
        match self.input.clone() {
            Input::Heard(heard) => self.hear(&heard),
            Input::Pressed {
                who,
                question,
                value,
            } => self.pressed(who.as_ref(), question, &value),
            Input::Submitted {
                who,
                question,
                values,
            } => self.submitted(who.as_ref(), question, &values),
            Input::Timer { timer } => self.timer_over(timer),
            Input::Event { name, data } => self.happened(&name, &data),
            Input::HandedBack => self.record(Recorded::HandedBack),
            // The flow on top waits for nothing: it runs.
            Input::Resumed => {}
        }
    }

    /// The stage of the silence whose timer this is: as it was before this turn, whose start ends it.
    fn silence_of(&self, timer: u64) -> Option<u8> {
        let before = self
            .state
            .under_way
            .as_ref()
            .map_or(&self.state, |under_way| &under_way.before);
        before
            .silence
            .filter(|(own, _)| *own == timer)
            .map(|(_, stage)| stage)
    }

    fn frame_of_timer(&self, timer: u64) -> Option<usize> {
        self.state.stack.iter().position(|frame| {
            matches!(&frame.waiting, Waiting::Outside { timer: Some(own), .. } if *own == timer)
        })
    }

    fn frame_of_event(&self, name: &EventName) -> Option<usize> {
        self.state.stack.iter().rposition(|frame| {
            matches!(&frame.waiting, Waiting::Outside { event: Some(own), .. } if own == name)
        })
    }

    fn timer_over(&mut self, timer: u64) {
        if let Some(stage) = self.silence_of(timer) {
            return self.silence_over(stage);
        }
        let Some(index) = self.frame_of_timer(timer) else {
            return;
        };
        let has_event =
            self.state.stack.get(index).is_some_and(|frame| {
                matches!(&frame.waiting, Waiting::Outside { event: Some(_), .. })
            });
        self.record(Recorded::WaitOver {
            frame: index,
            in_time: !has_event,
        });
    }

    /// An event: a flow that waits for it goes on, or one begins that starts with it.
    fn happened(&mut self, name: &EventName, data: &BTreeMap<SlotName, Json>) {
        if let Some(index) = self.frame_of_event(name) {
            self.fill_from_event(index, name, data);
            return self.record(Recorded::WaitOver {
                frame: index,
                in_time: true,
            });
        }
        if let Some(flow) = self.projects.current().flow_of_event(name).cloned() {
            self.start_flow(&flow, Why::Event(name.clone()), None);
            self.fill_from_event(self.state.stack.len().saturating_sub(1), name, data);
        }
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
        for (slot, json) in data {
            match self.fitting_in(project, flow, slot, json) {
                Some(value) => self.set_at(below, slot, Some(value), Origin::Event, None),
                // Much may be known that no slot is there for.
                None if project.slot(flow, slot.as_str()).is_some() => misfits.push(slot.clone()),
                None => {}
            }
        }
        if !misfits.is_empty() {
            self.record(Recorded::EventMisfitted {
                event: event.clone(),
                slots: misfits,
            });
        }
    }
}
