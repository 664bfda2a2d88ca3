//! Messages on their way: kept until accepted, sent again after each loss, one at a time for each
//! conversation so that they are said in the order in which they were written.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use convene_proto::{
    error::ErrorCode,
    frame::{NewAct, NewMessage, Problem, RequestId},
    id::ConversationId,
    position::Seq,
};
use tokio::time::Instant;

use super::{Reply, answer};
use crate::{Error, backoff::Backoff};

pub(super) struct Outbox {
    lines: BTreeMap<ConversationId, VecDeque<Letter>>,
    most: usize,
    backoff: Backoff,
}

/// What is said.
#[derive(Debug, Clone)]
pub(crate) enum Saying {
    Message(NewMessage),
    Act(NewAct),
}

struct Letter {
    saying: Saying,
    accepted: Reply<Seq>,
    state: State,
    backoff: Backoff,
}

enum State {
    /// To be sent from then on.
    Waiting(Instant),
    Sent(RequestId),
}

impl Outbox {
    pub(super) fn new(most: usize, backoff_min: Duration, backoff_max: Duration) -> Self {
        Self {
            lines: BTreeMap::new(),
            most,
            backoff: Backoff::new(backoff_min, backoff_max),
        }
    }

    pub(super) fn push(
        &mut self,
        conversation: ConversationId,
        saying: Saying,
        accepted: Reply<Seq>,
        now: Instant,
    ) {
        let waiting: usize = self.lines.values().map(VecDeque::len).sum();
        if waiting >= self.most {
            answer(accepted, Err(Error::OutboxFull(self.most)));
            return;
        }
        self.lines
            .entry(conversation)
            .or_default()
            .push_back(Letter {
                saying,
                accepted,
                state: State::Waiting(now),
                backoff: self.backoff.clone(),
            });
    }

    /// When the next is to be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        let firsts = self.lines.values().filter_map(VecDeque::front);
        firsts
            .filter_map(|letter| match letter.state {
                State::Waiting(at) => Some(at),
                State::Sent(_) => None,
            })
            .min()
    }

    /// Sends what is due; `send` says under which request.
    pub(super) fn send_due(
        &mut self,
        now: Instant,
        mut send: impl FnMut(&ConversationId, &Saying) -> RequestId,
    ) {
        for (conversation, line) in &mut self.lines {
            if let Some(letter) = line.front_mut()
                && matches!(letter.state, State::Waiting(at) if at <= now)
            {
                letter.state = State::Sent(send(conversation, &letter.saying));
            }
        }
    }

    pub(super) fn accepted(&mut self, request: RequestId, seq: Option<Seq>) {
        if let Some(letter) = self.remove(request) {
            let seq =
                seq.ok_or_else(|| Error::Protocol("a message was accepted, but nowhere".into()));
            answer(letter.accepted, seq);
        }
    }

    /// What may pass is tried again, later; what may not is given back.
    pub(super) fn refused(&mut self, request: RequestId, problem: Problem, now: Instant) {
        let passes = matches!(
            problem.code,
            ErrorCode::Unavailable | ErrorCode::RateLimited
        );
        if !passes {
            if let Some(letter) = self.remove(request) {
                answer(letter.accepted, Err(Error::Refused(problem)));
            }
            return;
        }
        let sent =
            |letter: &&mut Letter| matches!(letter.state, State::Sent(with) if with == request);
        if let Some(letter) = self
            .lines
            .values_mut()
            .filter_map(VecDeque::front_mut)
            .find(sent)
        {
            letter.state = State::Waiting(now + letter.backoff.next());
        }
    }

    fn remove(&mut self, request: RequestId) -> Option<Letter> {
        let is_it = |letter: &Letter| matches!(letter.state, State::Sent(with) if with == request);
        let conversation = self.lines.iter().find_map(|(conversation, line)| {
            line.front()
                .is_some_and(is_it)
                .then(|| conversation.clone())
        })?;
        let line = self.lines.get_mut(&conversation)?;
        let letter = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&conversation);
        }
        letter
    }

    /// Nobody knows whether what was sent arrived: it is sent again, which changes nothing if so.
    pub(super) fn lost(&mut self, now: Instant) {
        for letter in self.lines.values_mut().filter_map(VecDeque::front_mut) {
            if matches!(letter.state, State::Sent(_)) {
                letter.state = State::Waiting(now);
            }
        }
    }

    pub(super) fn fail(&mut self, error: &Error) {
        for letter in std::mem::take(&mut self.lines).into_values().flatten() {
            answer(letter.accepted, Err(error.clone()));
        }
    }
}
