//! What is said anew of earlier answers: those of the flow on top, and of those that have called it.

use std::mem::take;

use super::{
    input::{Entity, Input},
    meant::Meant,
    turn::Turn,
};
use crate::{folder::SlotType, name::SlotName, slot::SlotSpec, value::Value};

/// A slot, and what it is set to; without a value: to be asked for again.
pub(super) type Told = (SlotName, Option<Value>);

/// How something is said of earlier answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It is said that something was wrong.
    Wrong,
    /// In passing.
    Passing,
    /// In a message that is another wish: what is a part of that corrects nothing.
    Beside,
}

impl Meant {
    /// How a message says what it says of earlier answers.
    pub(super) fn tone(&self) -> Tone {
        match (self.correct, self.wants.is_empty()) {
            (true, _) => Tone::Wrong,
            (false, true) => Tone::Passing,
            (false, false) => Tone::Beside,
        }
    }
}

/// What was said anew of the earlier answers of a flow.
#[derive(Debug)]
pub(super) struct Corrections {
    /// The flow: the one on top, or one that has called it.
    pub(super) frame: usize,
    /// Those that have another value now.
    pub(super) anew: Vec<Told>,
    /// Whether one was said to be what it is.
    pub(super) is_restated: bool,
    /// What was asked for and said in the same breath, where a flow goes back: it stays, whatever it depends on.
    pub(super) beside: Option<(SlotName, Value)>,
}

impl Corrections {
    /// Of one answer, and nothing else.
    pub(super) fn of(frame: usize, told: Told) -> Self {
        Self {
            frame,
            anew: vec![told],
            is_restated: false,
            beside: None,
        }
    }
}

