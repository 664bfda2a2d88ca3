//! What a worker writes under its lease, and what it does to the run.

use std::time::Duration;

use convene_proto::{id::ConversationId, position::Nonce};

use super::{
    records::{State, Streaming, Wrote},
    step::Step,
    text::{fits, foresee},
};
use crate::store::{Append, Appended, Effect, Entry, Error, Result};

impl Step<'_, '_> {
    pub(super) fn append(&mut self, append: Append) -> Result<Appended> {
        let id = &append.conversation;
        let mut state = self.state(id)?.ok_or(Error::Fenced)?;
        let last = state.wrote.as_ref();
        let last = last.filter(|wrote| wrote.nonce == append.nonce);
        let leased = state.is_leased_by(append.nonce);
        if let Some(last) = last.filter(|last| last.step == append.step) {
            let entries = last.place(append.entries);
            if leased {
                self.memory.lease(id, self.after(append.ttl));
            }
            return Ok(self.appended(id, &state, entries));
        }
        let run = state.run.as_ref().map(|run| &run.id);
        if !leased || append.run.as_ref().is_some_and(|named| run != Some(named)) {
            return Err(Error::Fenced);
        }
        let last = last.map_or(0, |last| last.step);
        if append.step != last.saturating_add(1) {
            return Err(Error::OutOfStep { last });
        }
        let is_stopped = state.run.as_ref().is_some_and(|run| run.cancelled);
        if append.unless_cancelled && is_stopped {
            return Err(Error::Cancelled);
        }
        let effects = append.entries.iter().map(|(_, effect)| effect);
        self.foresee_timers(id, &state, effects)?;
        let streaming = foresee(&state, append.entries.iter().map(|(_, effect)| effect))?;
        if let Some(text) = &append.text {
            fits(streaming.as_ref(), text)?;
        }

        // Nothing refuses from here on.
        self.memory.lease(id, self.after(append.ttl));
        state.wrote = Some(Wrote {
            nonce: append.nonce,
            step: append.step,
            first: state.head.next(),
            prev: state.head_eid,
            at: self.now.max(state.updated_at),
        });
        let mut entries = Vec::with_capacity(append.entries.len());
        for (new, effect) in append.entries {
            // What is offered is forgotten by the id that stands with its event.
            let offers = match &effect {
                Effect::Offer(message) => Some(message),
                _ => None,
            };
            entries.push(self.push(id, &mut state, new, offers)?);
            self.take_effect(id, &mut state, effect)?;
        }
        if let Some(text) = append.text.filter(|text| !text.text.is_empty()) {
            self.put_text(id, &mut state, &text)?;
        }
        self.keep(id, &state)?;
        Ok(self.appended(id, &state, entries))
    }

    pub(super) fn renew(
        &mut self,
        id: &ConversationId,
        nonce: Nonce,
        ttl: Duration,
    ) -> Result<Appended> {
        let (state, _) = self.leased(id, nonce)?;
        self.memory.lease(id, self.after(ttl));
        Ok(self.appended(id, &state, Vec::new()))
    }

    fn appended(&self, id: &ConversationId, state: &State, entries: Vec<Entry>) -> Appended {
        Appended {
            epoch: state.epoch,
            entries,
            head: state.head,
            audience: self.memory.audience(id, self.now),
            cancel: state.run.as_ref().is_some_and(|run| run.cancelled),
        }
    }

    fn take_effect(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        effect: Effect,
    ) -> Result<()> {
        match effect {
            Effect::None => {}
            Effect::Start(message) => {
                state.streaming = Some(Streaming {
                    message,
                    part: 0,
                    length: 0,
                });
            }
            Effect::Offer(message) => {
                let streams = |text: &Streaming| text.message == message;
                if state.streaming.as_ref().is_some_and(streams) {
                    self.offer(id, state, &message)?;
                }
                self.take_effect(id, state, Effect::Complete(message))?;
            }
            Effect::Complete(message) => {
                if state
                    .streaming
                    .take_if(|text| text.message == message)
                    .is_some()
                {
                    self.let_linger(id, &message)?;
                    if let Some(run) = &mut state.run {
                        run.said.push(message);
                    }
                }
            }
            Effect::Retract(message) => {
                self.withdraw(id, &message)?;
                if state
                    .streaming
                    .take_if(|text| text.message == message)
                    .is_some()
                {
                    self.drop_text(id, &message)?;
                }
                if let Some(run) = &mut state.run {
                    run.said.retain(|said| *said != message);
                }
            }
            Effect::Finish => {
                for place in state.run.take().into_iter().flat_map(|run| run.inputs) {
                    self.take_input(id, place)?;
                }
            }
            Effect::SetTimer(timer) => self.set_timer(id, state, timer)?,
            Effect::ClearTimer(name) => {
                if let Some(run) = &state.run {
                    self.clear_timer(id, &run.agent, &name)?;
                }
            }
            Effect::Retry(delay) => {
                let retry_at = self.after(delay);
                if let Some(run) = &mut state.run {
                    run.retry_at = Some(retry_at);
                }
                self.unlease(id, state);
            }
        }
        Ok(())
    }
}
