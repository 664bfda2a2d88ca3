//! A person is asked for.

use super::{
    effect::Effect,
    frame::Frame,
    record::{Outcome, Recorded},
    turn::Turn,
};
use crate::{
    bounds::{LONGEST_TEXT, cut_to},
    name::Who,
};

impl Turn<'_> {
    /// Asks for a person, for this one; what others have begun goes on afterwards.
    pub(super) fn hand_off(
        &mut self,
        of: Option<&Who>,
        to: Option<String>,
        say: Option<&str>,
        reason: Option<String>,
    ) {
        self.ask_for_a_person(of, (to, say, reason), false);
        self.end_theirs(of, Outcome::HandedOff);
    }

    /// The flow on top asks for a person: for whom has begun it. Where that was an event, it ends, and nobody's do.
    pub(super) fn hand_off_flow(
        &mut self,
        to: Option<String>,
        say: Option<&str>,
        reason: Option<String>,
    ) {
        let top = self.state.stack.len().saturating_sub(1);
        let root = self.state.root_of(top);
        if !self.state.stack.get(root).is_some_and(Frame::is_nobodys) {
            let own = self.owner();
            return self.hand_off(own.as_ref(), to, say, reason);
        }
        self.ask_for_a_person(None, (to, say, reason), true);
        self.is_speechless = false;
        self.end_whole(top, root, Outcome::HandedOff);
        self.came_back = true;
    }

    fn ask_for_a_person(
        &mut self,
        of: Option<&Who>,
        (to, say, reason): (Option<String>, Option<&str>, Option<String>),
        for_flow: bool,
    ) {
        let handoff = &self.project().assistant().handoff;
        let to = to.unwrap_or_else(|| handoff.to.clone());
        let own = handoff.say.as_ref().map(|say| say.as_str());
        self.say(say.or(own).unwrap_or("convene.handoff"));
        let reason = reason.map(|reason| cut_to(reason, LONGEST_TEXT));
        self.record(Recorded::HandedOff {
            to: to.clone(),
            of: of.cloned(),
            reason: reason.clone(),
            for_flow,
        });
        self.effect(Effect::HandOff { to, reason });
    }
}
