//! Tells audiences what the log has taken. One task for all runs of the worker, so that pieces
//! for the same inboxes that are ready together travel in one letter.
//!
//! Delivery is a hint: gateways read from the log what did not come. So where the bus is slower
//! than the runs, items are dropped rather than the runs held up.

use std::{collections::HashMap, sync::Arc, time::Duration};

use convene_bus::Bus;
use convene_proto::{
    bus::{Item, Letter, item::What},
    id::Inbox,
};
use convene_runtime::{Tasks, trace::TraceContext};
use tokio::{sync::mpsc, task::yield_now, time::timeout};

use crate::metrics::Metrics;

/// Parcels that wait to be sent.
const WAITING: usize = 1024;

/// Parcels that are looked at together.
const TOGETHER: usize = 256;

/// Bytes of one letter, roughly; a single item may be larger.
const LETTER_BYTES: usize = 256 * 1024;

/// How long a run may wait for room.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the bus may take for one letter.
const SENDING_DEADLINE: Duration = Duration::from_secs(1);

/// Items of one conversation, in order, for one audience.
pub(crate) struct Parcel {
    pub(crate) audience: Arc<[Inbox]>,
    pub(crate) items: Vec<Item>,
    /// Empty where the items go with any others. A letter belongs to one trace at most.
    pub(crate) trace: TraceContext,
}

/// Where parcels are handed in. The task behind it ends, with everything sent, once every clone
/// is dropped.
#[derive(Clone)]
pub(crate) struct Publisher {
    parcels: mpsc::Sender<Parcel>,
    metrics: Metrics,
}

impl Publisher {
    pub(crate) fn start(bus: Arc<dyn Bus>, metrics: Metrics, tasks: &Tasks) -> Self {
        let (parcels, waiting) = mpsc::channel(WAITING);
        tasks.spawn_vital("publisher", send_all(bus, waiting, metrics.clone()));
        Self { parcels, metrics }
    }

    /// Sends a parcel, after those before it. Waits only a moment for room, then drops it.
    pub(crate) async fn send(&self, parcel: Parcel) {
        if parcel.audience.is_empty() || parcel.items.is_empty() {
            return;
        }
        let items = parcel.items.len();
        if self.parcels.send_timeout(parcel, PATIENCE).await.is_err() {
            self.metrics.undelivered(items);
        }
    }
}

async fn send_all(bus: Arc<dyn Bus>, mut waiting: mpsc::Receiver<Parcel>, metrics: Metrics) {
    let mut ready = Vec::with_capacity(TOGETHER);
    while let Some(first) = waiting.recv().await {
        ready.push(first);
        // The runs that are about to hand in theirs are let go first: whoever hands in the first
        // parcel would else wake us ahead of them.
        yield_now().await;
        while ready.len() < TOGETHER
            && let Ok(next) = waiting.try_recv()
        {
            ready.push(next);
        }
        for envelope in sort(ready.drain(..)) {
            let Envelope {
                audience,
                letter,
                trace,
                ..
            } = envelope;
            let sending = bus.send(&audience, &letter, &trace);
            match timeout(SENDING_DEADLINE, sending).await {
                Ok(Ok(())) => metrics.letter(letter.items.len()),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a letter was not sent");
                    metrics.undelivered(letter.items.len());
                }
                Err(_) => {
                    tracing::debug!("a letter was not sent in time");
                    metrics.undelivered(letter.items.len());
                }
            }
        }
    }
}

/// A letter in the making.
struct Envelope {
    audience: Arc<[Inbox]>,
    letter: Letter,
    trace: TraceContext,
    bytes: usize,
}

