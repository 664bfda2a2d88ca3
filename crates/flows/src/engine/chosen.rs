//! Buttons and forms.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    frame::Question,
    record::{About, Origin, Outcome, Why},
    turn::Turn,
};
use crate::{
    name::{SlotName, Who},
    slot::{Misfit, SlotSpec},
    value::Value,
};

impl Turn<'_> {
    /// The question of this number, if it is open for this person. What was begun above the flow that asked it is dropped.
    /// Otherwise it is said that it is not.
    fn reopen(&mut self, id: u64, who: Option<&Who>) -> Option<Question> {
        let mut frames = self.state.stack.iter().enumerate();
        let open = frames.find_map(|(index, frame)| {
            let question = frame.question().filter(|question| question.id == id)?;
            Some((index, question.clone()))
        });
        let Some((index, question)) = open else {
            self.say("convene.stale");
            return None;
        };
        if !self.may_answer(question.of.as_ref(), who) {
            self.say("convene.not_asked");
            return None;
        }
        self.end_theirs_above(index + 1, who, Outcome::Dropped);
        self.raise_to_top(index);
        Some(question)
    }

    pub(super) fn pressed(&mut self, who: Option<&Who>, id: u64, value: &str) {
        if let Some(which) = self.state.which.as_ref().filter(|which| which.id == id) {
            return if self.may_answer(which.of.as_ref(), who) {
                self.which_was_pressed(value);
            } else {
                self.say("convene.not_asked");
            };
        }
        let Some(question) = self.reopen(id, who) else {
            return;
        };
        match &question.about {
            About::Choice => match value.parse() {
                Ok(index) => self.chosen(index),
                Err(_) => self.misfit(&question, &Misfit::NotOffered),
            },
            About::Confirm {
                slot,
                value: to_confirm,
            } => match (self.spec(slot), Self::flag_of(value)) {
                (Some(spec), Some(flag)) => self.confirmed(flag, &question, &spec, to_confirm, who),
                _ => self.misfit(&question, &Misfit::Type),
            },
            About::Slot(slot) => {
                let Some(spec) = self.spec(slot) else {
                    return self.outdated();
                };
                match self.value_of(&spec, &Json::String(value.to_owned())) {
                    Ok(value) => self.answered(&spec, value, Origin::Button, who),
                    Err(misfit) => self.misfit(&question, &misfit),
                }
            }
        }
    }

    fn value_of(&self, spec: &SlotSpec, json: &Json) -> Result<Value, Misfit> {
        if let Some(value) = Value::from_json(spec.kind, json) {
            return spec.accept(value, self.now().date());
        }
        self.read(spec, json.as_str().ok_or(Misfit::Type)?)
    }

    /// A form fills several slots. Of each that does not fit it is said why, and it is asked for by itself.
    pub(super) fn submitted(
        &mut self,
        who: Option<&Who>,
        id: u64,
        values: &BTreeMap<SlotName, Json>,
    ) {
        let Some(question) = self.reopen(id, who) else {
            return;
        };
        let About::Slot(asked) = &question.about else {
            return self.ask_again(&question, question.tries);
        };
        let (mut misfit, mut others) = (None, Vec::new());
        let mut is_answered = false;
        for (slot, json) in values {
            let Some(spec) = self.spec(slot) else {
                continue;
            };
            match self.value_of(&spec, json) {
                Ok(value) => {
                    self.set(slot, Some(value), Origin::Form, who);
                    is_answered |= slot == asked;
                }
                Err(found) if slot == asked => misfit = Some(found),
                Err(found) => {
                    self.set(slot, None, Origin::Form, who);
                    others.push((slot.clone(), found));
                }
            }
        }
        for (slot, found) in others {
            self.say_why(&About::Slot(slot), &found);
        }
        match (misfit, self.top()) {
            (Some(misfit), _) => self.misfit(&question, &misfit),
            (None, Some((_, flow))) if is_answered => {
                if let Some(step) = self.step_on_top(flow) {
                    self.go(flow, step.next, Why::Answered);
                }
            }
            _ => self.ask_again(&question, question.tries),
        }
    }
}
