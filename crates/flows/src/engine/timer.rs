//! Timers: those that flows wait for, and those that watch the silence.

use super::{frame::Waiting, record::Recorded, turn::Turn};

impl Turn<'_> {
    /// The stage of the silence whose timer this is: as it was before this turn, whose start ends it.
    pub(super) fn silence_of(&self, timer: u64) -> Option<u8> {
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

    pub(super) fn frame_of_timer(&self, timer: u64) -> Option<usize> {
        self.state.stack.iter().position(|frame| {
            matches!(&frame.waiting, Waiting::Outside { timer: Some(own), .. } if *own == timer)
        })
    }

    pub(super) fn timer_over(&mut self, timer: u64) {
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
}
