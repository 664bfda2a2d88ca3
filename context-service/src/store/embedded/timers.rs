//! Timers: what agents asked to be woken for, and what rings.

use bytes::Bytes;
use convene_proto::{
    event::TurnPolicy,
    id::{AgentName, ConversationId, Pool, TimerName},
    position::Eid,
    timer::{MOST_TIMERS, Rings},
};
use convene_runtime::lies::{Lie, told};
use redb::ReadableTable as _;

use super::{
    error::unreadable,
    records::{Input, Line, Place, State},
    step::{Step, Weight},
};
use crate::store::{Effect, Entry, Error, NewEntry, NewTimer, PendingTimer, Result};

/// A timer that is set.
pub(super) struct Timer {
    pub(super) pending: PendingTimer,
    pub(super) pool: Pool,
    fired: NewEntry,
}

impl Step<'_, '_> {
    /// The conversation's timers, the next one first.
    pub(super) fn timers(&self, id: &ConversationId) -> Result<Vec<Timer>> {
        let mut timers = Vec::new();
        for row in self.tables.timers.range((id.as_str(), "", "")..)? {
            let (key, value) = row?;
            let (conversation, agent, name) = key.value();
            if conversation != id.as_str() {
                break;
            }
            let (at, pool, eid, body) = value.value();
            timers.push(Timer {
                pending: PendingTimer {
                    agent: agent.parse().map_err(|_| unreadable("a timer"))?,
                    name: name.parse().map_err(|_| unreadable("a timer"))?,
                    at,
                },
                pool: pool.parse().map_err(|_| unreadable("a timer"))?,
                fired: NewEntry {
                    eid: Eid(eid),
                    body: Bytes::copy_from_slice(body),
                },
            });
        }
        timers.sort_by_key(|timer| timer.pending.at);
        Ok(timers)
    }

    /// When the next one rings.
    pub(super) fn next_ring(&self, id: &ConversationId) -> Result<Option<u64>> {
        Ok(self.timers(id)?.first().map(|timer| timer.pending.at))
    }

    /// Refuses timers for which there is no room, or no run.
    pub(super) fn foresee_timers<'e>(
        &self,
        id: &ConversationId,
        state: &State,
        effects: impl Iterator<Item = &'e Effect>,
    ) -> Result<()> {
        let mut agent = state.run.as_ref().map(|run| &run.agent);
        let mut set: Option<Vec<(AgentName, TimerName)>> = None;
        for effect in effects {
            let name = match effect {
                Effect::SetTimer(timer) => &timer.name,
                Effect::ClearTimer(name) => name,
                Effect::Finish => {
                    agent = None;
                    continue;
                }
                _ => continue,
            };
            let agent =
                agent.ok_or(Error::Conflict("timers are a run's, and none is under way"))?;
            let set = match &mut set {
                Some(set) => set,
                none => {
                    let timers = self.timers(id)?.into_iter();
                    none.insert(
                        timers
                            .map(|timer| (timer.pending.agent, timer.pending.name))
                            .collect(),
                    )
                }
            };
            set.retain(|one| (&one.0, &one.1) != (agent, name));
            if let Effect::SetTimer(_) = effect {
                set.push((agent.clone(), name.clone()));
            }
            if set.len() > MOST_TIMERS {
                return Err(Error::Conflict(
                    "this conversation has as many timers as it may",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn set_timer(
        &mut self,
        id: &ConversationId,
        state: &State,
        timer: NewTimer,
    ) -> Result<()> {
        let Some(run) = state.run.as_ref().filter(|_| !told(Lie::ForgottenTimer)) else {
            return Ok(());
        };
        let at = match timer.rings {
            Rings::AfterMs(wait) => self.now.saturating_add(wait),
            Rings::AtMs(at) => at,
        };
        self.weigh(Weight::Durable);
        let key = (id.as_str(), run.agent.as_str(), timer.name.as_str());
        let value = (
            at,
            run.pool.as_str(),
            timer.fired.eid.0,
            &timer.fired.body[..],
        );
        self.tables.timers.insert(key, value)?;
        Ok(())
    }

    pub(super) fn clear_timer(
        &mut self,
        id: &ConversationId,
        agent: &AgentName,
        name: &TimerName,
    ) -> Result<()> {
        self.weigh(Weight::Durable);
        let key = (id.as_str(), agent.as_str(), name.as_str());
        self.tables.timers.remove(key)?;
        Ok(())
    }

    /// Lets the next timer ring, if its time has come: its event is written, and waits for its agent.
    /// The state is yet to be kept.
    pub(super) fn ring(&mut self, id: &ConversationId, state: &mut State) -> Result<Option<Entry>> {
        let next = self.timers(id)?.into_iter().next();
        let Some(timer) = next.filter(|timer| timer.pending.at <= self.now) else {
            return Ok(None);
        };
        self.clear_timer(id, &timer.pending.agent, &timer.pending.name)?;
        let entry = self.push(id, state, timer.fired, None)?;
        let place = Place {
            line: Line::Regular,
            seq: entry.seq,
        };
        let input = Input {
            agent: timer.pending.agent,
            pool: timer.pool,
            policy: TurnPolicy::Enqueue,
            cancelled: false,
        };
        self.put_input(id, place, &input)?;
        Ok(Some(entry))
    }
}
