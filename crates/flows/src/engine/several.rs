//! "Track AB1234 and CD5678": a wish for each of several values.

use super::{input::Entity, input::Input, record::Recorded, turn::Turn};
use crate::{
    folder::SlotType,
    name::IntentName,
    project::Op,
    slot::{SlotSpec, bare},
};

/// More than so many further values are not one wish each.
pub(super) const MOST: usize = 8;

impl Turn<'_> {
    /// What the flow on top asks for first was said several times, in a list: it is for the first of these, and is wanted once
    /// more for each of the others.
    pub(super) fn wish_for_each(&mut self, intent: &IntentName) {
        let (further, beside) = self.take_further();
        for entity in further {
            let said = std::iter::once(entity).chain(beside.iter().cloned());
            self.wish_once_more(intent, said);
        }
    }

    /// Whether several values of a slot were said for which it was not asked, in a list or as alternatives: nobody knows which is meant.
    pub(super) fn is_one_of_several(&self, slot: &SlotSpec) -> bool {
        let small = &self.project().speech.small;
        let joining = [small.joining.as_slice(), &small.alternatives].concat();
        can_be_listed(slot) && self.listed(slot, &joining).len() > 1
    }

    /// What is wanted is wanted once more, for what was said further on.
    pub(super) fn wish_once_more(
        &mut self,
        intent: &IntentName,
        said: impl IntoIterator<Item = Entity>,
    ) {
        let entities = said.into_iter().map(Entity::without_place).collect();
        self.record(Recorded::IntentQueued {
            intent: intent.clone(),
            of: self.input.who().cloned(),
            entities,
        });
    }

    /// Whether several values of a slot were said in parts of a message that are no list: "where is AB1234, and can you move
    /// CD5678 to friday". Nobody knows which is meant, unless another slot could have the other.
    pub(super) fn says_several_apart(&self, slot: &SlotSpec) -> bool {
        let (Input::Heard(heard), Some((project, flow))) = (&self.input, self.top()) else {
            return false;
        };
        let mut said = Vec::new();
        for entity in self.entities.iter().filter(|one| one.wish.is_none()) {
            let value = self.value_for(slot, entity, false);
            if let (Some(value), Some(start), Some(end)) = (value, entity.start, entity.end) {
                said.push((start, end, value));
            }
        }
        said.sort_by_key(|(start, ..)| *start);
        let are_apart = said.windows(2).any(|pair| {
            let [(_, end, one), (start, _, other)] = pair else {
                return false;
            };
            one != other && self.stand_apart(&heard.text, *end, *start)
        });
        let takes = |other: &SlotSpec| {
            let mut entities = self.entities.iter();
            other.name != slot.name && entities.any(|one| other.takes(one, false).is_some())
        };
        can_be_listed(slot)
            && are_apart
            && !flow.fillable(project).any(|other| {
                takes(other) && other.entities.iter().any(|own| slot.entities.contains(own))
            })
    }

    /// "2 adults and 2 children": two numbers that are alike and count something else each.
    pub(super) fn are_counted_apart(&self, slot: &SlotSpec, one: &Entity, other: &Entity) -> bool {
        let is_counted = matches!(
            slot.kind,
            SlotType::Number | SlotType::Integer | SlotType::Money
        );
        let (Input::Heard(heard), Some(end), Some(start)) = (&self.input, one.end, other.start)
        else {
            return false;
        };
        let between = heard.text.get(end..start).unwrap_or_default();
        is_counted && self.project().speech.small.join(between)
    }

    /// Whether a mark or a joining word stands between two places.
    fn stand_apart(&self, text: &str, end: usize, start: usize) -> bool {
        let between = text.get(end..start).unwrap_or_default();
        between.contains([',', ';', '.', '?', '!']) || self.project().speech.small.join(between)
    }

    /// Takes the further values of a list, and tells what else was said for the flow: that is for each of them.
    fn take_further(&mut self) -> (Vec<Entity>, Vec<Entity>) {
        let Some((project, flow)) = self.top() else {
            return (Vec::new(), Vec::new());
        };
        let mut asked = flow.steps.iter().filter_map(|step| match &step.op {
            Op::Ask { slot, .. } => project.slot(flow, slot.value.as_str()),
            _ => None,
        });
        let Some(slot) = asked.next().filter(|slot| can_be_listed(slot)) else {
            return (Vec::new(), Vec::new());
        };
        let listed = self.listed(slot, &self.project().speech.small.joining);
        let further = listed.get(1..).unwrap_or_default();
        let mut taken = Vec::new();
        for index in further.iter().rev() {
            taken.push(self.entities.remove(*index));
        }
        taken.reverse();
        taken.truncate(MOST);
        let is_beside = |entity: &&Entity| {
            let mut others = flow.fillable(project).filter(|own| own.name != slot.name);
            others.any(|own| self.value_for(own, entity, false).is_some())
        };
        let beside = self.entities.iter().filter(is_beside).cloned();
        (taken, beside.collect())
    }

    /// Where the values of a slot stand that are said one after the other: "AB1234, CD5678 and EF9012".
    fn listed(&self, slot: &SlotSpec, joining: &[String]) -> Vec<usize> {
        let Input::Heard(heard) = &self.input else {
            return Vec::new();
        };
        let mut listed: Vec<usize> = Vec::new();
        let mut values = Vec::new();
        let mut entities: Vec<_> = self.entities.iter().enumerate().collect();
        entities.sort_by_key(|(_, entity)| entity.start);
        let mut before = None;
        for (index, entity) in entities {
            let value = self.value_for(slot, entity, false);
            let value = value.and_then(|value| slot.may_take(value, self.now().date()));
            let (Some(value), Some(start), Some(end)) = (value, entity.start, entity.end) else {
                continue;
            };
            if let Some((first, behind)) = before
                && !is_joined(&heard.text, first, behind..start, joining)
            {
                break;
            }
            before = Some((before.map_or(start, |(first, _)| first), end));
            if !values.contains(&value) {
                values.push(value);
                listed.push(index);
            }
        }
        listed
    }
}

/// What has a name, and not what is measured: "from 3 to 5" is no list.
fn can_be_listed(slot: &SlotSpec) -> bool {
    matches!(slot.kind, SlotType::Text | SlotType::Choice)
}

/// Whether nothing stands between two values but what joins them, and what has led to the first: "where is AB1234 and where
/// is CD5678".
fn is_joined(
    text: &str,
    first: usize,
    between: std::ops::Range<usize>,
    joining: &[String],
) -> bool {
    let (Some(before), Some(between)) = (text.get(..first), text.get(between)) else {
        return false;
    };
    let words = |text: &str| -> Vec<String> {
        let words = text.split_whitespace().map(bare);
        words.filter(|word| !word.is_empty()).collect()
    };
    let has_mark = between.contains([',', ';', '&', '+', '/', '.', '?']);
    let between = words(between);
    let joins = between
        .iter()
        .take_while(|word| joining.contains(word))
        .count();
    (has_mark || joins > 0) && words(before).ends_with(&between[joins..])
}
