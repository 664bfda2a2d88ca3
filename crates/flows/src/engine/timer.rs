//! Timers: those that flows wait for, and those that watch the silence.

use super::{frame::Waiting, record::Recorded, turn::Turn};
use crate::name::Who;

impl Turn<'_> {
    /// Whose silence it is whose timer this is, and its stage: as it was before this turn, whose start may end it.
    pub(super) fn silence_of(&self, timer: u64) -> Option<(Option<Who>, u8)> {
        let before = self
            .state
            .under_way
            .as_ref()
            .map_or(&self.state, |under_way| &under_way.before);
        let nobodys = before.silence.iter().map(|silence| (None, silence));
        let theirs = before.silences.iter();
        let mut all = nobodys.chain(theirs.map(|(who, silence)| (Some(who), silence)));
        let (of, (_, stage)) = all.find(|(_, (own, _))| *own == timer)?;
        Some((of.cloned(), *stage))
    }

    pub(super) fn frame_of_timer(&self, timer: u64) -> Option<usize> {
        self.state.stack.iter().position(|frame| {
            matches!(&frame.waiting, Waiting::Outside { timer: Some(own), .. } if *own == timer)
        })
    }

    pub(super) fn timer_over(&mut self, timer: u64) {
        if let Some((of, stage)) = self.silence_of(timer) {
            // Logs of before each had their own say of nobody whose it was.
            let of = of.or_else(|| self.state.asked_last().cloned());
            return self.silence_over(of, stage);
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
