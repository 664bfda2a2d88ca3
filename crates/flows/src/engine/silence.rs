//! Nobody answers: something is said, and at last it is ended.

use super::{
    effect::{Due, Effect},
    input::Input,
    record::{Outcome, Recorded},
    turn::Turn,
};
use crate::folder::SilenceEnd;

impl Turn<'_> {
    /// Ends the flows that have asked somebody. What waits for a time or an event goes on, whoever is silent.
    pub(super) fn end_asked(&mut self, outcome: Outcome) {
        self.is_speechless = false;
        let asks = |frame: &super::Frame| frame.question().is_some();
        while let Some(index) = self.state.stack.iter().rposition(asks) {
            self.end_whole(index, self.state.root_of(index), outcome);
        }
        self.came_back = true;
    }

    /// Nobody has answered for a while: something is said, and at last it is ended.
    pub(super) fn silence_over(&mut self, stage: u8) {
        let project = self.project();
        let Some(silence) = &project.assistant().silence else {
            return;
        };
        if stage == 1 {
            self.say(
                silence
                    .say
                    .as_ref()
                    .map_or("convene.silence", |say| say.as_str()),
            );
            let timer = self.number();
            self.record(Recorded::SilenceWatched { timer, stage: 2 });
            self.effect(Effect::SetTimer {
                timer,
                due: Due::After(silence.then_after.unwrap_or(silence.after).duration()),
            });
            return;
        }
        match silence.then {
            SilenceEnd::Handoff => {
                // For whoever was asked last: what others have begun goes on.
                let of = self.state.asked_last().cloned();
                self.hand_off(of.as_ref(), None, None, None);
            }
            SilenceEnd::End => {
                self.say("convene.silence_end");
                if self.state.which.is_some() {
                    self.record(Recorded::WhichClosed);
                }
                self.end_asked(Outcome::Silence);
            }
        }
    }

    /// Who was silent before and still is, where nobody has done or heard anything in this turn: their clock runs on.
    fn silence_goes_on(&self) -> Option<(u64, u8)> {
        let is_outside = matches!(&self.input, Input::Event { .. } | Input::Timer { .. });
        let before = self.state.under_way.as_ref().map(|begun| &begun.before);
        let before = before.filter(|_| is_outside && self.said == 0)?;
        let is_same =
            before.asked_first().map(|(id, _)| id) == self.state.asked_first().map(|(id, _)| id);
        before.silence.filter(|_| is_same)
    }

    /// If a question is open, somebody is waited for no longer than is set.
    pub(super) fn watch_silence(&mut self) {
        let is_open = self.state.question().is_some();
        if !(is_open || self.state.which.is_some())
            || self.state.silence.is_some()
            || self.state.is_handed_off
        {
            return;
        }
        if let Some((timer, stage)) = self.silence_goes_on() {
            return self.record(Recorded::SilenceWatched { timer, stage });
        }
        if let Some(silence) = &self.project().assistant().silence {
            let timer = self.number();
            self.record(Recorded::SilenceWatched { timer, stage: 1 });
            self.effect(Effect::SetTimer {
                timer,
                due: Due::After(silence.after.duration()),
            });
        }
    }
}
