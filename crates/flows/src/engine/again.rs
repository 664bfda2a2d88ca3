//! "And CD5678?": a flow that is over, wanted again for another value; and messages that are a value and no more.

use super::{
    input::{Entity, Heard},
    record::Why,
    turn::Turn,
};
use crate::name::{FlowName, IntentName};

/// "And what about CD5678?" has no more words than this.
pub(super) const FEW: usize = 5;

/// What a number is called that is no more than that.
pub(super) const NUMBER: &str = "number";

impl Turn<'_> {
    /// In a few words that surely mean nothing else, somebody says a value while nothing runs: of what they wanted before,
    /// the last flow that asks for such a value begins again with it.
    pub(super) fn begin_again(&mut self, heard: &Heard) -> bool {
        if !self.state.stack.is_empty() {
            return false;
        }
        let Some((flow, intent)) = self.wanted_again(heard) else {
            return false;
        };
        self.start_flow(&flow, Why::Intent(intent), heard.who.clone());
        true
    }

    /// The flow, and what it is wanted by, of which a few words say another value.
    pub(super) fn wanted_again(&self, heard: &Heard) -> Option<(FlowName, IntentName)> {
        if heard.text.split_whitespace().count() > FEW {
            return None;
        }
        let project = self.projects.current();
        let refused = project.wanted.refused(&heard.text, &project.speech.small);
        let (refused, _) = refused.unwrap_or_default();
        let mut done = self.state.done.iter().rev();
        done.find_map(|done| {
            let flow = project.flow(&done.flow).filter(|_| done.of == heard.who)?;
            let intent = flow.intents.first()?;
            if refused.contains(&intent.value) {
                return None;
            }
            let mut asked = flow.fillable(project).filter(|slot| flow.asks(&slot.name));
            let is_said = asked.any(|slot| self.entity_for(slot, false).is_some());
            is_said.then(|| (done.flow.clone(), intent.value.clone()))
        })
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
