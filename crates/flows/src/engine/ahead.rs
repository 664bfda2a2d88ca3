//! Out of turn where flows call others: what is said is for those, too, that have called the flow on top, and is kept for those
//! that will be called.

use super::{
    entities::take_from,
    input::Entity,
    record::{About, Origin, Recorded},
    turn::Turn,
};
use crate::{
    moment,
    name::SlotName,
    project::{FlowSpec, StepSpec},
    slot::SlotSpec,
};

/// Bytes of what is kept for flows that are not called yet.
const MOST_KEPT: usize = 1 << 10;

impl Turn<'_> {
    /// Fills slots that are empty yet of the flows that have called the one on top. Whether some were.
    pub(super) fn fill_callers(&mut self) -> bool {
        let who = self.input.who().cloned();
        let mut is_filled = false;
        for frame in self.state.chain().skip(1) {
            let Some((project, flow)) = self.flow_at(frame) else {
                continue;
            };
            for slot in flow.fillable(project) {
                if self.value_at(frame, &slot.name).is_none()
                    && let Some(slot) = self.offered_at(frame, (project, flow), &slot.name)
                    && !slot.offers_nothing()
                    && let Some(value) = self.take_entity(&slot, false)
                {
                    self.set_at(
                        Some(frame),
                        &slot.name,
                        Some(value),
                        Origin::Entity,
                        who.as_ref(),
                    );
                    is_filled = true;
                }
            }
        }
        is_filled
    }

    /// Keeps what was said for flows that are still to be called, and of what there is nothing to choose from yet. Whether there was
    /// any.
    pub(super) fn keep_for_called(&mut self) -> bool {
        let mut found = Vec::new();
        for frame in self.state.chain() {
            let (Some(own), Some((project, flow))) =
                (self.state.stack.get(frame), self.flow_at(frame))
            else {
                continue;
            };
            let called = flow.called_behind(own.index_in(flow)).cloned();
            let called = project.with_called(called);
            let asked = called.flat_map(|flow| flow.asked(project));
            for slot in asked {
                if let Some((index, _)) = self.entity_for(slot, false) {
                    found.push(self.entities.remove(index));
                }
            }
            let to_choose = flow.fillable(project).filter(|slot| {
                let is_open = self.value_at(frame, &slot.name).is_none();
                is_open && slot.from.is_some() && !self.is_asked_for(&slot.name)
            });
            for slot in to_choose.collect::<Vec<_>>() {
                let is_for_it = |one: &Entity| {
                    self.value_for(slot, one, false).is_some() || moment::is_at_an_hour(&one.value)
                };
                let said = self.entities.iter().enumerate();
                let mut said = said.filter(|(_, one)| is_for_it(one));
                // Of several nobody knows which is meant.
                if let (Some((index, _)), None) = (said.next(), said.next()) {
                    found.push(self.entities.remove(index));
                }
            }
        }
        if found.is_empty() {
            return false;
        }
        let (root, mut kept) = self.kept();
        for entity in found {
            let is_other = |other: &Entity| other.name != entity.name || other.role != entity.role;
            kept.retain(is_other);
            kept.push(entity.without_place());
        }
        let size = |kept: &[Entity]| serde_json::to_vec(kept).map_or(0, |json| json.len());
        while size(&kept) > MOST_KEPT {
            kept.remove(0);
        }
        self.record(Recorded::EntitiesKept {
            frame: root,
            entities: kept,
        });
        true
    }

    /// A flow was called that asks for what was kept, or there is something to choose now: it fills empty slots. Whether it does.
    pub(super) fn fill_from_kept(&mut self) -> bool {
        let (root, mut kept) = self.kept();
        let Some((project, flow)) = self.top().filter(|_| !kept.is_empty()) else {
            return false;
        };
        let who = self.frame().and_then(|frame| frame.of.clone());
        let mut changed = false;
        let asked = flow.asked(project);
        for slot in asked {
            let slot = self.as_offered(slot);
            let slot = slot.as_ref();
            let is_known = flow.slots.contains_key(&slot.name) && self.value(slot).is_some();
            let value = |entity: &Entity| {
                let value = self.said_for(slot, entity, slot.from.is_some())?;
                slot.accept(value, self.now().date()).ok()
            };
            let mut said = kept.iter().enumerate();
            let said = said.find_map(|(index, entity)| Some((index, value(entity)?)));
            if let Some((index, value)) = said.filter(|_| !is_known) {
                changed = true;
                take_from(&mut kept, index, slot);
                self.set(&slot.name, Some(value), Origin::Entity, who.as_ref());
            }
        }
        if changed {
            self.record(Recorded::EntitiesKept {
                frame: root,
                entities: kept,
            });
        }
        changed
    }

    /// A choice is made: what was kept for it is no later answer to it.
    pub(super) fn let_go_of_what_is_kept_for(&mut self, slot: &SlotSpec) {
        if slot.from.is_none() {
            return;
        }
        let (root, kept) = self.kept();
        let is_other = |entity: &Entity| slot.takes(entity, true).is_none();
        let others: Vec<_> = kept.iter().filter(|one| is_other(one)).cloned().collect();
        if others.len() < kept.len() {
            self.record(Recorded::EntitiesKept {
                frame: root,
                entities: others,
            });
        }
    }

    fn is_asked_for(&self, slot: &SlotName) -> bool {
        let question = self.state.question();
        question.is_some_and(|question| question.about == About::Slot(slot.clone()))
    }

    /// What is kept by the flow that has called those above it, and where that stands.
    fn kept(&self) -> (usize, Vec<Entity>) {
        let root = self.state.chain().last().unwrap_or_default();
        let frame = self.state.stack.get(root);
        (
            root,
            frame.map(|frame| frame.said.clone()).unwrap_or_default(),
        )
    }
}

impl FlowSpec {
    /// The flows that steps behind this one call; without one: all steps.
    fn called_behind(&self, step: Option<usize>) -> impl Iterator<Item = &crate::name::FlowName> {
        let from: Vec<usize> = match step.and_then(|step| self.steps.get(step)) {
            Some(step) => step.followers().collect(),
            None => vec![0],
        };
        let ahead = self.reached(from, None).into_iter();
        let ahead = ahead.filter_map(|index| self.steps.get(index));
        ahead.filter_map(StepSpec::called)
    }
}
