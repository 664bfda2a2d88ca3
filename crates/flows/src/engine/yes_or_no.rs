//! What a message says to a question of yes or no: by its words, and by what it was taken for.

use super::{frame::Question, input::Heard, meant::Meant, record::About, turn::Turn};
use crate::{
    folder::SlotType,
    name::IntentName,
    slot::{Nod, Said, Words, nod},
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
        let commands = &self.projects.current().assistant().commands;
        let has = |list: &[convene_source::At<String>]| {
            let mut list = list.iter();
            list.any(|own| own.value == intent.as_str())
        };
        if has(&commands.affirm) {
            return Some(true);
        }
        has(&commands.deny).then_some(false)
    }

    /// What words say to a question of yes or no.
    pub(super) fn nod_said(&self, text: &str) -> Said {
        let speech = &self.project().speech;
        let words = Words {
            yes: &speech.yes,
            no: &speech.no,
            small: &speech.small,
        };
        nod(text, &words)
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
