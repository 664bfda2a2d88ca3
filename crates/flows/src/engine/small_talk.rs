//! What is said while nothing is open, and at the menu of what was not understood, which holds nobody.

use super::{
    again::FEW,
    frame::Question,
    input::Heard,
    meant::Meant,
    record::{About, Outcome, Why},
    turn::Turn,
};
use crate::{
    folder::End,
    name::IntentName,
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

    /// "Yes, and where is CD5678" is both a yes, where one was asked for, and a wish; so is a no that a word joins to it.
    pub(super) fn hear_flag_before_wish(
        &self,
        heard: &Heard,
        meant: &mut Meant,
        question: &Question,
    ) {
        let mut words = heard.text.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next());
        let speech = &self.project().speech;
        let is_joined = second.is_some_and(|word| speech.small.joining.contains(&bare(word)));
        let is_flag = |flag: &[String]| flag.contains(&bare(first));
        let (is_yes, is_no) = (is_flag(&speech.yes), is_flag(&speech.no));
        let is_apart = is_joined || (is_yes && first.ends_with([',', '.', '!', ';']));
        let is_asked_for = question.about == About::Choice || self.is_yes_or_no(question);
        if meant.wants.is_empty() || !is_apart || is_yes == is_no || !is_asked_for {
            return;
        }
        let commands = &self.projects.current().assistant().commands;
        let own = if is_yes {
            &commands.affirm
        } else {
            &commands.deny
        };
        meant.affirm |= is_yes;
        meant.deny |= is_no;
        let own = own.iter().map(|own| IntentName::from(own.as_str()));
        meant.intents.extend(own);
    }

    /// Whether this says no more than yes, no or thanks.
    pub(super) fn is_a_nod(&self, heard: &Heard, meant: &Meant) -> bool {
        let is_short = heard.text.split_whitespace().count() <= FEW;
        self.nods(heard) || (is_short && meant.wants.is_empty() && (meant.affirm || meant.deny))
    }

    /// The same by its words alone.
    pub(super) fn nods(&self, heard: &Heard) -> bool {
        let (speech, text) = (&self.project().speech, bare(&heard.text));
        let is_flag = |word: &str| speech.yes.iter().chain(&speech.no).any(|own| own == word);
        let mut words = text.split_whitespace().map(bare);
        !text.is_empty() && words.all(|word| is_flag(&word) || speech.small.are_courtesy(&word))
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
