//! Steps, one after the other.

use convene_source::At;
use serde_json::Value as Json;

use super::{
    effect::{Effect, Request, Saying},
    frame::Waiting,
    record::{Origin, Outcome, Recorded, Why},
    say::Offer,
    turn::{Pending, Turn},
};
use crate::{
    bounds::{MOST_SAID, MOST_STEPS},
    folder::{End, Layout, ModelUse},
    name::SlotName,
    project::{FlowSpec, Op, StepSpec, Target},
};

impl Turn<'_> {
    /// Does one step of the flow on top. False, if nothing runs.
    pub(super) fn run(&mut self) -> bool {
        let Some(frame) = self.frame() else {
            return false;
        };
        let waiting = frame.waiting.clone();
        let step = frame.step.clone();
        if matches!(waiting, Waiting::Outside { .. }) {
            return self.raise();
        }
        if matches!(waiting, Waiting::Returned { .. }) {
            self.go_on_behind_call();
            return true;
        }
        let Some((_, flow)) = self.top() else {
            self.outdated();
            return true;
        };
        let index = match &step {
            None => return self.first_step(flow),
            Some(step) => flow.index_of(step),
        };
        let Some(step) = index.and_then(|index| flow.steps.get(index)) else {
            self.outdated();
            return true;
        };
        match waiting {
            Waiting::Answer(_) | Waiting::Outside { .. } | Waiting::Returned { .. } => {
                return false;
            }
            Waiting::Over { in_time } => self.go(flow, step.after_wait(in_time), Why::Waited),
            Waiting::Nothing => {
                self.steps += 1;
                if self.steps > MOST_STEPS || self.said >= MOST_SAID {
                    self.fail();
                } else {
                    self.execute(flow, step);
                }
            }
        }
        true
    }

    /// The flow on top waits, and so asks nobody: one below whose own wait is over, or that has not begun, goes on. False, if
    /// there is none.
    fn raise(&mut self) -> bool {
        let can_go_on = |frame: &super::Frame| {
            matches!(frame.waiting, Waiting::Over { .. }) || frame.step.is_none()
        };
        let ready = self.state.stack.iter().rposition(can_go_on);
        match ready.filter(|_| self.state.which.is_none()) {
            Some(frame) => self.record(Recorded::FlowRaised { frame }),
            None => return false,
        }
        true
    }

    fn first_step(&mut self, flow: &FlowSpec) -> bool {
        self.go(flow, Target::Step(0), Why::First);
        true
    }

    /// Goes to a step of the flow on top, or ends it.
    pub(super) fn go(&mut self, flow: &FlowSpec, target: Target, why: Why) {
        let step = match target {
            Target::Step(index) if !self.is_speechless => flow.steps.get(index),
            _ => None,
        };
        match step {
            None => self.end_flow(Outcome::Completed),
            Some(step) => self.record(Recorded::FlowStepped {
                flow: flow.name.clone(),
                version: flow.version.clone(),
                step: step.id.clone(),
                why,
            }),
        }
    }

    fn execute(&mut self, flow: &FlowSpec, step: &StepSpec) {
        match &step.op {
            Op::Say { text, card } => {
                let names = self.spoken();
                let card = self.card(card.as_deref(), &names);
                let offer = Offer {
                    card,
                    ..Offer::default()
                };
                self.offer(text.as_str(), &names, offer);
                self.go(flow, step.next, Why::Next);
            }
            Op::Ask { slot, again, .. } => match self.state.filled(slot.as_str()).cloned() {
                Some(filled) if !again && self.is_to_confirm(&step.op, filled.from) => {
                    match self.spec(slot) {
                        Some(spec) => self.ask_confirm(&spec, &filled.value, 1),
                        None => self.fail(),
                    }
                }
                Some(_) if !again => self.go(flow, step.next, Why::Next),
                None if self.was_said_before_it_was_offered(slot) => {}
                _ => {
                    self.say_why_what_was_said_is_no_answer(slot);
                    self.ask_slot(slot, 1);
                }
            },
            Op::Choose { .. } => self.ask_choice(1),
            Op::Branch { arms, otherwise } => self.branch(flow, arms, *otherwise),
            Op::Set(values) => self.set_all(flow, step, values),
            Op::Call(call) => self.call(step, call),
            Op::Generate {
                prompt,
                facts,
                otherwise,
                ..
            } => {
                let request = self.prompt(flow, prompt, facts);
                if self.project().assistant().model.use_for == ModelUse::Nothing {
                    self.say(otherwise.as_str());
                    self.go(flow, step.next, Why::Next);
                } else {
                    self.pending = Some(Pending::Generate(Request::Generate(request)));
                }
            }
            Op::Flow { name, with, save } => self.call_flow(name, with, save),
            Op::Wait { time, event, .. } => self.wait((flow, step), time.as_ref(), event.as_ref()),
            Op::Handoff { to, say, reason } => {
                let names = self.plain();
                let templates = &self.project().speech.templates;
                let reason = reason.as_ref().map(|reason| {
                    templates
                        .write(reason, &names)
                        .unwrap_or_else(|_| reason.value.clone())
                });
                let to = to.as_ref().map(|to| to.value.clone());
                let say = say.as_ref().map(|say| say.as_str());
                self.hand_off_flow(to, say, reason);
            }
            Op::End(End::Flow) => self.end_flow(Outcome::Completed),
            Op::End(End::All) => self.end_all(Outcome::Completed),
        }
    }

    fn branch(&mut self, flow: &FlowSpec, arms: &[(At<String>, Target)], otherwise: Target) {
        let names = self.plain();
        for (condition, target) in arms {
            match self.project().speech.templates.holds(condition, &names) {
                Ok(true) => return self.go(flow, *target, Why::Condition(condition.value.clone())),
                Ok(false) => {}
                Err(_) => return self.fail(),
            }
        }
        self.go(flow, otherwise, Why::Condition("else".into()));
    }

    fn set_all(&mut self, flow: &FlowSpec, step: &StepSpec, values: &[(SlotName, At<Json>)]) {
        let project = self.project();
        // What is chosen from a list is from the one that is set beside it.
        for (slot, json) in project.lists_first(flow, values, |(slot, _)| slot) {
            let names = self.plain();
            let Ok(json) = project.speech.templates.fill(json, &names) else {
                return self.fail();
            };
            if json.is_null() {
                self.set(slot, None, Origin::Set, None);
                continue;
            }
            let value = self.fitting(flow, slot, &json);
            let Some(value) = value else {
                return self.fail();
            };
            self.set(slot, Some(value), Origin::Set, None);
        }
        self.go(flow, step.next, Why::Next);
    }

    pub(super) fn say_again(&mut self, text: &str) {
        self.effect(Effect::Say(Saying {
            key: None,
            text: text.to_owned(),
            card: None,
            buttons: Vec::new(),
            layout: Layout::default(),
            form: None,
            only_for: None,
        }));
    }

    pub(super) fn step_on_top<'f>(&self, flow: &'f FlowSpec) -> Option<&'f StepSpec> {
        let step = self.frame()?.step.as_ref()?;
        flow.steps.get(flow.index_of(step)?)
    }
}

impl StepSpec {
    /// Where a step leads that has waited, in vain or not.
    pub(super) fn after_wait(&self, in_time: bool) -> Target {
        match &self.op {
            Op::Wait {
                event: Some(_),
                otherwise,
                ..
            } if !in_time => *otherwise,
            _ => self.next,
        }
    }
}
