//! The lab: a private RabbitMQ and Redis, and the product's processes over them.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Context as _;
use convene_gateway::auth::{self, Account, Claims};
use convene_runtime::clock::now_ms;
use xtask::{process::Scratch, rabbitmq::RabbitMq, redis::Redis};

use crate::node::Node;

const SECRET: &str = "the-secret-of-the-benchmarks-0123456789-abcdef";

const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// Whether there is what a cluster stands on.
pub(crate) fn is_equipped() -> bool {
    let redis = Command::new("redis-server").arg("--version").output();
    Path::new(RabbitMq::SERVER).exists() && redis.is_ok()
}

/// Runs what blocks, without a runtime's thread being held up by it.
pub(crate) fn on_thread<T>(work: impl FnOnce() -> xtask::Result<T>) -> anyhow::Result<T> {
    tokio::task::block_in_place(work).map_err(anyhow::Error::from_boxed)
}

/// How many of what a cluster has, and what it is told beyond the lab's own settings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub(crate) gateways: usize,
    pub(crate) workers: usize,
    /// How many runs a worker has at once (`agent_worker.concurrency`).
    pub(crate) concurrency: u16,
    /// How long a gateway waits for who takes nothing (`gateway.slow_reader_seconds`).
    pub(crate) patience_seconds: u16,
}

impl Shape {
    /// One of each: all there is room for on a small machine.
    pub(crate) const SMALLEST: Self = Self {
        gateways: 1,
        workers: 1,
        concurrency: 64,
        patience_seconds: 30,
    };

    /// The same, where one worker answers so many at once.
    pub(crate) const fn answering(concurrency: u16) -> Self {
        Self {
            concurrency,
            ..Self::SMALLEST
        }
    }
}

/// See the module.
pub(crate) struct Lab {
    cluster: Option<(Shape, Cluster)>,
    pub(crate) rabbitmq: RabbitMq,
    pub(crate) redis: Redis,
    pub(crate) scratch: Scratch,
}

/// The product's processes, in the order of their end.
pub(crate) struct Cluster {
    pub(crate) gateways: Vec<Node>,
    pub(crate) workers: Vec<Node>,
    pub(crate) context_service: Node,
}

