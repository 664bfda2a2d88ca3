//! What a person said: commands, wishes, answers, or nothing that was understood.

use super::{
    cancel::surely_cancels,
    input::{Called, Heard},
    meant::Meant,
    turn::Turn,
};
use crate::slot::Misfit;

impl Turn<'_> {
    pub(super) fn hear(&mut self, heard: &Heard) {
        let who = heard.who.as_ref();
        let was_doubted = self.is_asked_whether_to_cancel(who);
        let is_told = self.hear_language(heard);
        if self.which_was_said(heard) {
            return;
        }
        let mut question = self.question_for(who);
        let wanted = self.without_refused(heard);
        let heard = wanted.as_ref().unwrap_or(heard);
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
        if let Some(question) = &question {
            if self.is_a_story(heard, question) {
                meant.tells_a_story();
            }
            meant.repeat |= self.asks_what(&heard.text);
            meant.correct |= self.changes_a_choice(heard, &meant, question);
            self.hear_flag_before_wish(heard, &mut meant, question);
        }
        let is_answer = |question| self.is_answer(heard, question);
        if meant.wants.len() > 1 && !question.as_ref().is_some_and(is_answer) {
            self.tell_by_parts(heard, &meant.wants);
        }
        if self.is_nothing_to_the_menu(heard, &meant) {
            self.drop_menu();
            question = self.question_for(who);
        }
        if let Some(open) = &question
            && let Some(below) = self.is_answer_below(heard, &meant, open)
        {
            self.raise_to_top(below);
            question = self.question_for(who);
        }
        if question.is_none() {
            self.mean_otherwise(heard, &mut meant);
        }
        let is_sure = surely_cancels(heard) || self.cancels_in_a_word(heard, question.as_ref());
        let is_asked = self.state.asked_first().is_some();
        let is_anothers = question.is_none() && is_asked;
        if let Some(question) = &question
            && self.leaves_a_choice_open(heard, &meant, question)
        {
            self.misfit(question, &Misfit::NotOffered);
        } else if meant.human {
            self.hand_off(who, None, None, Some(heard.text.clone()));
            self.want_afterwards(meant.wants);
        } else if meant.cancel && self.raise_theirs(who) {
            if !is_sure && meant.wants.is_empty() {
                self.ask_whether_to_cancel(&meant.intents, &heard.text);
            } else {
                self.cancel_and_want(std::mem::take(&mut meant.wants));
            }
        } else if meant.repeat
            && let Some(question) = &question
        {
            self.ask_again(question, question.tries);
        } else if meant.correct
            && let Some(question) = &question
            && self.corrects_below(heard, question)
        {
            // It was no word of what asks now.
        } else if let Some(question) = question {
            let is_an_option = || self.option_said(&heard.text).is_some();
            if heard.called == Called::Alone
                && !self.is_plainly_an_answer(heard, &question)
                && !is_an_option()
            {
                return self.ask_again(&question, question.tries);
            }
            self.answer(heard, meant, &question);
        } else if !meant.wants.is_empty() {
            self.want(meant.wants);
        } else if meant.correct && self.correct_what_waits(heard) {
            // What waits goes back to where it asked for it.
        } else if is_anothers && (self.refuse(heard, &meant) || !self.is_addressed(heard)) {
            // They know that it is not for them, or did not speak to the assistant.
        } else if meant.cancel {
            self.say("convene.nothing_to_cancel");
        } else if self.begin_again(heard) {
            // It is another value for what was wanted before.
        } else if self.is_a_nod(heard, &meant) {
            self.say("convene.nothing_open");
        } else if !is_told {
            self.not_understood(heard);
        }
    }
}
