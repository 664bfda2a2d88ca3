//! The right to write a conversation's runs, and every call that needs it. Whatever the log takes
//! goes to the audience right after, so log first and publish second is kept here.

mod keep;
mod tell;
#[cfg(test)]
mod tests;
mod write;

use std::{sync::Arc, time::Duration};

use convene_proto::{context::Claimed, error::ErrorCode, id::Inbox};
use tokio::time::{Instant, sleep};

pub(crate) use self::write::Ending;
use crate::{
    desk::{self, Desk},
    publish::Publisher,
};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Why there is no more writing under this lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lost {
    /// Another worker has it.
    #[error("another worker has the lease")]
    Fenced,
    /// The context service did not answer for longer than the lease lasts.
    #[error("the context service was away for longer than the lease lasts")]
    Unreachable,
    /// It answered that it will not take this.
    #[error("{0}")]
    Refused(desk::Error),
}

impl Lost {
    /// Whether the log does not hold what the writer knows that it had: it was rewound.
    pub(crate) fn is_of_the_log(&self) -> bool {
        let Self::Refused(desk::Error::Refused { code, .. }) = self else {
            return false;
        };
        matches!(code, ErrorCode::Gap | ErrorCode::Conflict)
    }
}

/// A lease in hand.
pub(crate) struct Lease {
    desk: Desk,
    publisher: Publisher,
    conversation: String,
    nonce: u64,
    run: String,
    /// How many writes were begun under it.
    steps: u64,
    ttl: Duration,
    /// When it was last known to have been renewed; no later than it truly was.
    renewed: Instant,
    epoch: u32,
    head: u64,
    audience: Arc<[Inbox]>,
    cancel: bool,
}

impl Lease {
    /// The lease that came with a claim, which was asked for at `asked`.
    pub(crate) fn new(
        desk: Desk,
        publisher: Publisher,
        claimed: &Claimed,
        ttl: Duration,
        asked: Instant,
    ) -> Self {
        let conversation = claimed.conversation.as_ref();
        let mut lease = Self {
            desk,
            publisher,
            conversation: conversation
                .map(|found| found.id.clone())
                .unwrap_or_default(),
            nonce: claimed.nonce,
            run: String::new(),
            steps: 0,
            ttl,
            renewed: asked,
            epoch: 0,
            head: 0,
            audience: Arc::default(),
            cancel: false,
        };
        lease.next_run(claimed);
        lease
    }

    /// Takes over what a claim says about the log.
    fn next_run(&mut self, claimed: &Claimed) {
        if let Some(conversation) = &claimed.conversation {
            self.epoch = conversation.epoch;
            self.head = conversation.head;
        }
        self.run.clone_from(&claimed.run);
        self.cancel = claimed.cancelled;
        self.set_audience(&claimed.audience);
    }

    /// Whether somebody wants the run to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel
    }

    /// How long ago it was renewed.
    pub(crate) fn age(&self) -> Duration {
        self.renewed.elapsed()
    }

    fn renewed(
        &mut self,
        asked: Instant,
        epoch: u32,
        head: u64,
        cancel: bool,
        audience: &[String],
    ) {
        self.renewed = asked;
        self.epoch = epoch;
        self.head = head;
        self.cancel |= cancel;
        self.set_audience(audience);
    }

    /// Most of the time it is the one we have.
    fn set_audience(&mut self, names: &[String]) {
        let same = self.audience.len() == names.len()
            && self
                .audience
                .iter()
                .zip(names)
                .all(|(inbox, name)| inbox.as_str() == name);
        if !same {
            let inboxes = names
                .iter()
                .filter_map(|name| Inbox::new(name.as_str()).ok());
            self.audience = inboxes.collect();
        }
    }

    /// Waits before the next attempt, or says that there is to be none. A lease past its deadline
    /// that nobody took can still be renewed, so an outage as long as two leases costs a run
    /// nothing but time.
    async fn pause_after(&self, error: desk::Error, pause: &mut Duration) -> Result<(), Lost> {
        match error {
            desk::Error::Fenced => Err(Lost::Fenced),
            desk::Error::Refused { .. } => Err(Lost::Refused(error)),
            desk::Error::Unavailable if self.age() >= self.ttl * 2 => Err(Lost::Unreachable),
            desk::Error::Unavailable => {
                sleep(*pause).await;
                *pause = (*pause * 2).min(LONGEST_PAUSE);
                Ok(())
            }
        }
    }
}

pub(crate) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
