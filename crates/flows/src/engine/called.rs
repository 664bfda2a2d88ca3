//! Flows that others call: how their callers go on.

use std::collections::BTreeMap;

use convene_source::At;
use serde_json::Value as Json;

use super::{
    frame::Waiting,
    record::{Origin, Outcome, Recorded, Why},
    turn::Turn,
};
use crate::{
    name::{FlowName, SlotName},
    phrase::BadTemplate,
    project::FlowSpec,
    value::Value,
};

impl Turn<'_> {
    /// Does a step that calls a flow.
    pub(super) fn call_flow(
        &mut self,
        name: &FlowName,
        with: &[(SlotName, At<String>)],
        save: &[(SlotName, At<SlotName>)],
    ) {
        let names = self.plain();
        let templates = &self.project().speech.templates;
        let values = with.iter().map(|(slot, value)| {
            let value = templates.evaluate(value, &names)?;
            Ok::<_, BadTemplate>((slot.clone(), value))
        });
        let Ok(values) = values.collect::<Result<Vec<(SlotName, Json)>, _>>() else {
            return self.fail();
        };
        // What it calls knows the slots of the conversation as it does itself.
        let own = self.project().flow(name);
        let own = own.and_then(|flow| self.projects.flow(name, &flow.version));
        let own = own.map(|(_, flow)| flow);
        let Some(flow) = own.or_else(|| self.projects.current().flow(name)) else {
            return self.fail();
        };
        let returns = save.iter();
        self.record(Recorded::FlowStarted {
            flow: name.clone(),
            version: flow.version.clone(),
            why: Why::Called,
            of: self.frame().and_then(|frame| frame.of.clone()),
            returns: returns
                .map(|(mine, theirs)| (mine.clone(), theirs.value.clone()))
                .collect(),
        });
        for (slot, json) in self.project().lists_first(flow, values, |(slot, _)| slot) {
            if json.is_null() {
                continue;
            }
            match self.fitting(flow, &slot, &json) {
                Some(value) => self.set(&slot, Some(value), Origin::Flow, None),
                None => return self.fail(),
            }
        }
        self.fill_from_entities();
        self.fill_from_kept();
    }

    /// The flow that the one on top has called is over: it takes what that gives back and goes on behind the step that called it,
    /// or ends in the same way.
    pub(super) fn go_on_behind_call(&mut self) {
        let waiting = self.frame().map(|frame| frame.waiting.clone());
        let Some(Waiting::Returned { outcome, values }) = waiting else {
            return;
        };
        match outcome {
            Outcome::Completed => {}
            Outcome::Cancelled => return self.cancel_top(),
            outcome => return self.end_flow(outcome),
        }
        let Some((_, flow)) = self.top() else {
            return self.outdated();
        };
        match self
            .step_on_top(flow)
            .filter(|step| step.called().is_some())
        {
            Some(step) => {
                self.take_back(flow, values);
                self.go(flow, step.next, Why::Next);
            }
            None => self.outdated(),
        }
    }

    /// A flow that was called gives back its values.
    pub(super) fn take_back(&mut self, flow: &FlowSpec, values: BTreeMap<SlotName, Option<Value>>) {
        let project = self.project();
        for (slot, value) in project.lists_first(flow, values, |(slot, _)| slot) {
            let value = value.and_then(|value| self.fitting(flow, &slot, &value.to_json()));
            self.set(&slot, value, Origin::Flow, None);
        }
    }

    /// Ends the flows that the one at this place of the stack has called: it is on top then.
    pub(super) fn drop_called_by(&mut self, frame: usize) {
        while self.state.stack.len() > frame + 1 {
            self.end_top(Outcome::Dropped);
        }
    }
}
