//! Runs: claiming, releasing, cancelling, and the sweep for those that nobody rings for.

use std::time::Duration;

use convene_proto::{
    id::{ConversationId, Pool, RunId},
    position::Nonce,
};
use convene_runtime::lies::{Lie, told};
use redb::ReadableTable;

use super::{
    error::unreadable,
    log,
    records::{self, Lease, Place, Run, State},
    step::{Step, Weight},
};
use crate::store::{
    Cancel, Cancelled, Claim, ClaimOutcome, Claimed, Due, Entry, Error, Held, RING_AGAIN, Recent,
    Release, Result,
};

/// What is answered is on disk.
const SETTLED: Duration = Duration::ZERO;

/// A lease to be taken, and what to tell its holder.
struct Taking {
    lease: Lease,
    run: RunId,
    ttl: Duration,
    history: Recent,
    restored: Option<Entry>,
}

impl Step<'_, '_> {
    pub(super) fn claim(&mut self, claim: Claim) -> Result<ClaimOutcome> {
        let id = &claim.conversation;
        let known = self.state(id)?;
        if known.is_some_and(|state| state.is_too_late(claim.nonce, &claim.run)) {
            return Err(Error::Fenced);
        }
        let restored = match claim.restore {
            Some(restore) => self.restore(restore)?,
            None => None,
        };
        let Some(mut state) = self.state(id)? else {
            return Ok(ClaimOutcome::Empty);
        };
        if !state.is_leased_by(claim.nonce) {
            if let Some(until) = self.leased_until(id, &state) {
                return Ok(ClaimOutcome::Held(Held {
                    left: self.until(until),
                    settles: SETTLED,
                }));
            }
            if let Some(at) = self.retry_at(&state) {
                return Ok(ClaimOutcome::Backoff(self.until(at)));
            }
        }
        let taking = Taking {
            lease: Lease {
                nonce: claim.nonce,
                holder: claim.holder,
            },
            run: claim.run,
            ttl: claim.ttl,
            history: claim.history,
            restored,
        };
        Ok(match self.take(id, &mut state, taking)? {
            Some(claimed) => ClaimOutcome::Claimed(Box::new(claimed)),
            None => ClaimOutcome::Empty,
        })
    }

    pub(super) fn release(&mut self, release: Release) -> Result<Option<Claimed>> {
        let id = &release.conversation;
        let (mut state, lease) = self.leased(id, release.nonce)?;
        let began = state.taken.as_ref() == Some(&release.run);
        let goes_on = state.run.as_ref().filter(|_| !began);
        let is_another =
            goes_on.is_some_and(|run| release.over.as_ref().is_some_and(|over| *over != run.id));
        if is_another || state.is_too_late(release.nonce, &release.run) {
            return Err(Error::Fenced);
        }
        if release.abandon {
            if let Some(run) = &mut state.run {
                run.attempt = run.attempt.saturating_sub(1);
            }
            let rings = self.next_ring(id)?.into_iter();
            let due = rings.chain(state.due).min();
            self.set_due(id, &mut state, due)?;
        } else {
            let taking = Taking {
                lease,
                run: release.run,
                ttl: release.ttl,
                history: release.history,
                restored: None,
            };
            let next = self.take(id, &mut state, taking)?;
            if next.is_some() {
                return Ok(next);
            }
            let rings = self.next_ring(id)?;
            self.set_due(id, &mut state, rings)?;
        }
        self.unlease(id, &mut state);
        self.keep(id, &state)?;
        Ok(None)
    }

    /// The state and the lease, if it is this one.
    pub(super) fn leased(&self, id: &ConversationId, nonce: Nonce) -> Result<(State, Lease)> {
        let state = self.state(id)?.ok_or(Error::Fenced)?;
        let lease = state.lease.clone().filter(|lease| lease.nonce == nonce);
        Ok((state, lease.ok_or(Error::Fenced)?))
    }

    pub(super) fn unlease(&mut self, id: &ConversationId, state: &mut State) {
        state.lease = None;
        self.memory.unlease(id);
    }

    pub(super) fn leased_until(&self, id: &ConversationId, state: &State) -> Option<u64> {
        let until = self.memory.leased_until(id, self.now);
        until.filter(|_| state.lease.is_some())
    }

