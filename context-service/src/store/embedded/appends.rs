//! What a worker writes under its lease, and what it does to the run.

use std::time::Duration;

use convene_proto::{
    id::ConversationId,
    position::{Eid, Nonce},
};

use super::{
    records::{State, Streaming},
    step::{Step, Weight},
    text::foresee,
};
use crate::store::{Append, Appended, Effect, Entry, Error, Result};

impl Step<'_, '_> {
    pub(super) fn append(&mut self, append: Append) -> Result<Appended> {
        let id = &append.conversation;
        let mut state = self.state(id)?.ok_or(Error::Fenced)?;
        let known = if append.retry {
            let eids: Vec<Eid> = append.entries.iter().map(|(new, _)| new.eid).collect();
            self.recent(id, &state, &eids)?
        } else {
            Vec::new()
        };
        let is_known = |eid: Eid| known.iter().any(|entry| entry.eid == eid);
        let writes = append
            .run
            .as_ref()
            .is_none_or(|named| state.run.as_ref().is_some_and(|run| run.id == *named));
        if !writes || !state.is_leased_by(append.nonce) {
            let all_known = append.entries.iter().all(|(new, _)| is_known(new.eid));
            if append.entries.is_empty() || !all_known {
                return Err(Error::Fenced);
            }
            return Ok(self.appended(id, &state, known));
        }

        let effects = append.entries.iter().filter(|(new, _)| !is_known(new.eid));
        let streaming = foresee(&state, effects.map(|(_, effect)| effect))?;
        let text = match append.text {
            // It was written with its entries, and the message may have ended since.
            Some(_) if !append.entries.is_empty() && known.len() == append.entries.len() => None,
            Some(text) => self.unwritten(id, streaming.as_ref(), text, append.retry)?,
            None => None,
        };

        // Nothing refuses from here on.
        self.memory.lease(id, self.after(append.ttl));
        let mut entries = Vec::with_capacity(append.entries.len());
        for (new, effect) in append.entries {
            match known.iter().find(|entry| entry.eid == new.eid) {
                Some(entry) => entries.push(entry.clone()),
                None => {
                    entries.push(self.push(id, &mut state, new, None)?);
                    self.take_effect(id, &mut state, effect)?;
                }
            }
        }
        if let Some(text) = text {
            self.put_text(id, &mut state, &text)?;
        }
        if self.weight > Weight::Nothing {
            self.keep(id, &state)?;
        }
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
