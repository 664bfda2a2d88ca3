//! What is said while nothing is open, and at the menu of what was not understood, which holds nobody.

use super::{
    input::Heard,
    meant::Meant,
    record::{About, Outcome, Why},
    turn::Turn,
};
use crate::{
    folder::End,
    project::{FlowSpec, Op},
    slot::bare,
};

impl Turn<'_> {
    /// Whether a menu is open that holds nobody: the fallback's, or that of a flow which does nothing but greet and offer.
    pub(super) fn is_menu(&self) -> bool {
        let Some((frame, (_, flow))) = self.frame().zip(self.top()) else {
            return false;
        };
        let question = frame.question();
        let offers = question.is_some_and(|question| question.about == About::Choice);
        let only_offers = frame.why != Why::Called && flow.only_offers();
        offers && (frame.why == Why::Fallback || only_offers)
    }

    /// Whether such a menu is open and this is none of what it offers, but something that is understood: it is heard as
    /// if nothing were open.
    pub(super) fn is_nothing_to_the_menu(&self, heard: &Heard, meant: &Meant) -> bool {
        let is_theirs = self.state.question().is_some_and(|question| {
            let who = heard.who.as_ref();
            self.may_answer(question.of.as_ref(), who)
        });
        self.is_menu()
            && is_theirs
            && self.option_meant(heard, meant).is_none()
            && (!meant.wants.is_empty()
                || self.is_a_nod(heard, meant)
                || self.wanted_again(heard).is_some())
    }

    pub(super) fn drop_menu(&mut self) {
        self.end_top(Outcome::Dropped);
    }

    /// "What?"
    pub(super) fn asks_what(&self, text: &str) -> bool {
        self.project().speech.repeat.contains(&bare(text))
    }
}

impl FlowSpec {
    /// Whether it does nothing by itself: it says something, and offers what else there is.
    fn only_offers(&self) -> bool {
        let is_idle = |op: &Op| {
            matches!(
                op,
                Op::Say { .. }
                    | Op::Choose { .. }
                    | Op::Branch { .. }
                    | Op::Flow { .. }
                    | Op::End(End::Flow)
            )
        };
        self.slots.is_empty() && self.steps.iter().all(|step| is_idle(&step.op))
    }
}
