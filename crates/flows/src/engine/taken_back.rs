//! An earlier answer is said to be wrong, and no other is said: "change the day", "insurance is wrong", "not on monday".

use super::{
    corrections::{Corrections, Told},
    go_back::was_passed,
    input::{Entity, Heard, Input},
    meant::Meant,
    record::Origin,
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::{SlotName, Who},
    slot::{Nod, SlotSpec, mentions},
};

/// What was found in words and is a day, an hour, or both.
const TIME: &str = "time";

/// What words name that is to be said anew.
pub(super) enum Named {
    /// An answer that this flow, counted from the bottom of the stack, has.
    Answered(usize, SlotName),
    /// What is asked now, or later.
    Unanswered,
}

/// How words have to name an answer.
#[derive(Clone, Copy)]
enum Naming {
    /// They say that something is wrong: they may say more.
    Beside,
    /// They say no, and nothing else.
    Alone,
}

impl Turn<'_> {
    /// The earlier answer that is to be asked for again: its value is said not to be it, or its name alone is said with a no.
    pub(super) fn taken_back(&self, text: &str, asked: &SlotName) -> Option<(usize, SlotName)> {
        let by_value = || {
            let mut answered = self.answered_earlier(asked);
            let found = answered.find(|(frame, spec)| self.is_said_not_to_be(*frame, spec));
            found.map(|(frame, spec)| (frame, spec.name))
        };
        // Any words are an answer to some questions, and "wrong size" is a choice at others.
        let spec = self
            .spec(asked)
            .filter(|spec| spec.kind != SlotType::Boolean);
        let is_answer = || spec.is_some_and(|spec| self.read(&spec, text).is_ok());
        by_value().or_else(|| {
            let named = self.answer_named(text, asked, Naming::Alone);
            named.filter(|_| !is_answer())
        })
    }

    /// An earlier answer is asked for again.
    pub(super) fn ask_anew(&mut self, frame: usize, slot: SlotName, who: Option<&Who>) {
        self.say("convene.rejected");
        self.set_anew(Corrections::of(frame, (slot, None)), who);
    }

    /// Whether a flow has asked for a slot on its way, or may still come to do so: what nobody would ask for again is not
    /// emptied for a correction that says no value.
    pub(super) fn can_be_asked(&self, frame: usize, slot: &SlotName) -> bool {
        let (Some(own), Some((_, flow))) = (self.state.stack.get(frame), self.flow_at(frame))
        else {
            return false;
        };
        let (asks, here) = (flow.step_that_asks(slot), own.index_in(flow));
        asks.is_some_and(|asks| {
            self.was_asked(frame, slot)
                || here.is_none_or(|here| {
                    was_passed(flow, asks, here) || flow.reached([here], None).contains(&asks)
                })
        })
    }

    /// Where something was asked that is emptied now, and that the way does not come by once more.
    pub(super) fn asked_before(&self, frame: usize, slots: &[Told]) -> Option<usize> {
        let (own, (_, flow)) = (self.state.stack.get(frame)?, self.flow_at(frame)?);
        let here = own.index_in(flow)?;
        let ahead = flow.reached([here], None);
        let emptied = slots.iter().filter(|(_, value)| value.is_none());
        let asked = emptied.filter(|(slot, _)| self.was_asked(frame, slot));
        let mut asks = asked.filter_map(|(slot, _)| flow.step_that_asks(slot));
        asks.find(|asks| !ahead.contains(asks))
    }

    /// Whether a slot has what was answered when it was asked for.
    fn was_asked(&self, frame: usize, slot: &SlotName) -> bool {
        let filled = self.state.filled_at(frame, slot.as_str());
        filled.is_some_and(|filled| {
            matches!(filled.from, Origin::Answer | Origin::Button | Origin::Form)
        })
    }

    /// What words name that say something is wrong.
    pub(super) fn named_as_wrong(&self, text: &str, asked: &SlotName) -> Option<Named> {
        let answered = self.answer_named(text, asked, Naming::Beside);
        let answered = answered.map(|(frame, slot)| Named::Answered(frame, slot));
        answered.or_else(|| {
            let (project, flow) = self.top()?;
            let mut slots = flow.asked(project);
            let is_named = slots.any(|slot| !self.places_of(slot, text).is_empty());
            is_named.then_some(Named::Unanswered)
        })
    }

    fn is_said_not_to_be(&self, frame: usize, spec: &SlotSpec) -> bool {
        let now = self.value_at(frame, &spec.name);
        let mut entities = self.entities.iter();
        now.is_some()
            && entities.any(|entity| {
                self.said_for(spec, entity, true).as_ref() == now
                    && (self.is_a_time_taken_back(entity)
                        || self.value_for(spec, entity, true).is_none())
            })
    }

    /// "Not on monday".
    pub(super) fn is_a_time_taken_back(&self, entity: &Entity) -> bool {
        let (Input::Heard(heard), Some(start)) = (&self.input, entity.start) else {
            return false;
        };
        let small = &self.project().speech.small;
        entity.name.as_str() == TIME && small.negated_over(&heard.text, start).is_some()
    }

    /// The earlier answer whose name, or label, stands in a text: the longest, or else the only one of which the last word
    /// of it does.
    fn answer_named(
        &self,
        text: &str,
        asked: &SlotName,
        naming: Naming,
    ) -> Option<(usize, SlotName)> {
        let speech = &self.project().speech;
        let is_alone = |name: &str| match naming {
            Naming::Beside => true,
            Naming::Alone => mentions(text, name).any(|(before, behind)| {
                let rest = format!("{before} {behind}");
                let is_said = !speech.nods.have_within(text, name);
                is_said && speech.nods.only_refuse(&rest, &speech.small)
            }),
        };
        let answered: Vec<_> = self.answered_earlier(asked).collect();
        let whole = answered.iter().filter_map(|(frame, spec)| {
            let mut named = self.places_of(spec, text);
            named.retain(|name| is_alone(name));
            let longest = named.iter().map(String::len).max()?;
            Some((longest, *frame, spec.name.clone()))
        });
        if let Some((_, frame, slot)) = whole.max_by_key(|(length, ..)| *length) {
            return Some((frame, slot));
        }
        let mut in_part = answered.iter().filter(|(_, spec)| {
            let mut names = self.names_of(spec);
            names.any(|name| {
                let last = name.rsplit(char::is_whitespace).next().unwrap_or_default();
                self.stands_outside(text, last) && is_alone(last)
            })
        });
        let (frame, spec) = in_part.next()?;
        in_part
            .next()
            .is_none()
            .then(|| (*frame, spec.name.clone()))
    }

    /// The names of a slot that stand in a text, and are no part of a value.
    fn places_of(&self, spec: &SlotSpec, text: &str) -> Vec<String> {
        let names = self.names_of(spec);
        names
            .filter(|name| self.stands_outside(text, name))
            .collect()
    }

    fn stands_outside(&self, text: &str, name: &str) -> bool {
        let is_in_a_value = |at: usize| {
            let mut entities = self.entities.iter();
            entities.any(|entity| {
                let place = entity.start.zip(entity.end);
                place.is_some_and(|(start, end)| (start..end).contains(&at))
            })
        };
        mentions(text, name).any(|(before, _)| !is_in_a_value(before.len()))
    }

    /// Whether it is said that something is wrong, or no.
    pub(super) fn refuses(&self, heard: &Heard, meant: &Meant) -> bool {
        meant.correct || self.nod_of(heard, false, meant.deny) == Nod::No
    }
}
