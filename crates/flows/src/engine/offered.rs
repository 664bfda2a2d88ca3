//! Choices whose values come from a list: what there is to choose where a question is asked, and what becomes of what was chosen
//! when the list is another one.

use std::borrow::Cow;

use super::{
    input::{Entity, Heard, Input},
    record::Origin,
    turn::Turn,
};
use crate::{
    folder::SlotType,
    name::SlotName,
    project::{FlowSpec, Project},
    slot::{ChoiceSpec, Nod, SlotSpec, folded},
    value::Value,
};

/// So many words lead to what is chosen: "I would rather take the one with Ann".
const FEW: usize = 3;

impl Turn<'_> {
    /// A slot that the flow on top sees, with what there is to choose now.
    pub(super) fn offered(
        &self,
        project: &Project,
        flow: &FlowSpec,
        slot: &SlotName,
    ) -> Option<SlotSpec> {
        let spec = project.slot(flow, slot.as_str())?;
        Some(self.as_offered(spec).into_owned())
    }

    /// The same for one that was found.
    pub(super) fn as_offered<'s>(&self, slot: &'s SlotSpec) -> Cow<'s, SlotSpec> {
        match &slot.from {
            None => Cow::Borrowed(slot),
            Some(list) => Cow::Owned(slot.clone().offering(self.state.slot(list.as_str()))),
        }
    }

    /// The same for the flow at a place of the stack.
    pub(super) fn offered_at(
        &self,
        frame: usize,
        (project, flow): (&Project, &FlowSpec),
        slot: &SlotName,
    ) -> Option<SlotSpec> {
        let spec = project.slot(flow, slot.as_str())?.clone();
        let list = spec.from.as_ref();
        let list = list.and_then(|list| self.value_at(frame, list));
        Some(spec.offering(list))
    }

    /// Whether what is to be asked for was said when there was nothing to choose from yet: that is the answer, if it is offered.
    pub(super) fn was_said_before_it_was_offered(&mut self, slot: &SlotName) -> bool {
        let spec = self.spec(slot);
        let is_from_list = spec.is_some_and(|spec| spec.from.is_some());
        is_from_list && self.fill_from_kept() && self.state.slot(slot.as_str()).is_some()
    }

    /// Whether one of a list was said with words that are neither of its own nor courtesy: "9:00 is too early" chooses nothing, and
    /// "9:00 would be great" does. Which it is, is asked.
    pub(super) fn is_hardly_chosen(&self, slot: &SlotSpec, value: &Value, heard: &Heard) -> bool {
        let Some(option) = self.option_in_words(slot, value, heard) else {
            return false;
        };
        let own = self.own_words(slot, option, heard);
        let is_own = |word: &str| own.iter().any(|own| own == word);
        let said = self.telling_words(heard);
        let first = said.iter().position(|word| is_own(word));
        let (before, behind) = said.split_at(first.unwrap_or(said.len()));
        let small = &self.project().speech.small;
        let is_denied = before.iter().any(|word| small.negate(word));
        let is_asked = heard.text.trim_end().ends_with('?');
        is_asked || before.len() > FEW || is_denied || behind.iter().any(|word| !is_own(word))
    }

    /// Whether words that choose one of a list are of another one, too: "10:30 with Ann" where that hour is Bob's.
    pub(super) fn names_another(&self, slot: &SlotSpec, value: &Value, heard: &Heard) -> bool {
        let Some(option) = self.option_in_words(slot, value, heard) else {
            return false;
        };
        let own = self.own_words(slot, option, heard);
        let others = slot.choices.iter().filter(|other| *other != option);
        let others: Vec<String> = others.map(|other| folded(other.shown())).collect();
        let is_of_another = |word: &String| {
            let mut others = others.iter();
            !own.contains(word) && others.any(|label| label.split(' ').any(|own| own == word))
        };
        self.telling_words(heard).iter().any(is_of_another)
    }

    /// The option of a list that was chosen by more than its name or its place.
    fn option_in_words<'s>(
        &self,
        slot: &'s SlotSpec,
        value: &Value,
        heard: &Heard,
    ) -> Option<&'s ChoiceSpec> {
        let Value::Choice(chosen) = value else {
            return None;
        };
        let mut options = slot.choices.iter().filter(|_| slot.from.is_some());
        let option = options.find(|option| option.value == *chosen)?;
        let small = &self.project().speech.small;
        let place = small.place_in_list(&heard.text, slot.choices.len());
        let is_plain = place.is_some() || self.says_nothing_else(heard, slot);
        (!is_plain).then_some(option)
    }

    /// The words of an option's label, of the time by which it was chosen, and of the question.
    fn own_words(&self, slot: &SlotSpec, option: &ChoiceSpec, heard: &Heard) -> Vec<String> {
        let speech = &self.project().speech;
        let times = heard.entities.iter();
        let times = times.filter(|entity| SlotSpec::is_a_moment(&entity.value));
        let times = times.filter_map(|entity| heard.text.get(entity.start?..entity.end?));
        let own = times.chain([option.shown()]).map(folded);
        let asked = speech.words_of(slot.ask.as_str(), || self.spoken());
        own.flat_map(|own| own.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>())
            .chain(asked)
            .collect()
    }

    /// The words of a message without those that say nothing beside a choice.
    fn telling_words(&self, heard: &Heard) -> Vec<String> {
        let speech = &self.project().speech;
        let small = &speech.small;
        let says_nothing = |word: &str| {
            small.are_courtesy(word)
                || small.joining.iter().any(|one| one == word)
                || speech.nods.said(word, small).nod == Nod::Yes
        };
        let said = folded(&heard.text);
        let said = said.split(' ').filter(|word| !says_nothing(word));
        said.map(ToOwned::to_owned).collect()
    }

    /// The option of a choice that a time means which was said, unless it says a place: "the second" is a day, too.
    pub(super) fn option_of_its_time<'s>(
        &self,
        slot: &'s SlotSpec,
        entity: &Entity,
        is_asked: bool,
    ) -> Option<&'s ChoiceSpec> {
        let is_meant = is_asked || slot.entities.contains(&entity.name);
        if slot.kind != SlotType::Choice || !is_meant {
            return None;
        }
        let small = &self.project().speech.small;
        if let Input::Heard(heard) = &self.input
            && small
                .place_in_list(&heard.text, slot.choices.len())
                .is_some()
        {
            return None;
        }
        let days = self.top().map(|(project, flow)| {
            let slots = flow.slots.values().chain(project.shared.values());
            let days = slots.filter_map(|slot| match self.value(slot)? {
                Value::Date(day) => Some(*day),
                _ => None,
            });
            days.collect::<Vec<_>>()
        });
        slot.option_at(&entity.value, &days.unwrap_or_default())
    }

    /// Whether what there is to choose will be another before it is asked for: a step fills the list on the way.
    pub(super) fn is_offered_anew(&self, flow: &FlowSpec, slot: &SlotSpec) -> bool {
        let fills = slot.from.as_ref();
        let fills = fills.and_then(|list| flow.step_that_fills(&list.value));
        let here = self.frame().map(|frame| frame.index_in(flow).unwrap_or(0));
        let asks = flow.step_that_asks(&slot.name);
        match (fills, here, asks) {
            (Some(fills), Some(here), Some(asks)) if here != asks => {
                here == fills || flow.reached([here], Some(asks)).contains(&fills)
            }
            _ => false,
        }
    }

    /// A question has nothing to choose from: there is no use in asking it.
    pub(super) fn nothing_to_choose(&mut self) {
        let own = self.top().and_then(|(_, flow)| self.own_way_out(flow));
        if own.is_none() {
            self.say("convene.nothing_to_choose");
        }
        self.way_out();
    }

    /// What was chosen from a list that is set, by the flow at a place of the stack.
    pub(super) fn chosen_from(
        &self,
        frame: Option<usize>,
        list: &SlotName,
    ) -> Vec<(SlotName, ChoiceSpec)> {
        let at = frame.or(self.state.stack.len().checked_sub(1));
        let flow = at.and_then(|at| Some((at, self.flow_at(at)?)));
        let Some((at, (project, flow))) = flow else {
            return Vec::new();
        };
        let slots = flow.slots.values().chain(project.shared.values());
        let is_from = |slot: &&SlotSpec| slot.from.as_ref().is_some_and(|from| from.value == *list);
        let chosen = slots.filter(is_from).filter_map(|slot| {
            let Some(Value::Choice(value)) = self.value_at(at, &slot.name) else {
                return None;
            };
            let offered = self.offered_at(at, (project, flow), &slot.name)?;
            let chosen = offered.choices.into_iter();
            let chosen = chosen.into_iter().find(|choice| choice.value == *value);
            Some((slot.name.clone(), chosen?))
        });
        chosen.collect()
    }

    /// A list is another one: what was chosen from it and is not in it any more, as it was, is chosen anew.
    pub(super) fn forget_what_is_not_offered(
        &mut self,
        frame: Option<usize>,
        list: &SlotName,
        chosen: &[(SlotName, ChoiceSpec)],
    ) {
        let stays = self.chosen_from(frame, list);
        for (slot, _) in chosen.iter().filter(|own| !stays.contains(own)) {
            self.set_at(frame, slot, None, Origin::Dependence, None);
        }
    }
}