impl Lab {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let scratch = Scratch::new("convene-bench").map_err(anyhow::Error::from_boxed)?;
        let (redis, rabbitmq) = on_thread(|| {
            let redis = Redis::start(&scratch.path().join("redis"))?;
            let rabbitmq = RabbitMq::start(&scratch.path().join("rabbitmq"))?;
            Ok((redis, rabbitmq))
        })?;
        Ok(Self {
            cluster: None,
            rabbitmq,
            redis,
            scratch,
        })
    }

    /// A running cluster of this shape; the one there is, where it is of that shape.
    pub(crate) async fn cluster(&mut self, shape: &Shape) -> anyhow::Result<&Cluster> {
        if self
            .cluster
            .as_ref()
            .is_none_or(|(known, _)| known != shape)
        {
            self.close_cluster();
            self.cluster = Some((shape.clone(), self.start(shape).await?));
        }
        let cluster = self.cluster.as_ref().map(|(_, cluster)| cluster);
        cluster.context("the cluster was just started")
    }

    /// Ends the cluster, so that it costs nothing.
    pub(crate) fn close_cluster(&mut self) {
        self.cluster = None;
    }

    async fn start(&self, shape: &Shape) -> anyhow::Result<Cluster> {
        let folder = self.scratch.path();
        let mut settings = settings();
        settings.extend([
            ("broker.url".to_owned(), self.rabbitmq.url()),
            ("store.url".to_owned(), self.redis.url()),
        ]);
        let mut context_service =
            Node::start("context-service", "context-service", &settings, folder)?;
        settings.push((
            "context_service.endpoints".to_owned(),
            context_service.url(),
        ));
        settings.push((
            "agent_worker.concurrency".to_owned(),
            shape.concurrency.to_string(),
        ));
        settings.push((
            "gateway.slow_reader_seconds".to_owned(),
            shape.patience_seconds.to_string(),
        ));
        let nodes = |service: &str, count: usize| -> anyhow::Result<Vec<Node>> {
            let names = (0..count).map(|index| format!("{service}-{index}"));
            names
                .map(|name| Node::start(service, &name, &settings, folder))
                .collect()
        };
        let mut workers = nodes("agent-worker", shape.workers)?;
        let mut gateways = nodes("gateway", shape.gateways)?;
        context_service.ready().await?;
        for node in workers.iter_mut().chain(&mut gateways) {
            node.ready().await?;
        }
        Ok(Cluster {
            gateways,
            workers,
            context_service,
        })
    }

    /// Every process that serves: ours, RabbitMQ and Redis.
    pub(crate) fn processes(&self) -> Vec<(&'static str, u32)> {
        let mut all = vec![
            ("RabbitMQ", self.rabbitmq.server.pid()),
            ("Redis", self.redis.server.pid()),
        ];
        if let Some((_, cluster)) = &self.cluster {
            let named = |name: &'static str, nodes: &[Node]| {
                let pids = nodes.iter().map(|node| (name, node.process.id()));
                pids.collect::<Vec<_>>()
            };
            all.extend(named("gateway", &cluster.gateways));
            all.extend(named("worker", &cluster.workers));
            all.push(("context service", cluster.context_service.process.id()));
        }
        all
    }

    /// The messages that RabbitMQ ever took, and those that it put into queues, by its own count.
    pub(crate) fn broker_messages(&self) -> anyhow::Result<(u64, u64)> {
        let sum = |counter: &str| {
            format!(
                "lists:sum([maps:get({counter}, C, 0) || C <- maps:values(rabbit_global_counters:overview())])"
            )
        };
        let (taken, put) = (sum("messages_received_total"), sum("messages_routed_total"));
        // A list of numbers would be shown as letters.
        let said = self.control(&["eval", &format!("{{{taken}, {put}}}.")])?;
        let counts = said.trim().trim_matches(['{', '}']).split_once(',');
        let read = || {
            let (taken, put) = counts?;
            Some((taken.trim().parse().ok()?, put.trim().parse().ok()?))
        };
        read().with_context(|| format!("RabbitMQ says {said:?}"))
    }

    pub(crate) fn control(&self, arguments: &[&str]) -> anyhow::Result<String> {
        on_thread(|| self.rabbitmq.control(arguments))
    }

    /// A connection to Redis, which may be asked what takes it long.
    pub(crate) async fn redis(&self) -> anyhow::Result<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(self.redis.url())?;
        let patient =
            redis::AsyncConnectionConfig::new().set_response_timeout(Some(ANSWERS_WITHIN));
        let connecting = client.get_multiplexed_async_connection_with_config(&patient);
        Ok(connecting.await?)
    }
}

impl Cluster {
    /// The addresses of all gateways, as `convene bench` takes them.
    pub(crate) fn urls(&self) -> String {
        let urls: Vec<_> = self.gateways.iter().map(Node::url).collect();
        urls.join(",")
    }
}

/// The scripts that Redis ever ran for callers from outside, and the microseconds that they took: what
/// scripts call themselves is counted apart.
pub(crate) async fn scripts(
    redis: &mut redis::aio::MultiplexedConnection,
) -> anyhow::Result<(u64, u64)> {
    let info: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(redis)
        .await?;
    let ran = info.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let (calls, rest) = rest.split_once(",usec=")?;
        let is_ours = matches!(name, "fcall" | "fcall_ro" | "evalsha" | "eval");
        let micros = rest.split(',').next()?;
        is_ours.then(|| Some((calls.parse().ok()?, micros.parse().ok()?)))?
    });
    Ok(ran.fold((0, 0), |sum: (u64, u64), one: (u64, u64)| {
        (sum.0 + one.0, sum.1 + one.1)
    }))
}

/// A user's token, good for a day.
pub(crate) fn token(user: &str) -> anyhow::Result<String> {
    let claims = Claims {
        sub: user.parse()?,
        exp: now_ms() / 1000 + 24 * 3600,
        name: None,
        role: Account::User,
        iss: None,
        aud: None,
    };
    auth::sign(SECRET, &claims).context("a token cannot be signed")
}

/// Settings of every process: what would keep a single generator from being many people.
pub(crate) fn settings() -> Vec<(String, String)> {
    [
        ("auth.secret", SECRET),
        ("agents.guide.kind", "guide"),
        ("gateway.requests_per_second", "1000000"),
        ("gateway.request_burst", "1000000"),
        ("gateway.creations_per_minute", "1000000"),
        ("gateway.connections_per_user", "20000"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}
