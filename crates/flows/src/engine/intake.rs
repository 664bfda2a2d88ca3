//! What an input is to a conversation as it stands, and what takes it in.

use super::{input::Input, record::Recorded, turn::Turn};

impl Turn<'_> {
    /// Whether the input is anything to this conversation as it stands.
    pub(super) fn is_relevant(&self) -> bool {
        match &self.input {
            Input::HandedBack => self.state.is_handed_off,
            Input::Left { who } => {
                let engaged = self.state.engaged();
                who.iter().any(|who| engaged.contains(who))
            }
            Input::Resumed => self.state.is_half_way(),
            Input::Timer { timer } => {
                self.silence_of(*timer).is_some() || self.frame_of_timer(*timer).is_some()
            }
            // Whoever asks for a person ends nothing of others: what they wait for comes.
            Input::Event { name, data } if !self.takers(name, data).is_empty() => true,
            _ if self.state.is_handed_off => false,
            Input::Event { name, .. } => self.projects.current().flow_of_event(name).is_some(),
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
            Input::Left { who } => self.leave(&who),
            // The flow on top waits for nothing: it runs.
            Input::Resumed => {}
        }
    }
}