/// Puts what has the same audience into one letter, and keeps each conversation in order even
/// where its audience changes on the way.
fn sort(parcels: impl IntoIterator<Item = Parcel>) -> Vec<Envelope> {
    let mut envelopes: Vec<Envelope> = Vec::new();
    let mut open: HashMap<Arc<[Inbox]>, usize> = HashMap::new();
    let mut last_of: HashMap<String, usize> = HashMap::new();
    for parcel in parcels {
        for item in parcel.items {
            let earliest = last_of.get(&item.conversation).copied().unwrap_or(0);
            let bytes = weight(&item);
            let fitting = open.get(&parcel.audience).copied().filter(|&index| {
                let envelope = &envelopes[index];
                index >= earliest
                    && envelope.bytes + bytes <= LETTER_BYTES
                    && go_together(&envelope.trace, &parcel.trace)
            });
            let index = fitting.unwrap_or_else(|| {
                envelopes.push(Envelope {
                    audience: parcel.audience.clone(),
                    letter: Letter::default(),
                    trace: parcel.trace.clone(),
                    bytes: 0,
                });
                open.insert(parcel.audience.clone(), envelopes.len() - 1);
                envelopes.len() - 1
            });
            last_of.insert(item.conversation.clone(), index);
            let envelope = &mut envelopes[index];
            if envelope.trace.is_empty() {
                envelope.trace = parcel.trace.clone();
            }
            envelope.bytes += bytes;
            envelope.letter.items.push(item);
        }
    }
    envelopes
}

fn go_together(one: &TraceContext, other: &TraceContext) -> bool {
    one.is_empty() || other.is_empty() || one == other
}

