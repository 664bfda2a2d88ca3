//! Questions: asked, and asked again.

use super::{
    effect::Button,
    frame::Question,
    record::{About, Recorded},
    say::Offer,
    turn::Turn,
};
use crate::{
    folder::{Layout, SlotType},
    name::SlotName,
    project::Op,
    slot::SlotSpec,
    value::Value,
};

pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";

impl Turn<'_> {
    pub(super) fn asked(&mut self, about: About, tries: u32) -> u64 {
        let open = self.state.question().filter(|open| open.about == about);
        // While it is the same question, it keeps its number, so its buttons and forms stay good, and whom it asks.
        let (question, of) = match open {
            Some(open) => (open.id, open.of.clone()),
            None => {
                // The flow that is come back to goes on by itself.
                self.came_back = false;
                (self.number(), self.owner())
            }
        };
        self.record(Recorded::QuestionAsked {
            question,
            about,
            tries,
            of,
        });
        question
    }

    pub(super) fn ask_slot(&mut self, slot: &SlotName, tries: u32) {
        let Some((_, flow)) = self.top() else {
            return;
        };
        let Some(spec) = self.spec(slot) else {
            return self.fail();
        };
        if spec.offers_nothing() {
            return self.nothing_to_choose();
        }
        let spec = &spec;
        let question = self.asked(About::Slot(slot.clone()), tries);
        let form = self.form_of(flow, spec, question);
        let buttons = match form {
            Some(_) => Vec::new(),
            None => self.buttons_of(spec, question),
        };
        let names = self.spoken();
        let written = self.step_on_top(flow).and_then(|step| match &step.op {
            Op::Ask { layout, .. } => layout.as_deref().copied(),
            _ => None,
        });
        let offer = Offer {
            card: None,
            layout: Layout::of(written, buttons.len()),
            buttons,
            form,
        };
        self.offer(spec.ask.as_str(), &names, offer);
    }

    fn buttons_of(&self, slot: &SlotSpec, question: u64) -> Vec<Button> {
        let (project, locale) = (self.project(), self.locale());
        let button = |value: Value| Button {
            label: project.spoken(&locale, slot, &value),
            question,
            value: value.to_string(),
        };
        match slot.kind {
            SlotType::Boolean => [true, false]
                .map(|flag| button(Value::Boolean(flag)))
                .into(),
            SlotType::Choice => {
                let choices = slot.choices.iter();
                choices
                    .map(|choice| button(Value::Choice(choice.value.clone())))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Asks the question that is open once more.
    pub(super) fn ask_again(&mut self, question: &Question, tries: u32) {
        match &question.about {
            About::Slot(slot) => self.ask_slot(slot, tries),
            About::Choice => self.ask_choice(tries),
            About::Confirm { slot, value } => match self.spec(slot) {
                Some(spec) => self.ask_confirm(&spec, value, tries),
                None => self.fail(),
            },
        }
    }

    /// A slot that the flow on top sees.
    pub(super) fn spec(&self, slot: &SlotName) -> Option<SlotSpec> {
        let (project, flow) = self.top()?;
        self.offered(project, flow, slot)
    }

    /// The slot that a question asks for, or whether its value is right.
    pub(super) fn spec_asked(&self, question: &Question) -> Option<SlotSpec> {
        match &question.about {
            About::Slot(slot) | About::Confirm { slot, .. } => self.spec(slot),
            About::Choice => None,
        }
    }

    /// A slot that the flow at a place of the stack sees.
    pub(super) fn spec_at(&self, frame: usize, slot: &SlotName) -> Option<SlotSpec> {
        let (project, flow) = self.flow_at(frame)?;
        self.offered_at(frame, (project, flow), slot)
    }
}