    fn retry_at(&self, state: &State) -> Option<u64> {
        let at = state.run.as_ref()?.retry_at;
        at.filter(|at| *at > self.now)
    }

    /// Takes the lease for the next attempt at the run under way, or for a new run; `None` where
    /// there is neither. A call that came twice takes nothing the second time.
    fn take(
        &mut self,
        id: &ConversationId,
        state: &mut State,
        taking: Taking,
    ) -> Result<Option<Claimed>> {
        let nonce = taking.lease.nonce;
        let again = state.is_leased_by(nonce) && state.taken.as_ref() == Some(&taking.run);
        let mut rang = None;
        let under_way = match state.run.take() {
            Some(run) => Some(run),
            None => {
                if self.oldest_input(id)?.is_none() {
                    rang = self.ring(id, state)?;
                }
                self.next_run(id, taking.run.clone())?
            }
        };
        let Some(mut run) = under_way else {
            return Ok(None);
        };
        run.attempt = run.attempt.saturating_add(u32::from(!again));
        run.retry_at = None;
        run.cancelled |= !records::has_agent(&self.tables.members, id, &run.agent)?;
        if !again {
            state.spend(taking.run.clone());
            // What an attempt that is over has offered is taken back by the next, which begins here.
            for message in &run.said {
                self.withdraw(id, message)?;
            }
        }
        state.taken = Some(taking.run);
        state.looks = 0;
        state.lease = Some(taking.lease);
        state.run = Some(run.clone());
        let lapses = self.after(taking.ttl);
        self.memory.lease(id, lapses);
        let due = state.due.map_or(lapses, |due| due.min(lapses));
        self.set_due(id, state, Some(due))?;
        self.keep(id, state)?;
        Ok(Some(Claimed {
            nonce,
            inputs: self.inputs(id, &run.inputs)?,
            run: run.id,
            attempt: run.attempt,
            agent: run.agent,
            pool: run.pool,
            history: log::recent(
                &self.tables.log,
                id,
                state.head,
                taking.history,
                self.limits.page_bytes,
            )?,
            conversation: self.seen(id, state)?,
            epoch: state.epoch,
            unfinished: state.streaming.as_ref().map(|text| text.message.clone()),
            said: run.said,
            cancelled: run.cancelled,
            audience: self.memory.audience(id, self.now),
            restored: taking.restored,
            rang,
            timers: self
                .timers(id)?
                .into_iter()
                .map(|timer| timer.pending)
                .collect(),
            settles: SETTLED,
        }))
    }

    fn next_run(&self, id: &ConversationId, run: RunId) -> Result<Option<Run>> {
        let inputs = self.next_inputs(id)?;
        Ok(inputs.first().map(|(_, first)| Run {
            id: run,
            attempt: 0,
            agent: first.agent.clone(),
            pool: first.pool.clone(),
            inputs: inputs.iter().map(|(place, _)| *place).collect(),
            cancelled: first.cancelled,
            retry_at: None,
            said: Vec::new(),
        }))
    }

    fn inputs(&self, id: &ConversationId, places: &[Place]) -> Result<Vec<Entry>> {
        let entry = |place: &Place| {
            let found = self.entry(id, place.seq)?;
            found.ok_or_else(|| unreadable("a mailbox"))
        };
        places.iter().map(entry).collect()
    }

    // --- cancelling ---

    pub(super) fn cancel(&mut self, cancel: Cancel) -> Result<Cancelled> {
        let id = &cancel.conversation;
        let mut state = self.state(id)?.ok_or(Error::NotFound)?;
        records::admit(&self.tables.members, id, &cancel.viewer)?;
        match &state.run {
            Some(run) if cancel.run.as_ref().is_none_or(|named| *named == run.id) => {
                let cancelled = self.cancel_run(id, &mut state)?;
                if cancelled.holder.is_none() {
                    self.hurry(id, &mut state)?;
                }
                self.keep(id, &state)?;
                Ok(cancelled)
            }
            None if cancel.run.is_none() => self.cancel_waiting(id, &mut state),
            _ => Err(Error::NothingToCancel),
        }
    }

