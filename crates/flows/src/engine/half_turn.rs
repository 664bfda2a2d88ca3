//! A turn that was stopped half way: what stands of it.

use super::{
    frame::{Frame, Waiting},
    record::Recorded,
    state::State,
};

impl State {
    /// The state without the turn that has begun and not ended, if there is one. Of a turn in which a call has begun all stands
    /// up to there, and is not said again: the call is made under the same key. Of one in which a call was answered all stands up
    /// to where that has led, or to a later step that was noted: no answered call is made again.
    #[must_use]
    pub fn without_half_turn(mut self) -> Self {
        let Some(begun) = self.under_way.take() else {
            return self;
        };
        let stands = stands(&begun.records, begun.before.is_half_way());
        if stands == 0 {
            return begun.before;
        }
        // The turn that it was is over there, whatever followed.
        let mut state = begun.before.after(&begun.records[..stands]);
        state.under_way = None;
        state
    }

    /// Whether a turn was stopped at a call or behind it, so that the flow on top waits for nobody and is to go on:
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

/// How many of a half turn's records stand where what was said in it stands: none, where no call has begun; else those up to the
/// last call that has begun, to where the last answered one has led, or to the last step that it came to behind that. One that goes
/// on with another has an answered call before it begins.
fn stands(records: &[Recorded], goes_on: bool) -> usize {
    let is_answer = |record: &Recorded| matches!(record, Recorded::CallAnswered { .. });
    let stood = |index: usize| match records.get(index)? {
        Recorded::CallBegun { .. } => Some(index + 1),
        Recorded::CallAnswered { .. } => led_to(records, index),
        // What was said on the way there is in the log before this is.
        Recorded::FlowStepped { .. } => {
            let is_behind_one = goes_on || records[..index].iter().any(is_answer);
            is_behind_one.then_some(index + 1)
        }
        _ => None,
    };
    (0..records.len()).rev().find_map(stood).unwrap_or_default()
}

/// How many of a half turn's records stand where what was said in it was taken back: none, or those up to where its last answered
/// call has led. What comes behind is done, and said, again.
#[must_use]
pub fn stands_unsaid(records: &[Recorded]) -> usize {
    let is_answer = |index: &usize| matches!(records[*index], Recorded::CallAnswered { .. });
    let mut answers = (0..records.len()).rev().filter(is_answer);
    let led = answers.find_map(|index| led_to(records, index));
    led.unwrap_or_default()
}

/// Behind the answer to a call: the slots that it fills, and the step to which it leads, or the ends of flows.
fn led_to(records: &[Recorded], call: usize) -> Option<usize> {
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
}
