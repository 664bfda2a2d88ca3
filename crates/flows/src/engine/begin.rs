//! Flows begin: how many at once, and what becomes of one that runs already.

use super::{
    frame::{Frame, Waiting},
    record::{Outcome, Recorded, Why},
    turn::Turn,
};
use crate::{
    name::{FlowName, Who},
    project::{FlowSpec, Op},
};

/// More flows of one person than this do not run at once: a further one ends the oldest of these.
const MOST_OF_ONE: usize = 8;

/// Nor do more of those that events have begun: a further one ends the oldest of these, and people find place beside them.
const MOST_OF_NOBODY: usize = 24;

/// Nor do more than this of all people together.
const MOST: usize = 32;

/// Timers that a conversation's flows wait for at once, with the one that watches the silence.
pub const MOST_AWAITED: usize = MOST + 1;

impl Turn<'_> {
    /// Whether a flow runs already that is wanted: it goes on. Where it waits for a time or an event, it begins once more
    /// beside that, but for one that would be the same again: that waits on.
    pub(super) fn runs_already(&mut self, name: &FlowName, why: &Why, of: Option<&Who>) -> bool {
        let frames = self.state.stack.iter().enumerate();
        let same: Vec<(usize, usize)> = frames
            .filter(|(_, frame)| {
                let is_theirs = self.may_answer(frame.of.as_ref(), of);
                is_theirs && frame.flow == *name && frame.why != Why::Called
            })
            // Above it may stand what it has called: the question is there.
            .map(|(root, _)| (root, self.state.end_of_chain(root)))
            .collect();
        let waits = |end: usize| {
            let frame = self.state.stack.get(end);
            frame.is_some_and(|frame| matches!(frame.waiting, Waiting::Outside { .. }))
        };
        if let Some((_, end)) = same.iter().rfind(|(_, end)| !waits(*end)) {
            if self.asks_above(end + 1, of) {
                self.say("convene.dropped");
            }
            self.end_theirs_above(end + 1, of, Outcome::Dropped);
            self.raise_to_top(*end);
            self.came_back = true;
            self.fill_from_entities();
            return true;
        }
        let is_wish = !matches!(why, Why::Event(_));
        let is_anew = |root: usize| match why {
            Why::Intent(_) => self.asks_anew(root) || self.is_said_otherwise(root),
            _ => self.is_said_otherwise(root),
        };
        let waits = same.iter().any(|(root, _)| !is_anew(*root));
        if is_wish && waits {
            self.say("convene.waits");
            self.came_back = true;
        }
        is_wish && waits
    }

    /// Whether a flow of theirs asks for something above so many: a menu alone, as of a greeting, is nothing that is missed.
    fn asks_above(&self, count: usize, of: Option<&Who>) -> bool {
        let frames = self.state.stack.iter().enumerate().skip(count);
        let mut asking = frames.filter(|(_, frame)| frame.question().is_some());
        asking.any(|(index, _)| {
            let flow = self.flow_at(self.state.root_of(index));
            self.may_end(index, of) && flow.is_some_and(|(_, flow)| !flow.slots.is_empty())
        })
    }

    /// Whether a flow that begins once more asks for something of its own, and so may be about something else.
    fn asks_anew(&self, frame: usize) -> bool {
        self.flow_at(frame).is_some_and(|(_, flow)| {
            flow.steps.iter().any(|step| match &step.op {
                Op::Ask { slot, again, .. } => *again || flow.slots.contains_key(&slot.value),
                Op::Choose { .. } | Op::Flow { .. } => true,
                _ => false,
            })
        })
    }

    /// Whether another value was said for a slot that a flow asks for and has filled.
    pub(super) fn is_said_otherwise(&self, frame: usize) -> bool {
        let Some((project, flow)) = self.flow_at(frame) else {
            return false;
        };
        let mut asked = flow.asked(project);
        asked.any(|slot| {
            let said = self.entity_for(slot, false);
            let before = self.value_at(frame, &slot.name);
            said.is_some_and(|(_, said)| before.is_some_and(|before| *before != said))
        })
    }

    /// Whether there is room for another flow of this person. Where they have too many, their oldest ends.
    pub(super) fn makes_room(&mut self, of: Option<&Who>) -> bool {
        let is_theirs = |frame: &Frame| !frame.is_nobodys() && frame.of.as_ref() == of;
        self.makes_room_among(is_theirs, MOST_OF_ONE)
    }

    /// The same for a flow that an event begins.
    pub(super) fn makes_room_for_event(&mut self) -> bool {
        self.makes_room_among(Frame::is_nobodys, MOST_OF_NOBODY)
    }

    fn makes_room_among(&mut self, is_own: impl Fn(&Frame) -> bool, most: usize) -> bool {
        loop {
            let frames = &self.state.stack;
            // With all that it has called, a flow is one.
            let mut roots: Vec<_> = (0..frames.len())
                .map(|frame| self.state.root_of(frame))
                .collect();
            roots.dedup();
            let count = roots.len();
            let own = roots.into_iter();
            let own: Vec<_> = own
                .filter(|root| frames.get(*root).is_some_and(&is_own))
                .collect();
            if count < MOST && own.len() < most {
                return true;
            }
            let Some(root) = own.first().copied() else {
                return false;
            };
            self.end_whole(self.state.end_of_chain(root), root, Outcome::Dropped);
        }
    }

    /// Starts a flow on top of what runs. If it runs already and has a question open, what stands
    /// above it is dropped, and it goes on.
    /// What others have begun stays as it is.
    pub(super) fn start_flow(&mut self, name: &FlowName, why: Why, of: Option<Who>) {
        let Some(flow) = self.projects.current().flow(name) else {
            return;
        };
        if self.runs_already(name, &why, of.as_ref()) {
            return;
        }
        if !self.makes_room(of.as_ref()) {
            return self.say("convene.too_much");
        }
        let intent = match &why {
            Why::Intent(intent) => Some(intent.clone()),
            _ => None,
        };
        self.begin_flow(flow, why, of);
        if let Some(intent) = intent {
            self.wish_for_each_part(&intent);
            self.wish_for_each(&intent);
        }
        self.fill_from_entities();
    }

    /// Begins a flow on top of what runs.
    pub(super) fn begin_flow(&mut self, flow: &FlowSpec, why: Why, of: Option<Who>) {
        self.record(Recorded::FlowStarted {
            flow: flow.name.clone(),
            version: flow.version.clone(),
            why,
            of,
            returns: std::collections::BTreeMap::new(),
        });
    }
}
