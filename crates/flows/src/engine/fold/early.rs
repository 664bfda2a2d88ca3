//! Events that came before the step which waits for them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    engine::{frame::Early, state::State},
    name::{EventName, SlotName},
};

/// So many events are kept for a flow that has not waited for them yet: the last ones.
const MOST_EARLY: usize = 8;

impl State {
    pub(super) fn keep_early(
        &mut self,
        frame: usize,
        event: &EventName,
        data: &BTreeMap<SlotName, Json>,
    ) {
        if let Some(frame) = self.stack.get_mut(frame) {
            frame.early.push_back(Early {
                event: event.clone(),
                data: data.clone(),
            });
            let surplus = frame.early.len().saturating_sub(MOST_EARLY);
            frame.early.drain(..surplus);
        }
    }

    pub(super) fn take_early(&mut self, event: &EventName) {
        let root = self.root_of(self.stack.len().wrapping_sub(1));
        if let Some(root) = self.stack.get_mut(root) {
            let first = root.early.iter().position(|early| early.event == *event);
            first.and_then(|first| root.early.remove(first));
        }
    }
}
