//! Answers to questions.

use super::{
    correct::Corrected,
    frame::Question,
    input::{Entity, Heard},
    meant::Meant,
    offered::Chosen,
    record::{About, Origin, Why},
    turn::Turn,
    yes_or_no::SHORT,
};
use crate::{
    folder::SlotType,
    name::{SlotName, Who},
    slot::{Misfit, Nod, SlotSpec, bare, called, is_all},
    value::Value,
};

/// What a message is to the question that is open.
enum Reading {
    Fits(Value),
    Misfits(Misfit),
    /// It is yes and no, or not plainly either.
    Unclear,
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
        if self.has_entity(&spec) && self.is_entities_alone(heard) {
            return true;
        }
        let is_typed = spec.intents.is_empty() && spec.kind != SlotType::Boolean;
        is_typed
            && (self.read(&spec, &heard.text).is_ok() || self.has_alternatives(&spec))
            && self.says_nothing_else(heard, &spec)
    }

    /// Whether this is a value of a slot and nothing else: by an entity, or by the words.
    pub(super) fn is_alone(&self, heard: &Heard, spec: &SlotSpec) -> bool {
        let by_entity = self.has_entity(spec) && self.is_entities_alone(heard);
        by_entity || (self.read(spec, &heard.text).is_ok() && self.says_nothing_else(heard, spec))
    }

    /// Whether there is room beside a value of this slot for nothing else. What the assistant is called, and the words
    /// of its question, say nothing.
    pub(super) fn says_nothing_else(&self, heard: &Heard, spec: &SlotSpec) -> bool {
        if spec.kind == SlotType::Boolean {
            return heard.text.split_whitespace().count() <= SHORT;
        }
        let project = self.project();
        let mut known = project.speech.words_of(spec.ask.as_str(), || self.spoken());
        let name = project.assistant().name.split_whitespace();
        known.extend(name.map(bare));
        let asking = self.asking(spec);
        is_all(spec, &heard.text, &asking, &known)
            || self.mistyped_choice(spec, &heard.text, &asking).is_some()
    }

    /// Somebody who may answer has said something while a question is open.
    pub(super) fn answer(&mut self, heard: &Heard, mut meant: Meant, question: &Question) {
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        let own: Vec<_> = flow.intents.iter().map(|own| own.value.clone()).collect();
        let is_once_more = self.wants_it_once_more(heard, &meant, question, &own);
        // To want what runs is nothing new.
        let is_same = !is_once_more && meant.wants.iter().any(|intent| own.contains(intent));
        if is_same {
            meant.wants.retain(|intent| !own.contains(intent));
        }
        self.hear_hour_anew(heard, &mut meant, question);
        if !meant.correct {
            let asked = self.spec_asked(question);
            self.set_aside(&meant.wants, asked.as_ref());
        }
        if let Some(said) = self.reworded(heard, &meant, question) {
            // What stands in such words is a part of them.
            self.entities.clear();
            self.say("convene.corrected");
            return self.set_anew(said, heard.who.as_ref());
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
        if meant.wants.is_empty() && !spec.takes_any_words() && self.asks_what_it_is(heard) {
            return self.lost_or_misfit(heard, question, &Misfit::Type);
        }
        meant.correct |= spec.takes_any_words() && self.may_correct(heard, &slot);
        let small = &self.project().speech.small;
        let place = || small.place_in_list(&heard.text, spec.choices.len());
        if spec.kind == SlotType::Choice && place().is_some() {
            // "The second" of what is offered is no day.
            self.entities.clear();
        }
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
            // Where what was found is no choice, the words may be one.
            let is_read = spec.kind == SlotType::Choice && self.read(&spec, &heard.text).is_ok();
            self.misfitting_entity(&spec).filter(|_| !is_read)
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
        // Whoever complains where a complaint is told, tells it.
        let is_about_more = (is_same && !spec.takes_any_words()) || is_filled;
        let reading = match (own, is_misfit) {
            (Some(value), _) => Reading::Fits(value),
            (None, Some(misfit)) => Reading::Misfits(misfit),
            (None, None) => self.reading(heard, &meant, &spec, is_about_more),
        };
        match reading {
            Reading::Fits(value) => match self.how_chosen(&spec, &value, heard) {
                Chosen::WithAnother => {
                    self.answer_misfits(heard, meant, question, &Misfit::NotOffered, is_filled);
                }
                Chosen::Hardly => {
                    self.ask_confirm(&spec, &value, 1);
                    self.queue(meant.wants);
                }
                Chosen::Plainly => {
                    self.answered(&spec, value, Origin::Answer, heard.who.as_ref());
                    // One thing was said, and it was an answer.
                    let is_more = !meant.wants.is_empty()
                        && (is_once_more
                            || meant.intents.len() > 1
                            || !self.says_nothing_else(heard, &spec));
                    if is_more {
                        self.queue(meant.wants);
                    }
                }
            },
            Reading::Misfits(misfit) => {
                self.answer_misfits(heard, meant, question, &misfit, is_filled);
            }
            Reading::Unclear => self.misfit(question, &Misfit::Type),
            Reading::Elsewhere if !meant.wants.is_empty() => self.want(meant.wants),
            Reading::Elsewhere => self.ask_again(question, question.tries),
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
            .map(|said| said.value.clone())
            .filter(|value| !self.is_denied(heard, spec, value));
        let is_elsewhere = !meant.wants.is_empty() || is_about_more;
        let is_flag = spec.kind == SlotType::Boolean;
        if is_flag && (by_intent.is_none() || meant.affirm || meant.deny) {
            let told = match by_intent {
                Some(Value::Boolean(flag)) => (flag, !flag),
                _ => (meant.affirm, meant.deny),
            };
            return match self.nod_beside(heard, told, is_elsewhere) {
                Nod::Yes => Reading::Fits(Value::Boolean(true)),
                Nod::No => Reading::Fits(Value::Boolean(false)),
                Nod::Mixed | Nod::Nothing if is_elsewhere => Reading::Elsewhere,
                Nod::Mixed => Reading::Unclear,
                Nod::Nothing => Reading::Misfits(Misfit::Type),
            };
        }
        if let Some(value) = by_intent {
            return Reading::Fits(value);
        }
        if let (Some(_), [only]) = (&spec.from, spec.choices.as_slice())
            && self.nod_beside(heard, (meant.affirm, meant.deny), is_elsewhere) == Nod::Yes
        {
            return Reading::Fits(Value::Choice(only.value.clone()));
        }
        // Any words are a text: where they surely mean something else, they are that.
        if is_elsewhere && (spec.takes_any_words() || !self.says_nothing_else(heard, spec)) {
            return Reading::Elsewhere;
        }
        match self.read(spec, &heard.text) {
            // Of several values nobody knows which is meant.
            Ok(_) if !spec.takes_any_words() && self.has_alternatives(spec) => {
                Reading::Misfits(several_of(spec))
            }
            Ok(value) => Reading::Fits(value),
            Err(_) if is_elsewhere => Reading::Elsewhere,
            Err(misfit) => Reading::Misfits(misfit),
        }
    }

    /// Whether a value of a choice is what a message says not to be meant.
    fn is_denied(&self, heard: &Heard, spec: &SlotSpec, value: &Value) -> bool {
        let (Value::Choice(value), asking) = (value, self.asking(spec)) else {
            return false;
        };
        let mut names = called(spec, &asking).into_iter();
        names.any(|(name, own)| own == value && asking.small.take_back(&heard.text, &bare(&name)))
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
        self.let_go_of_what_is_kept_for(spec);
        self.take_answer(&spec.name, value, from, who);
    }

    pub(super) fn take_answer(
        &mut self,
        slot: &SlotName,
        value: Value,
        from: Origin,
        who: Option<&Who>,
    ) {
        self.set(slot, Some(value), from, who);
        if let Some((_, flow)) = self.top()
            && let Some(step) = self.step_on_top(flow)
        {
            self.go(flow, step.next, Why::Answered);
        }
    }
}

/// Why several values are no answer.
const fn several_of(slot: &SlotSpec) -> Misfit {
    match slot.kind {
        SlotType::Text => Misfit::Pattern,
        _ => Misfit::Type,
    }
}
