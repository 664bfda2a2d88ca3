//! `cargo xtask cluster`: the services as processes, over a RabbitMQ and a Redis of their own,
//! behind a load balancer without sticky sessions.
//!
//! Like any supervisor it starts again what dies, so one can kill whatever one likes and watch.

mod node;
mod shape;

use std::{
    env, fs,
    io::{Read as _, Write as _},
    os::unix::{fs::OpenOptionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use xtask::{
    Result,
    haproxy::{Backend, HaProxy},
    ports, process,
    rabbitmq::RabbitMq,
    redis::Redis,
    wait,
};

use self::{node::Node, shape::Shape};
use crate::{apt, cargo, web};

/// Set once Ctrl-C no longer ends us at once.
const SHIELDED: &str = "CONVENE_XTASK_SHIELDED";

/// The longest that a service may take to drain.
const DRAINS_WITHIN: Duration = Duration::from_secs(40);

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let shape = Shape::parse(arguments)?;
    if env::var_os(SHIELDED).is_some() {
        return Cluster::start(&shape)?.watch();
    }
    apt::ensure(&[apt::RABBITMQ, apt::REDIS, apt::REDIS_TOOLS, apt::HAPROXY])?;
    web::build_if_stale()?;
    cargo::build(false)?;
    // The standard library cannot ignore a signal. What a shell ignores stays ignored over exec.
    let error = Command::new("sh")
        .args(["-c", r#"trap "" INT; exec "$0" "$@""#])
        .arg(env::current_exe()?)
        .arg("cluster")
        .args(arguments)
        .env(SHIELDED, "1")
        .exec();
    Err(format!("cannot run sh: {error}").into())
}

struct Cluster {
    // In the order of their end.
    gateways: Vec<Node>,
    workers: Vec<Node>,
    context_services: Vec<Node>,
    balancer: HaProxy,
    rabbitmq: RabbitMq,
    redis: Redis,
    settings: Vec<(String, String)>,
    sentinel: Child,
    url: String,
    /// A file that makes a shell one of the cluster's own.
    environment: PathBuf,
}

impl Cluster {
    fn start(shape: &Shape) -> Result<Self> {
        let sentinel = sentinel()?;
        if ports::answers(shape.port) {
            return Err(format!("port {} is taken: choose another with --port", shape.port).into());
        }
        let folder = cargo::target().join("cluster");
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder)?;
        eprintln!(
            "xtask: starting RabbitMQ and Redis; logs are in {}",
            folder.display()
        );
        let redis = Redis::start(&folder.join("redis"))?;
        let rabbitmq = RabbitMq::start(&folder.join("rabbitmq"))?;
        let mut settings = vec![
            ("BROKER__URL".to_owned(), rabbitmq.url()),
            ("STORE__URL".to_owned(), redis.url()),
            ("AUTH__SECRET".to_owned(), secret()?),
            ("AUTH__GUESTS".to_owned(), "true".to_owned()),
            (
                "GATEWAY__TRUSTED_PROXIES".to_owned(),
                "127.0.0.1".to_owned(),
            ),
        ];
        let nodes = |count, service, settings: &[(String, String)]| -> Result<Vec<Node>> {
            (0..count)
                .map(|index| Node::start(service, index, settings, &folder))
                .collect()
        };
        let context_services = nodes(shape.context_services, "context-service", &settings)?;
        let endpoints: Vec<_> = context_services
            .iter()
            .map(|node| format!("http://127.0.0.1:{}", node.port))
            .collect();
        settings.push(("CONTEXT_SERVICE__ENDPOINTS".to_owned(), endpoints.join(",")));
        let workers = nodes(shape.workers, "agent-worker", &settings)?;
        let gateways = nodes(shape.gateways, "gateway", &settings)?;
        let backends: Vec<_> = gateways
            .iter()
            .map(|node| Backend {
                port: node.port,
                health_port: node.health_port,
            })
            .collect();
        let balancer = HaProxy::start(&folder.join("haproxy"), shape.port, &backends)?;
        let url = balancer.url();
        let environment = folder.join("env");
        settings.push(("URL".to_owned(), url.clone()));
        write_environment(&environment, &settings)?;
        let mut cluster = Self {
            gateways,
            workers,
            context_services,
            balancer,
            rabbitmq,
            redis,
            settings,
            sentinel,
            url,
            environment,
        };
        for node in cluster.nodes() {
            node.wait_until_ready()?;
        }
        Ok(cluster)
    }

    fn nodes(&mut self) -> impl Iterator<Item = &mut Node> {
        self.context_services
            .iter_mut()
            .chain(&mut self.workers)
            .chain(&mut self.gateways)
    }

    /// Until Ctrl-C.
    fn watch(mut self) -> Result<()> {
        let mut processes: Vec<_> = self
            .nodes()
            .map(|node| format!("{} {}", node.name, node.process.id()))
            .collect();
        let servers = [
            ("rabbitmq", self.rabbitmq.server.pid()),
            ("redis", self.redis.server.pid()),
            ("haproxy", self.balancer.server.pid()),
        ];
        processes.extend(servers.map(|(name, pid)| format!("{name} {pid}")));
        println!(
            "Convene is at {} (processes: {}; Ctrl-C drains)",
            self.url,
            processes.join(", ")
        );
        println!(
            "For an agent of yours, `convene token` and `convene dead-letters`: . {}",
            self.environment.display()
        );
        let settings = self.settings.clone();
        wait::until("Ctrl-C", Duration::MAX, || {
            for node in self.nodes() {
                node.start_again_if_dead(&settings)?;
            }
            let servers = [
                ("rabbitmq", &mut self.rabbitmq.server),
                ("redis", &mut self.redis.server),
                ("haproxy", &mut self.balancer.server),
            ];
            for (name, server) in servers {
                if server.has_ended() {
                    server.start_again()?;
                    println!("{name} ended and runs again as {}", server.pid());
                }
            }
            Ok(self.sentinel.try_wait()?)
        })?;
        self.drain();
        Ok(())
    }

    /// Gateways first, so that nothing new comes in; then those that they need.
    fn drain(mut self) {
        for nodes in [
            &mut self.gateways,
            &mut self.workers,
            &mut self.context_services,
        ] {
            for node in nodes.iter() {
                eprintln!("xtask: draining {}", node.name);
            }
            let processes = nodes.iter_mut().map(|node| &mut node.process);
            for name in process::stop_together(processes, DRAINS_WITHIN) {
                eprintln!("xtask: {name} did not drain in time and was killed");
            }
        }
    }
}

/// A process of our own group that ends at Ctrl-C, as we do not.
fn sentinel() -> Result<Child> {
    let mut sentinel = Command::new("env");
    sentinel
        .args(["--default-signal=INT", "sleep", "infinity"])
        .stdin(Stdio::null());
    Ok(sentinel.spawn()?)
}

/// Where everything is and the secret, for a shell to read.
fn write_environment(file: &Path, settings: &[(String, String)]) -> Result<()> {
    let lines = settings
        .iter()
        .map(|(key, value)| format!("export CONVENE_{key}='{value}'\n"));
    let mut private = fs::OpenOptions::new();
    let mut file = private
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    Ok(file.write_all(lines.collect::<String>().as_bytes())?)
}

fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
