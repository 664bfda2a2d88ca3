//! "A check-up for Ann on monday and a cleaning for Bob on tuesday": parts of a message that are a wish each of the same kind.

use std::mem::take;

use super::{
    input::{Entity, Heard, Input},
    several::MOST,
    turn::Turn,
};
use crate::{
    name::IntentName,
    project::FlowSpec,
    slot::{SlotSpec, bare},
};

/// A word that begins like another and has no more letters than so many beyond it is a form of it: "a" and "an", "ein" and "einen".
const ENDING: usize = 2;

/// What sets a part of a message apart from what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// "And".
    Word,
    /// A comma, or the end of a sentence or a line.
    Mark,
    /// The end of a question or of a call.
    Question,
}

impl Turn<'_> {
    /// Where what is asked for is said anew in a further part of the message, by two values at least, that is a wish of its own.
    pub(super) fn wish_for_each_part(&mut self, intent: &IntentName) {
        let Input::Heard(heard) = &self.input else {
            return;
        };
        let text = heard.text.clone();
        let joints = self.joints(&text);
        let mut parts: Vec<Vec<Entity>> = Vec::new();
        let mut end = text.len();
        for (at, joint) in joints.into_iter().rev() {
            let is_behind = |entity: &Entity| entity.start.is_some_and(|start| start >= at);
            let is_one = self.said_anew(is_behind) >= 2
                && match joint {
                    Joint::Word => true,
                    Joint::Mark => self.says_values_as_before(&text, at..end),
                    Joint::Question => false,
                };
            if !is_one || parts.len() >= MOST {
                continue;
            }
            let (own, further) = take(&mut self.entities)
                .into_iter()
                .partition(|entity| !is_behind(entity));
            self.entities = own;
            parts.push(further);
            end = at;
        }
        if parts.is_empty() {
            return;
        }
        parts.push(take(&mut self.entities));
        parts.reverse();
        self.share_what_is_said_once(&mut parts);
        let mut parts = parts.into_iter();
        self.entities = parts.next().unwrap_or_default();
        for further in parts {
            self.wish_once_more(intent, further);
        }
    }

    /// What stands before or behind all that each part says for itself is for each: "a check-up for Ann and a cleaning for Bob
    /// on tuesday". What stands among it is its part's own.
    fn share_what_is_said_once(&self, parts: &mut [Vec<Entity>]) {
        let Some((project, flow)) = self.top() else {
            return;
        };
        let asked: Vec<_> = flow.asked(project).collect();
        let said = |slot: &SlotSpec, part: &[Entity]| {
            let mut part = part.iter();
            part.any(|entity| self.value_for(slot, entity, false).is_some())
        };
        let (each, once): (Vec<&SlotSpec>, Vec<&SlotSpec>) = asked
            .into_iter()
            .partition(|slot| parts.iter().filter(|part| said(slot, part)).count() > 1);
        let is_for = |slots: &[&SlotSpec], entity: &Entity| {
            let mut slots = slots.iter();
            slots.any(|slot| self.value_for(slot, entity, false).is_some())
        };
        let is_once = |entity: &Entity| is_for(&once, entity) && !is_for(&each, entity);
        let places = |part: &[Entity]| -> Vec<usize> {
            let own = part.iter().filter(|entity| is_for(&each, entity));
            own.filter_map(|entity| entity.start).collect()
        };
        let [first, .., last] = &*parts else {
            return;
        };
        let (begin, end) = (places(first), places(last));
        let (begin, end) = (begin.into_iter().min(), end.into_iter().max());
        let leads = |entity: &&Entity| is_once(entity) && entity.start < begin;
        let trails = |entity: &&Entity| is_once(entity) && entity.start > end;
        let leading: Vec<_> = first.iter().filter(leads).cloned().collect();
        let trailing: Vec<_> = last.iter().filter(trails).cloned().collect();
        for part in parts.iter_mut() {
            let shared = leading.iter().chain(&trailing);
            let missing: Vec<_> = shared.filter(|one| !part.contains(one)).cloned().collect();
            part.extend(missing);
        }
    }

    /// How many slots of those that the flow on top asks for have another value there than before; no more than values stand there
    /// of which that is so, since of two values of one slot each is a wish of its own.
    fn said_anew(&self, is_behind: impl Fn(&Entity) -> bool) -> usize {
        let Some((project, flow)) = self.top() else {
            return 0;
        };
        let asked: Vec<_> = flow.asked(project).collect();
        let value = |slot: &SlotSpec, entity: &Entity| {
            let value = self.value_for(slot, entity, false)?;
            slot.may_take(value, self.now().date())
        };
        let is_anew = |slot: &SlotSpec, entity: &Entity| {
            let Some(said) = value(slot, entity) else {
                return false;
            };
            let before = self.entities.iter().filter(|other| !is_behind(other));
            let mut before = before.filter_map(|other| value(slot, other)).peekable();
            before.peek().is_some() && before.all(|before| before != said)
        };
        let behind = self.entities.iter().filter(|entity| is_behind(entity));
        let behind: Vec<_> = behind.collect();
        let values = behind.iter();
        let values = values.filter(|entity| asked.iter().any(|slot| is_anew(slot, entity)));
        let slots = asked.iter();
        let slots = slots.filter(|slot| behind.iter().any(|entity| is_anew(slot, entity)));
        values.count().min(slots.count())
    }

    /// Where parts of a message begin that joining words, or marks, set apart from those before.
    fn joints(&self, text: &str) -> Vec<(usize, Joint)> {
        let joining = &self.project().speech.small.joining;
        let mut at = 0;
        let mut joints = Vec::new();
        for word in text.split_inclusive(char::is_whitespace) {
            at += word.len();
            let said = word.trim_end();
            let joint = if joining.contains(&bare(word)) {
                Joint::Word
            } else if said.ends_with(['?', '!']) {
                Joint::Question
            } else if said.ends_with([',', ';', '.']) || word.ends_with('\n') {
                Joint::Mark
            } else {
                continue;
            };
            joints.push((at, joint));
        }
        joints
    }

    /// Of several wishes that nobody has told apart in a message, each has what stands in its part of it, where as many parts say a
    /// value that all of them could take: the wishes come in the order of the parts.
    pub(super) fn tell_by_parts(&mut self, heard: &Heard, wants: &[IntentName]) {
        let project = self.projects.current();
        let flows = wants.iter().filter_map(|intent| project.flow_of(intent));
        let flows: Vec<_> = flows.filter_map(|name| project.flow(name)).collect();
        let [first, others @ ..] = flows.as_slice() else {
            return;
        };
        let is_told = self.entities.iter().any(|entity| entity.wish.is_some());
        if others.is_empty() || flows.len() != wants.len() || is_told {
            return;
        }
        let joints = self.joints(&heard.text);
        let takes = |flow: &FlowSpec, entity: &Entity| {
            let mut slots = flow.fillable(project);
            slots.any(|slot| self.said_for(slot, entity, false).is_some())
        };
        let starts = first.fillable(project).find_map(|slot| {
            let said = self.entities.iter().filter(|entity| {
                self.said_for(slot, entity, false).is_some()
                    && others.iter().all(|flow| takes(flow, entity))
            });
            let mut said: Vec<_> = said.collect();
            said.sort_by_key(|entity| entity.start);
            // What stands for itself is one of a list.
            let is_list = said.iter().any(|entity| !self.is_within_a_wish(entity));
            if said.len() != flows.len() || is_list {
                return None;
            }
            let starts = said.windows(2).map(|pair| {
                let between = pair[0].end?..=pair[1].start?;
                let mut joints = joints.iter().map(|(at, _)| *at);
                joints.rfind(|at| between.contains(at))
            });
            starts.collect::<Option<Vec<_>>>()
        });
        let Some(starts) = starts else {
            return;
        };
        for entity in &mut self.entities {
            if let Some(place) = entity.start {
                let part = starts.iter().filter(|start| **start <= place).count();
                entity.wish = wants.get(part).cloned();
            }
        }
    }

    /// Whether a part of a message says values, and no words beside them but such as stand before it, too: what a mark alone
    /// sets apart may be a correction, an alternative or a story.
    fn says_values_as_before(&self, text: &str, part: std::ops::Range<usize>) -> bool {
        let small = &self.project().speech.small;
        let ends = self.entities.iter().filter_map(|one| one.end);
        let value_before = ends.clone().filter(|end| *end <= part.start).max();
        let value_last = ends.filter(|end| *end <= part.end).max();
        let (from, last) = (
            value_before.unwrap_or_default(),
            value_last.unwrap_or_default(),
        );
        let before = text.get(..from).unwrap_or_default();
        let before = before.split_whitespace().map(bare);
        let before: Vec<_> = before.filter(|word| !word.is_empty()).collect();
        let is_form = |one: &str, other: &str| {
            let (short, long) = if one.len() < other.len() {
                (one, other)
            } else {
                (other, one)
            };
            long.starts_with(short) && long.chars().count() - short.chars().count() <= ENDING
        };
        let is_told = |place: usize| {
            let mut all = self.entities.iter();
            all.any(|one| one.start <= Some(place) && Some(place) < one.end)
        };
        let turns = [&small.alternatives, &small.changes, &small.denials];
        let mut at = 0;
        text.split_inclusive(char::is_whitespace).all(|word| {
            let place = at;
            at += word.len();
            let said = bare(word);
            if !(from..part.end).contains(&place) || said.is_empty() || is_told(place) {
                return true;
            }
            let is_turn = turns.iter().any(|words| words.contains(&said));
            let is_known = small.joining.contains(&said)
                || before.iter().any(|word| is_form(word, &said))
                || (place >= last && small.are_courtesy(word));
            is_known && !is_turn
        })
    }
}
