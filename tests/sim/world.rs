//! The parts, put together: one context service over one store, and gateways and workers, each with
//! a link of its own, which can be killed and come back.

use std::{sync::Arc, time::Duration};

use convene_agent::Agents;
use convene_agent_worker::Worker;
use convene_bus::local::LocalBroker;
use convene_context_service::{
    Service,
    store::{
        Limits, Needs, NewConversation, NewEntry, Store as _, Submit, Wake,
        embedded::{self, EmbeddedStore},
    },
};
use convene_gateway::{
    Door, Gateway,
    auth::{self, Auth},
};
use convene_invariants::{Answer, Fate, Said};
use convene_proto::{
    context::context_service_client::ContextServiceClient,
    event::{EventBody, Message, Part, Participant, Role, TurnPolicy},
    id::{ConversationId, ParticipantId, Pool},
    position::{Eid, Epoch},
};
use convene_runtime::{Tasks, clock::now_ms, grpc, health::Health};
use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tonic::transport::Channel;

use crate::{
    agent::Echo,
    bus::FaultyBus,
    line::{Line, Link},
    stage::Stage,
    store::FaultyStore,
};

pub(crate) const SECRET: &str = "the-secret-of-the-simulation-0123456789";

/// How soon after its death a process is there again, at most.
const BACK: Duration = Duration::from_secs(2);

/// What a lost doorbell costs, at most.
const DUE_AFTER: Duration = Duration::from_secs(4);

/// See the module.
pub(crate) struct World {
    stage: Arc<Stage>,
    pub(crate) store: Arc<EmbeddedStore>,
    broker: LocalBroker,
    lines: mpsc::Sender<Line>,
    gates: Mutex<Vec<Gate>>,
    workers: Mutex<Vec<Process>>,
}

/// A gateway, as people find it.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) name: String,
    pub(crate) door: Door,
    pub(crate) link: Link,
    process: Process,
}

#[derive(Clone)]
struct Process {
    name: String,
    link: Link,
    bus: FaultyBus,
    tasks: Tasks,
}

/// Which process.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    Gateway(usize),
    Worker(usize),
}

impl World {
    /// Everything is up when this returns.
    pub(crate) async fn start(stage: &Arc<Stage>) -> Arc<Self> {
        let options = embedded::Options {
            cache_bytes: 1 << 20,
            limits: Limits {
                due_after: DUE_AFTER,
                ..Limits::default()
            },
        };
        let store = Arc::new(EmbeddedStore::in_memory(options).unwrap());
        let faulty = FaultyStore {
            stage: stage.clone(),
            inner: store.clone(),
        };
        let (lines, accepted) = mpsc::channel(16);
        let service = Service::new(
            convene_context_service::Options::default(),
            Arc::new(faulty),
            &Health::new(),
            &stage.tasks,
        );
        let incoming = stream::unfold(accepted, async |mut accepted: mpsc::Receiver<Line>| {
            let line = accepted.recv().await?;
            Some((Ok::<_, std::io::Error>(line), accepted))
        });
        let serving = async move { service.run(Box::pin(incoming)).await.unwrap() };
        stage.tasks.spawn(serving);
        let world = Arc::new(Self {
            broker: LocalBroker::new(&stage.tasks),
            stage: stage.clone(),
            store,
            lines,
            gates: Mutex::default(),
            workers: Mutex::default(),
        });
        for index in 0..stage.plan.gateways {
            let gate = world.gateway(format!("gateway{index}")).await;
            world.gates.lock().push(gate);
        }
        for index in 0..stage.plan.workers {
            let worker = world.worker(format!("worker{index}"));
            world.workers.lock().push(worker);
        }
        world
    }

    /// Makes a conversation of everybody and the agent.
    pub(crate) async fn conversation(&self, index: usize) -> ConversationId {
        let person = |name: &str, role| Participant {
            id: format!("user:{name}").parse().unwrap(),
            name: name.to_owned(),
            role,
        };
        let participants = vec![
            person("ada", Role::Owner),
            person("bob", Role::Member),
            person("cyd", Role::Member),
            person("dan", Role::Member),
            Participant {
                id: "agent:echo".parse().unwrap(),
                name: "Echo".to_owned(),
                role: Role::Agent,
            },
        ];
        let created = EventBody::ConversationCreated {
            by: participants[0].id.clone(),
            title: None,
            participants: participants.clone(),
        };
        let id: ConversationId = format!("room{index}").parse().unwrap();
        let entry = NewEntry {
            eid: Eid::random(),
            body: created.encode().unwrap(),
        };
        self.stage
            .wrote_event(&id, convene_proto::position::Seq(1), entry.eid);
        let new = NewConversation {
            id: id.clone(),
            epoch: Epoch::random(),
            title: None,
            agent: Some("echo".parse().unwrap()),
            pool: Pool::default(),
            policy: TurnPolicy::Enqueue,
            participants,
            entry,
        };
        self.store.create(new).await.unwrap();
        id
    }

