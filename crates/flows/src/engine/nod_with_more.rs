//! A yes or a no with something else for an earlier answer: "yes, a filling", "no, make it 10".

use super::{
    again::{FEW, NUMBER},
    frame::Question,
    input::{Entity, Heard},
    meant::Meant,
    record::About,
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::SlotName,
    slot::{Nod, SlotSpec},
    value::Value,
};

impl Turn<'_> {
    /// Whether words say yes or no where that is asked for, and name another value of a choice that was made before.
    pub(super) fn nods_to_another(&self, heard: &Heard, meant: &Meant, asked: &SlotName) -> bool {
        let question = self.state.question();
        let is_asked_for = question.is_some_and(|question| self.is_yes_or_no(question));
        let small = &self.project().speech.small;
        if !is_asked_for
            || !meant.wants.is_empty()
            || self.nods(heard)
            || self.nod_said(&heard.text).nod == Nod::Nothing
            || small.place_in_list(&heard.text, 1).is_some()
        {
            return false;
        }
        self.names_another_choice(asked)
    }

    /// Whether words name another value of a choice that was made before.
    pub(super) fn names_another_choice(&self, asked: &SlotName) -> bool {
        self.state.chain().any(|frame| {
            let mut told = self.read_earlier(frame, asked);
            told.any(|((slot, _), is_same)| {
                let spec = self.spec_at(frame, &slot);
                !is_same && spec.is_some_and(|spec| spec.kind == SlotType::Choice)
            })
        })
    }

    /// "No, make it 10": where yes or no is asked for, or a button, a number alone behind a no, or with a correction, is the
    /// hour that was answered, and no other wish.
    pub(super) fn hear_hour_anew(&mut self, heard: &Heard, meant: &mut Meant, question: &Question) {
        let is_asked_for = match &question.about {
            About::Confirm { .. } => false,
            About::Choice => true,
            About::Slot(_) => self.is_yes_or_no(question),
        };
        let is_short = heard.text.split_whitespace().count() <= FEW;
        if !is_asked_for || !is_short || !self.refuses(heard, meant) {
            return;
        }
        let [entity] = self.entities.as_slice() else {
            return;
        };
        let small = &self.project().speech.small;
        let behind = entity.end.and_then(|end| heard.text.get(end..));
        let is_bare = behind.is_some_and(|behind| small.are_courtesy(behind));
        if entity.name.as_str() != NUMBER || !is_bare {
            return;
        }
        let Some(hour) = self.hour_answered(entity) else {
            return;
        };
        let told = Entity {
            name: "time".into(),
            value: hour.to_json(),
            wish: None,
            ..entity.clone()
        };
        if let Some(wish) = &entity.wish {
            meant.wants.retain(|other| other != wish);
            meant.intents.retain(|other| other != wish);
        }
        meant.correct = true;
        self.entities = vec![told];
    }

    /// The hour that a number is, where one was answered, and no number.
    fn hour_answered(&self, entity: &Entity) -> Option<Value> {
        let asked = SlotName::default();
        let answered: Vec<SlotSpec> = self
            .answered_earlier(&asked)
            .map(|(_, spec)| spec)
            .collect();
        let mut hours = answered.iter().filter(|spec| spec.kind == SlotType::Time);
        let hour = hours.next().filter(|_| hours.next().is_none())?;
        if answered
            .iter()
            .any(|spec| spec.takes(entity, true).is_some())
        {
            return None;
        }
        let number = Value::from_json(SlotType::Integer, &entity.value)?;
        self.read(hour, &number.to_json().to_string()).ok()
    }
}
