//! Entities fill slots: at a flow's start, and out of turn.

use std::mem::{replace, take};

use super::{
    beside::is_measured,
    input::{Entity, Input},
    record::Origin,
    turn::Turn,
};
use jiff::civil::Time;

use crate::{
    folder::SlotType,
    moment,
    name::IntentName,
    project::{FlowSpec, Project},
    slot::{SlotSpec, folded},
    value::{Value, left},
};

/// What letters with digits are called that are no more than that.
const CODE: &str = "order-number";

impl Turn<'_> {
    /// Fills the slots of the flow on top from what was said: its own as far as they are empty, and those of the
    /// conversation that it asks for. Whether some were.
    pub(super) fn fill_from_entities(&mut self) -> bool {
        let Some((project, flow)) = self.top() else {
            return false;
        };
        let who = self.input.who().cloned();
        let mut is_filled = false;
        for slot in flow.slots.values().chain(project.shared.values()) {
            let is_own = flow.slots.contains_key(&slot.name);
            let wanted = if is_own {
                self.value(slot).is_none()
            } else {
                flow.asks(&slot.name)
            };
            if !wanted || self.is_one_of_several(slot) {
                continue;
            }
            if self.says_several_apart(slot) {
                continue;
            }
            let slot = self.as_offered(slot);
            if !slot.offers_nothing()
                && !self.is_offered_anew(flow, &slot)
                && let Some(value) = self.take_entity(&slot, false)
                && self.value(&slot) != Some(&value)
            {
                self.set(&slot.name, Some(value), Origin::Entity, who.as_ref());
                is_filled = true;
            }
        }
        is_filled |= self.fill_callers();
        self.keep_for_called() || is_filled
    }

    /// Takes the first entity that fills a slot. While the slot is asked for, a built-in one of its type does, too.
    pub(super) fn take_entity(&mut self, slot: &SlotSpec, is_asked: bool) -> Option<Value> {
        let (index, value) = self.entity_for(slot, is_asked)?;
        take_from(&mut self.entities, index, slot);
        Some(value)
    }

    /// Sets aside what was said for the flows that are wanted: it is nothing to the one on top, but for what that asks
    /// for now, if it stands apart from the wish.
    pub(super) fn set_aside(&mut self, wants: &[IntentName], asked: Option<&SlotSpec>) {
        let project = self.projects.current();
        let flows: Vec<_> = wants
            .iter()
            .filter_map(|intent| project.flow(project.flow_of(intent)?))
            .collect();
        let is_theirs = |entity: &Entity| {
            if let Some(wish) = &entity.wish {
                return wants.contains(wish);
            }
            let mut slots = flows.iter().flat_map(|flow| flow.fillable(project));
            let is_asked_for = asked.is_some_and(|slot| slot.takes(entity, true).is_some());
            let is_within = !wants.is_empty() && self.is_within_a_wish(entity);
            if is_asked_for || is_within {
                return is_within;
            }
            slots.any(|slot| slot.takes(entity, false).is_some())
        };
        let entities = self.entities.iter().cloned();
        let (aside, own) = entities.partition(is_theirs);
        self.entities = own;
        self.aside = aside;
    }

    /// Takes what was said for the flow that an intent starts, one entity for each of its slots: of what was set aside first.
    pub(super) fn take_entities_for(&mut self, intent: &IntentName) -> Vec<Entity> {
        let project = self.projects.current();
        let flow = project.flow_of(intent).and_then(|name| project.flow(name));
        let (mut taken, others) = self.take_said_for(intent);
        for slot in flow.iter().flat_map(|flow| flow.fillable(project)) {
            let own = take(&mut self.entities);
            self.entities = take(&mut self.aside);
            let found = self.entity_for(slot, false);
            let mut entity = found.map(|(index, _)| self.entities.remove(index));
            self.aside = replace(&mut self.entities, own);
            if entity.is_none() {
                let found = self.entity_for(slot, false);
                entity = found.map(|(index, _)| self.entities.remove(index));
            }
            taken.extend(entity);
        }
        self.entities.extend(others);
        taken.into_iter().map(Entity::without_place).collect()
    }

    /// Takes what was said in the clause of a wish, and puts away what was said in others.
    fn take_said_for(&mut self, wish: &IntentName) -> (Vec<Entity>, Vec<Entity>) {
        let all = take(&mut self.aside).into_iter();
        let all = all.chain(take(&mut self.entities));
        let (told, any): (Vec<_>, Vec<_>) = all.partition(|entity| entity.wish.is_some());
        self.entities = any;
        let is_its_own = |entity: &Entity| entity.wish.as_ref() == Some(wish);
        told.into_iter().partition(is_its_own)
    }

    /// Whether there is one for a slot that is asked for.
    pub(super) fn has_entity(&self, slot: &SlotSpec) -> bool {
        self.entity_for(slot, true).is_some()
    }

    pub(super) fn entity_for(&self, slot: &SlotSpec, is_asked: bool) -> Option<(usize, Value)> {
        let today = self.now().date();
        let is_open = (is_asked || is_measured(slot.kind)) && self.alternatives(slot, is_asked);
        // Of several values the one is meant that has the slot's name beside it.
        let mut entities =
            self.entities.iter().enumerate().filter(|(_, entity)| {
                !is_open || (!is_asked && self.is_named_beside(slot, entity))
            });
        entities.find_map(|(index, entity)| {
            let value = self.value_for(slot, entity, is_asked)?;
            Some((index, slot.may_take(value, today)?))
        })
    }

    /// Whether something was said that a flow has a slot for.
    pub(super) fn has_value_for(&self, project: &Project, flow: &FlowSpec) -> bool {
        let mut slots = flow.fillable(project);
        slots.any(|slot| self.entity_for(slot, false).is_some())
    }

    /// Whether several values were said for the slot that is asked for: it is not known which is meant.
    pub(super) fn has_alternatives(&self, slot: &SlotSpec) -> bool {
        self.alternatives(slot, true)
    }

    /// The same of one that may not be asked for.
    pub(super) fn alternatives(&self, slot: &SlotSpec, is_asked: bool) -> bool {
        let values = self.entities.iter();
        let mut values =
            values.filter_map(|entity| Some((entity, self.value_for(slot, entity, is_asked)?)));
        values.next().is_some_and(|(one, first)| {
            values.any(|(other, value)| value != first || self.are_counted_apart(slot, one, other))
        })
    }

    /// The value that an entity has for a slot, unless it is taken back: "not broken".
    pub(super) fn value_for(
        &self,
        slot: &SlotSpec,
        entity: &Entity,
        is_asked: bool,
    ) -> Option<Value> {
        if !self.is_for_the_top(entity) {
            return None;
        }
        let is_named = !is_asked && self.is_named_beside(slot, entity);
        let hour = self.hour_alone(slot, entity).filter(|_| is_asked);
        let value = hour.or_else(|| self.said_for(slot, entity, is_asked || is_named))?;
        let (Input::Heard(heard), Some(start)) = (&self.input, entity.start) else {
            return Some(value);
        };
        let value = match (value, entity.end) {
            (Value::Time(said), Some(end)) => {
                let text = heard.text.get(start..end).unwrap_or_default();
                Value::Time(self.half_meant(slot, entity, text, said))
            }
            (value, _) => self.counted_on(slot, entity, value)?,
        };
        let small = &self.project().speech.small;
        let over = small.negated_over(&heard.text, start);
        let is_negated = match slot.kind {
            SlotType::Choice => over.is_some(),
            kind if !is_measured(kind) => over == Some(0),
            // "I don't have one" says how many only to whom that was asked.
            _ => over == Some(0) || (over.is_some() && !is_asked),
        };
        (!is_negated).then_some(value)
    }

    /// Of a time whose half of the day is not said the one that the slot takes, if that is still to come: "today at 9" is none
    /// of the morning when that is over.
    fn half_meant(&self, slot: &SlotSpec, entity: &Entity, text: &str, said: Time) -> Time {
        let now = self.now();
        if moment::is_of_any_half(&entity.value) {
            return slot.either_half(said, now.date());
        }
        let half = slot.half_that_fits(text, said, now.date());
        let day = moment::day_of(&entity.value);
        let is_over = day.is_some_and(|day| day.to_datetime(half) <= now.datetime());
        if half != said && is_over { said } else { half }
    }

    /// The value of a slot's type that an entity has, if it is one for it: a choice's as it is offered, also by its label, and
    /// where it is asked for by its day and its hour.
    pub(super) fn said_for(
        &self,
        slot: &SlotSpec,
        entity: &Entity,
        is_asked: bool,
    ) -> Option<Value> {
        if let Some(option) = self.option_of_its_time(slot, entity, is_asked) {
            return Some(Value::Choice(option.value.clone()));
        }
        let said = slot.takes(entity, is_asked);
        let said = said.or_else(|| self.code_for(slot, entity))?;
        let Value::Choice(called) = &said else {
            return Some(said);
        };
        let is_from_list = slot.from.is_some() && !slot.choices.is_empty();
        if !is_from_list && let Ok(offered) = slot.accept(said.clone(), self.now().date()) {
            return Some(offered);
        }
        let called = folded(called);
        let mut labels = self.asking(slot).labels.into_iter();
        let offered = labels.find(|(label, _)| folded(label) == called);
        match offered {
            Some((_, value)) => Some(Value::Choice(value)),
            // What an item is to a program nobody says.
            None if is_from_list => self.read(slot, &called).ok(),
            None => Some(said),
        }
    }

    /// A code that nothing has taught is of the slot whose pattern it has, where every slot with such a pattern names the same
    /// entity.
    fn code_for(&self, slot: &SlotSpec, entity: &Entity) -> Option<Value> {
        if entity.name.as_str() != CODE || slot.role.is_some() {
            return None;
        }
        let code = Value::from_json(slot.kind, &entity.value)?;
        let has_letters = |text: &str| text.contains(char::is_alphabetic);
        if !matches!(&code, Value::Text(text) if has_letters(text)) {
            return None;
        }
        let today = self.now().date();
        let fits =
            |slot: &SlotSpec| slot.pattern.is_some() && slot.accept(code.clone(), today).is_ok();
        let project = self.project();
        let own = project.flows().flat_map(|flow| flow.slots.values());
        let mut alike = own.chain(project.shared.values()).filter(|slot| fits(slot));
        let is_named = |other: &SlotSpec| {
            let mut names = other.entities.iter();
            names.any(|name| slot.entities.contains(name))
        };
        (fits(slot) && alike.all(is_named)).then(|| code.clone())
    }

    /// A number that is all of a message, but for courtesy, is an hour to whom a time was asked, and one of several to others:
    /// "eight", "let's say 10".
    fn hour_alone(&self, slot: &SlotSpec, entity: &Entity) -> Option<Value> {
        let Input::Heard(heard) = &self.input else {
            return None;
        };
        let place = entity.start?..entity.end?;
        let rest = [heard.text.get(..place.start)?, heard.text.get(place.end..)?];
        let (rest, speech) = (rest.join(" "), &self.project().speech);
        let is_all = rest.trim().is_empty() || speech.nods.are_all(&rest, &speech.small);
        if entity.name.as_str() != "number" || !is_all {
            return None;
        }
        let said = Value::from_json(SlotType::Integer, &entity.value)?;
        match (slot.kind, &said) {
            (SlotType::Time, said) => self.read(slot, &said.to_json().to_string()).ok(),
            (SlotType::Choice, Value::Integer(hour)) => {
                let option = slot.option_of_number(usize::try_from(*hour).ok()?)?;
                Some(Value::Choice(option.value.clone()))
            }
            _ => None,
        }
    }

    /// An entity that is meant for the slot that is asked for, and does not fit.
    pub(super) fn misfitting_entity(&self, slot: &SlotSpec) -> Option<crate::slot::Misfit> {
        let today = self.now().date();
        let mut values = self
            .entities
            .iter()
            .filter_map(|entity| self.value_for(slot, entity, true));
        values.find_map(|value| slot.accept(value, today).err())
    }
}

/// A slot has taken an entity: what it has no use for stays, such as the hour of "tomorrow at 7".
pub(super) fn take_from(entities: &mut Vec<Entity>, index: usize, slot: &SlotSpec) {
    let Some(entity) = entities.get_mut(index) else {
        return;
    };
    match left(slot.kind, &entity.value) {
        Some(left) => entity.value = left,
        None => drop(entities.remove(index)),
    }
}

impl SlotSpec {
    /// The value of its type that an entity has, if it is one for this slot.
    pub(super) fn takes(&self, entity: &Entity, is_asked: bool) -> Option<Value> {
        let is_named = self.entities.contains(&entity.name);
        let is_built_in = is_asked && self.built_in() == Some(entity.name.as_str());
        let is_its_role = self.role.is_none() || self.role == entity.role;
        ((is_named || is_built_in) && is_its_role)
            .then(|| Value::from_json(self.kind, &entity.value))
            .flatten()
    }
}
