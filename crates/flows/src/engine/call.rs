//! Steps that need others: HTTP endpoints and a model.

use std::collections::BTreeMap;

use convene_source::At;
use serde::Serialize;
use serde_json::Value as Json;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    effect::{Answer, HttpCall, Prompt, Request},
    record::{Origin, Recorded, Why},
    state::Place,
    turn::{Pending, Turn},
};
use crate::{
    bounds::LARGEST_SAVED,
    name::SlotName,
    phrase::{BadTemplate, Names, jinja},
    project::{CallSpec, FlowSpec, HeaderPiece, Op, StepSpec, may_save_nothing},
    value::Value,
};

impl Turn<'_> {
    pub(super) fn call(&mut self, step: &StepSpec, call: &CallSpec) {
        let names = self.plain();
        let templates = &self.project().speech.templates;
        let headers = call.headers.iter().map(|(name, pieces)| {
            let pieces = pieces.iter().map(|piece| match piece {
                HeaderPiece::Text(text) => Ok(HeaderPiece::Text(templates.write(text, &names)?)),
                named @ HeaderPiece::Environment(_) => Ok(named.clone()),
            });
            Ok((name.clone(), pieces.collect::<Result<_, BadTemplate>>()?))
        });
        let headers: Result<BTreeMap<_, Vec<_>>, BadTemplate> = headers.collect();
        let body = call
            .body
            .as_ref()
            .map(|body| templates.fill(body, &names))
            .transpose();
        match (templates.address(&call.url, &names), headers, body) {
            // What somebody said is no part of an address.
            (Ok(None), Ok(_), Ok(_)) => self.call_over(false, None, BTreeMap::new()),
            (Ok(Some(url)), Ok(headers), Ok(body)) => {
                let key = self.key(&(&step.id, call.method, &url, &body));
                if !self.is_answered_already() {
                    self.record(Recorded::CallBegun { key: key.clone() });
                }
                self.pending = Some(Pending::Call(Request::Call(HttpCall {
                    key,
                    method: call.method,
                    url,
                    headers,
                    body,
                    timeout: call.timeout.duration(),
                })));
            }
            _ => self.fail(),
        }
    }

    /// What names a call: its place in the conversation, which is the same however often its turn is begun and wherever that
    /// goes on when it was stopped, and what is asked, since a turn that never was may be followed by another one in its place.
    fn key(&self, asked: &impl Serialize) -> String {
        let asked = serde_json::to_vec(asked).unwrap_or_default();
        let Place { turn, answered } = self.state.place();
        let call = u64::from(answered) + 1;
        format!("{turn}/{call}/{:016x}", xxh3_64(&asked))
    }

    /// The call of the step on top was answered.
    pub(super) fn call_answered(&mut self, answer: &Answer) {
        let Some((_, flow)) = self.top() else {
            return;
        };
        let (good, status, saved) = match (answer, self.step_on_top(flow).map(|step| &step.op)) {
            (Answer::Http { status, body }, Some(Op::Call(call))) => {
                let is_good = (200..300).contains(status) || call.accept.contains(status);
                let saved = is_good
                    .then(|| self.saved(flow, call, *status, body.as_ref()))
                    .flatten();
                (saved.is_some(), Some(*status), saved.unwrap_or_default())
            }
            _ => (false, None, BTreeMap::new()),
        };
        self.call_over(good, status, saved);
    }

    /// What an answer fills. Nothing, if it has no body that can be read and a slot wants a part of that, if a part is not there or a
    /// slot cannot take it, or if it is more than is kept; a part that may be `none` leaves its slot empty.
    fn saved(
        &self,
        flow: &FlowSpec,
        call: &CallSpec,
        status: u16,
        body: Option<&Json>,
    ) -> Option<BTreeMap<SlotName, Value>> {
        let templates = &self.project().speech.templates;
        let mut names = self.plain();
        names.insert("status".into(), minijinja::Value::from(status));
        names.insert("body".into(), body.map(jinja).unwrap_or_default());
        let mut saved = BTreeMap::new();
        // What is chosen from a list is from the one in the same answer.
        let project = self.project();
        for (slot, path) in project.lists_first(flow, &call.save, |(slot, _)| slot) {
            if body.is_none() && templates.names_in_expression(path).ok()?.contains("body") {
                return None;
            }
            let json = templates.evaluate(path, &names).ok()?;
            if !json.is_null() {
                let value = self.fitting_beside(project, flow, (slot, &json), &saved)?;
                saved.insert(slot.clone(), value);
            } else if !may_save_nothing(path) {
                return None;
            }
        }
        let size = serde_json::to_vec(&saved).map_or(0, |json| json.len());
        (size <= LARGEST_SAVED).then_some(saved)
    }

    pub(super) fn call_over(
        &mut self,
        good: bool,
        status: Option<u16>,
        saved: BTreeMap<SlotName, Value>,
    ) {
        self.record(Recorded::CallAnswered {
            good,
            status,
            saved: saved.clone(),
        });
        let Some((_, flow)) = self.top() else {
            return;
        };
        let Some(step) = self.step_on_top(flow) else {
            return;
        };
        let Op::Call(call) = &step.op else {
            return;
        };
        if !good {
            match call.on_error {
                Some(target) => self.go(flow, target, Why::OnError),
                None => self.fail(),
            }
            return;
        }
        for (slot, _) in self
            .project()
            .lists_first(flow, &call.save, |(slot, _)| slot)
        {
            self.set(slot, saved.get(slot).cloned(), Origin::Call, None);
        }
        self.go(flow, step.next, Why::Next);
    }

    /// What a model is to write. What people have said, and endpoints have answered, is no part of what it is told to do: in the
    /// prompt the name of its slot stands for it, and it is a fact.
    pub(super) fn prompt(&self, flow: &FlowSpec, prompt: &str, facts: &[At<String>]) -> Prompt {
        let names = self.spoken();
        let project = self.project();
        let templates = &project.speech.templates;
        let write = |text: &str, names: &Names| {
            let written = templates.label(text, names);
            written.unwrap_or_else(|_| text.to_owned())
        };
        let mut facts: Vec<_> = facts.iter().map(|fact| write(fact, &names)).collect();
        let mut named = names;
        for name in templates.names_in_text(prompt).unwrap_or_default() {
            let slot = project.slot(flow, &name);
            let Some((slot, value)) = slot.and_then(|slot| Some((slot, self.value(slot)?))) else {
                continue;
            };
            let is_foreign = match value {
                Value::Text(_) | Value::List(_) => true,
                _ => slot.from.is_some(),
            };
            if is_foreign {
                let stands_for = format!("{{{name}}}");
                let offered = self.as_offered(slot);
                let said = project.spoken(&self.locale(), &offered, value);
                facts.push(format!("{stands_for} is: {said}"));
                named.insert(name, minijinja::Value::from(stands_for));
            }
        }
        Prompt {
            prompt: write(prompt, &named),
            facts,
            language: self.locale().to_string(),
            question: None,
        }
    }

    /// The model of the step on top has written, or not. What it wrote it has said, unless that was in an attempt that
    /// failed.
    pub(super) fn generated(&mut self, text: Option<String>, again: bool) {
        self.record(Recorded::ModelAnswered { text: text.clone() });
        let Some((_, flow)) = self.top() else {
            return;
        };
        let Some(step) = self.step_on_top(flow) else {
            return;
        };
        let Op::Generate {
            otherwise, save, ..
        } = &step.op
        else {
            return;
        };
        match text {
            None => self.say(otherwise.as_str()),
            Some(text) => {
                if again {
                    self.say_again(&text);
                }
                if let Some(slot) = save
                    && let Some(value) = self.fitting(flow, slot, &Json::String(text))
                {
                    self.set(slot, Some(value), Origin::Model, None);
                }
            }
        }
        self.go(flow, step.next, Why::Next);
    }
}
