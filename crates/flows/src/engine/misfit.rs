//! An answer does not fit: it is said why, and asked again, so often as there are tries.

use super::{
    frame::Question,
    input::Heard,
    meant::Meant,
    record::{About, Outcome, Why},
    turn::Turn,
};
use crate::{
    bounds::LONGEST_TEXT,
    folder::{SlotType, WayOut},
    name::{IntentName, SlotName},
    phrase::Names,
    project::{FlowSpec, Op, Target},
    slot::{Misfit, SlotSpec},
};

/// The texts that say no more than how to answer what is offered.
const INVITATIONS: [&str; 2] = ["convene.invalid.choice", "convene.invalid.boolean"];

impl Turn<'_> {
    /// An answer that fits not may be torn between other things.
    pub(super) fn answer_misfits(
        &mut self,
        heard: &Heard,
        meant: Meant,
        question: &Question,
        misfit: &Misfit,
        is_filled: bool,
    ) {
        let best = heard.intents.first();
        let is_a_try = best.is_some_and(|best| self.is_for_what_asks(&best.intent));
        let mut candidates = self.candidates(heard);
        // To want what asks is nothing new.
        candidates.retain(|intent| !self.is_for_what_asks(intent));
        let cancels = self.perhaps_to_be_cancelled(heard, &candidates);
        let candidates = self.but_for_commands_alone(candidates);
        if !meant.wants.is_empty() {
            self.want(meant.wants);
        } else if is_filled {
            self.ask_again(question, question.tries);
        } else if is_a_try && let Some(cancel) = cancels {
            self.ask_whether_to_cancel(&[cancel], &heard.text);
        } else if is_a_try || candidates.is_empty() || self.is_value_alone(heard) {
            self.lost_or_misfit(heard, question, misfit);
        } else {
            self.ask_which(&candidates);
        }
    }

    /// The intent to cancel, where it is among these and the likeliest that what asks is wanted is no more than twice as likely.
    fn perhaps_to_be_cancelled(
        &self,
        heard: &Heard,
        candidates: &[IntentName],
    ) -> Option<IntentName> {
        let most = heard.intents.first()?.confidence;
        let mut ranked = heard.intents.iter();
        let cancel = ranked.find(|one| self.cancels(&one.intent))?;
        let is_near = cancel.confidence * 2.0 >= most && candidates.contains(&cancel.intent);
        (is_near && !self.is_value_alone(heard)).then(|| cancel.intent.clone())
    }

    pub(super) fn is_for_what_asks(&self, intent: &IntentName) -> bool {
        self.state.chain().any(|frame| {
            let flow = self.flow_at(frame);
            flow.is_some_and(|(_, flow)| flow.intents.iter().any(|own| own.value == *intent))
        })
    }

    /// An answer does not fit: it is said why, and asked again, or there is the way out. What only asks to choose is no reason
    /// where nothing can be chosen any more.
    pub(super) fn misfit(&mut self, question: &Question, misfit: &Misfit) {
        let Some((project, flow)) = self.top() else {
            return self.outdated();
        };
        let own = self.step_on_top(flow).and_then(|step| match &step.op {
            Op::Ask { tries, .. } | Op::Choose { tries, .. } => *tries,
            _ => None,
        });
        let is_over = question.tries >= own.unwrap_or(*project.assistant().ask.tries);
        let (why, _) = self.reason(&question.about, misfit);
        if !is_over || !INVITATIONS.contains(&why.as_str()) {
            self.say_why(&question.about, misfit);
        }
        if is_over {
            return self.way_out();
        }
        self.ask_again(question, question.tries + 1);
    }

    /// A value that was said before its question may not fit: it is said why, and then it is asked for. Of several nobody knows
    /// which is meant.
    pub(super) fn say_why_what_was_said_is_no_answer(&mut self, slot: &SlotName) {
        let Some(spec) = self.spec(slot) else {
            return;
        };
        if self.alternatives(&spec, false) {
            return;
        }
        let today = self.now().date();
        let mut entities = self.entities.iter().enumerate();
        let found = entities.find_map(|(index, entity)| {
            let said = self.value_for(&spec, entity, false)?;
            Some((index, spec.accept(said, today).err()?))
        });
        if let Some((index, misfit)) = found {
            self.entities.remove(index);
            self.say_why(&About::Slot(slot.clone()), &misfit);
        }
    }

    /// Why an answer does not fit.
    pub(super) fn say_why(&mut self, about: &About, misfit: &Misfit) {
        let (key, limit) = self.reason(about, misfit);
        let mut names: Names = self.spoken();
        if let Some(limit) = limit {
            names.insert("limit".into(), minijinja::Value::from(limit));
        }
        self.say_with(&key, &names, Vec::new());
    }

    /// Where the question on top leads that is not answered, if it says so.
    pub(super) fn own_way_out(&self, flow: &FlowSpec) -> Option<Target> {
        match &self.step_on_top(flow)?.op {
            Op::Ask { otherwise, .. } | Op::Choose { otherwise, .. } => *otherwise,
            _ => None,
        }
    }

    fn reason(&self, about: &About, misfit: &Misfit) -> (String, Option<String>) {
        let slot = match about {
            About::Slot(slot) => self.spec(slot),
            About::Choice | About::Confirm { .. } => None,
        };
        reason(about, slot.as_ref(), misfit)
    }

    /// No answer fitted, so often as it was asked.
    pub(super) fn way_out(&mut self) {
        let Some((project, flow)) = self.top() else {
            return self.outdated();
        };
        match (self.own_way_out(flow), project.assistant().ask.way_out) {
            (Some(target), _) => self.go(flow, target, Why::Otherwise),
            (None, WayOut::Handoff) => {
                let own = self.owner();
                self.hand_off(own.as_ref(), None, None, None);
            }
            (None, WayOut::Cancel) => {
                self.say("convene.cancelled");
                self.end_flow(Outcome::GaveUp);
            }
        }
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
        (Misfit::NotOffered, _) | (_, Some(SlotType::Choice | SlotType::List)) => "choice",
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
