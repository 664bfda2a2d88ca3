//! A cluster with a fault proxy on every wire of it, kept for many seeds.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use convene_client::{NewConversation, NewParticipant, Options, Rest, proto::id::ConversationId};
use xtask::process::{Process, Signal};

pub(crate) use crate::harness::{PATIENCE, retried};
use crate::{
    desk::Desk,
    harness::{Each, Kind, Role, Shape, Stack},
    plan::{Agent, Audits, Target, Tier},
    proxy::{Letters, Wire},
    tail::Tail,
    teller,
};

/// Short, so that a seed is.
pub(crate) const LEASE_MS: u64 = 1_500;
pub(crate) const RETRY_TIERS_MS: [u64; 3] = [300, 1_000, 2_000];

const POLL: Duration = Duration::from_millis(100);
/// How long the agents may take to be announced at first.
const SETTLES: Duration = Duration::from_secs(30);

/// Who sees all that staff see.
pub(crate) const AUDITOR: &str = "auditor";

pub(crate) struct Cluster {
    pub(crate) audits: Audits,
    pub(crate) stack: Stack,
    wires: Vec<Wire>,
    pub(crate) letters: Arc<Letters>,
    teller: Option<Process>,
    pub(crate) desk: Arc<Desk>,
    environment: Vec<(String, String)>,
    pub(crate) tail: Tail,
    pub(crate) alarmed: bool,
}

fn settings(audits: Audits) -> Vec<(&'static str, String)> {
    let tiers = RETRY_TIERS_MS.map(|tier| tier.to_string()).join(",");
    vec![
        ("agent_worker.lease_ttl_ms", LEASE_MS.to_string()),
        ("agent_worker.retry_base_ms", "200".into()),
        ("agent_worker.retry_max_ms", "1000".into()),
        ("agent_worker.max_attempts", "100".into()),
        ("agent_worker.drain_deadline_ms", "1000".into()),
        ("gateway.audit_seconds", audits.seconds().to_string()),
        // So few that who was away for long is given a snapshot.
        ("gateway.tail", "40".into()),
        ("gateway.ping_seconds", "2".into()),
        ("gateway.drain_spread_ms", "200".into()),
        ("context_service.deadline_ms", "2000".into()),
        ("context_service.drain_ms", "200".into()),
        ("store.connect_timeout_ms", "1000".into()),
        ("store.response_timeout_ms", "1000".into()),
        ("broker.heartbeat_s", "2".into()),
        ("broker.connect_timeout_ms", "1000".into()),
        ("broker.ring_timeout_ms", "2000".into()),
        ("broker.retry_tiers_ms", format!("[{tiers}]")),
    ]
}

