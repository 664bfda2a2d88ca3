//! A small Convene: store, context service, broker, people, and workers that can be killed.

use std::{sync::Arc, time::Duration};

use convene_agent::{
    AgentName, Agents, ConversationId, Message, MessageId, Participant, ParticipantId, Part, Role,
};
use convene_agent_worker::{Options, Worker, agents::guide::Guide};
use convene_bus::{
    Arrival, Bus, Letters,
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
    bus::{CancelRun, Command, Doorbell, Item, Letter, item::What},
    context::{
        CancelRequest, CreateConversationRequest, ReadEventsRequest, SubmitRequest, SubscribeRequest,
        context_service_client::ContextServiceClient,
    },
    error::ErrorCode,
    event::{EventBody, Outcome, TurnPolicy},
    id::Pool,
};
use convene_runtime::{Tasks, grpc, health::Health, trace::TraceContext};
use tempfile::TempDir;
use tokio::{
    runtime::Runtime,
    time::{sleep, timeout},
};
use tonic::{Status, transport::Channel};

use crate::wire::Wire;

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct House {
    pub(crate) context: ContextServiceClient<Channel>,
    broker: LocalBroker,
    pub(crate) bus: Arc<LocalBus>,
    store: Arc<EmbeddedStore>,
    tasks: Tasks,
    _folder: TempDir,
}

impl House {
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
        let broker = LocalBroker::new(&tasks);
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
        self.tasks.spawn(async move { service.run(incoming).await.unwrap() });
        Wire::to(address, &self.tasks).await
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
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let tasks = Tasks::new();
        let bus = self.broker.connect();
        let entered = runtime.enter();
        let worker = Worker::start(options, agents, context, bus.clone(), &tasks);
        drop(entered);
        OwnWorker {
            worker,
            tasks,
            bus,
            runtime: Some(runtime),
        }
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
        self.context.clone().create_conversation(request).await.unwrap();
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
        drain_deadline_ms: 5_000,
        ..Options::default()
    }
}

/// A worker in a runtime of its own.
pub(crate) struct OwnWorker {
    pub(crate) worker: Worker,
    pub(crate) tasks: Tasks,
    bus: Arc<LocalBus>,
    runtime: Option<Runtime>,
}

impl OwnWorker {
    /// Ends every task where it stands, and the connection to the broker with them.
    pub(crate) async fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.bus.close().await;
    }

    /// As SIGTERM does. The doorbells that it has put off are still in its runtime.
    pub(crate) async fn drain(&self) {
        let left = self.tasks.stop(PATIENCE).await;
        assert_eq!(left, 0, "tasks are left over");
        self.bus.close().await;
    }
}

impl Drop for OwnWorker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A conversation of Ada, Bob and an agent.
pub(crate) struct Room {
    pub(crate) id: ConversationId,
    context: ContextServiceClient<Channel>,
    bus: Arc<LocalBus>,
}

impl Room {
    /// Says something and rings, as a gateway does. Returns the event's number.
    pub(crate) async fn say(&self, text: &str) -> u64 {
        let (seq, doorbell) = self.submit("user:ada", text, TurnPolicy::Enqueue).await.unwrap();
        self.ring(&doorbell).await;
        seq
    }

    pub(crate) async fn say_as(&self, author: &str, text: &str, policy: TurnPolicy) -> u64 {
        let (seq, doorbell) = self.submit(author, text, policy).await.unwrap();
        self.ring(&doorbell).await;
        seq
    }

    pub(crate) async fn ring(&self, doorbell: &Doorbell) {
        self.bus.ring(doorbell, &TraceContext::default()).await.unwrap();
    }

    /// Says something, and leaves the ringing to others.
    pub(crate) async fn submit(
        &self,
        author: &str,
        text: &str,
        policy: TurnPolicy,
    ) -> Result<(u64, Doorbell), ErrorCode> {
        let message = Message {
            id: MessageId::random(),
            author: author.parse().unwrap(),
            parts: vec![Part::Text { text: text.to_owned() }],
            to: None,
        };
        let id = message.id.to_string();
        let body = EventBody::MessageCreated { message }.encode().unwrap();
        let request = SubmitRequest {
            conversation: self.id.to_string(),
            author: author.to_owned(),
            message: id.clone(),
            body: body.clone(),
            wake_default: true,
            policy: policy.as_str().to_owned(),
            ..SubmitRequest::default()
        };
        let reply = self.context.clone().submit(request).await;
        let reply = reply.map_err(|status: Status| ErrorCode::of(&status))?.into_inner();
        if !reply.holder.is_empty() {
            self.tell_holder(&reply.holder, &reply.interrupted_run).await;
        }
        let entry = reply.entry.unwrap();
        let doorbell = Doorbell {
            conversation: self.id.to_string(),
            pool: reply.pool,
            command: Some(Command {
                epoch: reply.epoch,
                seq: entry.seq,
                eid: entry.eid,
                author: author.to_owned(),
                author_name: reply.author_name,
                message: id,
                body,
                agent: reply.agent,
                policy: reply.policy,
                replay: false,
            }),
        };
        Ok((entry.seq, doorbell))
    }

