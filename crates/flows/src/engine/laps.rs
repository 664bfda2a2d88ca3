//! Flows that go round: what one lap has emptied is asked anew, and what was said for the next one is no earlier answer.

use super::turn::Turn;
use crate::{
    name::SlotName,
    project::{FlowSpec, Op},
};

impl Turn<'_> {
    /// Whether a slot is asked for in a lap that has not begun: behind another one that a `set` step has emptied, and that was
    /// not asked since.
    pub(super) fn is_of_a_lap_to_come(&self, frame: usize, slot: &SlotName) -> bool {
        let (Some(own), Some((_, flow))) = (self.state.stack.get(frame), self.flow_at(frame))
        else {
            return false;
        };
        let (Some(here), Some(asks)) = (own.index_in(flow), flow.step_that_asks(slot)) else {
            return false;
        };
        let mut before = flow.steps.iter().enumerate().take(asks);
        before.any(|(index, step)| match &step.op {
            Op::Ask { slot: first, .. } => {
                let is_empty = self.value_at(frame, &first.value).is_none();
                is_empty && index != here && flow.empties(&first.value, index, here)
            }
            _ => false,
        })
    }
}

impl FlowSpec {
    /// Whether a step empties a slot that leads to where it is asked for, and from which a flow came to where it stands.
    fn empties(&self, slot: &SlotName, asks: usize, here: usize) -> bool {
        let is_emptied = |(emptied, json): &(SlotName, convene_source::At<serde_json::Value>)| {
            emptied == slot && json.value.is_null()
        };
        let steps = self.steps.iter().enumerate();
        let mut steps = steps.filter(
            |(_, step)| matches!(&step.op, Op::Set(values) if values.iter().any(is_emptied)),
        );
        steps.any(|(index, _)| {
            let reached = self.reached([index], None);
            reached.contains(&asks) && reached.contains(&here)
        })
    }
}
