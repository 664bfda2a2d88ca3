//! Somebody does not answer: something is said, and at last it is ended. Each person who is asked something has a silence of
//! their own.

use std::collections::BTreeSet;

use super::{
    effect::{Due, Effect},
    frame::Frame,
    input::Input,
    record::{Outcome, Recorded},
    state::State,
    turn::Turn,
};
use crate::{
    folder::{SilenceEnd, Span, WhoMayAnswer},
    name::Who,
};

impl Turn<'_> {
    /// Ends the flows that have asked this person; where nobody was asked by name, those that have asked anybody. What waits for a
    /// time or an event goes on, whoever is silent.
    fn end_asked(&mut self, of: Option<&Who>, outcome: Outcome) {
        self.is_speechless = false;
        let asks = |frame: &Frame| {
            let asked = frame.question().map(|question| question.of.as_ref());
            asked.is_some_and(|asked| of.is_none() || asked == of)
        };
        while let Some(index) = self.state.stack.iter().rposition(asks) {
            self.end_whole(index, self.state.root_of(index), outcome);
        }
        self.came_back = true;
    }

    /// They have not answered for a while: something is said, and at last it is ended.
    pub(super) fn silence_over(&mut self, of: Option<Who>, stage: u8) {
        let project = self.project();
        let Some(silence) = &project.assistant().silence else {
            return;
        };
        if stage == 1 {
            match &silence.say {
                Some(own) => {
                    self.spoken_to.clone_from(&of);
                    self.say(own.as_str());
                }
                None => self.say_to(of.as_ref(), "convene.silence"),
            }
            return self.watch(of, 2, silence.then_after.unwrap_or(silence.after));
        }
        self.spoken_to.clone_from(&of);
        match silence.then {
            // What others have begun goes on.
            SilenceEnd::Handoff => self.hand_off(of.as_ref(), None, None, None),
            SilenceEnd::End => {
                self.say("convene.silence_end");
                let is_theirs = |which: &super::state::Which| of.is_none() || which.of == of;
                if self.state.which.as_ref().is_some_and(is_theirs) {
                    self.record(Recorded::WhichClosed);
                }
                self.end_asked(of.as_ref(), Outcome::Silence);
            }
        }
    }

    fn watch(&mut self, of: Option<Who>, stage: u8, after: Span) {
        let timer = self.number();
        self.record(Recorded::SilenceWatched { timer, stage, of });
        self.effect(Effect::SetTimer {
            timer,
            due: Due::After(after.duration()),
        });
    }

    /// Whoever is asked something is waited for no longer than is set.
    pub(super) fn watch_silence(&mut self) {
        let Some(silence) = &self.project().assistant().silence else {
            return;
        };
        if self.state.is_handed_off {
            return;
        }
        for of in self.state.waited_for() {
            if self.is_watched(of.as_ref()) && !self.is_waited_for_anew(of.as_ref()) {
                continue;
            }
            match self.silence_goes_on(of.as_ref()) {
                Some((timer, stage)) => {
                    self.record(Recorded::SilenceWatched { timer, stage, of });
                }
                None => self.watch(of, 1, silence.after),
            }
        }
    }

    fn is_watched(&self, of: Option<&Who>) -> bool {
        let rung = match &self.input {
            Input::Timer { timer } => Some(*timer),
            _ => None,
        };
        let silence = self.state.silence_of(of);
        silence.is_some_and(|(timer, _)| Some(timer) != rung)
    }

    /// Whose clock begins anew, though they have done nothing: who was asked something else, or has heard of an event or a time; and
    /// where anyone may answer, everybody, when anyone has done something.
    fn is_waited_for_anew(&self, of: Option<&Who>) -> bool {
        let Some(before) = self.before() else {
            return false;
        };
        let is_anyones = self.project().assistant().ask.who_may_answer == WhoMayAnswer::Anyone;
        let is_heard = match &self.input {
            Input::Timer { timer } if self.silence_of(*timer).is_some() => false,
            Input::Event { .. } | Input::Timer { .. } => self.said > 0,
            _ => is_anyones && self.input.who().is_some(),
        };
        let is_new = self.state.silence_of(of) == before.silence_of(of);
        is_new && (is_heard || before.asked_of(of) != self.state.asked_of(of))
    }

    /// The silence of whom a question asks that asks nobody by name, where nobody has done or heard anything in this turn.
    fn silence_goes_on(&self, of: Option<&Who>) -> Option<(u64, u8)> {
        let is_outside = matches!(&self.input, Input::Event { .. } | Input::Timer { .. });
        let before = self.before().filter(|_| is_outside && self.said == 0)?;
        let is_same = before.asked_of(of) == self.state.asked_of(of);
        before.silence.filter(|_| of.is_none() && is_same)
    }

    fn before(&self) -> Option<&State> {
        self.state.under_way.as_ref().map(|begun| &begun.before)
    }
}

impl State {
    fn silence_of(&self, of: Option<&Who>) -> Option<(u64, u8)> {
        match of {
            Some(of) => self.silences.get(of).copied(),
            None => self.silence,
        }
    }

    /// The question that somebody is asked on top of what is theirs, and which flow they meant.
    fn asked_of(&self, of: Option<&Who>) -> Option<u64> {
        let which = self.which.as_ref().filter(|which| which.of.as_ref() == of);
        let which = which.map(|which| which.id);
        which.or_else(|| Some(self.question_of(of)?.id))
    }

    fn question_of(&self, of: Option<&Who>) -> Option<&super::Question> {
        let is_theirs = |frame: &Frame| {
            let asked = frame.question().map(|question| question.of.as_ref());
            asked.is_some_and(|asked| asked == of)
        };
        let index = self.stack.iter().rposition(is_theirs)?;
        let is_anothers = |frame: &Frame| {
            let asked = frame.question().and_then(|question| question.of.as_ref());
            let whose = asked.or(frame.of.as_ref());
            whose.is_some() && whose != of
        };
        let is_on_top = self.stack.iter().skip(index + 1).all(is_anothers);
        self.stack.get(index).filter(|_| is_on_top)?.question()
    }

    /// Everybody who is asked something on top of what is theirs.
    fn waited_for(&self) -> BTreeSet<Option<Who>> {
        let questions = self.stack.iter().filter_map(Frame::question);
        let asked = questions.map(|question| question.of.clone());
        let which = self.which.iter().map(|which| which.of.clone());
        let all: BTreeSet<_> = asked.chain(which).collect();
        let is_asked = |of: &Option<Who>| self.asked_of(of.as_ref()).is_some();
        all.into_iter().filter(is_asked).collect()
    }

    /// Who is asked nothing any more is not waited for; and nobody is while a person has the conversation.
    pub(super) fn forget_silences(&mut self) {
        let waited_for = self.waited_for();
        let is_handed_off = self.is_handed_off;
        let is_asked = |who: &Who| !is_handed_off && waited_for.contains(&Some(who.clone()));
        self.silences.retain(|who, _| is_asked(who));
    }
}