    /// Presses stop.
    pub(crate) async fn cancel(&self) {
        let request = CancelRequest {
            conversation: self.id.to_string(),
            ..CancelRequest::default()
        };
        let reply = self.context.clone().cancel(request).await.unwrap().into_inner();
        if !reply.holder.is_empty() {
            self.tell_holder(&reply.holder, &reply.run).await;
        }
    }

    async fn tell_holder(&self, holder: &str, run: &str) {
        let letter = Letter {
            items: vec![Item {
                conversation: self.id.to_string(),
                epoch: 0,
                what: Some(What::Cancel(CancelRun { run: run.to_owned() })),
            }],
        };
        let holder = [holder.parse().unwrap()];
        self.bus.send(&holder, &letter, &TraceContext::default()).await.unwrap();
    }

    /// The whole log. Its numbers have no hole.
    pub(crate) async fn log(&self) -> Vec<EventBody> {
        let mut bodies = Vec::new();
        loop {
            let request = ReadEventsRequest {
                conversation: self.id.to_string(),
                after: bodies.len() as u64,
                limit: 1000,
                ..ReadEventsRequest::default()
            };
            let reply = self.context.clone().read_events(request).await.unwrap().into_inner();
            if reply.entries.is_empty() {
                return bodies;
            }
            for entry in reply.entries {
                assert_eq!(entry.seq, bodies.len() as u64 + 1, "the log has a hole");
                bodies.push(EventBody::decode(&entry.body).unwrap());
            }
        }
    }

    /// Waits until the log is as one wants it, and returns it.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&[EventBody]) -> bool) -> Vec<EventBody> {
        let mut last = Vec::new();
        let waiting = async {
            loop {
                last = self.log().await;
                if wanted(&last) {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        let reached = timeout(PATIENCE, waiting).await;
        assert!(reached.is_ok(), "in vain: {what}; the log is {last:#?}");
        last
    }

    /// Waits until so many runs are over.
    pub(crate) async fn finished(&self, runs: usize) -> Vec<EventBody> {
        self.until(&format!("{runs} runs are over"), |log| outcomes(log).len() >= runs).await
    }

    /// Listens as a gateway does.
    pub(crate) async fn listen(&self) -> Listener {
        let mut letters = self.bus.open_inbox("test").await.unwrap();
        let Some(Arrival::Opened(inbox)) = letters.next().await else {
            panic!("the inbox does not open");
        };
        let request = SubscribeRequest {
            conversation: self.id.to_string(),
            viewer: "user:ada".to_owned(),
            inbox: inbox.to_string(),
            tail: 100,
            ..SubscribeRequest::default()
        };
        self.context.clone().subscribe(request).await.unwrap();
        Listener { letters }
    }
}

/// An inbox in the audience.
pub(crate) struct Listener {
    letters: Box<dyn Letters>,
}

impl Listener {
    /// The items of the next letter.
    pub(crate) async fn next(&mut self) -> Vec<Item> {
        loop {
            match timeout(PATIENCE, self.letters.next()).await.unwrap() {
                Some(Arrival::Letter(letter, _)) => return letter.items,
                Some(_) => {}
                None => panic!("the bus closed"),
            }
        }
    }

    /// Everything up to the end of a run.
    pub(crate) async fn run(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            for item in self.next().await {
                let over = matches!(&item.what, Some(What::Event(entry))
                    if matches!(EventBody::decode(&entry.body), Ok(EventBody::RunFinished { .. })));
                items.push(item);
                if over {
                    return items;
                }
            }
        }
    }
}

/// How each run ended, in order.
pub(crate) fn outcomes(log: &[EventBody]) -> Vec<&'static str> {
    let outcomes = log.iter().filter_map(|body| match body {
        EventBody::RunFinished { outcome, .. } => Some(match outcome {
            Outcome::Completed => "completed",
            Outcome::Cancelled => "cancelled",
            Outcome::Failed { .. } => "failed",
        }),
        _ => None,
    });
    outcomes.collect()
}

/// What the agent said, in order, without what was taken back.
pub(crate) fn answers(log: &[EventBody]) -> Vec<String> {
    let mut said: Vec<(MessageId, String)> = Vec::new();
    for body in log {
        match body {
            EventBody::MessageCompleted { message, .. } => said.push((message.id.clone(), message.text())),
            EventBody::MessageRetracted { message, .. } => said.retain(|(id, _)| id != message),
            _ => {}
        }
    }
    said.into_iter().map(|(_, text)| text).collect()
}

/// The kinds of the events from the first run on, in the words of the wire.
pub(crate) fn kinds(log: &[EventBody]) -> Vec<String> {
    let kind = |body: &EventBody| serde_json::to_value(body).unwrap()["type"].as_str().unwrap().to_owned();
    log.iter().map(kind).filter(|kind| kind != "conversation.created").collect()
}

/// The numbers that `/stream` counts.
pub(crate) fn count(to: u32) -> String {
    let number = |n: u32| if n.is_multiple_of(20) { format!("{n}\n") } else { format!("{n} ") };
    (1..=to).map(number).collect()
}

pub(crate) fn agent() -> ParticipantId {
    ParticipantId::Agent(name())
}
