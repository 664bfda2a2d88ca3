//! A process's own inbox: bounded in bytes; the oldest letters give way.

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use convene_proto::{bus::Letter, id::Inbox};
use convene_runtime::trace::TraceContext;
use parking_lot::Mutex;
use prost::Message as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Connection;
use crate::{
    Arrival, Error, Letters, Result,
    metrics::{LetterLoss, Metrics},
};

/// Where letters wait.
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    bytes: usize,
    came: Notify,
    closed: CancellationToken,
}

#[derive(Default)]
struct Waiting {
    letters: VecDeque<Envelope>,
    bytes: usize,
}

struct Envelope {
    letter: Letter,
    trace: TraceContext,
    bytes: usize,
}

impl Mailbox {
    /// Puts a letter in; drops the oldest where it does not fit. As with a broker, whoever reads
    /// finds out from the log.
    pub(super) fn put(&self, letter: Letter, trace: TraceContext, metrics: &Metrics) {
        if self.closed.is_cancelled() {
            return;
        }
        let bytes = letter.encoded_len();
        let mut waiting = self.waiting.lock();
        waiting.letters.push_back(Envelope {
            letter,
            trace,
            bytes,
        });
        waiting.bytes += bytes;
        while waiting.bytes > self.bytes
            && let Some(oldest) = waiting.letters.pop_front()
        {
            waiting.bytes -= oldest.bytes;
            metrics.letter_lost(LetterLoss::InboxFull);
        }
        drop(waiting);
        self.came.notify_one();
    }

    async fn take(&self) -> Envelope {
        loop {
            let came = self.came.notified();
            {
                let mut waiting = self.waiting.lock();
                if let Some(envelope) = waiting.letters.pop_front() {
                    waiting.bytes -= envelope.bytes;
                    return envelope;
                }
            }
            came.await;
        }
    }
}

/// The reading end of an inbox. Its name goes with it.
pub(super) struct LocalInbox {
    connection: Arc<Connection>,
    mailbox: Arc<Mailbox>,
    name: Inbox,
    opened: bool,
}

impl LocalInbox {
    pub(super) fn open(connection: Arc<Connection>, owner: &str) -> Result<Self> {
        let name = format!("{owner}.{}", Uuid::now_v7().simple());
        let name = Inbox::new(name).map_err(Error::refused)?;
        let mailbox = Arc::new(Mailbox {
            waiting: Mutex::default(),
            bytes: connection.broker.inbox_bytes,
            came: Notify::new(),
            closed: connection.closed.clone(),
        });
        connection
            .broker
            .inboxes
            .lock()
            .insert(name.clone(), Arc::clone(&mailbox));
        Ok(Self {
            connection,
            mailbox,
            name,
            opened: false,
        })
    }
}

#[async_trait]
impl Letters for LocalInbox {
    async fn next(&mut self) -> Option<Arrival> {
        if self.connection.closed.is_cancelled() {
            return None;
        }
        if !self.opened {
            self.opened = true;
            return Some(Arrival::Opened(self.name.clone()));
        }
        let envelope = self
            .connection
            .closed
            .run_until_cancelled(self.mailbox.take())
            .await?;
        Some(Arrival::Letter(envelope.letter, envelope.trace))
    }
}

impl Drop for LocalInbox {
    fn drop(&mut self) {
        self.connection.broker.inboxes.lock().remove(&self.name);
    }
}
