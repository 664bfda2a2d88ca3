//! A small Convene: store, context service, broker, and workers that can be killed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};

use convene_agent::{AgentName, Agents, ConversationId, Participant, Role};
use convene_agent_worker::{Options, Worker, agents::guide::Guide};
use convene_bus::{
    Bus,
    local::{LocalBroker, LocalBus},
};
use convene_context_service::{
    Service,
    store::{
        Limits,
        embedded::{self, EmbeddedStore},
    },
};
use convene_proto::{
    context::{
        Agent, CreateConversationRequest, ListAgentsRequest, claim_reply::Outcome,
        context_service_client::ContextServiceClient, work_reply::Reply,
    },
    event::TurnPolicy,
    id::Pool,
};
use convene_runtime::{Tasks, grpc, health::Health};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use crate::{
    altered::Altered,
    room::Room,
    unheard::{Deafness, Unheard},
    wire::Wire,
};

/// However slow the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something was counted so often.
pub(crate) async fn until_at_least(least: usize, count: impl Fn() -> usize) {
    let counted = async {
        while count() < least {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.unwrap();
}

pub(crate) struct House {
    pub(crate) context: ContextServiceClient<Channel>,
    broker: LocalBroker,
    pub(crate) bus: Arc<LocalBus>,
    store: Arc<EmbeddedStore>,
    tasks: Tasks,
    _folder: TempDir,
}

impl House {
    /// The first announced agent, as soon as it is so.
    pub(crate) async fn announced(&self, is_so: impl Fn(&Agent) -> bool) -> Agent {
        let announced = async {
            loop {
                let known = self.context.clone().list_agents(ListAgentsRequest {}).await;
                match known.unwrap().into_inner().agents.into_iter().next() {
                    Some(agent) if is_so(&agent) => return agent,
                    _ => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, announced).await.unwrap()
    }

    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let folder = TempDir::new().unwrap();
        let options = embedded::Options {
            limits,
            ..embedded::Options::default()
        };
        let store = Arc::new(EmbeddedStore::open(folder.path(), options).unwrap());
        let tasks = Tasks::new();
        let (channel, incoming) = grpc::in_process();
        let options = convene_context_service::Options::default();
        let service = Service::new(options, store.clone(), &Health::new(), &tasks);
        tasks.spawn(async move { service.run(incoming).await.unwrap() });
        let broker = LocalBroker::open(&folder.path().join("dead-letters"), &tasks).unwrap();
        Self {
            context: ContextServiceClient::new(channel),
            bus: broker.connect(),
            broker,
            store,
            tasks,
            _folder: folder,
        }
    }

    /// Another context service over the same store, behind a wire that can be cut.
    pub(crate) async fn wire(&self) -> Wire {
        let options = convene_context_service::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            ..convene_context_service::Options::default()
        };
        let service = Service::new(options, self.store.clone(), &Health::new(), &self.tasks);
        let incoming = service.listen().unwrap();
        let address = incoming.local_addr().unwrap();
        self.tasks
            .spawn(async move { service.run(incoming).await.unwrap() });
        Wire::to(address, &self.tasks).await
    }

    /// A context service from which one answer to a worker gets lost, the first of these; and
    /// whether it is yet.
    pub(crate) fn forgetful(
        &self,
        loses: fn(&Reply) -> bool,
    ) -> (ContextServiceClient<Channel>, Arc<AtomicBool>) {
        let lost = Arc::new(AtomicBool::new(false));
        let is_lost = lost.clone();
        let alters = move |reply| {
            let loses = loses(&reply) && !lost.swap(true, SeqCst);
            (!loses).then_some(reply)
        };
        let client = Altered::client(self.context.clone(), Arc::new(alters), &self.tasks);
        (client, is_lost)
    }

    /// A context service as an older worker sees it, to which what it claims is of a kind that it does not
    /// know; and how often it has claimed.
    pub(crate) fn of_an_older_worker(&self) -> (ContextServiceClient<Channel>, Arc<AtomicUsize>) {
        let claims = Arc::new(AtomicUsize::new(0));
        let counted = claims.clone();
        let alters = move |mut reply| {
            if let Reply::Claim(claim) = &mut reply
                && let Some(Outcome::Claimed(claimed)) = &mut claim.outcome
            {
                counted.fetch_add(1, SeqCst);
                for input in &mut claimed.inputs {
                    input.body = r#"{"type":"day.dawned"}"#.into();
                }
            }
            Some(reply)
        };
        let client = Altered::client(self.context.clone(), Arc::new(alters), &self.tasks);
        (client, claims)
    }

    /// A context service whose store may yet lose what it took within this time, and finds nothing that is
    /// overlooked: no ring comes but those that a test or a worker's own doorbell makes.
    pub(crate) fn settling_within(&self, time: Duration) -> ContextServiceClient<Channel> {
        let settles_ms = time.as_millis() as u64;
        let alters = move |mut reply| {
            if let Reply::Claim(claim) = &mut reply {
                match &mut claim.outcome {
                    Some(Outcome::Claimed(claimed)) => claimed.settles_ms = settles_ms,
                    Some(Outcome::Held(held)) => held.settles_ms = settles_ms,
                    _ => {}
                }
            }
            Some(reply)
        };
        Altered::unswept(self.context.clone(), Arc::new(alters), &self.tasks)
    }

    /// A worker with the guide.
    pub(crate) fn guide(&self) -> OwnWorker {
        self.worker(quick(), Agents::new().with(name(), Guide::new()))
    }

    pub(crate) fn worker(&self, options: Options, agents: Agents) -> OwnWorker {
        self.worker_over(self.context.clone(), options, agents)
    }

    pub(crate) fn worker_over(
        &self,
        context: ContextServiceClient<Channel>,
        options: Options,
        agents: Agents,
    ) -> OwnWorker {
        self.start(context, options, agents, |bus| bus)
    }

    /// A worker with the guide, to which the broker is deaf.
    pub(crate) fn guide_unheard(&self, deafness: Arc<Deafness>) -> OwnWorker {
        self.unheard(self.context.clone(), quick(), deafness)
    }

    pub(crate) fn unheard(
        &self,
        context: ContextServiceClient<Channel>,
        options: Options,
        deafness: Arc<Deafness>,
    ) -> OwnWorker {
        let agents = Agents::new().with(name(), Guide::new());
        let unheard = |bus| Arc::new(Unheard::new(bus, deafness)) as Arc<dyn Bus>;
        self.start(context, options, agents, unheard)
    }

    fn start(
        &self,
        context: ContextServiceClient<Channel>,
        options: Options,
        agents: Agents,
        over: impl FnOnce(Arc<dyn Bus>) -> Arc<dyn Bus>,
    ) -> OwnWorker {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let tasks = Tasks::new();
        let bus = self.broker.connect();
        let entered = runtime.enter();
        let worker = Worker::start(options, agents, context, over(bus.clone()), &tasks);
        drop(entered);
        OwnWorker {
            worker,
            tasks,
            bus,
            runtime: Some(runtime),
        }
    }

    /// Whether some worker is known to host an agent.
    pub(crate) async fn hosts(&self, agent: &AgentName) -> bool {
        let mut context = self.context.clone();
        let known = context.list_agents(ListAgentsRequest {}).await.unwrap();
        let mut known = known.into_inner().agents.into_iter();
        known.any(|known| known.name == agent.as_str())
    }

    pub(crate) async fn conversation(&self) -> Room {
        let id = ConversationId::random();
        let person = |id: &str, name: &str, role: Role| {
            let participant = Participant {
                id: id.parse().unwrap(),
                name: name.to_owned(),
                role,
            };
            participant.into()
        };
        let request = CreateConversationRequest {
            conversation: id.to_string(),
            agent: name().to_string(),
            pool: Pool::default().to_string(),
            policy: TurnPolicy::Enqueue.as_str().to_owned(),
            participants: vec![
                person("user:ada", "Ada", Role::Owner),
                person("user:bob", "Bob", Role::Member),
                person("agent:guide", "Guide", Role::Agent),
            ],
            ..CreateConversationRequest::default()
        };
        self.context
            .clone()
            .create_conversation(request)
            .await
            .unwrap();
        Room {
            id,
            context: self.context.clone(),
            bus: self.bus.clone(),
        }
    }
}

/// The name under which tests host their agent.
pub(crate) fn name() -> AgentName {
    "guide".parse().unwrap()
}

/// Short waits everywhere.
pub(crate) fn quick() -> Options {
    Options {
        lease_ttl_ms: 1_000,
        retry_base_ms: 20,
        retry_max_ms: 100,
        drain_deadline_ms: 20_000,
        ..Options::default()
    }
}

/// Whoever waited for this lease to lapse would wait longer than any test.
pub(crate) fn endless() -> Options {
    Options {
        lease_ttl_ms: 300_000,
        ..quick()
    }
}

/// A worker in a runtime of its own.
pub(crate) struct OwnWorker {
    pub(crate) worker: Worker,
    pub(crate) tasks: Tasks,
    pub(crate) bus: Arc<LocalBus>,
    runtime: Option<Runtime>,
}

impl OwnWorker {
    /// Nothing gets to its disk, where its dead letters go, until what is returned is dropped.
    pub(crate) fn stall_disk(&self) -> mpsc::Sender<()> {
        let (goes_on, stalled) = mpsc::channel();
        let runtime = self.runtime.as_ref().unwrap();
        runtime.spawn_blocking(move || stalled.recv());
        goes_on
    }

    /// Ends every task where it stands, and the connection to the broker with them.
    pub(crate) async fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.bus.close(PATIENCE).await;
    }

    /// SIGTERM comes; whatever is under way has yet to end.
    pub(crate) async fn begin_to_drain(&self) {
        self.tasks.stop(Duration::ZERO).await;
    }

    /// As SIGTERM does. The doorbells that it has put off are still in its runtime.
    pub(crate) async fn drain(&self) {
        let left = self.tasks.stop(PATIENCE).await;
        assert_eq!(left, 0, "tasks are left over");
        self.bus.close(PATIENCE).await;
    }
}

impl Drop for OwnWorker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
