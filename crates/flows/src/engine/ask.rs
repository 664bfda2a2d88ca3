//! Questions: asked, and asked again.

use super::{
    effect::Button,
    record::{About, Recorded},
    state::Question,
    turn::{Offer, Turn},
};
use crate::{
    bounds::LONGEST_TEXT,
    folder::SlotType,
    name::SlotName,
    phrase::{Names, Said},
    project::Op,
    slot::{Misfit, SlotSpec},
    value::Value,
};

pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";

impl Turn<'_> {
    fn asked(&mut self, about: About, tries: u32) -> u64 {
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
        let Some((project, flow)) = self.top() else {
            return;
        };
        let Some(spec) = project.slot(flow, slot.as_str()) else {
            return self.fail();
        };
        let question = self.asked(About::Slot(slot.clone()), tries);
        let form = self.form_of(flow, spec, question);
        let buttons = match form {
            Some(_) => Vec::new(),
            None => self.buttons_of(spec, question),
        };
        let names = self.spoken();
        let offer = Offer {
            card: None,
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

    pub(super) fn ask_choice(&mut self, tries: u32) {
        let Some((project, flow)) = self.top() else {
            return;
        };
        let Some(Op::Choose {
            text,
            card,
            options,
            ..
        }) = self.step_on_top(flow).map(|step| &step.op)
        else {
            return;
        };
        let question = self.asked(About::Choice, tries);
        let (names, locale) = (self.spoken(), self.locale());
        let buttons = options.iter().enumerate().map(|(index, option)| Button {
            label: project
                .speech
                .say(&locale, option.label.as_str(), 0, &names),
            question,
            value: index.to_string(),
        });
        let offer = Offer {
            buttons: buttons.collect(),
            card: self.card(card.as_deref(), &names),
            form: None,
        };
        self.offer(text.as_str(), &names, offer);
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
        project.slot(flow, slot.as_str()).cloned()
    }

    /// A slot that the flow at a place of the stack sees.
    pub(super) fn spec_at(&self, frame: usize, slot: &SlotName) -> Option<SlotSpec> {
        let (project, flow) = self.flow_at(frame)?;
        project.slot(flow, slot.as_str()).cloned()
    }

    /// An answer does not fit: it is said why, and asked again, or there is the way out.
    pub(super) fn misfit(&mut self, question: &Question, misfit: &Misfit) {
        let Some((project, flow)) = self.top() else {
            return self.outdated();
        };
        let own = self.step_on_top(flow).and_then(|step| match &step.op {
            Op::Ask { tries, .. } | Op::Choose { tries, .. } => *tries,
            _ => None,
        });
        if question.tries >= own.unwrap_or(project.assistant().ask.tries) {
            return self.way_out();
        }
        self.say_why(&question.about, misfit);
        self.ask_again(question, question.tries + 1);
    }

    /// Why an answer does not fit.
    pub(super) fn say_why(&mut self, about: &About, misfit: &Misfit) {
        let slot = match about {
            About::Slot(slot) => self.spec(slot),
            About::Choice | About::Confirm { .. } => None,
        };
        let (key, limit) = reason(about, slot.as_ref(), misfit);
        let mut names: Names = self.spoken();
        if let Some(limit) = limit {
            names.insert("limit".into(), minijinja::Value::from(limit));
        }
        self.say_with(&key, &names, Vec::new());
    }
}

/// Whether a bound of such a slot is one of its length.
const fn is_counted_in_characters(kind: SlotType) -> bool {
    matches!(kind, SlotType::Text | SlotType::Email | SlotType::Phone)
}

/// The text that says why, and the bound in it.
fn reason(about: &About, slot: Option<&SlotSpec>, misfit: &Misfit) -> (String, Option<String>) {
    if let Some(own) = slot.and_then(|slot| slot.invalid.as_ref())
        && *misfit != Misfit::TooLong
    {
        return (own.to_string(), None);
    }
    let name = match (misfit, slot.map(|slot| slot.kind)) {
        (Misfit::Below(limit), _) if limit == "today" => "not_before_today",
        (Misfit::Above(limit), _) if limit == "today" => "not_after_today",
        (Misfit::Below(limit) | Misfit::Above(limit), kind) => {
            let is_below = matches!(misfit, Misfit::Below(_));
            let name = match (kind.is_some_and(is_counted_in_characters), is_below) {
                (true, true) => "too_short",
                (true, false) => "too_long",
                (false, true) => "below",
                (false, false) => "above",
            };
            return (format!("convene.invalid.{name}"), Some(limit.clone()));
        }
        (Misfit::TooLong, _) => {
            let most = LONGEST_TEXT.to_string();
            return ("convene.invalid.too_long".into(), Some(most));
        }
        (Misfit::Pattern, _) => "pattern",
        (Misfit::NotOffered, _) | (_, Some(SlotType::Choice)) => "choice",
        (_, Some(SlotType::Text)) => "text",
        (_, Some(SlotType::Number)) => "number",
        (_, Some(SlotType::Integer)) => "integer",
        (_, Some(SlotType::Boolean)) => "boolean",
        (_, Some(SlotType::Date)) => "date",
        (_, Some(SlotType::Time)) => "time",
        (_, Some(SlotType::Money)) => "money",
        (_, Some(SlotType::Email)) => "email",
        (_, Some(SlotType::Phone)) => "phone",
        (Misfit::Type, None) if *about == About::Choice => "choice",
        (Misfit::Type, None) => "boolean",
    };
    (format!("convene.invalid.{name}"), None)
}
