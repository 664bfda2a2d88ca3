//! One atomic step: the tables and the memory, at one moment, in the writer's hands.

use convene_proto::{
    event::Conversation,
    id::{ConversationId, ParticipantId},
};

use super::{
    error::unreadable,
    memory::Memory,
    records::{self, Profile, State},
    tables::Tables,
};
use crate::store::{Limits, Result};

/// How much of what a step did must survive a crash once it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Nothing was written.
    Nothing,
    /// It may be lost with the process, and soon is safe nevertheless.
    Relaxed,
    /// All of it, and what was written before.
    Durable,
}

/// A step under way.
pub(super) struct Step<'a, 't> {
    pub(super) tables: &'a mut Tables<'t>,
    pub(super) memory: &'a mut Memory,
    pub(super) limits: &'a Limits,
    /// Milliseconds since 1970 (UTC).
    pub(super) now: u64,
    pub(super) weight: Weight,
}

impl Step<'_, '_> {
    /// Notes that the step has written, or is about to. A step that fails after this spoils the
    /// whole batch: refuse before the first write.
    pub(super) fn weigh(&mut self, weight: Weight) {
        self.weight = self.weight.max(weight);
    }

    /// Forgets what is past.
    pub(super) fn purge(&mut self) -> Result<()> {
        self.memory.purge(self.now);
        self.purge_text()
    }

    pub(super) fn state(&self, id: &ConversationId) -> Result<Option<State>> {
        records::state(&self.tables.states, id)
    }

    pub(super) fn keep(&mut self, id: &ConversationId, state: &State) -> Result<()> {
        self.weigh(Weight::Relaxed);
        let json = records::encode(state)?;
        self.tables.states.insert(id.as_str(), &json[..])?;
        Ok(())
    }

    pub(super) fn profile(&self, id: &ConversationId) -> Result<Profile> {
        records::profile(&self.tables.profiles, id)?.ok_or_else(|| unreadable("a profile"))
    }

    /// The conversation as its participants see it.
    pub(super) fn seen(&self, id: &ConversationId, state: &State) -> Result<Conversation> {
        let participants = records::participants(&self.tables.members, id)?;
        Ok(records::conversation(
            id,
            self.profile(id)?,
            participants,
            state,
        ))
    }

    /// Moves the conversation to another place in the due set, or out of it.
    pub(super) fn set_due(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        due: Option<u64>,
    ) -> Result<()> {
        if state.due == due {
            return Ok(());
        }
        self.weigh(Weight::Relaxed);
        if let Some(before) = std::mem::replace(&mut state.due, due) {
            self.tables.due.remove((before, id.as_str()))?;
        }
        if let Some(at) = due {
            self.tables.due.insert((at, id.as_str()), ())?;
        }
        Ok(())
    }

    /// Puts the conversation to the front of the due set, if it is there; it is rung for, however
    /// often that was in vain. The state is yet to be kept.
    pub(super) fn hurry(&mut self, id: &ConversationId, state: &mut State) -> Result<()> {
        state.looks = 0;
        let at_once = state.due.map(|due| due.min(self.now));
        self.set_due(id, state, at_once)
    }

    /// Moves the conversation to the top of these people's lists.
    pub(super) fn touch<'p>(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        people: impl IntoIterator<Item = &'p ParticipantId>,
    ) -> Result<()> {
        let before = state.touched;
        state.touched = self.memory.next_touch(self.now);
        for who in people {
            self.unlist(id, before, who)?;
            self.list(id, state.touched, who)?;
        }
        Ok(())
    }

    /// Agents have no list.
    fn list(&mut self, id: &ConversationId, touched: u64, who: &ParticipantId) -> Result<()> {
        if let ParticipantId::User(_) = who {
            self.weigh(Weight::Relaxed);
            let who = who.to_string();
            self.tables
                .lists
                .insert((who.as_str(), u64::MAX - touched, id.as_str()), ())?;
        }
        Ok(())
    }

    pub(super) fn unlist(
        &mut self,
        id: &ConversationId,
        touched: u64,
        who: &ParticipantId,
    ) -> Result<()> {
        if let ParticipantId::User(_) = who {
            self.weigh(Weight::Relaxed);
            let who = who.to_string();
            self.tables
                .lists
                .remove((who.as_str(), u64::MAX - touched, id.as_str()))?;
        }
        Ok(())
    }
}
