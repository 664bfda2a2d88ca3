//! "No, I meant …": an earlier answer is set anew, and what depends on it is asked for again. What a flow has asked that called the
//! one on top is an earlier answer, too.

use super::{
    corrections::Tone,
    frame::Question,
    go_back::Anew,
    input::{Decision, Heard},
    meant::Meant,
    taken_back::Named,
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::{IntentName, SlotName},
    slot::SlotSpec,
    value::Value,
};

/// What came of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corrected {
    /// There was none.
    Nothing,
    /// An answer that was not used yet is another one, and the question that is open stays open.
    Beside,
    /// A flow went back to its question, or the one that is open was asked again.
    Asked,
}

impl Turn<'_> {
    /// Corrects earlier answers, if that is what was said. `asked` is the slot that is asked for now, and `own` what was said
    /// for it.
    pub(super) fn correct(
        &mut self,
        heard: &Heard,
        meant: &Meant,
        asked: &SlotName,
        own: Option<&Value>,
    ) -> Corrected {
        let is_wrong = meant.correct
            || (meant.deny && self.is_no_answer(heard, asked))
            || self.nods_to_another(heard, meant, asked);
        let tone = if is_wrong { Tone::Wrong } else { meant.tone() };
        let mut said = self.corrections(tone, asked);
        if said.anew.is_empty() && said.is_restated && is_wrong && own.is_none() {
            self.nothing_changes();
            return Corrected::Asked;
        }
        let is_told = !said.anew.is_empty();
        let spec = self.spec(asked);
        let is_flag = spec.is_some_and(|spec| spec.kind == SlotType::Boolean);
        if !is_told
            && (self.refuses(heard, meant) || is_flag)
            && let Some((frame, slot)) = self.taken_back(&heard.text, asked)
        {
            (said.frame, said.anew) = (frame, vec![(slot, None)]);
        } else if !is_told && meant.correct {
            // What only the question takes is its answer, and what was not answered yet is no correction.
            let is_about = self.spec(asked).is_some_and(|spec| self.is_about(&spec));
            if is_about || self.fills_what_runs() {
                return Corrected::Nothing;
            }
            let named = self.named_as_wrong(&heard.text, asked);
            if matches!(named, Some(Named::Unanswered)) {
                self.ask_what_is_open();
                return Corrected::Asked;
            }
            // Without a new value: the last answer is asked for again, unless it can be read from the words.
            let last = || {
                let mut answered = self.answered_earlier(asked);
                let last = answered.find(|(frame, spec)| self.can_be_asked(*frame, &spec.name));
                last.map(|(frame, spec)| (frame, spec.name))
            };
            let named = match named {
                Some(Named::Answered(frame, slot)) => Some((frame, slot)),
                _ => last(),
            };
            if let Some((frame, last)) = named {
                (said.frame, said.anew) = (frame, vec![(last, None)]);
            }
        }
        if said.anew.is_empty() {
            return Corrected::Nothing;
        }
        self.say(if is_told {
            "convene.corrected"
        } else {
            "convene.rejected"
        });
        said.beside = own.map(|value| (asked.clone(), value.clone()));
        if self.went_back_for(said, heard.who.as_ref()) == Anew::Beside {
            return Corrected::Beside;
        }
        // What else was said may be for what is asked next.
        self.fill_from_entities();
        Corrected::Asked
    }

    /// Whether it is torn what a message means, a correction or a no among that, and it has another value for an earlier answer.
    pub(super) fn may_correct(&self, heard: &Heard, asked: &SlotName) -> bool {
        let corrects = |intent: &IntentName| {
            self.is_one_of(intent, |commands| &commands.correct)
                || self.is_one_of(intent, |commands| &commands.deny)
        };
        heard.intents.iter().any(|one| corrects(&one.intent))
            && heard.decision == Decision::Torn
            && self.answered_earlier(asked).any(|(frame, spec)| {
                let said = self.entity_for(&spec, false);
                said.is_some_and(|(_, said)| self.value_at(frame, &spec.name) != Some(&said))
            })
    }

    /// "Change that to a replacement": words that say so, and that have another value of a choice that was made before, whatever
    /// the message is taken for, where it is no other wish.
    pub(super) fn changes_a_choice(
        &self,
        heard: &Heard,
        meant: &Meant,
        question: &Question,
    ) -> bool {
        let mut wants = meant.wants.iter();
        let is_more = meant.human || meant.cancel || wants.any(|own| !self.is_for_what_asks(own));
        if is_more || !self.project().speech.small.say_to_change(&heard.text) {
            return false;
        }
        let asked = self.spec_asked(question);
        let is_answer = |spec: &SlotSpec| {
            spec.takes_any_words() || self.has_entity(spec) || self.read(spec, &heard.text).is_ok()
        };
        if asked.as_ref().is_some_and(is_answer) {
            return false;
        }
        let asked = asked.map(|spec| spec.name).unwrap_or_default();
        self.names_another_choice(&asked)
    }

    /// Whether something was said of the type of what is asked for, if it fits or not.
    pub(super) fn is_about(&self, spec: &SlotSpec) -> bool {
        let mut entities = self.entities.iter();
        entities.any(|entity| {
            spec.entities.contains(&entity.name) || spec.built_in() == Some(entity.name.as_str())
        })
    }

    /// Whether a no cannot be what was asked for.
    fn is_no_answer(&self, heard: &Heard, asked: &SlotName) -> bool {
        self.spec(asked).is_some_and(|spec| {
            let is_told = spec.kind != SlotType::Boolean && !spec.takes_any_words();
            is_told && self.read(&spec, &heard.text).is_err()
        })
    }

    /// What was said to be wrong is what is known: that is said, and the question that is open is asked again.
    pub(super) fn nothing_changes(&mut self) {
        self.say("convene.unchanged");
        self.ask_what_is_open();
    }

    pub(super) fn ask_what_is_open(&mut self) {
        if let Some(question) = self.state.question().cloned() {
            self.ask_again(&question, question.tries);
        }
    }
}
