//! What the client knows and wants, apart from any connection: commands and frames go in, frames
//! to send come out. No clock, no socket, no waiting.

mod outbox;
mod reading;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicBool},
};

use convene_proto::{
    frame::{ClientFrame, Problem, RequestId, ServerFrame},
    id::{ConversationId, RunId},
    position::{Position, Seq},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

pub(crate) use self::outbox::Saying;
use self::{outbox::Outbox, reading::Reading};
use crate::{Error, Options, Update, Violation};

pub(crate) type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// What the application asks of the session.
#[derive(Debug)]
pub(crate) enum Command {
    Subscribe {
        conversation: ConversationId,
        after: Option<Position>,
        updates: mpsc::Sender<Update>,
        behind: Arc<AtomicBool>,
        opened: Reply<()>,
    },
    /// The reader has caught up with what was held for it.
    GoOn { conversation: ConversationId },
    /// The reader is gone.
    Leave { conversation: ConversationId },
    Send {
        conversation: ConversationId,
        saying: Saying,
        accepted: Reply<Seq>,
    },
    Cancel {
        conversation: ConversationId,
        run: Option<RunId>,
        accepted: Reply<()>,
    },
    /// `typing` and `read`: said where there is a connection, else forgotten.
    Say(ClientFrame),
    /// Give up this connection and make another.
    Reconnect,
}

/// A frame after which the connection is not to be trusted.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) Violation);

pub(crate) struct Session {
    connected: bool,
    last_request: RequestId,
    readings: BTreeMap<ConversationId, Reading>,
    outbox: Outbox,
    cancels: BTreeMap<RequestId, Reply<()>>,
    to_send: VecDeque<ClientFrame>,
}

impl Session {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            connected: false,
            last_request: 0,
            readings: BTreeMap::new(),
            outbox: Outbox::new(options.outbox, options.backoff_min, options.backoff_max),
            cancels: BTreeMap::new(),
            to_send: VecDeque::new(),
        }
    }

    /// A fresh connection stands: whatever was not answered on the last one is asked again.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.connected = true;
        self.pump(now);
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, why: &str, now: Instant) {
        self.connected = false;
        self.to_send.clear();
        self.outbox.lost(now);
        for reading in self.readings.values_mut() {
            reading.lost();
        }
        for reply in std::mem::take(&mut self.cancels).into_values() {
            answer(reply, Err(Error::Lost(why.to_owned())));
        }
    }

    /// There will be no other connection: everybody who waits is told.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.connected = false;
        self.outbox.fail(error);
        for reading in std::mem::take(&mut self.readings).into_values() {
            reading.fail(error);
        }
        for reply in std::mem::take(&mut self.cancels).into_values() {
            answer(reply, Err(error.clone()));
        }
    }

    /// The next frame to send.
    pub(crate) fn next_frame(&mut self) -> Option<ClientFrame> {
        self.to_send.pop_front()
    }

    /// When [`Session::pump`] has something to do, if nothing happens before.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let subscribe = self.readings.values().filter_map(Reading::due).min();
        [subscribe, self.outbox.due()].into_iter().flatten().min()
    }

    /// Asks what is due to be asked.
    pub(crate) fn pump(&mut self, now: Instant) {
        if !self.connected {
            return;
        }
        for (conversation, reading) in &mut self.readings {
            if reading.due().is_some_and(|due| due <= now) {
                self.last_request += 1;
                let after = reading.ask(self.last_request);
                self.to_send.push_back(ClientFrame::Subscribe {
                    request: self.last_request,
                    conversation: conversation.clone(),
                    after,
                });
            }
        }
        let (last_request, to_send) = (&mut self.last_request, &mut self.to_send);
        self.outbox.send_due(now, |conversation, saying| {
            *last_request += 1;
            let (request, conversation) = (*last_request, conversation.clone());
            to_send.push_back(match saying.clone() {
                Saying::Message(message) => ClientFrame::Send {
                    request,
                    conversation,
                    message,
                    traceparent: None,
                },
                Saying::Act(act) => ClientFrame::Act {
                    request,
                    conversation,
                    act,
                    traceparent: None,
                },
            });
            request
        });
    }

    /// Takes a command, but for [`Command::Reconnect`], which is the driver's.
    pub(crate) fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Subscribe {
                conversation,
                after,
                updates,
                behind,
                opened,
            } => {
                let taken = self
                    .readings
                    .get(&conversation)
                    .is_some_and(|reading| !reading.is_abandoned());
                if taken {
                    answer(opened, Err(Error::AlreadySubscribed));
                } else {
                    let reading = Reading::new(after, updates, behind, opened, now);
                    self.readings.insert(conversation, reading);
                }
            }
            Command::GoOn { conversation } => {
                if let Some(reading) = self.readings.get_mut(&conversation) {
                    reading.go_on(now);
                }
            }
            Command::Leave { conversation } => {
                // Another reader may have come since.
                if self
                    .readings
                    .get(&conversation)
                    .is_some_and(Reading::is_abandoned)
                {
                    self.leave(&conversation);
                }
            }
            Command::Send {
                conversation,
                saying,
                accepted,
            } => {
                self.outbox.push(conversation, saying, accepted, now);
            }
            Command::Cancel {
                conversation,
                run,
                accepted,
            } if self.connected => {
                self.last_request += 1;
                let request = self.last_request;
                self.cancels.insert(request, accepted);
                self.to_send.push_back(ClientFrame::Cancel {
                    request,
                    conversation,
                    run,
                });
            }
            Command::Cancel { accepted, .. } => {
                answer(
                    accepted,
                    Err(Error::Lost("there is no connection now".into())),
                );
            }
            Command::Say(frame) if self.connected => self.to_send.push_back(frame),
            Command::Say(_) | Command::Reconnect => {}
        }
        self.pump(now);
    }

    fn leave(&mut self, conversation: &ConversationId) {
        self.readings.remove(conversation);
        if self.connected {
            self.last_request += 1;
            self.to_send.push_back(ClientFrame::Unsubscribe {
                request: self.last_request,
                conversation: conversation.clone(),
            });
        }
    }

    /// Takes a frame from the server.
    ///
    /// # Errors
    /// If the server broke its word: connect anew, and resume.
    pub(crate) fn frame(&mut self, frame: ServerFrame, now: Instant) -> Result<(), Broken> {
        match frame {
            ServerFrame::Accepted { request, seq, .. } => self.accepted(request, seq),
            ServerFrame::Error {
                request: Some(request),
                problem,
            } => self.refused(request, problem, now),
            ServerFrame::Resumed {
                ref conversation, ..
            }
            | ServerFrame::Snapshot {
                ref conversation, ..
            }
            | ServerFrame::Reset {
                ref conversation, ..
            }
            | ServerFrame::Event {
                ref conversation, ..
            }
            | ServerFrame::Delta {
                ref conversation, ..
            }
            | ServerFrame::Signal {
                ref conversation, ..
            } => {
                let conversation = conversation.clone();
                self.read(&conversation, frame)?;
            }
            ServerFrame::Ended {
                conversation,
                problem,
            } => self.ended(&conversation, problem, now),
            ServerFrame::Error { request: None, .. }
            | ServerFrame::Welcome { .. }
            | ServerFrame::Drain { .. }
            | ServerFrame::Pong { .. } => {}
        }
        self.pump(now);
        Ok(())
    }

    fn read(&mut self, conversation: &ConversationId, frame: ServerFrame) -> Result<(), Broken> {
        // Frames of what was just left may still be under way.
        let Some(reading) = self.readings.get_mut(conversation) else {
            return Ok(());
        };
        let stays = reading.take(frame).map_err(Broken)?;
        if !stays {
            let abandoned = reading.is_abandoned();
            if abandoned {
                self.leave(conversation);
            } else {
                // Too far behind: the server need not send what nobody can hold.
                self.last_request += 1;
                self.to_send.push_back(ClientFrame::Unsubscribe {
                    request: self.last_request,
                    conversation: conversation.clone(),
                });
            }
        }
        Ok(())
    }

    fn ended(&mut self, conversation: &ConversationId, problem: Problem, now: Instant) {
        let reading = self.readings.get_mut(conversation);
        if reading.is_some_and(|reading| reading.ended(problem, now)) {
            self.readings.remove(conversation);
        }
    }

    fn accepted(&mut self, request: RequestId, seq: Option<Seq>) {
        if let Some(reply) = self.cancels.remove(&request) {
            answer(reply, Ok(()));
        } else {
            self.outbox.accepted(request, seq);
        }
    }

    fn refused(&mut self, request: RequestId, problem: Problem, now: Instant) {
        if let Some(reply) = self.cancels.remove(&request) {
            answer(reply, Err(Error::Refused(problem)));
            return;
        }
        let asked = self
            .readings
            .iter_mut()
            .find(|(_, reading)| reading.asked() == Some(request));
        match asked {
            Some((conversation, reading)) => {
                if reading.refused(problem, now) {
                    let conversation = conversation.clone();
                    self.readings.remove(&conversation);
                }
            }
            None => self.outbox.refused(request, problem, now),
        }
    }
}

/// Tells whoever waits, if anybody still does.
fn answer<T>(reply: Reply<T>, result: Result<T, Error>) {
    if reply.send(result).is_err() {
        tracing::trace!("nobody waits for this answer any more");
    }
}
