//! What is said while nothing is open, and at the menu of what was not understood, which holds nobody.

use super::{
    again::FEW,
    input::Heard,
    meant::Meant,
    record::{About, Outcome, Why},
    turn::Turn,
};
use crate::slot::bare;

impl Turn<'_> {
    /// Whether the fallback's menu is open and this is none of what it offers, but something that is understood: it is heard as
    /// if nothing were open.
    pub(super) fn is_nothing_to_the_menu(&self, heard: &Heard, meant: &Meant) -> bool {
        let is_menu = self.frame().is_some_and(|frame| {
            let question = frame.question();
            let offers = question.is_some_and(|question| question.about == About::Choice);
            frame.why == Why::Fallback && offers
        });
        let is_theirs = self.state.question().is_some_and(|question| {
            let who = heard.who.as_ref();
            self.may_answer(question.of.as_ref(), who)
        });
        is_menu
            && is_theirs
            && self.option_meant(heard, meant).is_none()
            && (!meant.wants.is_empty()
                || self.is_a_nod(heard, meant)
                || self.wanted_again(heard).is_some())
    }

    pub(super) fn drop_menu(&mut self) {
        self.end_top(Outcome::Dropped);
    }

    /// Whether this says no more than yes, no or thanks.
    pub(super) fn is_a_nod(&self, heard: &Heard, meant: &Meant) -> bool {
        let (speech, text) = (&self.project().speech, bare(&heard.text));
        let is_flag = |word: &str| speech.yes.iter().chain(&speech.no).any(|own| own == word);
        let mut words = text.split_whitespace().map(bare);
        let is_short = heard.text.split_whitespace().count() <= FEW;
        let is_said = !text.is_empty()
            && words.all(|word| is_flag(&word) || speech.small.are_courtesy(&word));
        is_said || (is_short && meant.wants.is_empty() && (meant.affirm || meant.deny))
    }
}
