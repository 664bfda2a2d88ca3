//! "And CD5678?", "the same again": a flow that is over, wanted once more; and messages that are a value and no more.

use std::collections::BTreeMap;

use super::{
    input::{Entity, Heard},
    record::{Origin, Why},
    turn::Turn,
};
use crate::{
    name::{FlowName, IntentName, SlotName, Who},
    project::{FlowSpec, Op},
    value::Value,
};

/// "And what about CD5678?" has no more words than this.
pub(super) const FEW: usize = 5;

/// What a number is called that is no more than that.
pub(super) const NUMBER: &str = "number";

impl Turn<'_> {
    /// In a few words that surely mean nothing else, somebody says to want something once more, or a value, while nothing runs: of what
    /// they wanted before, the last flow begins again, or the last one that asks for such a value, with it.
    pub(super) fn begin_again(&mut self, heard: &Heard) -> bool {
        if !self.state.stack.is_empty() {
            return false;
        }
        let Some((flow, intent)) = self.wanted_again(heard) else {
            return false;
        };
        let mut said = BTreeMap::new();
        if self.project().speech.again.is_the_same(&heard.text) {
            let mut done = self.state.done.iter();
            let last = done.rfind(|done| done.flow == flow && done.of == heard.who);
            said = last.map(|done| done.said.clone()).unwrap_or_default();
        }
        if self.wants_once_more(heard) {
            // "Another one" is no number.
            self.entities.clear();
        }
        self.start_flow(&flow, Why::Intent(intent), heard.who.clone());
        self.keep_as_it_was(said, heard.who.as_ref());
        true
    }

    /// What was said for a flow is said for it once more, but for what was said otherwise now and what depends on that.
    fn keep_as_it_was(&mut self, said: BTreeMap<SlotName, Value>, who: Option<&Who>) {
        let Some((project, flow)) = self.top() else {
            return;
        };
        let mut rest = said.clone();
        let is_as_it_was = |turn: &Self, slot: &SlotName| {
            let spec = project.slot(flow, slot.as_str());
            let value = spec.and_then(|spec| turn.value(spec));
            !flow.slots.contains_key(slot) || value == said.get(slot)
        };
        loop {
            let mut open = rest.keys().filter_map(|slot| flow.slots.get(slot));
            let next = open.find(|spec| {
                let mut depends = spec.depends_on.iter();
                self.value(spec).is_none() && depends.all(|slot| is_as_it_was(self, &slot.value))
            });
            let Some(slot) = next.map(|spec| spec.name.clone()) else {
                return;
            };
            let value = rest.remove(&slot).map(|value| value.to_json());
            if let Some(value) = value.and_then(|json| self.fitting(flow, &slot, &json)) {
                self.set(&slot, Some(value), Origin::Entity, who);
            }
        }
    }

    /// Whether a message says to want something once more, and nothing else.
    fn wants_once_more(&self, heard: &Heard) -> bool {
        let speech = &self.project().speech;
        speech.again.is_all(&heard.text, &speech.small)
    }

    /// The flow, and what it is wanted by, that a few words want once more, or say another value of.
    pub(super) fn wanted_again(&self, heard: &Heard) -> Option<(FlowName, IntentName)> {
        if heard.text.split_whitespace().count() > FEW {
            return None;
        }
        let project = self.projects.current();
        let refused = project.wanted.refused(&heard.text, &project.speech.small);
        let (refused, _) = refused.unwrap_or_default();
        let done = self.state.done.iter().rev();
        let mut theirs = done.filter(|done| done.of == heard.who).filter_map(|done| {
            let flow = project.flow(&done.flow)?;
            Some((flow, flow.intents.first()?))
        });
        let (flow, intent) = if self.wants_once_more(heard) {
            theirs
                .next()
                .filter(|(flow, _)| does_nothing_unasked(flow))?
        } else {
            theirs.find(|(flow, intent)| {
                let mut asked = flow.asked(project);
                !refused.contains(&intent.value)
                    && asked.any(|slot| self.entity_for(slot, false).is_some())
            })?
        };
        Some((flow.name.clone(), intent.value.clone()))
    }

    /// Whether a message is nothing but entities and courtesy.
    pub(super) fn is_entities_alone(&self, heard: &Heard) -> bool {
        let rest = heard.beside_entities();
        self.project().speech.small.are_courtesy(&rest)
    }

    /// Where a time is asked for, "8" and "after 7" are a try at one, and no number of anything: "4 people" is.
    pub(super) fn drop_bare_numbers(&mut self, heard: &Heard) {
        let small = &self.project().speech.small;
        let is_number = |entity: &Entity| entity.name.as_str() == NUMBER;
        let is_bare = |entity: &Entity| {
            let before = entity.start.and_then(|start| heard.text.get(..start));
            let behind = entity.end.and_then(|end| heard.text.get(end..));
            let others = |text: &str| -> usize {
                let words = text.split_whitespace();
                let is_other =
                    |word: &&str| !word.contains(char::is_numeric) && !small.are_courtesy(word);
                words.filter(is_other).count()
            };
            behind.is_none_or(|text| others(text) == 0)
                && before.is_none_or(|text| others(text) <= 1)
        };
        let (numbers, mut others): (Vec<_>, Vec<_>) =
            self.entities.iter().cloned().partition(is_number);
        if !numbers.iter().any(is_bare) {
            others.clone_from(&self.entities);
        }
        self.entities = others;
    }

    /// Whether a message is nothing but what fills slots, such as an address or an order's number: each of its words but
    /// for courtesy has a digit or an `@`, and an entity was found that a slot names.
    pub(super) fn is_value_alone(&self, heard: &Heard) -> bool {
        let project = self.projects.current();
        let is_ours = || {
            let own = project.flows().flat_map(|flow| flow.slots.values());
            let mut slots = own.chain(project.shared.values());
            slots.any(|slot| {
                let mut entities = heard.entities.iter();
                entities.any(|entity| slot.entities.contains(&entity.name))
            })
        };
        let is_word = |word: &&str| !word.contains(|c: char| c.is_numeric() || c == '@');
        let words: Vec<_> = heard.text.split_whitespace().filter(is_word).collect();
        !heard.entities.is_empty()
            && self.project().speech.small.are_courtesy(&words.join(" "))
            && is_ours()
    }
}

/// Whether a flow asks for something of its own, or calls nobody: "again" may be said by who has not heard something.
fn does_nothing_unasked(flow: &FlowSpec) -> bool {
    let asks = |op: &Op| match op {
        Op::Ask { slot, .. } => flow.slots.contains_key(&slot.value),
        Op::Choose { .. } => true,
        _ => false,
    };
    let calls = |op: &Op| matches!(op, Op::Call(_) | Op::Flow { .. });
    let mut steps = flow.steps.iter().map(|step| &step.op);
    steps.find(|op| asks(op) || calls(op)).is_none_or(asks)
}

impl Heard {
    /// The words of a message beside its entities.
    pub(super) fn beside_entities(&self) -> String {
        let mut rest = String::new();
        let mut behind = 0;
        let places = self.entities.iter();
        for (start, end) in places.filter_map(|entity| entity.start.zip(entity.end)) {
            rest += self.text.get(behind..start).unwrap_or_default();
            rest.push(' ');
            behind = behind.max(end);
        }
        rest += self.text.get(behind..).unwrap_or_default();
        rest
    }
}