    /// So many messages that wake nobody stand in the log, and nobody is told.
    pub(crate) async fn burst(&self, room: &ConversationId, count: usize) -> Vec<Said> {
        let author: ParticipantId = "user:ada".parse().unwrap();
        let mut all = Vec::new();
        for number in 0..count {
            let message = Message {
                id: format!("burst-{number}").parse().unwrap(),
                author: author.clone(),
                parts: vec![Part::Text {
                    text: format!("{number}"),
                }],
                to: Some(Vec::new()),
                timezone: None,
            };
            let (id, text) = (message.id.clone(), message.text());
            let asked = now_ms();
            let submit = Submit {
                conversation: room.clone(),
                author: author.clone(),
                message: message.id.clone(),
                entry: NewEntry {
                    eid: Eid::random(),
                    body: EventBody::MessageCreated { message }.encode().unwrap(),
                },
                wake: Wake::Nobody,
                policy: None,
                needs: Needs::Nothing,
                outside: false,
            };
            let entry = self.store.submit(submit).await.unwrap().entry;
            self.stage.wrote_event(room, entry.seq, entry.eid);
            all.push(Said {
                message: id,
                text,
                answer: Answer::None,
                has_effect: false,
                interrupts: false,
                asked,
                settled: now_ms(),
                fate: Fate::Accepted(entry.seq),
            });
        }
        self.stage.note(format_args!(
            "{count} messages are written to {room}, and nobody is told"
        ));
        all
    }

    pub(crate) fn gate(&self, index: usize) -> Gate {
        self.gates.lock()[index].clone()
    }

    // --- troubles ---

    /// It is gone, and another takes its place a little later.
    pub(crate) async fn kill(self: &Arc<Self>, which: Which) {
        let process = self.process(which);
        let name = process.name.clone();
        self.stage.note(format_args!("{name} dies"));
        process.link.kill();
        process.bus.kill().await;
        // Nothing that it does is heard of any more.
        let tasks = process.tasks;
        self.stage
            .tasks
            .spawn(async move { tasks.stop(Duration::ZERO).await });
        let (world, pause) = (self.clone(), self.stage.up_to(BACK));
        self.stage.tasks.spawn(async move {
            tokio::time::sleep(pause).await;
            world.stage.note(format_args!("{name} is back"));
            match which {
                Which::Gateway(index) => {
                    let gate = world.gateway(name).await;
                    world.gates.lock()[index] = gate;
                }
                Which::Worker(index) => {
                    let worker = world.worker(name);
                    world.workers.lock()[index] = worker;
                }
            }
        });
    }

    pub(crate) async fn freeze(self: &Arc<Self>, which: Which, pause: Duration) {
        let process = self.process(which);
        self.stage
            .note(format_args!("{} stands still", process.name));
        process.link.freeze();
        // A broker may notice that before it is over.
        if self.stage.hit(0.5) {
            process.bus.cut().await;
        }
        let stage = self.stage.clone();
        self.stage.tasks.spawn(async move {
            tokio::time::sleep(pause).await;
            stage.note(format_args!("{} goes on", process.name));
            process.link.thaw();
        });
    }

    pub(crate) async fn cut(&self, which: Which) {
        let process = self.process(which);
        self.stage
            .note(format_args!("{} loses the broker", process.name));
        process.bus.cut().await;
    }

    pub(crate) fn hang_up(&self, which: Which) {
        let process = self.process(which);
        self.stage
            .note(format_args!("{} loses the context service", process.name));
        process.link.hang_up();
    }

    fn process(&self, which: Which) -> Process {
        match which {
            Which::Gateway(index) => self.gates.lock()[index].process.clone(),
            Which::Worker(index) => self.workers.lock()[index].clone(),
        }
    }

    // --- parts ---

    fn start_process(&self, name: String) -> (Process, Channel) {
        let link = Link::new();
        let (channel, mut incoming) = grpc::in_process();
        let (lines, near) = (self.lines.clone(), link.clone());
        self.stage.tasks.spawn(async move {
            while let Some(Ok(pipe)) = incoming.next().await {
                if lines.send(near.line(pipe)).await.is_err() {
                    return;
                }
            }
        });
        let process = Process {
            bus: FaultyBus::new(&self.stage, &self.broker, &link, &name),
            link,
            name,
            tasks: Tasks::new(),
        };
        (process, channel)
    }

    async fn gateway(&self, name: String) -> Gate {
        let (process, channel) = self.start_process(name);
        let options = convene_gateway::Options {
            requests_per_second: 1_000_000,
            request_burst: 1_000_000,
            audit_seconds: 2,
            ping_seconds: 5,
            tail: self.stage.plan.tail,
            ..convene_gateway::Options::default()
        };
        let auth = Auth::new(auth::Options {
            secret: SECRET.to_owned(),
            // Nobody revokes any here.
            revocations_ms: 3_600_000,
            ..auth::Options::default()
        });
        let bus = Arc::new(process.bus.clone());
        let tasks = process.tasks.clone();
        let gateway = Gateway::start(options, auth.unwrap(), channel, bus, None, tasks);
        Gate {
            name: process.name.clone(),
            door: gateway.await.unwrap().door(),
            link: process.link.clone(),
            process,
        }
    }

    fn worker(&self, name: String) -> Process {
        let (process, channel) = self.start_process(name);
        let options = convene_agent_worker::Options {
            concurrency: 4,
            lease_ttl_ms: 1_000,
            max_attempts: 100,
            retry_base_ms: 100,
            retry_max_ms: 1_000,
            drain_deadline_ms: 0,
            ..convene_agent_worker::Options::default()
        };
        let agents = Agents::new().with("echo".parse().unwrap(), Echo(self.stage.clone()));
        let context = ContextServiceClient::new(channel);
        let bus = Arc::new(process.bus.clone());
        Worker::start(options, agents, context, bus, &process.tasks);
        process
    }
}
