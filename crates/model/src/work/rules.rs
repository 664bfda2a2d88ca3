//! The rules: which steps are possible in a state, and what each does.

use super::{Action, Bell, Event, Hold, Lease, State, Submit, Weakness, Work, Worker};

/// The sweeper rings no more where so many doorbells wait.
const ENOUGH_BELLS: u8 = 1;

impl Work {
    /// What can happen by itself.
    pub(super) fn steps(&self, state: &State, actions: &mut Vec<Action>) {
        for (input, submit) in (0..).zip(&state.submits) {
            match submit {
                Submit::Late => actions.push(Action::EnterDue { input }),
                Submit::New | Submit::Entered(_) => actions.push(Action::Write { input }),
                Submit::Written => actions.push(Action::Ring { input }),
                Submit::Accepted => {}
            }
        }
        for (worker, does) in (0..).zip(&state.workers) {
            match does {
                Worker::Idle => {
                    if state.fresh > 0 {
                        actions.push(Action::Take {
                            worker,
                            redelivered: false,
                        });
                    }
                    if state.again > 0 {
                        actions.push(Action::Take {
                            worker,
                            redelivered: true,
                        });
                    }
                }
                Worker::Claims(_) => actions.push(Action::Claim { worker }),
                Worker::Begins(..) => actions.push(Action::Begin { worker }),
                Worker::Finishes(..) | Worker::Stops(..) => {
                    actions.push(Action::Finish { worker });
                }
                Worker::Releases(..) | Worker::GivesBack(..) => {
                    actions.push(Action::Release { worker });
                }
                Worker::Acks(_) => actions.push(Action::Ack { worker }),
            }
        }
        if state.leaving.is_some() {
            actions.push(Action::Leave);
        }
        let held = state.lease.is_some_and(|lease| !lease.over);
        if self.sweeper && state.due.is_some() && state.leaving.is_none() && !held {
            let bells = state.fresh + state.again;
            if !state.has_work() || bells < ENOUGH_BELLS {
                actions.push(Action::Sweep);
            }
        }
        if state
            .lease
            .is_some_and(|lease| !lease.over && !state.is_held(lease.nonce))
        {
            actions.push(Action::Expire);
        }
    }

    pub(super) fn faults(&self, state: &State, actions: &mut Vec<Action>) {
        let held = state
            .lease
            .is_some_and(|lease| !lease.over && state.is_held(lease.nonce));
        if held && state.false_expiries > 0 {
            actions.push(Action::ExpireFalsely);
        }
        for (worker, does) in (0..).zip(&state.workers) {
            let Some(bell) = does.bell() else { continue };
            if state.deaths > 0 {
                actions.push(Action::Die { worker });
            }
            if state.cuts > 0 && !bell.stale {
                actions.push(Action::Cut { worker });
            }
            if state.lost_answers > 0 {
                match does {
                    Worker::Begins(..) => actions.push(Action::BeginUnheard { worker }),
                    Worker::Finishes(..) | Worker::Stops(..) => {
                        actions.push(Action::FinishUnheard { worker });
                    }
                    _ => {}
                }
            }
        }
        if state.lost_bells > 0 {
            if state.fresh > 0 {
                actions.push(Action::LoseBell { redelivered: false });
            }
            if state.again > 0 {
                actions.push(Action::LoseBell { redelivered: true });
            }
        }
        if state.cancels > 0 && state.has_work() {
            actions.push(Action::Cancel);
        }
        if state.gateway_deaths > 0 {
            for (input, submit) in (0..).zip(&state.submits) {
                if matches!(submit, Submit::Late | Submit::Entered(_) | Submit::Written) {
                    actions.push(Action::GatewayDies { input });
                }
            }
        }
    }

