//! The worker: what its parts share, and its life from start to drained.

use std::{sync::Arc, time::Duration};

use convene_agent::Agents;
use convene_bus::Bus;
use convene_proto::context::context_service_client::ContextServiceClient;
use convene_runtime::Tasks;
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::{
    announce,
    desk::Desk,
    health::Health,
    inbox,
    metrics::Metrics,
    options::Options,
    publish::Publisher,
    run::{
        absent::{self, Sightings},
        live::Runs,
        pace::Load,
        put_off::PutOff,
        recall::Recall,
    },
    sweep, take,
};

/// Bytes of one answer of the context service: a claim brings many whole messages.
const LARGEST_ANSWER: usize = 64 << 20;

/// After the drain deadline, how long the runs may take to withdraw what they wrote.
const WITHDRAWING: Duration = Duration::from_secs(5);

/// What all parts of a worker know.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) agents: Agents,
    pub(crate) context: ContextServiceClient<Channel>,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) tasks: Tasks,
    pub(crate) desk: Desk,
    pub(crate) publisher: Publisher,
    /// The name of our inbox; empty before it is first open.
    pub(crate) inbox: watch::Receiver<String>,
    pub(crate) runs: Runs,
    pub(crate) sightings: Sightings,
    pub(crate) put_off: PutOff,
    pub(crate) recall: Recall,
    pub(crate) load: Arc<Load>,
    pub(crate) metrics: Metrics,
    pub(crate) health: Health,
    /// A sweeper has found work of our pool that nobody does.
    pub(crate) overlooked: Notify,
    /// One permit a doorbell in hand.
    pub(crate) hands: Arc<Semaphore>,
    /// The time to drain is up: runs withdraw.
    pub(crate) abandon: CancellationToken,
    /// And so is the time to withdraw.
    pub(crate) overdue: CancellationToken,
}

impl Shared {
    pub(crate) fn inbox_name(&self) -> String {
        self.inbox.borrow().clone()
    }
}

/// A running worker: it takes doorbells, claims runs and hosts agents until `tasks` stop.
#[derive(Clone)]
pub struct Worker {
    health: Health,
}

impl Worker {
    /// Starts a worker. It belongs to `tasks`: when they stop, it takes nothing more, lets its
    /// runs finish within the drain deadline, and leaves the rest to other workers; so give
    /// [`Tasks::stop`] some seconds more than `drain_deadline_ms`.
    ///
    /// Should a part of it end before that, [`Tasks::broken`] says so: the worker takes no more.
    ///
    /// Neither the broker nor the context service need be there yet; [`Worker::faults`] says when
    /// they are. `options` should have no [`faults`](Options::faults).
    ///
    /// Must be called inside a tokio runtime.
    pub fn start(
        options: Options,
        agents: Agents,
        context: ContextServiceClient<Channel>,
        bus: Arc<dyn Bus>,
        tasks: &Tasks,
    ) -> Self {
        let metrics = Metrics::new();
        let context = context.max_decoding_message_size(LARGEST_ANSWER);
        let desk = Desk::open(context.clone(), call_deadline(&options), tasks);
        let health = Health::new(desk.watch());
        let (inbox_name, inbox) = watch::channel(String::new());
        let shared = Arc::new(Shared {
            agents,
            context,
            desk,
            inbox,
            publisher: Publisher::start(bus.clone(), metrics.clone(), tasks),
            bus,
            tasks: tasks.clone(),
            runs: Runs::default(),
            sightings: Sightings::default(),
            put_off: PutOff::default(),
            recall: Recall::new(options.history),
            load: Load::new(&options, metrics.clone()),
            metrics,
            health: health.clone(),
            overlooked: Notify::new(),
            hands: Arc::new(Semaphore::new(options.concurrency.into())),
            abandon: CancellationToken::new(),
            overdue: CancellationToken::new(),
            options,
        });
        tasks.spawn_vital("inbox", inbox::listen(shared.clone(), inbox_name));
        tasks.spawn_vital_until_stop("sweeper", sweep::sweep(shared.clone()));
        tasks.spawn_vital_until_stop("announcer", announce::announce(shared.clone()));
        tasks.spawn_vital_until_stop("lookout", absent::look(shared.clone()));
        tasks.spawn_vital_until_stop(
            "broker watch",
            crate::health::watch_broker(shared.bus.clone(), health.clone()),
        );
        tasks.spawn_vital("doorbells", live(shared));
        Self { health }
    }

    /// What keeps the worker from working right now, for readiness; nothing: it is ready.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.health.faults()
    }
}

/// Takes doorbells until the tasks stop, then drains.
async fn live(shared: Arc<Shared>) {
    take::take(&shared).await;
    let all = u32::from(shared.options.concurrency);
    let drain = shared.options.drain_deadline();
    if timeout(drain, shared.hands.acquire_many(all)).await.is_ok() {
        return;
    }
    tracing::info!("the time to drain is up; what still runs is left to other workers");
    shared.abandon.cancel();
    if timeout(WITHDRAWING, shared.hands.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("some runs did not withdraw in time; their leases will run out");
    }
    shared.overdue.cancel();
}

/// So that a lost call can be made again well within the lease.
pub(crate) fn call_deadline(options: &Options) -> Duration {
    let third = options.lease_ttl() / 3;
    third.clamp(Duration::from_millis(200), Duration::from_secs(3))
}
