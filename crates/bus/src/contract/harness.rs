//! What the cases are run with.

use std::{future::Future, sync::Arc, time::Duration};

use convene_proto::{
    bus::{Command, Delta, Doorbell, Item, Letter, item::What},
    id::{ConversationId, Inbox, Pool},
};
use convene_runtime::trace::TraceContext;
use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::{Arrival, Bus, DeadLetter, Doorbells, Letters, Rung};

/// Longer than anything here takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long to watch that something does not happen.
const QUIET: Duration = Duration::from_millis(300);

/// Makes buses that share one broker, each with a connection of its own.
pub struct Harness {
    connect: Box<dyn Fn() -> BoxFuture<'static, Arc<dyn Bus>> + Send + Sync>,
    /// Begins the broker anew from what it has on disk.
    restart: Box<dyn Fn() + Send + Sync>,
    /// The shortest delay of a retry.
    pub(super) delay: Duration,
    /// Whether the broker limits how often a doorbell is delivered.
    pub(super) limits_deliveries: bool,
}

impl Harness {
    /// `connect` makes a bus that answers. Its inboxes must be bounded to 256 KiB, and `delay`
    /// must be the shortest that its retries have.
    pub fn new<F, C>(connect: C, delay: Duration) -> Self
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Arc<dyn Bus>> + Send + 'static,
    {
        Self {
            connect: Box::new(move || Box::pin(connect())),
            restart: Box::new(|| {}),
            delay,
            limits_deliveries: true,
        }
    }

    /// For brokers that deliver the same doorbell without end.
    #[must_use]
    pub fn without_delivery_limit(mut self) -> Self {
        self.limits_deliveries = false;
        self
    }

    /// For brokers that can be begun anew, from what they have on disk, without a process to
    /// restart.
    #[must_use]
    pub fn restarted_by(mut self, restart: impl Fn() + Send + Sync + 'static) -> Self {
        self.restart = Box::new(restart);
        self
    }

    pub(super) fn restart(&self) {
        (self.restart)();
    }

    pub(super) async fn bus(&self) -> Arc<dyn Bus> {
        (self.connect)().await
    }
}

/// The outcome, which must come in time.
pub(super) async fn soon<T>(what: &str, outcome: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, outcome).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("waited too long for {what}"),
    }
}

pub(super) async fn next_rung(doorbells: &mut Box<dyn Doorbells>) -> Rung {
    let rung = soon("a doorbell", doorbells.next()).await;
    rung.expect("the bus is open")
}

pub(super) async fn no_rung(doorbells: &mut Box<dyn Doorbells>) {
    if let Ok(rung) = timeout(QUIET, doorbells.next()).await {
        panic!("there should be no doorbell: {rung:?}");
    }
}

/// A name from the inbox, which must be what it says next.
pub(super) async fn opened(letters: &mut Box<dyn Letters>) -> Inbox {
    match soon("an inbox", letters.next()).await {
        Some(Arrival::Opened(name)) => name,
        other => panic!("an inbox says its name first: {other:?}"),
    }
}

/// The numbers of the letter that comes next, and its trace.
pub(super) async fn next_letter(letters: &mut Box<dyn Letters>) -> (u64, TraceContext) {
    match soon("a letter", letters.next()).await {
        Some(Arrival::Letter(letter, trace)) => (number(&letter), trace),
        other => panic!("there should be a letter: {other:?}"),
    }
}

pub(super) async fn no_letter(letters: &mut Box<dyn Letters>) {
    if let Ok(arrival) = timeout(QUIET, letters.next()).await {
        panic!("nothing should come: {arrival:?}");
    }
}

/// The pool's dead letters, once there are as many as that.
pub(super) async fn dead(bus: &Arc<dyn Bus>, pool: &Pool, count: usize) -> Vec<DeadLetter> {
    soon("dead letters", async {
        loop {
            let dead = bus.dead_letters(pool, 100).await.expect("dead letters");
            if dead.len() == count {
                return dead;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

/// A pool that no other test has.
pub(super) fn pool() -> Pool {
    Pool::new(ConversationId::random().as_str()).expect("a valid name")
}

pub(super) fn doorbell(pool: &Pool, conversation: &str) -> Doorbell {
    Doorbell {
        conversation: conversation.to_owned(),
        pool: pool.to_string(),
        command: None,
    }
}

pub(super) fn doorbell_with_command(pool: &Pool, conversation: &str) -> Doorbell {
    Doorbell {
        command: Some(Command {
            seq: 7,
            message: "m-1".into(),
            body: br#"{"text":"hello"}"#.to_vec().into(),
            ..Command::default()
        }),
        ..doorbell(pool, conversation)
    }
}

/// A letter that bears a number.
pub(super) fn letter(number: u64) -> Letter {
    sized_letter(number, 0)
}

/// A letter that bears a number, and so many bytes more.
pub(super) fn sized_letter(number: u64, bytes: usize) -> Letter {
    Letter {
        items: vec![Item {
            conversation: "c-1".into(),
            epoch: 1,
            what: Some(What::Delta(Delta {
                offset: number,
                text: "x".repeat(bytes),
                ..Delta::default()
            })),
        }],
    }
}

fn number(letter: &Letter) -> u64 {
    match letter.items.first().map(|item| &item.what) {
        Some(Some(What::Delta(delta))) => delta.offset,
        other => panic!("not one of our letters: {other:?}"),
    }
}

/// A trace that is told from others by its number.
pub(super) fn trace(number: u8) -> TraceContext {
    TraceContext {
        traceparent: Some(format!(
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902{number:02x}-01"
        )),
        tracestate: Some("a=b".into()),
    }
}
