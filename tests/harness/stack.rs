//! A whole Convene, of one process or of many.

use std::{fmt, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use convene_gateway::auth::{Claims, sign};
use convene_proto::id::ConversationId;
use xtask::{
    haproxy::{Backend, HaProxy},
    ports,
    process::{Scratch, Signal},
};

use super::{
    Role,
    command::{Run, convene},
    node::Node,
    servers::Servers,
    settings::{SECRET, common, folders, owned, unique},
    witness::Witness,
};

/// How many of what a cluster has.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) gateways: usize,
    pub(crate) workers: usize,
    pub(crate) context_services: usize,
    /// A RabbitMQ of the test's own, which it may kill. It takes some ten seconds to start.
    pub(crate) own_rabbitmq: bool,
    /// A RabbitMQ of the test's own, of three nodes. It takes some twenty seconds to start.
    pub(crate) rabbitmq_cluster: bool,
    /// A Redis of the test's own, which it may kill.
    pub(crate) own_redis: bool,
    /// A Redis of the test's own with a replica, which can take its place.
    pub(crate) replica: bool,
    /// A Redis Cluster of the test's own, of three nodes.
    pub(crate) redis_cluster: bool,
    /// A RabbitMQ and a Redis of the test's own that speak TLS, and HAProxy that speaks it for the
    /// context services; vouched for by an authority of the test's own.
    pub(crate) tls: bool,
    /// Further settings of every process, over the harness's own.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// And of each.
    pub(crate) each: Each,
}

type Settings = Vec<(String, String)>;

/// Changes the settings of a process, by its name: `gateway-0`, `worker-1`, `context-service-0`.
#[derive(Clone)]
pub(crate) struct Each(pub(crate) Arc<Change>);

type Change = dyn Fn(&str, &mut Settings) + Send + Sync;

impl Default for Each {
    fn default() -> Self {
        Self(Arc::new(|_, _| ()))
    }
}

impl fmt::Debug for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Each")
    }
}

impl Shape {
    /// In a setting's value: the pool of the cluster's workers.
    pub(crate) const OWN_POOL: &str = "{pool}";
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            gateways: 2,
            workers: 2,
            context_services: 2,
            own_rabbitmq: false,
            rabbitmq_cluster: false,
            own_redis: false,
            replica: false,
            redis_cluster: false,
            tls: false,
            settings: Vec::new(),
            each: Each::default(),
        }
    }
}

/// What can be killed and started again. In the embedded stack the three services are one
/// process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gateway,
    Worker,
    ContextService,
    RabbitMq,
    Redis,
}

/// A drain ends sooner than this.
const DRAINS_WITHIN: Duration = Duration::from_secs(40);

/// Running processes, ended with their owner. When a test fails, the ends of their logs are
/// printed, and the logs are kept.
pub(crate) struct Stack {
    // In the order of their end.
    gateways: Vec<Node>,
    workers: Vec<Node>,
    context_services: Vec<Node>,
    /// Who end TLS before the context services.
    _terminators: Vec<HaProxy>,
    /// Between the clients and a load balancer.
    witness: Option<Witness>,
    servers: Option<Servers>,
    /// Those of a worker or a gateway, before [`Each`] changes them.
    plain: Settings,
    logs: PathBuf,
    scratch: Scratch,
}

impl Stack {
    /// Everything in one process, with its data in a folder of its own.
    pub(crate) async fn embedded() -> Self {
        Self::embedded_with(&[]).await
    }

