//! The right to write a conversation's runs, and every call that needs it. Whatever the log takes
//! goes to the audience right after, so log first and publish second is kept here.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use convene_proto::{
    bus::{Delta, Head, Item, item::What},
    context::{
        AppendReply, AppendRequest, Claimed, Entry, NewEntry, ReleaseRequest, RenewRequest, Text,
    },
    error::ErrorCode,
    id::{Inbox, RunId},
};
use convene_runtime::{
    lies::{LATE, Lie, told},
    trace::TraceContext,
};
use tokio::time::{Instant, sleep};

use crate::{
    desk::{self, Desk},
    publish::{Parcel, Publisher},
    run::recall::{Past, Recall},
};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Between renewals, where the store fails at once.
const RENEWING_PAUSE: Duration = Duration::from_millis(200);

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

/// What became of a run's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Written,
    /// Somebody has stopped the run: it can only end as cancelled.
    Stopped,
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

    /// Writes to the log, however often it takes, then tells the audience. The number of the write
    /// stays the same, so it is written once.
    pub(crate) async fn append(
        &mut self,
        entries: Vec<NewEntry>,
        text: Option<Text>,
    ) -> Result<(), Lost> {
        let request = AppendRequest {
            text,
            entries,
            ..self.append_request()
        };
        self.write(request).await
    }

    /// Writes what ends the run, unless somebody has stopped it by then: then nothing of it is written.
    pub(crate) async fn append_unless_cancelled(
        &mut self,
        entries: Vec<NewEntry>,
    ) -> Result<Ending, Lost> {
        let request = AppendRequest {
            entries,
            unless_cancelled: true,
            ..self.append_request()
        };
        match self.write(request).await {
            Ok(()) => Ok(Ending::Written),
            Err(Lost::Refused(desk::Error::Refused {
                code: ErrorCode::Cancelled,
                ..
            })) => {
                // The write that takes its place has its number.
                self.steps -= 1;
                self.cancel = true;
                Ok(Ending::Stopped)
            }
            Err(lost) => Err(lost),
        }
    }

    /// The next write, with nothing in it.
    fn append_request(&mut self) -> AppendRequest {
        self.steps += 1;
        AppendRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            step: self.steps,
            ttl_ms: millis(self.ttl),
            run: self.run.clone(),
            ..AppendRequest::default()
        }
    }

    async fn write(&mut self, request: AppendRequest) -> Result<(), Lost> {
        let mut pause = FIRST_PAUSE;
        if told(Lie::PublishFirst) && request.entries.is_empty() {
            let unwritten = AppendReply {
                head: self.head,
                ..AppendReply::default()
            };
            self.publish(unwritten, request.text.clone()).await;
            sleep(LATE).await;
        }
        loop {
            let asked = Instant::now();
            match self.desk.append(request.clone()).await {
                Ok(reply) => {
                    self.renewed(
                        asked,
                        reply.epoch,
                        reply.head,
                        reply.cancel,
                        &reply.audience,
                    );
                    self.publish(reply, request.text).await;
                    return Ok(());
                }
                Err(error) => self.pause_after(error, &mut pause).await?,
            }
        }
    }

    /// Renews the lease; it is worth one attempt only, since another is due soon.
    pub(crate) async fn renew(&mut self) -> Result<(), Lost> {
        let asked = Instant::now();
        let request = RenewRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            ttl_ms: millis(self.ttl),
        };
        match self.desk.renew(request).await {
            Ok(reply) => {
                self.renewed(
                    asked,
                    reply.epoch,
                    reply.head,
                    reply.cancel,
                    &reply.audience,
                );
                Ok(())
            }
            Err(error) => {
                let mut none = Duration::ZERO;
                self.pause_after(error, &mut none).await
            }
        }
    }

    /// Does something else that takes its time, and keeps the lease meanwhile.
    pub(crate) async fn held_during<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Lost> {
        let mut work = std::pin::pin!(work);
        loop {
            let third = (self.ttl / 3).saturating_sub(self.age());
            tokio::select! {
                done = &mut work => return Ok(done),
                () = sleep(third.max(RENEWING_PAUSE)) => self.renew().await?,
            }
        }
    }

    /// Gives the lease back, unless more input waits: then it is the next run's, which is
    /// returned, with what was said before it.
    pub(crate) async fn release(
        &mut self,
        recall: &Recall,
    ) -> Result<Option<(Claimed, Arc<Past>)>, Lost> {
        let mut known = recall.of(&self.conversation);
        let mut request = self.release_request();
        let mut rang = None;
        loop {
            (request.history, request.history_from) = recall.wanted(known.as_ref());
            let Some(mut next) = self.give_back(&request).await? else {
                return Ok(None);
            };
            rang = next.rang.take().or(rang);
            next.rang.clone_from(&rang);
            if let Some(past) = recall.learn(&next, known.take()) {
                return Ok(Some((next, past)));
            }
        }
    }

    /// Gives the lease back in any case, and does not count the attempt under way.
    pub(crate) async fn abandon(&mut self) -> Result<(), Lost> {
        let request = ReleaseRequest {
            abandon: true,
            ..self.release_request()
        };
        self.give_back(&request).await.map(drop)
    }

    /// Another each time, but the same however often it is made.
    fn release_request(&self) -> ReleaseRequest {
        ReleaseRequest {
            conversation: self.conversation.clone(),
            nonce: self.nonce,
            ttl_ms: millis(self.ttl),
            run: RunId::random().to_string(),
            over: self.run.clone(),
            ..ReleaseRequest::default()
        }
    }

    async fn give_back(&mut self, request: &ReleaseRequest) -> Result<Option<Claimed>, Lost> {
        let mut pause = FIRST_PAUSE;
        loop {
            let asked = Instant::now();
            match self.desk.release(request.clone()).await {
                Ok(reply) => {
                    if let Some(next) = &reply.next {
                        self.renewed = asked;
                        self.next_run(next);
                    }
                    return Ok(reply.next);
                }
                Err(error) => self.pause_after(error, &mut pause).await?,
            }
        }
    }

    /// Tells the audience where the log stands, so that a lost tail is noticed.
    pub(crate) async fn publish_head(&self, text: Option<(&str, u64)>) {
        let (message, length) = text.unwrap_or_default();
        let head = Head {
            seq: self.head,
            message: message.to_owned(),
            part: 0,
            length,
        };
        let beat = vec![self.item(What::Head(head))];
        self.send(beat, TraceContext::default()).await;
    }

    /// Tells the audience of an entry that was written by other means.
    pub(crate) async fn publish_entry(&self, entry: Entry) {
        let event = vec![self.item(What::Event(entry.into()))];
        self.send(event, TraceContext::kept()).await;
    }

    async fn publish(&self, reply: AppendReply, text: Option<Text>) {
        if self.audience.is_empty() {
            return;
        }
        let head = reply.head;
        // Text under way goes with whatever letter there is, and makes no span of its own.
        let trace = if reply.entries.is_empty() {
            TraceContext::default()
        } else {
            TraceContext::kept()
        };
        let entries = reply.entries.into_iter();
        let mut items: Vec<Item> = entries
            .map(|entry| self.item(What::Event(entry.into())))
            .collect();
        if let Some(text) = text {
            items.push(self.item(What::Delta(Delta {
                head,
                message: text.message,
                part: text.part,
                offset: text.offset,
                text: utf8(&text.text),
            })));
        }
        self.send(items, trace).await;
    }

    async fn send(&self, items: Vec<Item>, trace: TraceContext) {
        if self.audience.is_empty() {
            return;
        }
        let parcel = Parcel {
            audience: self.audience.clone(),
            items,
            trace,
        };
        self.publisher.send(parcel).await;
    }

    fn item(&self, what: What) -> Item {
        Item {
            conversation: self.conversation.clone(),
            epoch: self.epoch,
            what: Some(what),
        }
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

fn utf8(text: &Bytes) -> String {
    String::from_utf8_lossy(text).into_owned()
}

pub(crate) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::atomic::Ordering::SeqCst, task::Poll};

    use convene_bus::local::LocalBroker;
    use convene_runtime::Tasks;
    use tokio::time::advance;

    use super::*;
    use crate::metrics::Metrics;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_at_once_is_not_asked_without_a_pause() {
        let tasks = Tasks::new();
        let bus = LocalBroker::new(&tasks).connect();
        let publisher = Publisher::start(bus, Metrics::new(), &tasks);
        let (desk, asked) = Desk::failing(&tasks);
        let ttl = Duration::from_secs(10);
        let mut lease = Lease::new(desk, publisher, &Claimed::default(), ttl, Instant::now());
        advance(ttl / 2).await;
        let mut second = pin!(sleep(Duration::from_secs(1)));
        // Without a pause the clock of this test would stand still.
        let work = poll_fn(|cx| match asked.load(SeqCst) {
            0..=5 => second.as_mut().poll(cx),
            _ => Poll::Ready(()),
        });
        assert_eq!(lease.held_during(work).await, Ok(()));
        let asked = asked.load(SeqCst);
        assert!((1..=5).contains(&asked), "{asked}");
    }
}