    pub(super) fn take(&self, state: &mut State, action: Action) {
        match action {
            Action::EnterDue { input } => {
                let token = state.next_token();
                state.due = Some(token);
                state.submits[usize::from(input)] = Submit::Entered(token);
            }
            Action::Write { input } => self.write(state, input),
            Action::Ring { input } => {
                // What was answered meanwhile needs no doorbell.
                state.fresh += u8::from(state.mailbox.contains(&input));
                state.submits[usize::from(input)] = Submit::Accepted;
            }
            Action::Take {
                worker,
                redelivered,
            } => {
                let waiting = if redelivered {
                    &mut state.again
                } else {
                    &mut state.fresh
                };
                *waiting -= 1;
                let bell = Bell {
                    only_one: redelivered,
                    stale: false,
                };
                let acked = redelivered && self.is(Weakness::RedeliveredBellAcked);
                state.workers[usize::from(worker)] = if acked {
                    Worker::Acks(bell)
                } else {
                    Worker::Claims(bell)
                };
            }
            Action::Claim { worker } => self.claim(state, worker.into()),
            Action::Begin { worker } => self.begin(state, worker.into(), true),
            Action::BeginUnheard { worker } => {
                state.lost_answers -= 1;
                self.begin(state, worker.into(), false);
            }
            Action::Finish { worker } => self.finish(state, worker.into(), true),
            Action::FinishUnheard { worker } => {
                state.lost_answers -= 1;
                self.finish(state, worker.into(), false);
            }
            Action::Release { worker } => self.release(state, worker.into()),
            Action::Ack { worker } => state.workers[usize::from(worker)] = Worker::Idle,
            Action::Sweep if self.is(Weakness::SweepsForNothing) => {}
            Action::Sweep => {
                if state.has_work() {
                    state.fresh += 1;
                    state.due = Some(state.next_token());
                } else {
                    // Noted in the conversation's own step, in which the mailbox was empty.
                    state.left = state.left.max(state.due.unwrap_or(0));
                    state.leaving = state.due;
                }
            }
            Action::Leave => {
                let token = state.leaving.take();
                state.due = state.due.filter(|due| Some(*due) != token);
            }
            Action::Expire | Action::ExpireFalsely => {
                state.false_expiries -= u8::from(action == Action::ExpireFalsely);
                if let Some(lease) = &mut state.lease {
                    lease.over = true;
                }
            }
            Action::Die { worker } => {
                state.deaths -= 1;
                state.give_back(worker.into());
                state.workers[usize::from(worker)] = Worker::Idle;
            }
            Action::Cut { worker } => {
                state.cuts -= 1;
                state.give_back(worker.into());
                if let Some(bell) = state.workers[usize::from(worker)].bell_mut() {
                    bell.stale = true;
                }
            }
            Action::LoseBell { redelivered } => {
                state.lost_bells -= 1;
                let waiting = if redelivered {
                    &mut state.again
                } else {
                    &mut state.fresh
                };
                *waiting -= 1;
            }
            Action::GatewayDies { input } => {
                state.gateway_deaths -= 1;
                state.submits[usize::from(input)] = Submit::New;
            }
            Action::Cancel => {
                state.cancels -= 1;
                let Some(input) = self.next_input(state) else {
                    return;
                };
                match state.run {
                    Some(_) => state.is_cancelled = true,
                    None => state.marked.push(input),
                }
                state.stopped.push(input);
            }
        }
    }

    fn write(&self, state: &mut State, input: u8) {
        let token = match state.submits[usize::from(input)] {
            Submit::New => 0,
            Submit::Entered(token) => token,
            _ => return,
        };
        let known = state.log.contains(&Event::Input(input));
        let highest = token.max(state.entered);
        let stands = match self.is(Weakness::NoTokens) {
            true => token > 0,
            false => highest > state.left,
        };
        if !known && !stands {
            state.submits[usize::from(input)] = Submit::Late;
            return;
        }
        if !known {
            state.entered = highest;
        }
        if !known || self.is(Weakness::NoDedupe) {
            state.log.push(Event::Input(input));
            state.mailbox.push(input);
        }
        state.submits[usize::from(input)] = Submit::Written;
    }