fn weight(item: &Item) -> usize {
    const FRAME: usize = 64;
    FRAME
        + item.conversation.len()
        + match &item.what {
            Some(What::Event(entry)) => entry.body.len(),
            Some(What::Delta(delta)) => delta.text.len(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use convene_bus::{DeadLetter, Doorbells, Error, Letters, Result};
    use convene_proto::{
        bus::{Delta, Doorbell},
        id::Pool,
    };
    use parking_lot::Mutex;
    use tokio::{sync::Semaphore, task::JoinSet, time::Instant};

    use super::*;

    /// A bus on which letters go one a permit.
    struct Gated {
        gate: Semaphore,
        sent: Mutex<Vec<usize>>,
    }

    #[async_trait]
    impl Bus for Gated {
        async fn send(&self, _: &[Inbox], letter: &Letter, _: &TraceContext) -> Result<()> {
            if let Ok(permit) = self.gate.acquire().await {
                permit.forget();
            }
            self.sent.lock().push(letter.items.len());
            Ok(())
        }
        async fn ring(&self, _: &Doorbell, _: &TraceContext) -> Result<()> {
            Err(Error::Closed)
        }
        async fn doorbells(&self, _: &Pool, _: u16) -> Result<Box<dyn Doorbells>> {
            Err(Error::Closed)
        }
        async fn open_inbox(&self, _: &str) -> Result<Box<dyn Letters>> {
            Err(Error::Closed)
        }
        async fn dead_letters(&self, _: &Pool, _: usize) -> Result<Vec<DeadLetter>> {
            Err(Error::Closed)
        }
        async fn dead_letter(&self, _: &Pool, _: &str) -> Result<Option<DeadLetter>> {
            Err(Error::Closed)
        }
        async fn replay(&self, _: &Pool, _: &str) -> Result<bool> {
            Err(Error::Closed)
        }
        async fn drop_dead_letter(&self, _: &Pool, _: &str) -> Result<bool> {
            Err(Error::Closed)
        }
        async fn ping(&self) -> Result<()> {
            Err(Error::Closed)
        }
        async fn close(&self, _: Duration) {}
    }

    fn gated(permits: usize) -> (Arc<Gated>, Publisher) {
        let bus = Arc::new(Gated {
            gate: Semaphore::new(permits),
            sent: Mutex::default(),
        });
        let publisher = Publisher::start(bus.clone(), Metrics::new(), &Tasks::new());
        (bus, publisher)
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_while_a_letter_is_being_sent_goes_in_the_next_one() {
        let (bus, publisher) = gated(0);
        let one = audience(&["g1"]);
        for offset in 0..10 {
            publisher.send(parcel("a", offset, &one, "x")).await;
            // Time passes once the publisher has done what it can.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bus.gate.add_permits(10);
        drop(publisher);
        let all = async {
            while bus.sent.lock().iter().sum::<usize>() < 10 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(SENDING_DEADLINE, all).await.unwrap();
        assert_eq!(*bus.sent.lock(), [1, 9]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_runs_hand_in_together_goes_in_one_letter() {
        let (bus, publisher) = gated(10);
        let one = audience(&["g1"]);
        let hand_in = |number: u64| {
            let parcel = parcel(&number.to_string(), 0, &one, "x");
            let publisher = publisher.clone();
            async move { publisher.send(parcel).await }
        };
        let mut runs: JoinSet<()> = (0..10).map(hand_in).collect();
        while runs.join_next().await.is_some() {}
        let sent = async {
            while bus.sent.lock().is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(SENDING_DEADLINE, sent).await.unwrap();
        assert_eq!(*bus.sent.lock(), [10]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bus_that_stands_still_holds_nobody_up_for_long() {
        let (_bus, publisher) = gated(0);
        let one = audience(&["g1"]);
        for offset in 0..2 * WAITING as u64 {
            let begun = Instant::now();
            publisher.send(parcel("a", offset, &one, "x")).await;
            assert!(begun.elapsed() <= PATIENCE + Duration::from_millis(1));
        }
    }

    fn audience(names: &[&str]) -> Arc<[Inbox]> {
        names
            .iter()
            .map(|name| Inbox::new(*name).unwrap())
            .collect()
    }

    fn parcel(conversation: &str, offset: u64, to: &Arc<[Inbox]>, text: &str) -> Parcel {
        Parcel {
            audience: to.clone(),
            items: vec![Item {
                conversation: conversation.to_owned(),
                epoch: 1,
                what: Some(What::Delta(Delta {
                    offset,
                    text: text.to_owned(),
                    ..Delta::default()
                })),
            }],
            trace: TraceContext::default(),
        }
    }

    fn shape(envelopes: &[Envelope]) -> Vec<(usize, Vec<String>)> {
        let contents = |envelope: &Envelope| {
            let items = envelope.letter.items.iter();
            items
                .map(|item| match &item.what {
                    Some(What::Delta(delta)) => format!("{}{}", item.conversation, delta.offset),
                    _ => item.conversation.clone(),
                })
                .collect()
        };
        envelopes
            .iter()
            .map(|envelope| (envelope.audience.len(), contents(envelope)))
            .collect()
    }

    #[test]
    fn what_goes_to_the_same_inboxes_travels_in_one_letter() {
        let (one, two) = (audience(&["g1"]), audience(&["g1", "g2"]));
        let sorted = sort([
            parcel("a", 0, &one, "x"),
            parcel("b", 0, &two, "x"),
            parcel("a", 1, &audience(&["g1"]), "x"),
            parcel("c", 0, &one, "x"),
        ]);
        let expected = vec![
            (1, vec!["a0".to_owned(), "a1".to_owned(), "c0".to_owned()]),
            (2, vec!["b0".to_owned()]),
        ];
        assert_eq!(shape(&sorted), expected);
    }

    #[test]
    fn a_conversation_stays_in_order_while_its_audience_changes() {
        let (one, two) = (audience(&["g1"]), audience(&["g1", "g2"]));
        let sorted = sort([
            parcel("b", 0, &two, "x"),
            parcel("a", 0, &one, "x"),
            parcel("a", 1, &two, "x"),
            parcel("a", 2, &one, "x"),
        ]);
        let order: Vec<String> = shape(&sorted)
            .into_iter()
            .flat_map(|(_, items)| items)
            .filter(|item| item.starts_with('a'))
            .collect();
        assert_eq!(order, ["a0", "a1", "a2"]);
    }

    #[test]
    fn what_belongs_to_no_trace_goes_with_any_and_two_traces_never_share_a_letter() {
        let one = audience(&["g1"]);
        let traced = |conversation, trace: &str| Parcel {
            trace: TraceContext {
                traceparent: Some(trace.to_owned()),
                tracestate: None,
            },
            ..parcel(conversation, 0, &one, "x")
        };
        let sorted = sort([
            parcel("a", 0, &one, "x"),
            traced("b", "first"),
            parcel("c", 0, &one, "x"),
            traced("d", "second"),
            traced("b", "first"),
        ]);
        let letters = sorted.iter().map(|envelope| {
            let trace = envelope.trace.traceparent.as_deref();
            (trace, envelope.letter.items.len())
        });
        assert_eq!(
            letters.collect::<Vec<_>>(),
            [(Some("first"), 3), (Some("second"), 1), (Some("first"), 1)]
        );
    }

    #[test]
    fn letters_do_not_grow_without_bound() {
        let one = audience(&["g1"]);
        let large = "x".repeat(LETTER_BYTES / 2);
        let sorted = sort((0..4).map(|offset| parcel("a", offset, &one, &large)));
        assert_eq!(sorted.len(), 4);
        assert!(sorted.iter().all(|envelope| envelope.bytes <= LETTER_BYTES));
    }
}
