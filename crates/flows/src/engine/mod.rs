//! The engine: what is said and done when something happens in a conversation.
//!
//! It does nothing by itself. [`Engine::feed`] takes what happened and gives a [`Turn`], which is asked for
//! what comes [`Next`] until it is done: records for the log, effects to do, and requests whose answers it
//! needs to go on. The state of a conversation is the fold of its records ([`State::fold`]), and nothing
//! else. A turn that was begun and not ended (its worker died) is fed the same input again: it
//! goes through what was recorded, gives the effects again, asks for no answer that was recorded, and
//! goes on from there. If the files have changed so that it cannot, it is [`Next::Diverged`], and is begun
//! anew.

mod addressed;
mod again;
#[cfg(test)]
mod again_tests;
mod ahead;
mod answer;
mod ask;
mod asked;
#[cfg(test)]
mod asked_tests;
mod begin;
#[cfg(test)]
mod begin_tests;
mod beside;
#[cfg(test)]
mod besides_tests;
#[cfg(test)]
mod bounds_tests;
mod call;
mod called;
#[cfg(test)]
mod called_tests;
#[cfg(test)]
mod calls_tests;
mod cancel;
mod card;
mod checkpoint;
mod choice;
#[cfg(test)]
mod choice_tests;
mod chosen;
mod clauses;
#[cfg(test)]
mod clauses_tests;
mod clock;
#[cfg(test)]
mod codes_tests;
mod company;
#[cfg(test)]
mod company_tests;
mod confirm;
mod correct;
mod corrections;
mod counted_on;
#[cfg(test)]
mod counted_on_tests;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod digression_tests;
#[cfg(test)]
mod early_tests;
mod effect;
mod end;
mod entities;
mod event;
#[cfg(test)]
mod event_tests;
mod fill;
mod fold;
mod form;
mod frame;
mod go_back;
mod gone;
#[cfg(test)]
mod group_tests;
mod half_turn;
#[cfg(test)]
mod half_turn_tests;
mod handoff;
mod hear;
mod input;
mod intake;
#[cfg(test)]
mod labels_tests;
mod language;
#[cfg(test)]
mod language_tests;
mod laps;
#[cfg(test)]
mod layout_tests;
mod left;
mod lost;
mod meant;
mod meant_otherwise;
mod misfit;
#[cfg(test)]
mod misfit_tests;
mod mistyped;
mod nod_with_more;
mod offered;
#[cfg(test)]
mod offered_in_words_tests;
#[cfg(test)]
mod offered_tests;
#[cfg(test)]
mod outdated_tests;
#[cfg(test)]
mod outside_tests;
mod parts;
#[cfg(test)]
mod parts_tests;
mod people;
#[cfg(test)]
mod people_tests;
mod read;
mod record;
#[cfg(test)]
pub(crate) mod replay;
mod resume;
mod reworded;
#[cfg(test)]
mod reworded_tests;
mod run;
mod say;
mod several;
mod shared;
#[cfg(test)]
mod shared_tests;
mod silence;
mod small_talk;
#[cfg(test)]
mod small_talk_tests;
mod state;
mod story_told;
#[cfg(test)]
mod summary_tests;
mod taken_back;
#[cfg(test)]
mod taken_back_tests;
#[cfg(test)]
mod tests;
mod timer;
mod top;
#[cfg(test)]
mod torn_tests;
mod turn;
#[cfg(test)]
mod turns_tests;
mod unwanted;
#[cfg(test)]
mod unwanted_tests;
mod values;
mod wait;
#[cfg(test)]
mod waits_tests;
mod which;
#[cfg(test)]
mod who_is_answered_tests;
mod whose_answer;
#[cfg(test)]
mod whose_answer_tests;
mod wish;
mod yes_or_no;
#[cfg(test)]
mod yes_or_no_tests;

pub use self::{
    addressed::Addressed,
    begin::MOST_AWAITED,
    clock::Clock,
    company::{Person, Remark},
    effect::{
        Answer, Button, Card, Due, Effect, Form, FormField, HttpCall, Prompt, Request, Saying,
    },
    frame::{Filled, Frame, Question, Waiting},
    half_turn::stands_unsaid,
    input::{Called, Clause, Decision, Entity, Heard, Input, Ranked},
    record::{About, Origin, Outcome, Recorded, Why},
    shared::Whose,
    state::State,
    turn::{Next, Turn},
};
use crate::projects::Projects;

/// Feeds conversations.
#[derive(Debug, Clone, Copy)]
pub struct Engine<'p> {
    projects: &'p Projects,
}

impl<'p> Engine<'p> {
    /// An engine over these projects.
    #[must_use]
    pub const fn new(projects: &'p Projects) -> Self {
        Self { projects }
    }

    /// What is to be done about an input, and what time it is; a civil time is one in UTC.
    #[must_use]
    pub fn feed(&self, state: &State, input: Input, now: impl Into<Clock>) -> Turn<'p> {
        Turn::new(self.projects, state, input, now.into())
    }

    /// Whether a conversation that a person was asked for is given back by what happens: feed [`Input::HandedBack`] first.
    /// Nobody can be called yet, so the assistant goes on, rather than fall silent for ever: with what people say and do
    /// (`happened` is none), and with an event that begins a flow.
    #[must_use]
    pub fn is_given_back_by(&self, state: &State, happened: Option<&Input>) -> bool {
        let begins = || match happened {
            None => true,
            Some(Input::Event { name, .. }) => {
                self.projects.current().flow_of_event(name).is_some()
            }
            Some(_) => false,
        };
        state.is_handed_off() && begins()
    }
}
