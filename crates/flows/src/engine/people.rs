//! Several people: whose a flow is, who is asked, and who is told that somebody else was.

use super::{
    frame::{Frame, Question},
    input::{Called, Heard},
    meant::Meant,
    record::{About, Recorded, Why},
    state::State,
    turn::Turn,
};
use crate::{
    folder::{Groups, WhoMayAnswer},
    name::Who,
};

impl Turn<'_> {
    /// Whether this person may answer what somebody was asked, or end what somebody has begun.
    pub(super) fn may_answer(&self, of: Option<&Who>, who: Option<&Who>) -> bool {
        let rule = self.project().assistant().ask.who_may_answer;
        rule == WhoMayAnswer::Anyone || of.is_none() || who.is_none() || of == who
    }

    /// Whether this person may end the flow at this place: it is theirs. What an event has begun is nobody's in particular, and theirs
    /// who are asked by it.
    pub(super) fn may_end(&self, frame: usize, who: Option<&Who>) -> bool {
        let root = self.state.root_of(frame);
        let Some(begun) = self.state.stack.get(root) else {
            return false;
        };
        if !begun.is_nobodys() {
            return self.may_answer(begun.of.as_ref(), who);
        }
        let asks = self.state.stack.get(self.state.end_of_chain(root));
        let question = asks.and_then(Frame::question);
        question.is_some_and(|question| self.may_answer(question.of.as_ref(), who))
    }

    /// Whether something runs that this person may end.
    pub(super) fn has_begun(&self, who: Option<&Who>) -> bool {
        (0..self.state.stack.len()).any(|frame| self.may_end(frame, who))
    }

    /// Says a text of the engine's to whom it is for: by their name where others have spoken as well, and one of them has just done
    /// something, or nobody has.
    pub(super) fn say_to(&mut self, of: Option<&Who>, key: &str) {
        let is_anothers = of.is_some() && of != self.input.who();
        self.spoken_to = of.or(self.input.who()).cloned();
        if is_anothers && self.are_several() {
            self.say(&format!("{key}_for"));
        } else {
            self.say(key);
        }
        self.spoken_to = None;
    }

    /// Whether several people have done something here.
    pub(super) fn are_several(&self) -> bool {
        self.state.languages.len() > 1
    }

    /// Whose the flow on top is: who wanted it, else who spoke last.
    pub(super) fn owner(&self) -> Option<Who> {
        let own = self.frame().and_then(|frame| frame.of.clone());
        own.or_else(|| self.state.who.clone())
    }

    /// How many flows of the same person wait below the one on top, and those that called it.
    pub(super) fn waiting(&self) -> usize {
        let of = self.owner();
        let root = self.state.root_of(self.state.stack.len().saturating_sub(1));
        let below = self.state.stack.iter().take(root);
        let theirs = below.filter(|frame| self.may_answer(frame.of.as_ref(), of.as_ref()));
        theirs.filter(|frame| frame.why != Why::Called).count()
    }

    /// The question that is open for this person, on top: where theirs waits below somebody else's, it comes up.
    pub(super) fn question_for(&mut self, who: Option<&Who>) -> Option<Question> {
        let is_theirs = |question: &Question| self.may_answer(question.of.as_ref(), who);
        let frames = &self.state.stack;
        let index = frames
            .iter()
            .rposition(|frame| frame.question().is_some_and(is_theirs))?;
        let is_anothers = |frame: &super::Frame| {
            let is_asked = frame.question().and_then(|question| question.of.as_ref());
            let whose = is_asked.or(frame.of.as_ref());
            whose.is_some() && !self.may_answer(whose, who)
        };
        // What this person has begun above their question stays above it, unless it only waits.
        let mut above = frames.iter().enumerate().skip(index + 1);
        if !above.all(|(place, frame)| is_anothers(frame) || self.waits_outside(place)) {
            return None;
        }
        self.raise_to_top(index);
        self.state.question().cloned()
    }

    /// The flow that this person began last comes up. False, if there is none.
    pub(super) fn raise_theirs(&mut self, who: Option<&Who>) -> bool {
        let mut frames = 0..self.state.stack.len();
        let theirs = frames.rfind(|frame| self.may_end(*frame, who));
        if let Some(index) = theirs {
            self.raise_to_top(index);
        }
        theirs.is_some()
    }

    pub(super) fn raise_to_top(&mut self, frame: usize) {
        if frame + 1 < self.state.stack.len() {
            self.record(Recorded::FlowRaised { frame });
        }
    }

    /// Somebody who was not asked answers: they are told so, once for each question. False where it is no answer.
    pub(super) fn refuse(&mut self, heard: &Heard, meant: &Meant) -> bool {
        let Some((question, refused)) = self.state.asked_first() else {
            return false;
        };
        let who = heard.who.clone().filter(|who| !refused.contains(who));
        let is_answer = self.would_answer(heard, meant);
        if let Some(who) = who.filter(|_| is_answer) {
            self.record(Recorded::AnswerRefused { question, who });
            self.say("convene.not_asked");
        }
        is_answer
    }

    /// Whether somebody speaks to the assistant: where everything is heard that people say to each other, by its name.
    pub(super) fn is_addressed(&self, heard: &Heard) -> bool {
        let groups = &self.projects.current().assistant().groups;
        !matches!(groups, Groups::Always) || heard.called != Called::No
    }

    /// Whether this would be an answer to what somebody else was asked.
    fn would_answer(&self, heard: &Heard, meant: &Meant) -> bool {
        let is_command = meant.cancel || meant.correct || meant.affirm || meant.deny;
        if is_command || self.says_which(heard) {
            return true;
        }
        match self.state.question().map(|question| &question.about) {
            Some(About::Slot(slot)) => self.spec(slot).is_some_and(|spec| {
                self.has_entity(&spec) || self.read(&spec, &heard.text).is_ok()
            }),
            Some(About::Choice) => self.option_said(&heard.text).is_some(),
            Some(About::Confirm { .. }) | None => false,
        }
    }
}

impl State {
    /// Everybody who is asked something, and which flow was meant.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Who> {
        let questions = self.stack.iter().filter_map(super::Frame::question);
        let asked = questions.filter_map(|question| question.of.as_ref());
        let which = self.which.as_ref().and_then(|which| which.of.as_ref());
        asked.chain(which)
    }

    /// Who was asked the question of this number.
    pub(super) fn asked_by(&self, id: u64) -> Option<&Who> {
        let question = self.question().filter(|question| question.id == id);
        let which = self.which.as_ref().filter(|which| which.id == id);
        match (question, which) {
            (Some(question), _) => question.of.as_ref(),
            (None, Some(which)) => which.of.as_ref(),
            (None, None) => None,
        }
    }

    /// Who is asked what is open now, on top or which flow was meant.
    pub(super) fn asked_last(&self) -> Option<&Who> {
        let question = self.question().and_then(|question| question.of.as_ref());
        question.or_else(|| self.which.as_ref()?.of.as_ref())
    }

    /// The question that is asked now, with those who were told that it was not for them.
    pub(super) fn asked_first(&self) -> Option<(u64, &std::collections::BTreeSet<Who>)> {
        let question = self.question().map(|open| (open.id, &open.refused));
        question.or_else(|| self.which.as_ref().map(|open| (open.id, &open.refused)))
    }
}
