//! Whether the worker can work: its doorbells, its inbox, its work stream and the broker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use convene_bus::Bus;
use parking_lot::Mutex;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

const PING_PERIOD: Duration = Duration::from_secs(3);
const PING_DEADLINE: Duration = Duration::from_secs(3);

/// Without an answer for so long the broker counts as away.
const STALE_AFTER: Duration = Duration::from_secs(10);

/// The state of the worker's connections. Clones share it.
#[derive(Clone)]
pub(crate) struct Health(Arc<State>);

struct State {
    /// Whether doorbells can come; none while they are not asked for.
    doorbells: Mutex<Option<watch::Receiver<bool>>>,
    listening: AtomicBool,
    work_stream: watch::Receiver<bool>,
    broker_answered: Mutex<Option<Instant>>,
}

impl Health {
    pub(crate) fn new(work_stream: watch::Receiver<bool>) -> Self {
        Self(Arc::new(State {
            doorbells: Mutex::new(None),
            listening: AtomicBool::new(false),
            work_stream,
            broker_answered: Mutex::new(None),
        }))
    }

    /// From now on doorbells are asked for, and this says whether they can come; or not any more.
    pub(crate) fn set_doorbells(&self, subscribed: Option<watch::Receiver<bool>>) {
        *self.0.doorbells.lock() = subscribed;
    }

    pub(crate) fn set_listening(&self, listening: bool) {
        self.0.listening.store(listening, Ordering::Relaxed);
    }

    /// Whether the broker has answered lately.
    pub(crate) fn broker_answers(&self) -> bool {
        let answered = *self.0.broker_answered.lock();
        answered.is_some_and(|at| at.elapsed() <= STALE_AFTER)
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        let doorbells = self.0.doorbells.lock();
        let subscribed = doorbells.as_ref().is_some_and(|one| *one.borrow());
        let checks = [
            (!self.broker_answers(), "the broker does not answer"),
            (
                !*self.0.work_stream.borrow(),
                "the work stream to the context service is closed",
            ),
            (
                !self.0.listening.load(Ordering::Relaxed),
                "the inbox is closed",
            ),
            (!subscribed, "no doorbells are taken"),
        ];
        let faults = checks.into_iter().filter(|(fault, _)| *fault);
        faults.map(|(_, words)| words.to_owned()).collect()
    }
}

/// Asks the broker every few seconds, for ever.
pub(crate) async fn watch_broker(bus: Arc<dyn Bus>, health: Health) {
    loop {
        if let Ok(Ok(())) = timeout(PING_DEADLINE, bus.ping()).await {
            *health.0.broker_answered.lock() = Some(Instant::now());
        }
        sleep(PING_PERIOD).await;
    }
}
