//! "AB1234, is that right?": a value is said back, and taken after a yes.

use super::{
    ask::{NO, YES},
    corrections::Tone,
    effect::Button,
    frame::Question,
    input::Heard,
    meant::Meant,
    record::{About, Origin},
    turn::Turn,
};
use crate::{
    name::{SlotName, Who},
    phrase::Said,
    project::Op,
    slot::{Misfit, Nod, SlotSpec},
    value::Value,
};

impl Turn<'_> {
    pub(super) fn answer_confirm(
        &mut self,
        heard: &Heard,
        meant: Meant,
        question: &Question,
        slot: &SlotName,
        value: &Value,
    ) {
        let Some(spec) = self.spec(slot) else {
            return self.outdated();
        };
        let told = (meant.affirm, meant.deny);
        let said = match self.nod_beside(heard, told, !meant.wants.is_empty()) {
            Nod::Yes => Some(true),
            Nod::No => Some(false),
            Nod::Mixed | Nod::Nothing => None,
        };
        // Another value in the same breath is that value: "no, it is AB1235".
        let other = self.take_entity(&spec, true).filter(|other| other != value);
        let tone = if self.nods_to_another(heard, &meant, slot) {
            Tone::Wrong
        } else {
            meant.tone()
        };
        let corrections = self.corrections(tone, slot);
        if !corrections.anew.is_empty() {
            let is_right = said == Some(true) && other.is_none();
            let own = other.unwrap_or_else(|| value.clone());
            let from = if is_right {
                Origin::Answer
            } else {
                // It is said back in its turn.
                Origin::Entity
            };
            self.say("convene.corrected");
            self.set(slot, Some(own), from, heard.who.as_ref());
            self.set_anew(corrections, heard.who.as_ref());
            return self.queue(meant.wants);
        }
        let is_filled = self.fill_from_entities();
        if let Some(other) = other {
            self.ask_confirm(&spec, &other, 1);
            return self.queue(meant.wants);
        }
        // To correct what is being confirmed is to say no.
        match said.or(meant.correct.then_some(false)) {
            Some(flag) => {
                self.confirmed(flag, question, &spec, value, heard.who.as_ref());
                self.queue(meant.wants);
            }
            None if !meant.wants.is_empty() => self.want(meant.wants),
            None if is_filled => self.ask_again(question, question.tries),
            None => match self.read(&spec, &heard.text) {
                Ok(other) if !spec.takes_any_words() => {
                    self.ask_confirm(&spec, &other, 1);
                }
                _ => self.lost_or_misfit(heard, question, &Misfit::Type),
            },
        }
    }

    pub(super) fn confirmed(
        &mut self,
        yes: bool,
        question: &Question,
        spec: &SlotSpec,
        value: &Value,
        who: Option<&Who>,
    ) {
        if yes && spec.no_longer_offers(value) {
            return self.ask_slot(&spec.name, question.tries);
        }
        if yes {
            return self.take_answer(&spec.name, value.clone(), Origin::Answer, who);
        }
        if self.value(spec).is_some() {
            // It was said in passing.
            self.set(&spec.name, None, Origin::Answer, who);
        }
        self.say("convene.rejected");
        self.ask_slot(&spec.name, question.tries);
    }

    /// Whether a value from there has to be said to be right before a question goes on. What was said in
    /// passing, or to correct it, was not confirmed yet.
    pub(super) fn is_to_confirm(&self, op: &Op, from: Origin) -> bool {
        let Op::Ask { confirm, .. } = op else {
            return false;
        };
        let is_asked_for = confirm.is_some() || self.project().assistant().ask.confirm;
        is_asked_for && matches!(from, Origin::Entity | Origin::Correction)
    }

    pub(super) fn ask_confirm(&mut self, slot: &SlotSpec, value: &Value, tries: u32) {
        let Some((_, flow)) = self.top() else {
            return;
        };
        let own = self.step_on_top(flow).and_then(|step| match &step.op {
            Op::Ask { confirm, .. } => confirm.clone(),
            _ => None,
        });
        let about = About::Confirm {
            slot: slot.name.clone(),
            value: value.clone(),
        };
        let question = self.asked(about, tries);
        let said = Said {
            plain: value.to_json(),
            spoken: self.project().spoken(&self.locale(), slot, value),
        };
        let said = minijinja::Value::from_object(said);
        let mut names = self.spoken();
        names.insert("value".into(), said.clone());
        names.insert(slot.name.to_string(), said);
        let buttons = [(YES, "convene.yes"), (NO, "convene.no")].map(|(value, key)| Button {
            label: self.project().speech.say(&self.locale(), key, 0, &names),
            question,
            value: value.to_owned(),
        });
        let key = own.as_ref().map_or("convene.confirm", |key| key.as_str());
        self.say_with(key, &names, buttons.into());
    }

    /// The word of a button of a question of yes or no.
    pub(super) fn flag_of(value: &str) -> Option<bool> {
        match value {
            YES => Some(true),
            NO => Some(false),
            _ => None,
        }
    }
}
