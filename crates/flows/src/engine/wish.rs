//! Wishes: the first begins, and the others when what runs is over.

use super::{
    frame::Frame,
    record::{Recorded, Why},
    state::Wish,
    turn::Turn,
};
use crate::name::IntentName;

impl Turn<'_> {
    /// Starts what is wanted; further wishes wait their turn.
    pub(super) fn want(&mut self, wants: Vec<IntentName>) {
        let mut wants = wants.into_iter();
        self.entities.append(&mut self.aside);
        if let Some(first) = wants.next() {
            self.start_wanted(first);
        }
        self.queue(wants);
    }

    /// A person was asked for, and this is wanted as well: it is said that it follows, when the assistant goes on.
    pub(super) fn want_afterwards(&mut self, wants: Vec<IntentName>) {
        if !wants.is_empty() {
            self.say("convene.queued");
            self.queue(wants);
        }
    }

    /// These are done when what runs is over, with what was said for them.
    pub(super) fn queue(&mut self, wants: impl IntoIterator<Item = IntentName>) {
        let of = self.input.who().cloned();
        for intent in wants {
            let entities = self.take_entities_for(&intent);
            // With another value it is another wish.
            let is_known = |wish: &Wish| {
                let is_same = wish.intent == intent && wish.of == of;
                is_same && (entities.is_empty() || wish.entities == entities)
            };
            if self.state.wishes.iter().any(is_known) {
                continue;
            }
            self.record(Recorded::IntentQueued {
                intent,
                of: of.clone(),
                entities,
            });
        }
    }

    pub(super) fn start_wanted(&mut self, intent: IntentName) {
        let who = self.input.who().cloned();
        match self.projects.current().flow_of(&intent) {
            Some(flow) => self.start_flow(&flow.clone(), Why::Intent(intent), who),
            None => self.lost(""),
        }
    }

    /// Whether nobody is being asked anything: what runs waits for a time or an event.
    fn only_waits(&self) -> bool {
        let asks = |frame: &Frame| frame.question().is_some();
        self.state.which.is_none() && !self.state.stack.iter().any(asks)
    }

    /// When nothing runs any more, or what runs only waits: what was queued begins, or a question that was left is asked again.
    /// False, if there is nothing to do.
    pub(super) fn settle(&mut self) -> bool {
        let is_idle = self.came_back || self.state.stack.is_empty() || self.only_waits();
        if self.state.is_handed_off || !is_idle {
            return false;
        }
        if let Some(Wish {
            intent,
            of,
            entities,
        }) = self.state.wishes.front().cloned()
        {
            self.record(Recorded::IntentTaken {
                intent: intent.clone(),
            });
            if let Some(flow) = self.projects.current().flow_of(&intent).cloned() {
                self.came_back = false;
                self.say_to(of.as_ref(), "convene.next");
                self.entities.append(&mut self.aside);
                // It is what was said for it first.
                self.entities.splice(0..0, entities);
                self.start_flow(&flow, Why::Intent(intent), of);
            }
            return true;
        }
        if !std::mem::take(&mut self.came_back) {
            return false;
        }
        let top = self.state.stack.len().saturating_sub(1);
        let question = if self.waits_outside(top) {
            let of = self.owner();
            self.question_for(of.as_ref())
        } else {
            self.state.question().cloned()
        };
        match question {
            Some(question) => {
                self.say_to(question.of.as_ref(), "convene.resumed");
                self.ask_again(&question, question.tries);
                true
            }
            None => false,
        }
    }
}
