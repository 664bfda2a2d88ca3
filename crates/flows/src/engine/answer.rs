//! Answers to questions.

use super::{
    ask::{NO, YES},
    correct::Corrected,
    hear::Meant,
    input::{Entity, Heard},
    record::{About, Origin, Why},
    state::Question,
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::{SlotName, Who},
    project::Op,
    slot::{Asking, Misfit, SlotSpec, bare, folded, is_all, read},
    value::Value,
};

/// Words of so many say yes or no, if they do, and nothing else.
const SHORT: usize = 3;

/// What a message is to the question that is open.
enum Reading {
    Fits(Value),
    Misfits(Misfit),
    /// It is about something else.
    Elsewhere,
}

impl Turn<'_> {
    /// Whether these words are a value of what is asked, or several, and say nothing else.
    pub(super) fn is_plainly_an_answer(&self, heard: &Heard, question: &Question) -> bool {
        let About::Slot(slot) = &question.about else {
            return false;
        };
        let Some(spec) = self.spec(slot).filter(|spec| !spec.takes_any_words()) else {
            return false;
        };
        let is_typed = spec.intents.is_empty() && spec.kind != SlotType::Boolean;
        is_typed
            && (self.read(&spec, &heard.text).is_ok() || self.has_alternatives(&spec))
            && self.says_nothing_else(heard, &spec)
    }

    /// Whether there is room beside a value of this slot for nothing else. What the assistant is called, and the words
    /// of its question, say nothing.
    fn says_nothing_else(&self, heard: &Heard, spec: &SlotSpec) -> bool {
        if spec.kind == SlotType::Boolean {
            return heard.text.split_whitespace().count() <= SHORT;
        }
        let (project, names) = (self.project(), self.spoken());
        let locales = project.speech.locales();
        let asked = locales.map(|locale| project.speech.say(locale, spec.ask.as_str(), 0, &names));
        let known: Vec<_> = asked.chain([project.assistant().name.clone()]).collect();
        let known = known.iter().flat_map(|text| text.split_whitespace());
        let mut small = project.speech.small.clone();
        small.courtesy.extend(known.map(bare));
        let asking = Asking {
            small: &small,
            ..self.asking(spec)
        };
        is_all(spec, &heard.text, &asking)
    }

    /// Somebody who may answer has said something while a question is open.
    pub(super) fn answer(&mut self, heard: &Heard, mut meant: Meant, question: &Question) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        // To want what runs is nothing new.
        let is_same = meant
            .wants
            .iter()
            .any(|intent| flow.intents.iter().any(|own| own.value == *intent));
        meant
            .wants
            .retain(|intent| !flow.intents.iter().any(|own| own.value == *intent));
        if !meant.correct {
            let asked = match &question.about {
                About::Slot(slot) | About::Confirm { slot, .. } => self.spec(slot),
                About::Choice => None,
            };
            self.set_aside(&meant.wants, asked.as_ref());
        }
        let slot = match &question.about {
            About::Choice => return self.answer_choice(heard, meant, question, is_same),
            About::Confirm { slot, value } => {
                return self.answer_confirm(heard, meant, question, slot, value);
            }
            About::Slot(slot) => slot.clone(),
        };
        let Some(spec) = self.spec(&slot) else {
            return self.outdated();
        };
        if spec.takes_any_words() && !meant.correct && !self.is_entities_alone(heard) {
            // They are a part of the answer.
            let is_own = |entity: &Entity| spec.entities.contains(&entity.name);
            self.entities.retain(is_own);
        }
        let mut own = if meant.correct {
            None
        } else {
            self.take_entity(&spec, true)
        };
        if own.is_none() && !meant.correct && spec.kind == SlotType::Time {
            self.drop_bare_numbers(heard);
        }
        let is_misfit = if own.is_none() && !meant.correct {
            self.misfitting_entity(&spec)
        } else {
            None
        };
        let corrected = self.correct(heard, &meant, &slot, own.as_ref());
        if corrected == Corrected::Asked {
            return self.queue(meant.wants);
        }
        if meant.correct {
            // No earlier answer takes it.
            own = self.take_entity(&spec, true);
        }
        let is_filled = self.fill_from_entities() || corrected == Corrected::Beside;
        let is_about_more = is_same || is_filled;
        let reading = match (own, is_misfit) {
            (Some(value), _) => Reading::Fits(value),
            (None, Some(misfit)) => Reading::Misfits(misfit),
            (None, None) => self.reading(heard, &meant, &spec, is_about_more),
        };
        match reading {
            Reading::Fits(value) => {
                self.answered(&spec, value, Origin::Answer, heard.who.as_ref());
                // One thing was said, and it was an answer.
                let is_more = !meant.wants.is_empty()
                    && (meant.intents.len() > 1 || !self.says_nothing_else(heard, &spec));
                if is_more {
                    self.queue(meant.wants);
                }
            }
            Reading::Misfits(misfit) => {
                self.answer_misfits(heard, meant, question, &misfit, is_filled);
            }
            Reading::Elsewhere if !meant.wants.is_empty() => self.want(meant.wants),
            Reading::Elsewhere => self.ask_again(question, question.tries),
        }
    }

    /// An answer that fits not may be torn between other things.
    fn answer_misfits(
        &mut self,
        heard: &Heard,
        meant: Meant,
        question: &Question,
        misfit: &Misfit,
        is_filled: bool,
    ) {
        let candidates = self.candidates(heard);
        if !meant.wants.is_empty() {
            self.want(meant.wants);
        } else if is_filled {
            self.ask_again(question, question.tries);
        } else if candidates.is_empty() {
            self.misfit(question, misfit);
        } else {
            self.ask_which(&candidates);
        }
    }

    fn reading(
        &self,
        heard: &Heard,
        meant: &Meant,
        spec: &SlotSpec,
        is_about_more: bool,
    ) -> Reading {
        let by_intent = meant
            .intents
            .iter()
            .find_map(|intent| spec.intents.get(intent))
            .cloned();
        let by_command = match (spec.kind, meant.affirm, meant.deny) {
            (SlotType::Boolean, true, false) => Some(Value::Boolean(true)),
            (SlotType::Boolean, false, true) => Some(Value::Boolean(false)),
            _ => None,
        };
        if let Some(value) = by_intent.or(by_command) {
            return Reading::Fits(value);
        }
        let is_elsewhere = !meant.wants.is_empty() || is_about_more;
        // Any words are a text: where they surely mean something else, they are that.
        if is_elsewhere && (spec.takes_any_words() || !self.says_nothing_else(heard, spec)) {
            return Reading::Elsewhere;
        }
        match self.read(spec, &heard.text) {
            Ok(value) => Reading::Fits(value),
            Err(_) if is_elsewhere => Reading::Elsewhere,
            Err(misfit) => Reading::Misfits(misfit),
        }
    }

    /// Reads words as a slot's value.
    pub(super) fn read(&self, spec: &SlotSpec, text: &str) -> Result<Value, Misfit> {
        read(spec, text, &self.asking(spec))
    }

    fn asking(&self, spec: &SlotSpec) -> Asking<'_> {
        let (project, locale) = (self.project(), self.locale());
        let speech = &project.speech;
        let labels = speech.locales().flat_map(|locale| {
            let choices = spec.choices.iter();
            choices.map(move |choice| {
                let value = Value::Choice(choice.value.clone());
                (project.spoken(locale, spec, &value), choice.value.clone())
            })
        });
        Asking {
            today: self.now.date(),
            decimal_comma: speech.tongue(&locale).has_decimal_comma(),
            yes: &speech.yes,
            no: &speech.no,
            small: &speech.small,
            labels: labels.collect(),
        }
    }

    /// Whether these words say yes, or no.
    pub(super) fn flag_said(&self, text: &str) -> Option<bool> {
        match self.read(&SlotSpec::yes_or_no(), text) {
            Ok(Value::Boolean(flag)) => Some(flag),
            _ => None,
        }
    }

    /// The slot that was asked for has its answer: it may have to be confirmed.
    pub(super) fn answered(
        &mut self,
        spec: &SlotSpec,
        value: Value,
        from: Origin,
        who: Option<&Who>,
    ) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let step = self.step_on_top(flow);
        if step.is_some_and(|step| self.is_to_confirm(&step.op, Origin::Entity)) {
            return self.ask_confirm(spec, &value, 1);
        }
        self.take_answer(&spec.name, value, from, who);
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

    fn take_answer(&mut self, slot: &SlotName, value: Value, from: Origin, who: Option<&Who>) {
        self.set(slot, Some(value), from, who);
        if let Some((_, flow)) = self.top()
            && let Some(step) = self.step_on_top(flow)
        {
            self.go(flow, step.next, Why::Answered);
        }
    }

    fn answer_confirm(
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
        let said = match (meant.affirm, meant.deny) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => self.flag_said(&heard.text),
        };
        // Another value in the same breath is that value: "no, it is AB1235".
        let other = self.take_entity(&spec, true).filter(|other| other != value);
        let corrections = self.corrections(meant.correct, slot);
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
                _ => self.misfit(question, &Misfit::Type),
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

    /// The option of the `choose` step on top whose label, or whose number, these words are.
    pub(super) fn option_said(&self, text: &str) -> Option<usize> {
        let (project, flow) = self.top()?;
        let Op::Choose { options, .. } = &self.step_on_top(flow)?.op else {
            return None;
        };
        let (said, names) = (bare(text), self.spoken());
        let same = folded(text);
        let by_label = options.iter().position(|option| {
            let mut locales = project.speech.locales();
            locales.any(|locale| {
                let label = project.speech.say(locale, option.label.as_str(), 0, &names);
                bare(&label) == said || folded(&label) == same
            })
        });
        let by_number = said.parse::<usize>().ok();
        let by_number = by_number.and_then(|number| number.checked_sub(1));
        by_label.or(by_number.filter(|index| *index < options.len()))
    }

    fn answer_choice(&mut self, heard: &Heard, meant: Meant, question: &Question, is_same: bool) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let Some(Op::Choose { options, .. }) = self.step_on_top(flow).map(|step| &step.op) else {
            return self.outdated();
        };
        let by_intent = options.iter().position(|option| {
            option
                .intents
                .iter()
                .any(|intent| meant.intents.contains(&intent.value))
        });
        let said = self.option_said(&heard.text);
        // "No, three of them" is no to what was said, and not to what is offered; and "yes, three of them" is no yes.
        let is_about_earlier = meant.deny || meant.correct || meant.affirm;
        if said.is_none() && is_about_earlier && meant.wants.is_empty() {
            let said = self.corrections(true, &SlotName::default());
            if !said.anew.is_empty() {
                self.say("convene.corrected");
                return self.set_anew(said, heard.who.as_ref());
            }
            if said.is_restated && !meant.affirm {
                return self.nothing_changes();
            }
        }
        if let Some(index) = by_intent.or(said) {
            // What was wanted is what is chosen.
            self.entities.append(&mut self.aside);
            let own = |intent: &crate::name::IntentName| {
                options
                    .get(index)
                    .is_some_and(|option| option.intents.iter().any(|one| one.value == *intent))
            };
            let rest: Vec<_> = meant
                .wants
                .into_iter()
                .filter(|intent| !own(intent))
                .collect();
            self.chosen(index);
            return self.queue(rest);
        }
        let corrected = self.correct(heard, &meant, &SlotName::default(), None);
        if corrected == Corrected::Asked {
            return self.queue(meant.wants);
        }
        let is_filled = self.fill_from_entities() || corrected == Corrected::Beside;
        if is_same && meant.wants.is_empty() {
            return self.ask_again(question, question.tries);
        }
        self.answer_misfits(heard, meant, question, &Misfit::NotOffered, is_filled);
    }

    /// One of the buttons of the `choose` step on top.
    pub(super) fn chosen(&mut self, index: usize) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let Some(Op::Choose { options, .. }) = self.step_on_top(flow).map(|step| &step.op) else {
            return;
        };
        if let Some(option) = options.get(index) {
            self.go(flow, option.then, Why::Chosen(option.label.to_string()));
        }
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
