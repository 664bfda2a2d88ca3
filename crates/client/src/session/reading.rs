//! One conversation that is being read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use convene_proto::{
    frame::{Problem, RequestId, ServerFrame},
    position::Position,
};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::Instant,
};

use super::{Reply, answer};
use crate::{Cursor, Error, Update, Violation};

/// How long a refusal that may pass is left alone.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) struct Reading {
    cursor: Cursor,
    phase: Phase,
    updates: mpsc::Sender<Update>,
    behind: Arc<AtomicBool>,
    /// Whoever waits for the subscription to begin.
    opened: Option<Reply<()>>,
}

enum Phase {
    /// To be asked for from then on.
    Due(Instant),
    Asked(RequestId),
    Live,
    /// The reader is too far behind; it asks to go on when it has caught up.
    Behind,
}

impl Reading {
    pub(super) fn new(
        after: Option<Position>,
        updates: mpsc::Sender<Update>,
        behind: Arc<AtomicBool>,
        opened: Reply<()>,
        now: Instant,
    ) -> Self {
        Self {
            cursor: Cursor::new(after),
            phase: Phase::Due(now),
            updates,
            behind,
            opened: Some(opened),
        }
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.updates.is_closed()
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Due(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn asked(&self) -> Option<RequestId> {
        match self.phase {
            Phase::Asked(request) => Some(request),
            _ => None,
        }
    }

    /// Notes that it is being asked for, and says after which position.
    pub(super) fn ask(&mut self, request: RequestId) -> Option<Position> {
        self.phase = Phase::Asked(request);
        self.cursor.position().cloned()
    }

    pub(super) fn lost(&mut self) {
        self.cursor.detach();
        if matches!(self.phase, Phase::Asked(_) | Phase::Live) {
            // At once: the wait is between connections.
            self.phase = Phase::Due(Instant::now());
        }
    }

    pub(super) fn go_on(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Behind) {
            self.behind.store(false, Ordering::Release);
            self.phase = Phase::Due(now);
        }
    }

    pub(super) fn fail(mut self, error: &Error) {
        if let Some(opened) = self.opened.take() {
            answer(opened, Err(error.clone()));
        }
    }

    /// Takes a frame; false where the server need not send more for now.
    pub(super) fn take(&mut self, frame: ServerFrame) -> Result<bool, Violation> {
        let answered = match &frame {
            ServerFrame::Resumed { request, .. }
            | ServerFrame::Snapshot { request, .. }
            | ServerFrame::Reset { request, .. } => *request,
            _ => None,
        };
        match self.phase {
            Phase::Live => {}
            Phase::Asked(request) if answered == Some(request) => {
                self.phase = Phase::Live;
                if let Some(opened) = self.opened.take() {
                    answer(opened, Ok(()));
                }
            }
            // Of an earlier subscription.
            Phase::Asked(_) | Phase::Due(_) | Phase::Behind => return Ok(true),
        }
        // The last place is kept for what must be told.
        let room = self.updates.capacity() > 1;
        if !room && !self.updates.is_closed() {
            return Ok(self.fall_behind());
        }
        if let Err(violation) = self.cursor.take(&frame) {
            self.tell(Update::Violation(violation.clone()));
            return Err(violation);
        }
        Ok(self.tell(Update::Frame(Box::new(frame))))
    }

    fn tell(&mut self, update: Update) -> bool {
        match self.updates.try_send(update) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => self.fall_behind(),
            Err(TrySendError::Closed(_)) => false,
        }
    }

    fn fall_behind(&mut self) -> bool {
        self.cursor.detach();
        self.phase = Phase::Behind;
        self.behind.store(true, Ordering::Release);
        false
    }

    /// The server gives no more of the conversation; true where it never will.
    pub(super) fn ended(&mut self, problem: Problem, now: Instant) -> bool {
        // In any other phase it is about an earlier subscription.
        if !matches!(self.phase, Phase::Live) {
            return false;
        }
        self.cursor.detach();
        self.refused(problem, now)
    }

    /// The server does not give the conversation; true where it never will.
    pub(super) fn refused(&mut self, problem: Problem, now: Instant) -> bool {
        if let Some(opened) = self.opened.take() {
            answer(opened, Err(Error::Refused(problem)));
            return true;
        }
        if problem.retryable {
            self.phase = Phase::Due(now + PATIENCE);
            return false;
        }
        self.tell(Update::Ended(problem));
        true
    }
}
