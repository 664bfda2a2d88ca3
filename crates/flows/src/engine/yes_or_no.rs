//! What a message says to a question of yes or no: by its words, and by what it was taken for.

use super::{again::FEW, frame::Question, input::Heard, meant::Meant, record::About, turn::Turn};
use crate::{
    folder::SlotType,
    name::IntentName,
    slot::{Nod, Said},
};

/// Where none of its words says so, a message is a yes from this confidence on.
const SURELY_YES: f64 = 0.85;

/// Words of so many say yes or no, if they do, and nothing else.
pub(super) const SHORT: usize = 3;

impl Turn<'_> {
    /// Whether it is yes or no that a question asks for.
    pub(super) fn is_yes_or_no(&self, question: &Question) -> bool {
        match &question.about {
            About::Confirm { .. } => true,
            About::Slot(slot) => {
                let spec = self.spec(slot);
                spec.is_some_and(|spec| spec.kind == SlotType::Boolean)
            }
            About::Choice => false,
        }
    }

    /// Whether an intent is a yes, or a no.
    pub(super) fn flag_of_intent(&self, intent: &IntentName) -> Option<bool> {
        if self.is_one_of(intent, |commands| &commands.affirm) {
            return Some(true);
        }
        let denies = self.is_one_of(intent, |commands| &commands.deny);
        denies.then_some(false)
    }

    /// What words say to a question of yes or no.
    pub(super) fn nod_said(&self, text: &str) -> Said {
        let speech = &self.project().speech;
        speech.nods.said(text, &speech.small)
    }

    /// Whether this says no more than yes, no or thanks.
    pub(super) fn is_a_nod(&self, heard: &Heard, meant: &Meant) -> bool {
        let is_short = heard.text.split_whitespace().count() <= FEW;
        self.nods(heard) || (is_short && meant.wants.is_empty() && (meant.affirm || meant.deny))
    }

    /// The same by its words alone.
    pub(super) fn nods(&self, heard: &Heard) -> bool {
        let speech = &self.project().speech;
        speech.nods.are_all(&heard.text, &speech.small)
    }

    /// "Yes, and where is CD5678" is both a yes, where one was asked for, and a wish; so is a no that a word joins to it.
    pub(super) fn hear_flag_before_wish(
        &self,
        heard: &Heard,
        meant: &mut Meant,
        question: &Question,
    ) {
        let is_asked_for = question.about == About::Choice || self.is_yes_or_no(question);
        if meant.wants.is_empty() || !is_asked_for {
            return;
        }
        let speech = &self.project().speech;
        let Some(is_yes) = speech.nods.before_more(&heard.text, &speech.small) else {
            return;
        };
        let commands = &self.projects.current().assistant().commands;
        let own = if is_yes {
            meant.affirm = true;
            &commands.affirm
        } else {
            meant.deny = true;
            &commands.deny
        };
        let own = own.iter().map(|own| IntentName::from(own.as_str()));
        meant.intents.extend(own);
    }

    /// What a message says to a question of yes or no. What it was taken for counts where its words say nothing; where they
    /// say the contrary, it is neither.
    pub(super) fn nod_of(&self, heard: &Heard, affirm: bool, deny: bool) -> Nod {
        let confidence = heard.intents.first().map(|first| first.confidence);
        let is_sure = confidence.is_some_and(|confidence| confidence >= SURELY_YES);
        match (self.nod_said(&heard.text).nod, affirm, deny) {
            (Nod::Nothing, true, true) => Nod::Mixed,
            (Nod::Nothing, true, false) if is_sure => Nod::Yes,
            (Nod::Nothing, true, false) => Nod::Mixed,
            (Nod::Nothing, false, true) => Nod::No,
            (Nod::Yes, false, true) | (Nod::No, true, false) => Nod::Mixed,
            (said, ..) => said,
        }
    }

    /// The same where something else may be meant by it: a yes or no by its words alone is one where it stands apart, or where
    /// there is no room for more.
    pub(super) fn nod_beside(
        &self,
        heard: &Heard,
        (affirm, deny): (bool, bool),
        is_elsewhere: bool,
    ) -> Nod {
        let is_in_few_words = heard.text.split_whitespace().count() <= SHORT;
        let is_plain = affirm || deny || is_in_few_words || self.nod_said(&heard.text).is_apart;
        match self.nod_of(heard, affirm, deny) {
            Nod::Yes | Nod::No if is_elsewhere && !is_plain => Nod::Nothing,
            nod => nod,
        }
    }

    /// "Yes please, and also …" wants the flow once more that is being confirmed, for another value: that is no correction.
    pub(super) fn wants_it_once_more(
        &self,
        heard: &Heard,
        meant: &Meant,
        question: &Question,
        own: &[IntentName],
    ) -> bool {
        let said = self.nod_said(&heard.text);
        let is_answer = matches!(said.nod, Nod::Yes | Nod::No) && said.is_apart && said.is_joined;
        let root = self.state.root_of(self.state.stack.len().saturating_sub(1));
        is_answer
            && self.is_yes_or_no(question)
            && meant.intents.iter().any(|intent| own.contains(intent))
            && self.is_said_otherwise(root)
    }
}
