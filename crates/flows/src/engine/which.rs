//! Torn between flows: which one was meant?

use std::collections::BTreeSet;

use convene_source::At;

use super::{
    cancel::surely_cancels,
    effect::Button,
    frame::Question,
    input::{Called, Decision, Heard},
    meant::Meant,
    meant_otherwise::PART,
    record::{About, Recorded},
    turn::Turn,
    yes_or_no::SHORT,
};
use crate::{
    folder::Commands,
    name::{IntentName, Who},
    phrase::Names,
    slot::{Nod, bare, folded},
};

/// The value of the button that says that none of the others is meant.
const NEITHER: &str = "";

impl Turn<'_> {
    /// Nothing runs that this could be an answer to, and no flow was surely meant.
    pub(super) fn not_understood(&mut self, heard: &Heard) {
        let candidates = self.candidates(heard);
        // While somebody else is asked which flow was meant, nobody is asked the same.
        if candidates.is_empty() || self.state.which.is_some() {
            self.lost(&heard.text);
        } else {
            self.ask_which(&candidates);
        }
    }

    /// The intents between which it is torn, as far as they start flows, or are commands that have something to do, and are
    /// not much less likely than the best.
    pub(super) fn candidates(&self, heard: &Heard) -> Vec<IntentName> {
        if heard.decision != Decision::Torn {
            return Vec::new();
        }
        let project = self.projects.current();
        let best = heard.intents.first();
        let most = best.map_or(0.0, |best| best.confidence);
        let likely = heard.intents.iter();
        let likely = likely.filter(|ranked| ranked.confidence * PART >= most);
        let intents = likely.map(|ranked| &ranked.intent);
        let candidates = intents.filter(|intent| {
            let cancels = self.cancels(intent) && !self.state.stack.is_empty();
            let is_best = best.is_some_and(|best| best.intent == **intent);
            cancels || project.flow_of(intent).is_some() || (is_best && self.is_offered(intent))
        });
        self.but_for_commands_alone(candidates.cloned().collect())
    }

    /// Whether it is a command that is offered where it is torn: to speak to a person, and to hear the open question again.
    fn is_offered(&self, intent: &IntentName) -> bool {
        let is_asked = self.state.question().is_some();
        self.calls_a_person(intent)
            || (is_asked && self.is_one_of(intent, |commands| &commands.repeat))
    }

    /// Whether an intent is among those of a command.
    pub(super) fn is_one_of(
        &self,
        intent: &IntentName,
        list: impl Fn(&Commands) -> &Vec<At<String>>,
    ) -> bool {
        let commands = &self.projects.current().assistant().commands;
        list(commands)
            .iter()
            .any(|own| own.value == intent.as_str())
    }

    /// Where nothing else may have been meant, it is not asked whether to cancel, or to hear a question again.
    pub(super) fn but_for_commands_alone(&self, mut intents: Vec<IntentName>) -> Vec<IntentName> {
        let is_alone = |intent: &IntentName| {
            self.cancels(intent) || self.is_one_of(intent, |commands| &commands.repeat)
        };
        if intents.iter().all(is_alone) {
            intents.clear();
        }
        intents
    }

    /// It could be one of these: which?
    pub(super) fn ask_which(&mut self, intents: &[IntentName]) {
        self.ask_which_of(intents, None);
    }

    /// What was said may have been meant to cancel: was it?
    pub(super) fn ask_whether_to_cancel(&mut self, meant: &[IntentName], said: &str) {
        self.ask_which_of(meant, Some(said.to_owned()));
    }

    fn ask_which_of(&mut self, intents: &[IntentName], said: Option<String>) {
        let project = self.projects.current();
        let mut flows = BTreeSet::new();
        let intents: Vec<IntentName> = intents
            .iter()
            .filter(|intent| match project.flow_of(intent) {
                Some(flow) => flows.insert(flow),
                None => self.cancels(intent) || self.is_offered(intent),
            })
            .cloned()
            .collect();
        let question = self.number();
        let (names, locale) = (self.spoken(), self.locale());
        let buttons = intents.iter().map(|intent| Button {
            label: self.label_of(intent),
            question,
            value: intent.to_string(),
        });
        let neither = Button {
            label: project.speech.say(&locale, "convene.neither", 0, &names),
            question,
            value: NEITHER.to_owned(),
        };
        let buttons = buttons.chain([neither]).collect();
        self.record(Recorded::WhichAsked {
            question,
            intents,
            of: self.state.who.clone(),
            said,
        });
        self.say_with("convene.which", &names, buttons);
    }

    pub(super) fn takes_any_words(&self, question: &Question) -> bool {
        let About::Slot(slot) = &question.about else {
            return false;
        };
        self.spec(slot).is_some_and(|spec| spec.takes_any_words())
    }

    pub(super) fn cancels(&self, intent: &IntentName) -> bool {
        self.is_one_of(intent, |commands| &commands.cancel)
    }

    pub(super) fn calls_a_person(&self, intent: &IntentName) -> bool {
        self.is_one_of(intent, |commands| &commands.human)
    }

    /// What a flow, or a command, is called in a button.
    pub(super) fn label_of(&self, intent: &IntentName) -> String {
        let project = self.projects.current();
        let commands = [
            (self.cancels(intent), "convene.cancel"),
            (self.calls_a_person(intent), "convene.human"),
            (self.is_one_of(intent, |own| &own.repeat), "convene.repeat"),
        ];
        if let Some((_, key)) = commands.iter().find(|(is_it, _)| *is_it) {
            let speech = &project.speech;
            return speech.say(&self.locale(), key, 0, &Names::new());
        }
        let flow = project.flow_of(intent).and_then(|name| project.flow(name));
        match flow.map(|flow| (flow.title.as_ref(), flow.description.as_str())) {
            Some((Some(title), _)) => {
                project
                    .speech
                    .say(&self.locale(), title.as_str(), 0, &Names::new())
            }
            Some((None, description)) if !description.is_empty() => description.to_owned(),
            _ => intent.to_string(),
        }
    }

    /// If somebody was asked which flow was meant: whether they said that now. Their question is over either way.
    pub(super) fn which_was_said(&mut self, heard: &Heard) -> bool {
        let Some(which) = self.state.which.clone() else {
            return false;
        };
        if !self.may_answer(which.of.as_ref(), heard.who.as_ref()) {
            return false;
        }
        // To say it again, or yes to the only one, is to choose it.
        let meant = self.meant(heard);
        let is_sure = surely_cancels(heard);
        let mut again = which.intents.iter();
        let again = again
            .find(|intent| meant.intents.contains(intent) && (is_sure || !self.cancels(intent)));
        let is_short = heard.text.split_whitespace().count() <= SHORT;
        let nod = match self.nod_of(heard, meant.affirm, meant.deny) {
            _ if !is_short && !meant.wants.is_empty() => Nod::Nothing,
            nod => nod,
        };
        let by_yes = match which.intents.as_slice() {
            [only] => Some(only).filter(|_| nod == Nod::Yes),
            _ => None,
        };
        let intent = self.which_of(&which.intents, &heard.text);
        let intent = intent.or_else(|| again.or(by_yes).cloned());
        let is_heard = meant.repeat || heard.called == Called::Alone || self.asks_what(&heard.text);
        if intent.is_none() && (nod == Nod::Yes || is_heard) {
            // Yes to which of them? It is no answer to what was asked before.
            self.ask_which_of(&which.intents, which.said);
            return true;
        }
        self.record(Recorded::WhichClosed);
        if let Some(intent) = intent {
            self.choose_which(intent);
            true
        } else if meant.cancel && meant.wants.is_empty() && !self.has_begun(heard.who.as_ref()) {
            // What was asked is all there is.
            self.say("convene.cancelled");
            true
        } else if nod == Nod::No || bare(&heard.text) == self.text_of_neither() {
            self.neither(&heard.text, which.said);
            true
        } else {
            false
        }
    }

    /// Whether this person is being asked if they want to cancel.
    pub(super) fn is_asked_whether_to_cancel(&self, who: Option<&Who>) -> bool {
        let which = self.state.which.as_ref();
        which.is_some_and(|which| which.said.is_some() && self.may_answer(which.of.as_ref(), who))
    }

    /// Whether somebody, whoever it is, says which flow was meant.
    pub(super) fn says_which(&self, heard: &Heard) -> bool {
        self.state.which.as_ref().is_some_and(|which| {
            self.which_of(&which.intents, &heard.text).is_some()
                || bare(&heard.text) == self.text_of_neither()
        })
    }

    fn which_of(&self, intents: &[IntentName], text: &str) -> Option<IntentName> {
        let said = bare(text);
        let by_number = said
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
            .or_else(|| {
                let small = &self.project().speech.small;
                small.place_in_list(text, intents.len())
            });
        let by_number = by_number.and_then(|place| intents.get(place));
        let by_label = intents
            .iter()
            .find(|intent| folded(&self.label_of(intent)) == folded(text));
        by_number.or(by_label).cloned()
    }

    fn choose_which(&mut self, intent: IntentName) {
        let who = self.input.who().cloned();
        if self.calls_a_person(&intent) {
            return self.hand_off(who.as_ref(), None, None, None);
        }
        if self.is_one_of(&intent, |commands| &commands.repeat) {
            self.question_for(who.as_ref());
            return self.ask_what_is_open();
        }
        if !self.cancels(&intent) {
            return self.want(vec![intent]);
        }
        if self.raise_theirs(who.as_ref()) {
            self.cancel();
        } else {
            self.say("convene.nothing_to_cancel");
        }
    }

    fn text_of_neither(&self) -> String {
        let names = self.spoken();
        bare(
            &self
                .projects
                .current()
                .speech
                .say(&self.locale(), "convene.neither", 0, &names),
        )
    }

    /// A button that says which flow was meant was pressed.
    pub(super) fn which_was_pressed(&mut self, value: &str) {
        let said = self
            .state
            .which
            .as_mut()
            .and_then(|which| which.said.take());
        self.record(Recorded::WhichClosed);
        if value == NEITHER {
            self.neither("", said);
        } else {
            self.choose_which(value.into());
        }
    }

    /// Nothing that was offered was meant. `said` was no cancelling then: it is an answer, where any words are.
    fn neither(&mut self, text: &str, said: Option<String>) {
        let who = self.input.who().cloned();
        match self.question_for(who.as_ref()) {
            Some(question) if let Some(said) = said.filter(|_| self.takes_any_words(&question)) => {
                let heard = Heard {
                    text: said,
                    who,
                    ..Heard::default()
                };
                self.answer(&heard, Meant::default(), &question);
            }
            Some(question) => self.ask_again(&question, question.tries),
            None => self.lost(text),
        }
    }
}
