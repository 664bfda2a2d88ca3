//! A person is asked for.

use super::{
    effect::Effect,
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
        let handoff = &self.project().assistant().handoff;
        let to = to.unwrap_or_else(|| handoff.to.clone());
        let own = handoff.say.as_ref().map(|say| say.as_str());
        self.say(say.or(own).unwrap_or("convene.handoff"));
        let reason = reason.map(|reason| cut_to(reason, LONGEST_TEXT));
        self.record(Recorded::HandedOff {
            to: to.clone(),
            of: of.cloned(),
            reason: reason.clone(),
        });
        self.effect(Effect::HandOff { to, reason });
        self.end_all(of, Outcome::HandedOff);
    }
}
