//! A turn that was stopped half way: what stands of it.

use super::{
    frame::{Frame, Waiting},
    record::Recorded,
    state::State,
};

impl State {
    /// The state without the turn that has begun and not ended, if there is one. Of a turn in which a call was answered
    /// all stands up to its last answer and where that has led: the call is not made again.
    #[must_use]
    pub fn without_half_turn(mut self) -> Self {
        let Some(begun) = self.under_way.take() else {
            return self;
        };
        let stands = stands(&begun.records);
        if stands == 0 {
            return begun.before;
        }
        // The turn that it was is over there, whatever followed.
        let mut state = begun.before.after(&begun.records[..stands]);
        state.under_way = None;
        state
    }

    /// Whether a turn was stopped behind an answered call, so that the flow on top waits for nobody and is to go on:
    /// feed [`super::Input::Resumed`].
    #[must_use]
    pub fn is_half_way(&self) -> bool {
        let is_running = |top: &Frame| {
            let waiting = &top.waiting;
            matches!(
                waiting,
                Waiting::Nothing | Waiting::Over { .. } | Waiting::Returned { .. }
            )
        };
        !self.is_under_way() && !self.is_handed_off && self.stack.last().is_some_and(is_running)
    }
}

/// How many of a half turn's records stand: none, or those up to where its last answered call has led.
fn stands(records: &[Recorded]) -> usize {
    let led_to = |call: usize| {
        let filled = records.iter().skip(call + 1).take_while(|record| {
            matches!(
                record,
                Recorded::SlotSet { .. } | Recorded::SlotKept { .. } | Recorded::FlowEnded { .. }
            )
        });
        let (mut end, mut has_ended) = (call + 1, false);
        for record in filled {
            end += 1;
            has_ended |= matches!(record, Recorded::FlowEnded { .. });
        }
        match records.get(end) {
            Some(Recorded::FlowStepped { .. }) => Some(end + 1),
            _ => has_ended.then_some(end),
        }
    };
    let is_call = |record: &Recorded| matches!(record, Recorded::CallAnswered { .. });
    let calls = (0..records.len()).rev();
    calls
        .filter(|index| records.get(*index).is_some_and(is_call))
        .find_map(led_to)
        .unwrap_or_default()
}
