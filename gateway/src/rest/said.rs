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
    /// What was read behind it.
    bytes: usize,
}

/// So much is read behind a stretch, and the page that it ends in: one request costs as little as
/// another.
const BEHIND: usize = 1 << 20;

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
        self.bytes += entry.body.len();
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

    /// Whether what comes later may take something back, and is still looked for.
    pub(super) fn wants_more(&self) -> bool {
        !self.open.is_empty() && self.bytes < BEHIND
    }

    pub(super) fn into_said(self) -> Vec<Said> {
        self.said
    }
}

/// `None`: only a newer version knows it, so it is nothing that was said.
fn decode(entry: &context::Entry) -> Option<EventBody> {
    EventBody::decode(&entry.body).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(seq: u64, body: &serde_json::Value) -> context::Entry {
        context::Entry {
            seq,
            body: body.to_string().into(),
            ..Default::default()
        }
    }

    #[test]
    fn behind_what_may_be_taken_back_so_much_is_read_and_no_more() {
        let mut stretch = Stretch::default();
        assert!(!stretch.wants_more());
        let said = json!({
            "type": "message.completed", "run": "r1", "whole": true,
            "message": { "id": "agent-1", "author": "agent:guide", "parts": [] },
        });
        stretch.read(&entry(1, &said));
        assert!(stretch.wants_more());
        let large = json!({ "type": "x.other", "text": "x".repeat(BEHIND / 4) });
        for seq in 2..5 {
            stretch.read_on(&entry(seq, &large));
            assert!(stretch.wants_more());
        }
        stretch.read_on(&entry(5, &large));
        assert!(!stretch.wants_more());
        assert_eq!(stretch.into_said().len(), 1);
    }
}
