//! What was not understood: a model answers, or the fallback, or a person.

use super::{
    effect::{Prompt, Request},
    record::{Recorded, Why},
    turn::{Pending, Turn},
};
use crate::{folder::ModelUse, name::FlowName};

impl Turn<'_> {
    /// A model answers if there is one; else the fallback flow; else a person.
    pub(super) fn lost(&mut self, text: &str) {
        let model = &self.projects.current().assistant().model;
        if model.use_for != ModelUse::GenerateAndLost || text.is_empty() {
            return self.fall_back();
        }
        self.pending = Some(Pending::Lost(Request::Generate(Prompt {
            prompt: model.prompt.clone(),
            facts: model.facts.clone(),
            language: self.locale().to_string(),
            question: Some(text.to_owned()),
        })));
    }

    pub(super) fn lost_answered(&mut self, text: Option<String>, again: bool) {
        self.record(Recorded::ModelAnswered { text: text.clone() });
        match text {
            None => self.fall_back(),
            Some(text) if again => self.say_again(&text),
            Some(_) => {}
        }
    }

    fn fall_back(&mut self) {
        let who = self.state.who.clone();
        let fallback = self.projects.current().assistant().fallback.as_ref();
        match fallback.map(|name| FlowName::from(name.as_str())) {
            Some(flow) => self.start_flow(&flow, Why::Fallback, who),
            None => self.hand_off(who.as_ref(), None, None, None),
        }
    }
}
