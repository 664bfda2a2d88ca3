//! What a person said: commands, wishes, answers, or nothing that was understood.

use super::{
    effect::{Prompt, Request},
    input::Heard,
    record::{Recorded, Why},
    state::Wish,
    turn::{Pending, Turn},
};
use crate::{
    folder::{Commands, ModelUse},
    name::{FlowName, IntentName, Who},
    project::FlowSpec,
};

/// From this confidence on a flow is cancelled at once; below it is asked whether it is to be.
const SURELY_CANCEL: f64 = 0.95;

/// What was surely meant.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) cancel: bool,
    pub(super) correct: bool,
    pub(super) affirm: bool,
    pub(super) deny: bool,
    human: bool,
    repeat: bool,
    /// All intents.
    pub(super) intents: Vec<IntentName>,
    /// Those of them that start a flow.
    pub(super) wants: Vec<IntentName>,
}

/// Whether it is so sure that something was to be cancelled that nobody is asked.
pub(super) fn surely_cancels(heard: &Heard) -> bool {
    let first = heard.intents.first();
    first.is_some_and(|first| first.confidence >= SURELY_CANCEL)
}

impl Turn<'_> {
    pub(super) fn meant(&self, heard: &Heard) -> Meant {
        let project = self.projects.current();
        let Commands {
            cancel,
            correct,
            affirm,
            deny,
            human,
            repeat,
        } = &project.assistant().commands;
        let mut intents = heard.sure_intents();
        if self.is_value_alone(heard) {
            // An address or a number says neither yes nor no, and cancels nothing, whatever it is taken for.
            let commands = [cancel, correct, affirm, deny, human, repeat];
            intents.retain(|intent| {
                let mut commands = commands.into_iter().flatten();
                !commands.any(|own| own.value == intent.as_str())
            });
        }
        let has = |list: &[convene_source::At<String>]| {
            intents
                .iter()
                .any(|intent| list.iter().any(|one| one.value == intent.as_str()))
        };
        Meant {
            cancel: has(cancel),
            correct: has(correct),
            affirm: has(affirm),
            deny: has(deny),
            human: has(human),
            repeat: has(repeat),
            wants: intents
                .iter()
                .filter(|intent| project.flow_of(intent).is_some())
                .cloned()
                .collect(),
            intents,
        }
    }

    pub(super) fn hear(&mut self, heard: &Heard) {
        let who = heard.who.as_ref();
        let was_doubted = self.is_asked_whether_to_cancel(who);
        let is_told = self.hear_language(heard);
        if self.which_was_said(heard) {
            return;
        }
        let question = self.question_for(who);
        let apart = self.told_apart(heard, question.as_ref());
        let heard = apart.as_ref().unwrap_or(heard);
        let mut meant = self.meant(heard);
        if was_doubted && meant.wants.is_empty() && !surely_cancels(heard) {
            // It was asked, and this is no yes.
            meant.cancel = false;
            meant.intents.retain(|intent| !self.cancels(intent));
        }
        if let Some(question) = &question
            && self.is_plainly_an_answer(heard, question)
        {
            // There is room for nothing else in so few words, whatever they are taken for.
            meant = Meant {
                affirm: meant.affirm,
                deny: meant.deny,
                ..Meant::default()
            };
        }
        let is_asked = self.state.asked_first().is_some();
        let is_anothers = question.is_none() && is_asked;
        if meant.human {
            self.hand_off(who, None, None, Some(heard.text.clone()));
        } else if meant.cancel && self.raise_theirs(who) {
            if !surely_cancels(heard) && meant.wants.is_empty() {
                self.ask_whether_to_cancel(&meant.intents, &heard.text);
            } else {
                self.cancel();
                self.want(std::mem::take(&mut meant.wants));
            }
        } else if meant.repeat
            && let Some(question) = &question
        {
            self.ask_again(question, question.tries);
        } else if let Some(question) = question {
            self.answer(heard, meant, &question);
        } else if !meant.wants.is_empty() {
            self.want(meant.wants);
        } else if is_anothers {
            self.refuse(heard, &meant);
        } else if meant.cancel {
            self.say("convene.nothing_to_cancel");
        } else if !self.begin_again(heard) && !is_told {
            self.not_understood(heard);
        }
    }

    /// Starts what is wanted; further wishes wait their turn.
    pub(super) fn want(&mut self, wants: Vec<IntentName>) {
        let mut wants = wants.into_iter();
        self.entities.append(&mut self.aside);
        if let Some(first) = wants.next() {
            self.start_wanted(first);
        }
        self.queue(wants);
    }

    /// These are done when what runs is over, with what was said for them.
    pub(super) fn queue(&mut self, wants: impl IntoIterator<Item = IntentName>) {
        let of = self.input.who().cloned();
        for intent in wants {
            let is_known = |wish: &Wish| wish.intent == intent && wish.of == of;
            if self.state.wishes.iter().any(is_known) {
                continue;
            }
            let entities = self.take_entities_for(&intent);
            self.record(Recorded::IntentQueued {
                intent,
                of: of.clone(),
                entities,
            });
        }
    }

    fn start_wanted(&mut self, intent: IntentName) {
        let who = self.input.who().cloned();
        match self.projects.current().flow_of(&intent) {
            Some(flow) => self.start_flow(&flow.clone(), Why::Intent(intent), who),
            None => self.lost(""),
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

    /// When nothing runs any more: what was queued begins, or a question that was left is asked again.
    /// False, if there is nothing to do.
    pub(super) fn settle(&mut self) -> bool {
        if self.state.is_handed_off || (!self.came_back && !self.state.stack.is_empty()) {
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
                self.spoken_to.clone_from(&of);
                self.say("convene.next");
                self.spoken_to = None;
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
        match self.state.question().cloned() {
            Some(question) => {
                self.say("convene.resumed");
                self.ask_again(&question, question.tries);
                true
            }
            None => false,
        }
    }
}
