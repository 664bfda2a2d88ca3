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
    moment,
    name::SlotName,
    project::{FlowSpec, Project},
    slot::{ChoiceSpec, FEW_BEFORE, Nod, SlotSpec, folded},
    value::Value,
};

/// How something that is offered was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// By what it is called, or where it stands, with few other words.
    Plainly,
    /// With words that are neither of its own nor courtesy: "9:00 is too early" chooses nothing, and "9:00 would be great" does.
    Hardly,
    /// With words of another: "10:30 with Ann" where that hour is Bob's.
    WithAnother,
}

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
        slot.offering(|list| self.state.slot(list.as_str()))
    }

    /// The same for the flow at a place of the stack.
    pub(super) fn offered_at(
        &self,
        frame: usize,
        (project, flow): (&Project, &FlowSpec),
        slot: &SlotName,
    ) -> Option<SlotSpec> {
        let spec = project.slot(flow, slot.as_str())?;
        let offered = spec.offering(|list| self.value_at(frame, list));
        Some(offered.into_owned())
    }

    /// Whether what is to be asked for was said when there was nothing to choose from yet: that is the answer, if it is offered.
    pub(super) fn was_said_before_it_was_offered(&mut self, slot: &SlotName) -> bool {
        let spec = self.spec(slot);
        let is_from_list = spec.is_some_and(|spec| spec.from.is_some());
        is_from_list && self.fill_from_kept() && self.state.slot(slot.as_str()).is_some()
    }

    /// How one of a list was chosen: by more than its name or its place, it may hardly be meant.
    pub(super) fn how_chosen(&self, slot: &SlotSpec, value: &Value, heard: &Heard) -> Chosen {
        let small = &self.project().speech.small;
        let place = || small.place_in_list(&heard.text, slot.choices.len());
        let option = slot.option(value).filter(|_| slot.from.is_some());
        let Some(option) = option
            .filter(|_| place().is_none())
            .filter(|_| !self.says_nothing_else(heard, slot))
        else {
            return Chosen::Plainly;
        };
        let own = self.own_words(slot, option, heard);
        let said = self.telling_words(heard);
        let is_own = |word: &String| own.contains(word);
        let others = slot.choices.iter().filter(|other| *other != option);
        let others: Vec<String> = others.map(|other| folded(other.shown())).collect();
        let is_of_another = |word: &&String| {
            let mut others = others.iter();
            others.any(|label| label.split(' ').any(|own| own == *word))
        };
        if said
            .iter()
            .filter(|word| !is_own(word))
            .any(|word| is_of_another(&word))
        {
            return Chosen::WithAnother;
        }
        let first = said.iter().position(is_own);
        let (before, behind) = said.split_at(first.unwrap_or(said.len()));
        let is_denied = before.iter().any(|word| small.negate(word));
        let is_asked = heard.text.trim_end().ends_with('?');
        let has_more = before.len() > FEW_BEFORE || !behind.iter().all(is_own);
        if is_asked || is_denied || has_more {
            Chosen::Hardly
        } else {
            Chosen::Plainly
        }
    }

    /// The words of an option's label, of the time by which it was chosen, and of the question.
    fn own_words(&self, slot: &SlotSpec, option: &ChoiceSpec, heard: &Heard) -> Vec<String> {
        let speech = &self.project().speech;
        let times = heard.entities.iter();
        let times = times.filter(|entity| moment::is_at_a_time(&entity.value));
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
            let value = self.value_at(at, &slot.name)?;
            let offered = slot.offering(|list| self.value_at(at, list));
            Some((slot.name.clone(), offered.option(value)?.clone()))
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
        if chosen.is_empty() {
            return;
        }
        let stays = self.chosen_from(frame, list);
        for (slot, _) in chosen.iter().filter(|own| !stays.contains(own)) {
            self.set_at(frame, slot, None, Origin::Dependence, None);
        }
    }
}
