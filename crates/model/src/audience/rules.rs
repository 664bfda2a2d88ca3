//! The rules: which steps are possible in a state, and what each does.

use super::{Action, Audience, Gateway, Inbox, Leaving, Place, State, Weakness, Writer};

impl Audience {
    /// What can happen by itself.
    pub(super) fn steps(&self, state: &State, actions: &mut Vec<Action>) {
        match &state.writer {
            Writer::Idle if state.log == self.events => {}
            Writer::Idle if self.is(Weakness::AudienceReadBeforeAppend) => {
                actions.push(Action::ReadAudience);
            }
            Writer::Idle | Writer::Appends(_) => actions.push(Action::Append),
            Writer::Sends(_) => actions.push(Action::Send),
        }
        for (to, event) in &state.letters {
            actions.push(Action::Deliver {
                to: *to,
                event: *event,
            });
        }
        for (gateway, has) in (0..).zip(&state.gateways) {
            match has.place {
                Place::None if has.wanted => actions.push(Action::Ask { gateway }),
                Place::Asked(_) => actions.push(Action::Subscribe { gateway }),
                Place::Read(..) => actions.push(Action::Join { gateway }),
                Place::Answered(_) => actions.push(Action::Open { gateway }),
                Place::Open if has.behind => actions.push(Action::Repair { gateway }),
                Place::None | Place::Open => {}
            }
            if has.leaving.is_some() {
                actions.push(Action::Unsubscribe { gateway });
            }
            let now_and_then = self.audits && has.place == Place::Open && has.head < state.log;
            if has.audit || now_and_then {
                actions.push(Action::Audit { gateway });
            }
        }
    }

    pub(super) fn faults(&self, state: &State, actions: &mut Vec<Action>) {
        if state.lost_letters > 0 {
            for (to, event) in &state.letters {
                actions.push(Action::LoseLetter {
                    to: *to,
                    event: *event,
                });
            }
        }
        for (gateway, has) in (0..).zip(&state.gateways) {
            if state.leavings > 0 && has.place == Place::Open && has.leaving.is_none() {
                actions.push(Action::Leave { gateway });
            }
            if state.kept_calls > 0 && has.leaving.is_some() {
                actions.push(Action::LeaveAgain { gateway });
            }
            if state.renewals > 0 {
                actions.push(Action::Renew { gateway });
                actions.push(Action::Die { gateway });
            }
        }
    }

    pub(super) fn take(&self, state: &mut State, action: Action) {
        match action {
            Action::ReadAudience => state.writer = Writer::Appends(state.audience.clone()),
            Action::Append => {
                let before = std::mem::replace(&mut state.writer, Writer::Idle);
                state.log += 1;
                let to = match before {
                    Writer::Appends(read_before) => read_before,
                    _ => state.audience.clone(),
                };
                if !to.is_empty() {
                    state.writer = Writer::Sends(to);
                }
            }
            Action::Send => {
                if let Writer::Sends(to) = &mut state.writer {
                    if let Some(inbox) = to.pop() {
                        insert(&mut state.sent, (inbox, state.log));
                        // Where there is no such inbox any more, the broker skips it.
                        if state.gateways.iter().any(|gateway| gateway.inbox == inbox) {
                            insert(&mut state.letters, (inbox, state.log));
                        }
                    }
                    if to.is_empty() {
                        state.writer = Writer::Idle;
                    }
                }
            }
            Action::Deliver { to, event } => {
                state.letters.retain(|letter| *letter != (to, event));
                self.hear(&mut state.gateways[usize::from(to.gateway)], event);
            }
            Action::LoseLetter { to, event } => {
                state.lost_letters -= 1;
                state.letters.retain(|letter| *letter != (to, event));
            }
            Action::Ask { gateway } => {
                let gateway = &mut state.gateways[usize::from(gateway)];
                gateway.place = Place::Asked(gateway.inbox);
            }
            Action::Subscribe { gateway } => self.subscribe(state, gateway.into()),
            Action::Join { gateway } => {
                if let Place::Read(inbox, read) = state.gateways[usize::from(gateway)].place {
                    join(state, gateway.into(), inbox, read);
                }
            }
            Action::Open { gateway } => self.open(&mut state.gateways[usize::from(gateway)]),
            Action::Repair { gateway } => {
                let log = state.log;
                state.gateways[usize::from(gateway)].read_on(log);
            }
            Action::Leave { gateway } => {
                state.leavings -= 1;
                let gateway = &mut state.gateways[usize::from(gateway)];
                gateway.leaving = Some(Leaving {
                    inbox: gateway.inbox,
                    outdated: false,
                });
                gateway.forget();
            }
            Action::LeaveAgain { gateway } => {
                state.kept_calls -= 1;
                self.unsubscribe(state, gateway.into());
            }
            Action::Unsubscribe { gateway } => {
                self.unsubscribe(state, gateway.into());
                state.gateways[usize::from(gateway)].leaving = None;
            }
            Action::Audit { gateway } => self.audit(state, gateway.into()),
            Action::Renew { gateway } => {
                state.renewals -= 1;
                let open = self.renew(state, gateway.into());
                let told = open && !self.is(Weakness::NoAuditAfterRenewal);
                state.gateways[usize::from(gateway)].audit = told;
            }
            Action::Die { gateway } => {
                state.renewals -= 1;
                self.renew(state, gateway.into());
                let gateway = &mut state.gateways[usize::from(gateway)];
                // Another one takes its place, and the reader comes back to that.
                gateway.leaving = None;
                gateway.audit = false;
                gateway.forget();
            }
        }
    }