impl Turn<'_> {
    /// What was said anew of earlier answers: by entities, and, where it is said that something was wrong, by words that can be
    /// nothing else. The flow on top has the first right to it, then whichever has called it.
    pub(super) fn corrections(&mut self, tone: Tone, asked: &SlotName) -> Corrections {
        let entities = take(&mut self.entities);
        let is_apart = |entity: &Entity| {
            let is_within = tone == Tone::Beside && self.is_within_a_wish(entity);
            !is_within && !self.is_a_time_taken_back(entity)
        };
        let (own, within) = entities.into_iter().partition(is_apart);
        self.entities = own;
        let said = self.told_anew(tone == Tone::Wrong, asked);
        self.entities.extend(within);
        said
    }

    fn told_anew(&mut self, is_wrong: bool, asked: &SlotName) -> Corrections {
        let mut said = Corrections {
            frame: self.state.stack.len().saturating_sub(1),
            anew: Vec::new(),
            is_restated: false,
            beside: None,
        };
        for frame in self.state.chain() {
            if !said.anew.is_empty() {
                break;
            }
            said.frame = frame;
            self.told_by_entities(is_wrong, asked, &mut said);
        }
        if said.anew.is_empty()
            && let Some((frame, told)) = self.told_by_name(is_wrong, asked)
        {
            (said.frame, said.anew) = (frame, vec![told]);
        }
        let chain = self.state.chain().filter(|_| is_wrong);
        for frame in chain {
            if !said.anew.is_empty() {
                break;
            }
            said.frame = frame;
            let read = self.read_earlier(frame, asked);
            let (same, other): (Vec<_>, Vec<_>) = read.partition(|(_, is_same)| *is_same);
            said.is_restated |= !same.is_empty();
            said.anew
                .extend(other.into_iter().next().map(|(told, _)| told));
        }
        said
    }

    /// "Change the number of pieces to 4": an earlier answer that is named, with words in which another value of it can be read.
    fn told_by_name(&self, is_wrong: bool, asked: &SlotName) -> Option<(usize, Told)> {
        let Input::Heard(heard) = &self.input else {
            return None;
        };
        let is_free = self.spec(asked).is_some_and(|spec| spec.takes_any_words());
        if is_free && !is_wrong {
            return None;
        }
        self.answered_earlier(asked).find_map(|(frame, spec)| {
            let is_said = can_be_found(&spec) && self.is_named(&spec, &heard.text);
            let value = self.read(&spec, &heard.text).ok().filter(|_| is_said)?;
            let is_anew = self.value_at(frame, &spec.name) != Some(&value);
            is_anew.then_some((frame, (spec.name, Some(value))))
        })
    }

    pub(super) fn told_by_entities(
        &mut self,
        is_wrong: bool,
        asked: &SlotName,
        said: &mut Corrections,
    ) {
        let mut restated: Vec<(SlotSpec, Value)> = Vec::new();
        for slot in self.answered_but(said.frame, asked) {
            let Some(spec) = self.spec_at(said.frame, &slot) else {
                continue;
            };
            if !is_wrong && self.is_for_a_called_flow(said.frame, &spec) {
                continue;
            }
            let Some(value) = self.take_entity(&spec, is_wrong) else {
                continue;
            };
            if self.value_at(said.frame, &slot) == Some(&value) {
                said.is_restated = true;
                restated.push((spec, value));
            } else {
                said.anew.push((slot, Some(value)));
            }
        }
        // What was said once more stays, though it depends on what is another now: "tuesday at 9".
        let is_on = |spec: &SlotSpec| {
            let mut on = spec.depends_on.iter();
            on.any(|other| said.anew.iter().any(|(slot, _)| *slot == other.value))
        };
        restated.retain(|(spec, _)| is_on(spec));
        let restated = restated.into_iter();
        let restated = restated.map(|(spec, value)| (spec.name, Some(value)));
        said.anew.extend(restated);
    }

    /// Whether what was said for a slot of a flow would fill one that is empty yet of those that it has called.
    pub(super) fn is_for_a_called_flow(&self, frame: usize, slot: &SlotSpec) -> bool {
        let Some((index, _)) = self.entity_for(slot, false) else {
            return false;
        };
        let mut called = self.state.chain().take_while(|above| *above != frame);
        self.entities.get(index).is_some_and(|entity| {
            called.any(|above| {
                self.flow_at(above).is_some_and(|(project, flow)| {
                    let mut empty = flow
                        .fillable(project)
                        .filter(|slot| self.value_at(above, &slot.name).is_none());
                    empty.any(|slot| slot.takes(entity, false).is_some())
                })
            })
        })
    }

    /// The answers of a flow of which words say a value, the last first, and whether it is the one that they have: answers that
    /// were chosen, or look as their pattern says.
    pub(super) fn read_earlier(
        &self,
        frame: usize,
        asked: &SlotName,
    ) -> impl Iterator<Item = (Told, bool)> {
        let said = match &self.input {
            Input::Heard(heard) => heard.text.as_str(),
            _ => "",
        };
        self.answered_but(frame, asked)
            .into_iter()
            .filter_map(move |slot| {
                let spec = self.spec_at(frame, &slot)?;
                let can_be_told = match spec.kind {
                    SlotType::Text => !spec.takes_any_words(),
                    SlotType::Choice | SlotType::Email => true,
                    _ => false,
                };
                let value = self.read(&spec, said).ok().filter(|_| can_be_told)?;
                let is_same = self.value_at(frame, &slot) == Some(&value);
                Some(((slot, Some(value)), is_same))
            })
    }

    /// Every earlier answer with its flow: of the one on top first, and then of whichever has called it.
    pub(super) fn answered_earlier(
        &self,
        asked: &SlotName,
    ) -> impl Iterator<Item = (usize, SlotSpec)> {
        self.state.chain().flat_map(move |frame| {
            let answered = self.answered_but(frame, asked).into_iter();
            answered.filter_map(move |slot| Some((frame, self.spec_at(frame, &slot)?)))
        })
    }

    /// The slots of a flow that people have filled, but for the one that is asked for: the last one first, and at last those
    /// that the flow did not ask for since they were known before it began.
    pub(super) fn answered_but(&self, frame: usize, asked: &SlotName) -> Vec<SlotName> {
        let (Some(own), Some((project, flow))) = (self.state.stack.get(frame), self.flow_at(frame))
        else {
            return Vec::new();
        };
        let here = own.index_in(flow);
        let is_behind = |slot: &SlotName| flow.step_that_asks(slot) < here;
        let known = project.shared.keys().filter(|slot| {
            let filled = self.state.filled_at(frame, slot.as_str());
            filled.is_some_and(|filled| filled.from.is_person())
                && flow.asks(slot)
                && is_behind(slot)
                && !own.answered.contains(slot)
        });
        let answered = own.answered.iter().rev().chain(known);
        let is_earlier =
            |slot: &&SlotName| *slot != asked && !self.is_of_a_lap_to_come(frame, slot);
        answered.filter(is_earlier).cloned().collect()
    }
}

/// Whether a value of a slot can be found within other words.
fn can_be_found(slot: &SlotSpec) -> bool {
    match slot.kind {
        SlotType::Number
        | SlotType::Integer
        | SlotType::Money
        | SlotType::Email
        | SlotType::Phone => true,
        SlotType::Text => !slot.takes_any_words(),
        SlotType::Boolean | SlotType::Date | SlotType::Time | SlotType::Choice | SlotType::List => {
            false
        }
    }
}