impl Cluster {
    /// `further` settings go before the chaos's own.
    pub(crate) async fn start(audits: Audits, further: &[(&'static str, String)]) -> Self {
        let letters = Arc::<Letters>::default();
        let wires = Arc::<Mutex<Vec<Wire>>>::default();
        let (laying, own) = (wires.clone(), letters.clone());
        let lay = move |name: &str, settings: &mut Vec<(String, String)>| {
            let mut wires = laying.lock().unwrap();
            for (key, value) in settings {
                let to = match key.as_str() {
                    "broker.url" if !name.starts_with("context-service") => "rabbitmq",
                    "store.url" if name.starts_with("context-service") => "redis",
                    "context_service.endpoints" => "context-service",
                    _ => continue,
                };
                *value = through(value, |index, port| {
                    let to = match to {
                        "context-service" => format!("{to}-{index}"),
                        _ => to.to_owned(),
                    };
                    let wire = Wire::between(name, &to, port, &own);
                    let port = wire.port();
                    wires.push(wire);
                    port
                });
            }
        };
        let each = Each(Arc::new(lay));
        let desk = Arc::new(Desk::open().await);
        let shape = Shape {
            own_rabbitmq: true,
            own_redis: true,
            settings: [settings(audits), further.to_vec(), desk.settings().to_vec()].concat(),
            each: each.clone(),
            ..Shape::default()
        };
        let stack = Stack::cluster(shape).await.expect("a cluster");
        // The gateways' settings lead through their own wires; the teller has wires of its own to
        // what is behind these.
        let mut found = stack.plain().to_vec();
        (each.0)(teller::NAME, &mut found);
        let wanted = ["broker.url", "context_service.endpoints"];
        let environment = found
            .into_iter()
            .filter(|(key, _)| wanted.contains(&key.as_str()))
            .map(|(key, value)| {
                let key = key.to_uppercase().replace('.', "__");
                (format!("CONVENE_{key}"), value)
            });
        let environment = environment.collect();
        drop(each);
        let wires = wires.lock().unwrap().clone();
        let tail = Tail::watch(&stack.folder().join("redis"));
        let mut cluster = Self {
            audits,
            stack,
            wires,
            letters,
            teller: None,
            desk,
            environment,
            tail,
            alarmed: false,
        };
        cluster.heal(&[]).await;
        cluster.agents().await;
        cluster
    }

    /// Where the teller's effects are.
    pub(crate) fn effects(&self) -> PathBuf {
        self.stack.folder().join("effects")
    }

    /// A wire of a person's to a gateway.
    pub(crate) fn wire_of(&self, person: &str, gateway: usize) -> Wire {
        let port = self.stack.gateway(gateway).port();
        Wire::between(person, "gateway", port, &self.letters)
    }

    /// The cluster's wires between these.
    pub(crate) fn wires(&self) -> &[Wire] {
        &self.wires
    }

    pub(crate) fn is_running(&mut self, target: Target) -> bool {
        match kind(target.tier) {
            None => {
                let teller = self.teller.as_mut();
                teller.is_some_and(|teller| teller.ended().is_none())
            }
            Some(kind @ (Kind::RabbitMq | Kind::Redis)) => !self.stack.has_ended(kind),
            Some(kind) => self.stack.node(kind, target.index).is_running(),
        }
    }

    pub(crate) fn kill(&mut self, target: Target) {
        match kind(target.tier) {
            None => self.teller = None,
            Some(kind) => self.stack.kill(kind, target.index),
        }
    }

    pub(crate) fn signal(&mut self, target: Target, signal: Signal) {
        match kind(target.tier) {
            None => {
                if let Some(teller) = &mut self.teller {
                    teller.signal(signal);
                }
            }
            Some(kind) => self.stack.signal(kind, target.index, signal),
        }
    }

    /// Starts it, where it does not run. Servers are waited for.
    pub(crate) async fn start_again(&mut self, target: Target) {
        if self.is_running(target) {
            return;
        }
        match kind(target.tier) {
            None => {
                let (effects, log) = (self.effects(), self.stack.log_folder().join("teller.log"));
                self.teller = Some(teller::start(&self.environment, &effects, &log));
            }
            Some(kind @ (Kind::RabbitMq | Kind::Redis)) => {
                self.stack.start_again(kind, target.index).await;
            }
            Some(kind) => self.stack.node(kind, target.index).start(),
        }
    }

    /// Waits until one that was asked to stop has ended.
    pub(crate) async fn ended(&mut self, target: Target, within: Duration) -> bool {
        let begun = Instant::now();
        while self.is_running(target) {
            if begun.elapsed() > within {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        true
    }

    /// Raises RabbitMQ's memory alarm, or clears it.
    pub(crate) fn alarm(&mut self, raised: bool) {
        let bytes = if raised { "1" } else { "2GB" };
        self.stack
            .rabbitmqctl(&["set_vm_memory_high_watermark", "absolute", bytes]);
        self.alarmed = raised;
    }

    /// Ends every fault, and waits until all are ready.
    pub(crate) async fn heal(&mut self, people: &[Wire]) {
        self.letters.lose(0, 0);
        for wire in self.wires.iter().chain(people) {
            wire.heal();
        }
        for target in everyone() {
            if self.is_running(target) {
                self.signal(target, Signal::Cont);
            }
        }
        if self.alarmed {
            self.alarm(false);
        }
        for target in everyone() {
            self.start_again(target).await;
        }
        self.stack.ready().await;
    }

    /// Waits until all agents are announced.
    async fn agents(&self) {
        let rest = self.rest("host", 0);
        let begun = Instant::now();
        loop {
            let agents = rest.agents().await.unwrap_or_default();
            let here = |agent: Agent| agents.iter().any(|one| one.name == agent.name());
            if [Agent::Guide, Agent::Teller, Agent::Desk]
                .into_iter()
                .all(here)
            {
                return;
            }
            assert!(begun.elapsed() < SETTLES, "agents at work: {agents:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Somebody who asks a gateway directly, past all faults.
    pub(crate) fn rest(&self, user: &str, gateway: usize) -> Rest {
        Rest::new(&self.options(user, self.stack.gateway(gateway).port())).unwrap()
    }

    /// One of the staff, past all faults.
    pub(crate) fn staff(&self, user: &str, gateway: usize) -> Rest {
        let port = self.stack.gateway(gateway).port();
        Rest::new(&self.options_of((user, Role::Operator), port)).unwrap()
    }

    /// Of somebody who connects to this port.
    pub(crate) fn options(&self, user: &str, port: u16) -> Options {
        self.options_of((user, Role::User), port)
    }

    fn options_of(&self, (user, role): (&str, Role), port: u16) -> Options {
        let url = format!("http://127.0.0.1:{port}");
        let mut options = Options::new(url, self.stack.token(user, role));
        options.connect_timeout = Duration::from_secs(3);
        options.request_timeout = PATIENCE;
        options.backoff_min = Duration::from_millis(50);
        options.backoff_max = Duration::from_millis(500);
        options
    }

    /// A conversation with an agent, into which an auditor looks, past all faults.
    pub(crate) async fn begin(&self, agent: Agent) -> ConversationId {
        let new = NewConversation {
            agent: Some(agent.name().to_owned()),
            ..NewConversation::default()
        };
        let rest = self.rest("host", 0);
        let id = retried(|| rest.create(&new)).await.id;
        let auditor = NewParticipant {
            id: format!("user:{AUDITOR}").parse().unwrap(),
            name: None,
            role: None,
        };
        retried(|| rest.add(&id, &auditor)).await;
        id
    }
}

fn kind(tier: Tier) -> Option<Kind> {
    Some(match tier {
        Tier::Gateway => Kind::Gateway,
        Tier::Worker => Kind::Worker,
        Tier::ContextService => Kind::ContextService,
        Tier::RabbitMq => Kind::RabbitMq,
        Tier::Redis => Kind::Redis,
        Tier::Teller => return None,
    })
}

fn everyone() -> impl Iterator<Item = Target> {
    let tiers = [
        (Tier::Redis, 1),
        (Tier::RabbitMq, 1),
        (Tier::ContextService, 2),
        (Tier::Worker, 2),
        (Tier::Teller, 1),
        (Tier::Gateway, 2),
    ];
    let targets = |(tier, count)| (0..count).map(move |index| Target { tier, index });
    tiers.into_iter().flat_map(targets)
}

/// An address, or several, with other ports.
fn through(value: &str, mut port: impl FnMut(usize, u16) -> u16) -> String {
    const HOST: &str = "127.0.0.1:";
    let mut pieces = value.split(HOST);
    let mut changed = pieces.next().unwrap_or_default().to_owned();
    for (index, piece) in pieces.enumerate() {
        let end = piece
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(piece.len());
        let (number, rest) = piece.split_at(end);
        let number = port(index, number.parse().unwrap());
        changed += &format!("{HOST}{number}{rest}");
    }
    changed
}
