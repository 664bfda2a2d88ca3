//! What a flow waits for: a length of time, a moment that somebody has told, an event.

use convene_source::At;
use jiff::{Timestamp, ToSpan as _, civil::Time};

use super::{
    effect::{Due, Effect},
    frame::{Frame, Waiting},
    record::{Recorded, Why},
    turn::Turn,
};
use crate::{
    folder::Span,
    name::{EventName, SlotName},
    project::{FlowSpec, StepSpec, WaitTime},
    value::Value,
};

impl Turn<'_> {
    /// The flow on top waits. What came before, and a moment that is past, are not waited for.
    pub(super) fn wait(
        &mut self,
        (flow, step): (&FlowSpec, &StepSpec),
        time: Option<&WaitTime>,
        event: Option<&At<EventName>>,
    ) {
        if let Some(event) = event
            && self.take_early(&event.value)
        {
            return;
        }
        let due = match time {
            None => None,
            Some(WaitTime::For(time)) => Some(Due::After(time.duration())),
            Some(WaitTime::Until { slot, hour }) => match self.moment(slot, hour.as_ref()) {
                None => return self.fail(),
                Some(at) if at <= self.clock.now.timestamp() => {
                    return self.go(flow, step.after_wait(event.is_none()), Why::Waited);
                }
                Some(at) => Some(Due::At(at)),
            },
        };
        let timer = due.map(|_| self.number());
        self.record(Recorded::WaitStarted {
            event: event.map(|event| event.value.clone()),
            timer,
        });
        if let (Some(timer), Some(due)) = (timer, due) {
            self.effect(Effect::SetTimer { timer, due });
        }
        // It holds up nobody.
        let asks = |frame: &Frame| frame.question().is_some();
        self.came_back |= self.state.stack.iter().any(asks);
    }

    /// Whether the flow at a place of the stack, or the last that it has called, waits for a time or an event.
    pub(super) fn waits_outside(&self, frame: usize) -> bool {
        let end = self.state.stack.get(self.state.end_of_chain(frame));
        end.is_some_and(|frame| matches!(frame.waiting, Waiting::Outside { .. }))
    }

    /// The moment that slots tell, where those are whose the flow is: the beginning of a day, an hour of a day, or the next
    /// time that it is this hour. None where one is empty, or further off than anybody is waited for.
    fn moment(&self, slot: &SlotName, hour: Option<&At<SlotName>>) -> Option<Timestamp> {
        let now = self.now();
        let hour = match hour {
            Some(hour) => Some(self.state.slot(hour.as_str())?),
            None => None,
        };
        let is_told = match (self.state.slot(slot.as_str())?, hour) {
            (Value::Date(day), None) => day.to_datetime(Time::midnight()),
            (Value::Date(day), Some(Value::Time(hour))) => day.to_datetime(*hour),
            (Value::Time(hour), None) => {
                let today = now.date().to_datetime(*hour);
                if today > now.datetime() {
                    today
                } else {
                    today.checked_add(1.day()).ok()?
                }
            }
            _ => return None,
        };
        let zone = now.time_zone();
        let at = zone.to_ambiguous_timestamp(is_told).compatible().ok()?;
        (now.timestamp().duration_until(at) <= Span::LONGEST).then_some(at)
    }
}