    /// The same, with further settings.
    pub(crate) async fn embedded_with(settings: &[(&'static str, String)]) -> Self {
        Self::one_process(common().into_iter().chain(owned(settings)).collect()).await
    }

    /// The same, without any settings of agents: what a newcomer meets.
    pub(crate) async fn newcomers() -> Self {
        let settings = common().into_iter();
        Self::one_process(
            settings
                .filter(|(key, _)| !key.starts_with("agents."))
                .collect(),
        )
        .await
    }

    async fn one_process(mut all: Settings) -> Self {
        let (scratch, logs) = folders();
        all.push(("data.folder".into(), "data".into()));
        let mut node = Node::new("convene".into(), "serve", all, (scratch.path(), &logs));
        node.start();
        node.ready().await;
        Self {
            gateways: vec![node],
            workers: Vec::new(),
            context_services: Vec::new(),
            _terminators: Vec::new(),
            witness: None,
            servers: None,
            plain: Settings::new(),
            logs,
            scratch,
        }
    }

    /// The services as processes, over RabbitMQ and Redis; `None` where there are none to test
    /// against.
    pub(crate) async fn cluster(shape: Shape) -> Option<Self> {
        let (scratch, logs) = folders();
        let places = (scratch.path(), logs.as_path());
        let servers = Servers::find(&shape, scratch.path()).await?;
        // Stacks that share servers do not see each other.
        let apart = format!("t{}", unique());
        let mut all = common();
        all.extend(servers.settings());
        all.push(("store.namespace".into(), apart.clone()));
        all.push(("agent_worker.pool".into(), apart.clone()));
        all.push(("agents.guide.pool".into(), apart.clone()));
        let settings = owned(&shape.settings);
        all.extend(settings.map(|(key, value)| (key, value.replace(Shape::OWN_POOL, &apart))));

        let nodes = |count, name: &str, command, settings: &[(String, String)]| -> Vec<Node> {
            let node = |index| {
                let (name, mut settings) = (format!("{name}-{index}"), settings.to_vec());
                (shape.each.0)(&name, &mut settings);
                Node::new(name, command, settings, places)
            };
            (0..count).map(node).collect()
        };
        let context_services = nodes(
            shape.context_services,
            "context-service",
            "context-service",
            &all,
        );
        let mut endpoints: Vec<_> = context_services.iter().map(Node::url).collect();
        let mut terminators = Vec::new();
        if let Some(identity) = &servers.identity {
            for (node, endpoint) in context_services.iter().zip(&mut endpoints) {
                let (home, port) = (scratch.path().join(node.name()), ports::free().unwrap());
                let before = HaProxy::before_grpc(&home, port, node.port(), identity);
                terminators.push(before.unwrap());
                *endpoint = format!("https://127.0.0.1:{port}");
            }
        }
        all.push(("context_service.endpoints".into(), endpoints.join(",")));
        let mut workers = nodes(shape.workers, "worker", "agent-worker", &all);
        let mut gateways = nodes(shape.gateways, "gateway", "gateway", &all);
        if let Some(identity) = &servers.identity {
            for node in workers.iter_mut().chain(&mut gateways) {
                node.trusts(&identity.authority);
            }
        }
        let servers = Some(servers);
        let mut stack = Self {
            gateways,
            workers,
            context_services,
            _terminators: terminators,
            witness: None,
            servers,
            plain: all,
            logs,
            scratch,
        };
        stack.nodes().for_each(Node::start);
        for node in stack.nodes() {
            node.ready().await;
        }
        Some(stack)
    }

    fn nodes(&mut self) -> impl Iterator<Item = &mut Node> {
        self.context_services
            .iter_mut()
            .chain(&mut self.workers)
            .chain(&mut self.gateways)
    }

    /// A gateway; beyond the last it begins again, so that a test for two runs on one, too.
    pub(crate) fn gateway(&self, index: usize) -> &Node {
        &self.gateways[index % self.gateways.len()]
    }

    /// A node, to do with it what the stack's own methods do not.
    pub(crate) fn node(&mut self, kind: Kind, index: usize) -> &mut Node {
        let nodes = match kind {
            _ if self.servers.is_none() => &mut self.gateways,
            Kind::Gateway => &mut self.gateways,
            Kind::Worker => &mut self.workers,
            Kind::ContextService => &mut self.context_services,
            Kind::RabbitMq | Kind::Redis => panic!("{kind:?} is no node of ours"),
        };
        let count = nodes.len();
        &mut nodes[index % count]
    }

    /// Kills it with SIGKILL: no chance to say or save anything.
    pub(crate) fn kill(&mut self, kind: Kind, index: usize) {
        match (kind, &mut self.servers) {
            (Kind::RabbitMq | Kind::Redis, Some(servers)) => servers.own(kind, index).kill(),
            _ => self.node(kind, index).kill(),
        }
    }

    /// Freezes it: it is there, and does not answer.
    pub(crate) fn freeze(&mut self, kind: Kind, index: usize) {
        self.signal(kind, index, Signal::Stop);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&mut self, kind: Kind, index: usize) {
        self.signal(kind, index, Signal::Cont);
    }

    pub(crate) fn signal(&mut self, kind: Kind, index: usize, signal: Signal) {
        match (kind, &mut self.servers) {
            (Kind::RabbitMq | Kind::Redis, Some(servers)) => {
                servers.own(kind, index).signal(signal);
            }
            _ => self.node(kind, index).signal(signal),
        }
    }

    /// Which node of the test's own Redis Cluster keeps a conversation.
    pub(crate) fn keeper(&self, conversation: &ConversationId) -> usize {
        let servers = self.servers.as_ref();
        let cluster = servers.and_then(|servers| servers.redis_cluster.as_ref());
        let cluster = cluster.expect("Shape::redis_cluster gives a test its own");
        cluster.keeper(&format!("{{{conversation}}}")).unwrap()
    }

    /// Has Redis and its replica change places, as for maintenance: nothing is lost.
    pub(crate) fn change_places(&mut self) {
        let servers = self.servers.as_mut().expect("a cluster");
        tokio::task::block_in_place(|| servers.change_places());
    }

    /// Waits until RabbitMQ can do without any one of its nodes.
    pub(crate) fn rabbitmq_can_spare_one(&self) {
        let servers = self.servers.as_ref().expect("a cluster");
        tokio::task::block_in_place(|| servers.rabbitmq_can_spare_one());
    }

    /// Asks a server of the test's own to stop, and starts it again.
    pub(crate) fn restart(&mut self, kind: Kind, index: usize) {
        let servers = self.servers.as_mut().expect("a cluster");
        tokio::task::block_in_place(|| {
            let server = servers.own(kind, index);
            server.stop(DRAINS_WITHIN).unwrap();
            server.start_again().unwrap();
        });
    }

    /// Kills Redis, and makes its replica the primary.
    pub(crate) fn fail_over(&mut self) {
        let servers = self.servers.as_mut().expect("a cluster");
        tokio::task::block_in_place(|| servers.fail_over());
    }

    /// The settings of a worker or a gateway, before [`Each`] changes them.
    pub(crate) fn plain(&self) -> &[(String, String)] {
        &self.plain
    }

    /// Whether one of the test's own has died, or was killed.
    pub(crate) fn has_ended(&mut self, kind: Kind) -> bool {
        let servers = self.servers.as_mut().expect("a cluster");
        servers.own(kind, 0).has_ended()
    }

    /// Where the logs are; they go with the stack unless a test fails.
    pub(crate) fn log_folder(&self) -> &std::path::Path {
        &self.logs
    }

    /// Tells the test's own RabbitMQ something.
    pub(crate) fn rabbitmqctl(&self, arguments: &[&str]) {
        let servers = self.servers.as_ref().expect("a cluster");
        tokio::task::block_in_place(|| servers.rabbitmqctl(arguments));
    }

    /// Whether a fault may lose the log's last moment, and people are told so by a reset.
    pub(crate) fn may_lose_the_tail(&self) -> bool {
        let servers = self.servers.as_ref();
        servers.is_none_or(Servers::may_lose_the_tail)
    }

    /// Asks it to stop with SIGTERM, and waits until it has drained.
    pub(crate) async fn terminate(&mut self, kind: Kind, index: usize) {
        let node = self.node(kind, index);
        node.signal(Signal::Term);
        let code = node.ended(DRAINS_WITHIN).await;
        assert_eq!(
            code,
            Some(0),
            "{} did not drain:\n{}",
            node.name(),
            node.log_tail()
        );
    }

    /// Starts it again, on the same address and data, and waits until it is ready.
    pub(crate) async fn start_again(&mut self, kind: Kind, index: usize) {
        match (kind, &mut self.servers) {
            (Kind::RabbitMq | Kind::Redis, Some(servers)) => {
                // The test's other tasks run meanwhile.
                let again = || servers.own(kind, index).start_again();
                tokio::task::block_in_place(again).unwrap();
            }
            _ => {
                let node = self.node(kind, index);
                node.start();
                node.ready().await;
            }
        }
    }

    /// Waits until every process says that it is ready: after an outage, say.
    pub(crate) async fn ready(&mut self) {
        for node in self.nodes() {
            node.ready().await;
        }
    }

    /// A token that is good for an hour.
    pub(crate) fn token(&self, user: &str, role: Role) -> String {
        self.sign(&Claims {
            sub: user.parse().unwrap(),
            exp: convene_runtime::clock::now_ms() / 1000 + 3600,
            name: Some(user.to_owned()),
            role,
            iss: None,
            aud: None,
        })
    }

    /// A token that says exactly this.
    pub(crate) fn sign(&self, claims: &Claims) -> String {
        sign(SECRET, claims).unwrap()
    }

    /// Runs a command of the binary, with the settings of a gateway.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    /// A command of the binary, with the settings of a gateway, in the stack's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = convene(self.folder());
        command.args(arguments);
        for (key, value) in self.gateways[0].settings() {
            command.args(["--set", &format!("{key}={value}")]);
        }
        command
    }

    /// What all its processes have logged so far.
    pub(crate) fn logs(&self) -> String {
        let logs = fs::read_dir(&self.logs).unwrap();
        logs.map(|log| fs::read_to_string(log.unwrap().path()).unwrap())
            .collect()
    }

    /// Whether a frame like `hear delta` went past a witness.
    pub(crate) fn witnessed(&self, frame: &str) -> bool {
        self.witnesses()
            .any(|witness| witness.seen().contains(frame))
    }

    fn witnesses(&self) -> impl Iterator<Item = &Witness> {
        let gateways = self.gateways.iter().filter_map(Node::witness);
        gateways.chain(&self.witness)
    }

    /// What signs its tokens.
    pub(crate) fn secret() -> &'static str {
        SECRET
    }

