//! What was said in a stretch of the log, and still stands.

use std::collections::HashSet;

use convene_proto::{
    context,
    event::{EventBody, Message},
    id::{MessageId, RunId},
    position::Seq,
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Said {
    seq: Seq,
    /// Milliseconds since 1970 (UTC).
    at: u64,
    #[serde(flatten)]
    message: Message,
}

/// The stretch as far as it was read, and beyond it what became of the runs that spoke in it.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    said: Vec<Said>,
    /// Runs that spoke, and may still take it back.
    open: HashSet<RunId>,
}

impl Stretch {
    /// Reads the next event.
    pub(super) fn read(&mut self, entry: &context::Entry) {
        let message = match decode(entry) {
            Some(EventBody::MessageCreated { message }) => message,
            Some(EventBody::MessageCompleted { message, run, .. }) => {
                self.open.insert(run);
                message
            }
            Some(other) => return self.mind(&other),
            None => return,
        };
        self.said.push(Said {
            seq: Seq(entry.seq),
            at: entry.at,
            message,
        });
    }

    /// Reads on behind the stretch.
    pub(super) fn read_on(&mut self, entry: &context::Entry) {
        if let Some(body) = decode(entry) {
            self.mind(&body);
        }
    }

    fn mind(&mut self, body: &EventBody) {
        match body {
            EventBody::MessageRetracted { message, .. } => self.forget(message),
            EventBody::RunFinished { run, .. } => drop(self.open.remove(run)),
            _ => {}
        }
    }

    fn forget(&mut self, message: &MessageId) {
        self.said.retain(|said| said.message.id != *message);
    }

    /// Whether what comes later may take something back.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn into_said(self) -> Vec<Said> {
        self.said
    }
}

/// `None`: only a newer version knows it, so it is nothing that was said.
fn decode(entry: &context::Entry) -> Option<EventBody> {
    EventBody::decode(&entry.body).ok()
}