    fn hear(&self, gateway: &mut Gateway, event: u8) {
        match gateway.place {
            // Nobody reads it here.
            Place::None => {}
            Place::Open if self.is(Weakness::GapsUnnoticed) => gateway.show(event),
            Place::Open => gateway.take(event),
            _ => gateway.behind |= !self.is(Weakness::EarlyLettersForgotten),
        }
    }

    fn subscribe(&self, state: &mut State, gateway: usize) {
        let Place::Asked(inbox) = state.gateways[gateway].place else {
            return;
        };
        if self.is(Weakness::LogReadBeforeJoining) {
            state.gateways[gateway].place = Place::Read(inbox, state.log);
        } else {
            join(state, gateway, inbox, state.log);
        }
    }

    fn open(&self, gateway: &mut Gateway) {
        let Place::Answered(read) = gateway.place else {
            return;
        };
        gateway.place = Place::Open;
        let from = gateway.shown.last().copied().unwrap_or(0);
        gateway.head = from;
        for event in from + 1..=read {
            gateway.take(event);
        }
        if self.is(Weakness::EarlyLettersForgotten) {
            gateway.behind = false;
        }
    }

    fn unsubscribe(&self, state: &mut State, gateway: usize) {
        let Some(Leaving { inbox, outdated }) = state.gateways[gateway].leaving else {
            return;
        };
        if outdated && !self.is(Weakness::LeavingNamesNoPlace) {
            return;
        }
        state.audience.retain(|other| *other != inbox);
        let gateway = &mut state.gateways[gateway];
        if gateway.inbox == inbox {
            gateway.joined_at = None;
        }
    }

    /// One step of the store, too: into the audience, and where the log stands.
    fn audit(&self, state: &mut State, gateway: usize) {
        let log = state.log;
        let inbox = state.gateways[gateway].inbox;
        let gateway = &mut state.gateways[gateway];
        gateway.audit = false;
        if gateway.place == Place::None {
            return;
        }
        if !self.is(Weakness::AuditsForNothing) {
            gateway.behind |= gateway.place != Place::Open || gateway.head < log;
        }
        gateway.joined_at = gateway.joined_at.or(Some(log));
        gateway.takes_a_place(inbox);
        insert(&mut state.audience, inbox);
    }

    /// The inbox is lost, and there is another; whether somebody reads here.
    fn renew(&self, state: &mut State, gateway: usize) -> bool {
        let lost = state.gateways[gateway].inbox;
        state.letters.retain(|(to, _)| *to != lost);
        let gateway = &mut state.gateways[gateway];
        gateway.inbox.number += 1;
        gateway.joined_at = None;
        gateway.place != Place::None
    }
}

impl Gateway {
    fn forget(&mut self) {
        self.place = Place::None;
        self.head = 0;
        self.early.clear();
        self.behind = false;
    }

    /// The store has given this inbox a place: calls of before do not mean it.
    fn takes_a_place(&mut self, inbox: Inbox) {
        if let Some(leaving) = &mut self.leaving {
            leaving.outdated |= leaving.inbox == inbox;
        }
    }

    fn show(&mut self, event: u8) {
        self.head = event;
        self.shown.push(event);
    }

    fn take(&mut self, event: u8) {
        if event <= self.head {
            return;
        }
        if event > self.head + 1 {
            insert(&mut self.early, event);
            self.behind = true;
            return;
        }
        self.show(event);
        while let Some(at) = self.early.iter().position(|early| *early == self.head + 1) {
            let next = self.early.remove(at);
            self.show(next);
        }
        self.early.retain(|early| *early > self.head);
    }

    fn read_on(&mut self, log: u8) {
        for event in self.head + 1..=log {
            self.take(event);
        }
        self.behind = false;
    }
}

/// One step of the store: into the audience, with the log up to `read`.
fn join(state: &mut State, gateway: usize, inbox: Inbox, read: u8) {
    insert(&mut state.audience, inbox);
    let gateway = &mut state.gateways[gateway];
    gateway.place = Place::Answered(read);
    gateway.takes_a_place(inbox);
    if gateway.inbox == inbox {
        gateway.joined_at = Some(read);
    }
}

fn insert<T: Ord>(sorted: &mut Vec<T>, new: T) {
    if let Err(at) = sorted.binary_search(&new) {
        sorted.insert(at, new);
    }
}
