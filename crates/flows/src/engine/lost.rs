//! What was not understood: a model answers, or the fallback, or a person.

use super::{
    effect::{Prompt, Request},
    frame::Question,
    input::{Decision, Heard},
    record::{Recorded, Why},
    turn::{Pending, Turn},
    yes_or_no::SHORT,
};
use crate::{
    folder::ModelUse,
    name::FlowName,
    slot::{Misfit, SlotSpec},
};

/// A question that is open while a model answers something else, and why that is no answer to it.
#[derive(Debug)]
pub(super) struct Open {
    question: Question,
    misfit: Misfit,
}

impl Turn<'_> {
    /// A model answers if there is one; else the fallback flow; else a person.
    pub(super) fn lost(&mut self, text: &str) {
        match self.to_the_model(text) {
            Some(request) => self.pending = Some(Pending::Lost(request, None)),
            None => self.fall_back(),
        }
    }

    /// What is no answer to a question that is open: a model, if there is one, answers what is lost and no try at an answer.
    pub(super) fn lost_or_misfit(&mut self, heard: &Heard, question: &Question, misfit: &Misfit) {
        let request = self
            .to_the_model(&heard.text)
            .filter(|_| self.is_beside_the_point(heard, question));
        match request {
            Some(request) => {
                let open = Open {
                    question: question.clone(),
                    misfit: misfit.clone(),
                };
                self.pending = Some(Pending::Lost(request, Some(Box::new(open))));
            }
            None => self.misfit(question, misfit),
        }
    }

    /// Whether words are no try at an answer: they were not understood, ask something or are too many for an answer that
    /// looks like no other, and say nothing of the type that is asked for.
    fn is_beside_the_point(&self, heard: &Heard, question: &Question) -> bool {
        let is_told = heard.text.trim_end().ends_with(['?', '？', '؟'])
            || heard.text.split_whitespace().count() > SHORT;
        let is_about =
            |spec: &SlotSpec| self.is_about(spec) || self.misfitting_entity(spec).is_some();
        let asked = self.spec_asked(question);
        heard.decision == Decision::Lost
            && (self.asks_what_it_is(heard) || (is_told && !asked.as_ref().is_some_and(is_about)))
    }

    /// Whether a message asks what a value is: "what is private?" is no answer.
    pub(super) fn asks_what_it_is(&self, heard: &Heard) -> bool {
        let rest = heard.beside_entities();
        self.project().speech.small.ask_what_it_is(&rest)
    }

    fn to_the_model(&self, text: &str) -> Option<Request> {
        let model = &self.projects.current().assistant().model;
        if model.use_for != ModelUse::GenerateAndLost || text.is_empty() {
            return None;
        }
        Some(Request::Generate(Prompt {
            prompt: model.prompt.clone(),
            facts: model.facts.clone(),
            language: self.locale().to_string(),
            question: Some(text.to_owned()),
        }))
    }

    /// What comes of it: `open` is the question that was not answered, if one was asked.
    pub(super) fn lost_answered(
        &mut self,
        text: Option<String>,
        open: Option<Box<Open>>,
        again: bool,
    ) {
        self.record(Recorded::ModelAnswered { text: text.clone() });
        let open = open.map(|open| *open);
        match (text, open) {
            (None, None) => self.fall_back(),
            (None, Some(Open { question, misfit })) => self.misfit(&question, &misfit),
            (Some(text), open) => {
                if again {
                    self.say_again(&text);
                }
                if let Some(Open { question, .. }) = open {
                    self.ask_again(&question, question.tries);
                }
            }
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