    /// Marks the run under way; its next attempt need not wait. The state is yet to be kept.
    pub(super) fn cancel_run(
        &mut self,
        id: &ConversationId,
        state: &mut State,
    ) -> Result<Cancelled> {
        let held = self.leased_until(id, state).is_some();
        let holder = state.lease.as_ref().filter(|_| held);
        let holder = holder.map(|lease| lease.holder.clone());
        let run = state.run.as_mut().ok_or(Error::NothingToCancel)?;
        if told(Lie::ForgottenCancel) {
            return Ok(Cancelled {
                run: Some(run.id.clone()),
                holder: None,
            });
        }
        run.cancelled = true;
        run.retry_at = None;
        state.looks = 0;
        let cancelled = Cancelled {
            run: Some(run.id.clone()),
            holder,
        };
        self.weigh(Weight::Durable);
        Ok(cancelled)
    }

    fn cancel_waiting(&mut self, id: &ConversationId, state: &mut State) -> Result<Cancelled> {
        let inputs = self.next_inputs(id)?;
        if inputs.is_empty() {
            return Err(Error::NothingToCancel);
        }
        for (place, mut input) in inputs {
            input.cancelled = true;
            self.put_input(id, place, &input)?;
        }
        self.hurry(id, state)?;
        self.keep(id, state)?;
        Ok(Cancelled {
            run: None,
            holder: None,
        })
    }

    // --- sweeping ---

    pub(super) fn sweep(&mut self, limit: usize) -> Result<Vec<Due>> {
        let mut swept = Vec::new();
        // Whatever is looked at leaves the set or moves into the future, so this ends. The bound
        // keeps one sweep from holding up everybody else.
        for _ in 0..limit.saturating_mul(8) {
            if swept.len() >= limit {
                break;
            }
            let Some(id) = self.first_due()? else { break };
            let mut state = self.state(&id)?.ok_or_else(|| unreadable("a due set"))?;
            let (pool, timer) = self.pool_of_work(&id, &state)?;
            let held = self.leased_until(&id, &state);
            // A lease may be given back, and a backoff be cancelled, before its time.
            let later = self.after(self.limits.due_after);
            let due = match (pool, held.or_else(|| self.retry_at(&state))) {
                (None, _) => self.next_ring(&id)?,
                (Some(_), Some(wait)) => Some(wait.min(later)),
                (Some(pool), None) => {
                    if state.rings() {
                        swept.push(Due {
                            conversation: id.clone(),
                            pool,
                            timer: timer && state.looks == 1,
                        });
                    }
                    let again = state.run.is_some() && state.looks == 1;
                    Some(if again {
                        later.min(self.after(RING_AGAIN))
                    } else {
                        later
                    })
                }
            };
            self.set_due(&id, &mut state, due)?;
            self.keep(&id, &state)?;
        }
        Ok(swept)
    }

    fn first_due(&self) -> Result<Option<ConversationId>> {
        let mut rows = self.tables.due.iter()?;
        let Some(row) = rows.next() else {
            return Ok(None);
        };
        let (key, _) = row?;
        let (at, id) = key.value();
        if at > self.now {
            return Ok(None);
        }
        id.parse().map(Some).map_err(|_| unreadable("a due set"))
    }

    /// The pool in which to ring, and whether that is for a timer.
    fn pool_of_work(&self, id: &ConversationId, state: &State) -> Result<(Option<Pool>, bool)> {
        let mut rings = false;
        let work = match &state.run {
            Some(run) => Some((run.agent.clone(), run.pool.clone())),
            None => match self.next_inputs(id)?.into_iter().next() {
                Some((_, input)) => Some((input.agent, input.pool)),
                None => {
                    let next = self.timers(id)?.into_iter().next();
                    let due = next.filter(|timer| timer.pending.at <= self.now);
                    rings = due.is_some();
                    due.map(|timer| (timer.pending.agent, timer.pool))
                }
            },
        };
        let Some((agent, pool)) = work else {
            return Ok((None, rings));
        };
        // What waits for an agent that has left is cancelled, which any worker can do.
        let pool = if records::has_agent(&self.tables.members, id, &agent)? {
            pool
        } else {
            self.profile(id)?.pool
        };
        Ok((Some(pool), rings))
    }

    // --- time ---

    /// The time so long from now.
    pub(super) fn after(&self, wait: Duration) -> u64 {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.now.saturating_add(wait)
    }

    fn until(&self, at: u64) -> Duration {
        Duration::from_millis(at.saturating_sub(self.now))
    }
}