    fn claim(&self, state: &mut State, worker: usize) {
        let Worker::Claims(bell) = state.workers[worker] else {
            return;
        };
        if state.lease.is_some_and(|lease| !lease.over) {
            if bell.only_one && !self.is(Weakness::HeldBellAcked) {
                state.give_back(worker);
                state.workers[worker] = Worker::Idle;
            } else {
                state.workers[worker] = Worker::Acks(bell);
            }
            return;
        }
        let Some(input) = self.next_input(state) else {
            state.workers[worker] = Worker::Acks(bell);
            return;
        };
        state.nonces += 1;
        let nonce = state.nonces;
        state.lease = Some(Lease {
            nonce,
            steps: 0,
            over: false,
        });
        self.take_up(state, worker, bell, Hold { nonce, input });
    }

    /// A worker begins with a run, or with another attempt at it. It is told whether that is stopped.
    fn take_up(&self, state: &mut State, worker: usize, bell: Bell, hold: Hold) {
        let Hold { input, .. } = hold;
        if state.run.is_none() {
            state.is_cancelled |= state.marked.contains(&input);
            state.marked.retain(|marked| *marked != input);
        } else if self.is(Weakness::AttemptForgetsStop) {
            state.is_cancelled = false;
        }
        state.run = Some(input);
        state.workers[worker] = match state.is_cancelled {
            true => Worker::Stops(bell, hold),
            false => Worker::Begins(bell, hold),
        };
    }

    /// What a worker is given to do.
    fn next_input(&self, state: &State) -> Option<u8> {
        if self.is(Weakness::NewestFirst) {
            return state.run.or(state.mailbox.last().copied());
        }
        state.next_input()
    }

    /// A numbered write under the lease: whether the caller may go on, and whether it is new.
    fn fenced(&self, state: &mut State, hold: Hold, step: u8) -> Option<bool> {
        if self.is(Weakness::NoFencing) {
            return Some(true);
        }
        let lease = state
            .lease
            .as_mut()
            .filter(|lease| lease.nonce == hold.nonce)?;
        lease.over = false;
        let new = lease.steps < step || self.is(Weakness::NoStepNumbers);
        lease.steps = step;
        Some(new)
    }

    fn begin(&self, state: &mut State, worker: usize, heard: bool) {
        let Worker::Begins(bell, hold) = state.workers[worker] else {
            return;
        };
        match self.fenced(state, hold, 1) {
            None => state.lose(worker, bell),
            Some(new) => {
                if new {
                    let Hold { input, nonce } = hold;
                    state.log.push(Event::Begun { input, nonce });
                }
                if heard {
                    // Each answer tells whether the run is stopped.
                    state.workers[worker] = match state.is_cancelled {
                        true => Worker::Stops(bell, hold),
                        false => Worker::Finishes(bell, hold),
                    };
                }
            }
        }
    }

    fn finish(&self, state: &mut State, worker: usize, heard: bool) {
        let (bell, hold, stops) = match state.workers[worker] {
            Worker::Finishes(bell, hold) => (bell, hold, false),
            Worker::Stops(bell, hold) => (bell, hold, true),
            _ => return,
        };
        if !stops && self.is_refused(state, hold) {
            if heard {
                state.workers[worker] = Worker::Stops(bell, hold);
            }
            return;
        }
        match self.fenced(state, hold, 2) {
            None => state.lose(worker, bell),
            Some(new) => {
                if new {
                    let Hold { input, nonce } = hold;
                    state.log.push(match stops {
                        true => Event::Cancelled { input, nonce },
                        false => Event::Finished { input, nonce },
                    });
                    if let Some(at) = state.mailbox.iter().position(|waits| *waits == input) {
                        state.mailbox.remove(at);
                    }
                    state.run = None;
                    state.is_cancelled &= self.is(Weakness::StopOutlivesRun);
                }
                if heard {
                    state.workers[worker] = Worker::Releases(bell, hold);
                }
            }
        }
    }