    /// A folder that goes with the stack.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// A cluster behind a load balancer, so that clients find their own way around a dead gateway;
    /// and where they find it, which is through a witness, too.
    pub(crate) async fn balanced(shape: Shape) -> Option<(Self, Balancer)> {
        let mut stack = Self::cluster(shape).await?;
        let home = stack.folder().join("haproxy");
        fs::create_dir_all(&home).unwrap();
        let backend = |node: &Node| Backend {
            port: node.port(),
            health_port: node.health_port(),
        };
        let backends: Vec<_> = stack.gateways.iter().map(backend).collect();
        let port = ports::free().unwrap();
        let server = HaProxy::start(&home, port, &backends).unwrap();
        let witness = Witness::of(port);
        let balancer = Balancer {
            url: format!("http://127.0.0.1:{}", witness.port()),
            server,
        };
        stack.witness = Some(witness);
        Some((stack, balancer))
    }
}

/// A load balancer in front of a cluster.
pub(crate) struct Balancer {
    url: String,
    server: HaProxy,
}

impl Balancer {
    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Waits until haproxy has logged this.
    pub(crate) fn logged(&self, words: &str) {
        self.server.logged(words).unwrap();
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let faults: Vec<_> = self.witnesses().flat_map(Witness::faults).collect();
        if !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.logs));
            assert!(
                faults.is_empty(),
                "the wire is not what the documents say:\n{}",
                faults.join("\n")
            );
            return;
        }
        for fault in faults {
            println!("the wire is not what the documents say: {fault}");
        }
        let logs = self.logs.display().to_string();
        for node in self.nodes() {
            println!(
                "--- the end of {}'s log, of {logs} ---\n{}",
                node.name(),
                node.log_tail()
            );
        }
    }
}