    /// Whether the end that this holder writes is refused, since its run is stopped.
    fn is_refused(&self, state: &State, hold: Hold) -> bool {
        let is_new = |lease: &Lease| lease.nonce == hold.nonce && lease.steps < 2;
        state.is_cancelled
            && state.lease.as_ref().is_some_and(is_new)
            && !self.is(Weakness::EndsUnchecked)
    }

    fn release(&self, state: &mut State, worker: usize) {
        let (bell, hold, checked) = match state.workers[worker] {
            Worker::Releases(bell, hold) => (bell, hold, false),
            Worker::GivesBack(bell, hold) => (bell, hold, true),
            _ => return,
        };
        let ours = state.lease.is_some_and(|lease| lease.nonce == hold.nonce);
        if !ours && !self.is(Weakness::NoFencing) {
            state.lose(worker, bell);
            return;
        }
        let next = self.next_input(state).filter(|_| !checked);
        if let Some(input) = next {
            let nonce = hold.nonce;
            state.lease = Some(Lease {
                nonce,
                steps: 0,
                over: false,
            });
            self.take_up(state, worker, bell, Hold { nonce, input });
        } else if self.is(Weakness::CheckThenRelease) && !checked {
            state.workers[worker] = Worker::GivesBack(bell, hold);
        } else {
            state.lease = None;
            state.workers[worker] = Worker::Acks(bell);
        }
    }
}

impl State {
    /// One that is above every other.
    fn next_token(&self) -> u8 {
        self.due.unwrap_or(0).max(self.left) + 1
    }

    /// The same state in one form only: which worker is which makes no difference, nor how far apart
    /// tokens are.
    pub(super) fn settle(&mut self) {
        self.workers.sort_unstable();
        let entered = self.submits.iter_mut().filter_map(|submit| match submit {
            Submit::Entered(token) => Some(token),
            _ => None,
        });
        let tokens = entered.chain(&mut self.due).chain(&mut self.leaving);
        let mut tokens: Vec<_> = tokens.chain([&mut self.left, &mut self.entered]).collect();
        let mut ranks: Vec<u8> = tokens.iter().map(|token| **token).chain([0]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        for token in &mut tokens {
            let rank = ranks.iter().position(|rank| *rank == **token);
            **token = rank.and_then(|rank| u8::try_from(rank).ok()).unwrap_or(0);
        }
    }

    fn has_work(&self) -> bool {
        self.next_input().is_some()
    }

    /// The run that was not finished, or else the first that waits.
    fn next_input(&self) -> Option<u8> {
        self.run.or(self.mailbox.first().copied())
    }

    /// Whether a worker that lives has this nonce.
    fn is_held(&self, nonce: u8) -> bool {
        self.workers.iter().any(|worker| match worker {
            Worker::Begins(_, hold)
            | Worker::Finishes(_, hold)
            | Worker::Stops(_, hold)
            | Worker::Releases(_, hold)
            | Worker::GivesBack(_, hold) => hold.nonce == nonce,
            _ => false,
        })
    }

    /// The broker delivers a worker's doorbell again, unless it has done so.
    fn give_back(&mut self, worker: usize) {
        if self.workers[worker].bell().is_some_and(|bell| !bell.stale) {
            self.again += 1;
        }
    }

    /// The lease is another's: the doorbell, which may be the only one, is claimed with again.
    fn lose(&mut self, worker: usize, bell: Bell) {
        self.workers[worker] = Worker::Claims(Bell {
            only_one: true,
            ..bell
        });
    }
}

impl Worker {
    fn bell(mut self) -> Option<Bell> {
        self.bell_mut().copied()
    }

    fn bell_mut(&mut self) -> Option<&mut Bell> {
        match self {
            Self::Idle => None,
            Self::Claims(bell)
            | Self::Begins(bell, _)
            | Self::Finishes(bell, _)
            | Self::Stops(bell, _)
            | Self::Releases(bell, _)
            | Self::GivesBack(bell, _)
            | Self::Acks(bell) => Some(bell),
        }
    }
}
