//! `cargo xtask cluster`: the services as processes, over a RabbitMQ and a Redis of their own,
//! behind a load balancer without sticky sessions.
//!
//! Like any supervisor it starts again what dies, so one can kill whatever one likes and watch.

use std::{
    env, fs,
    io::Read as _,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use xtask::{
    Result,
    haproxy::{Backend, HaProxy},
    ports,
    process::{Process, Signal},
    rabbitmq::RabbitMq,
    redis::Redis,
    wait,
};

use crate::{apt, cargo, web};

/// Set once Ctrl-C no longer ends us at once.
const SHIELDED: &str = "CONVENE_XTASK_SHIELDED";

/// The longest that a service may take to drain.
const DRAINS_WITHIN: Duration = Duration::from_secs(40);
const READY_WITHIN: Duration = Duration::from_secs(120);

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

/// How many of what, and where.
#[derive(Debug, PartialEq)]
struct Shape {
    gateways: usize,
    workers: usize,
    context_services: usize,
    port: u16,
}

impl Shape {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut shape = Self {
            gateways: 2,
            workers: 2,
            context_services: 2,
            port: 8080,
        };
        for pair in arguments.chunks(2) {
            let [flag, value] = pair else {
                return Err(format!("{} needs a number", pair[0]).into());
            };
            let number: u16 = value
                .parse()
                .map_err(|_| format!("{flag} needs a number, not {value:?}"))?;
            match flag.as_str() {
                "--gateways" => shape.gateways = number.into(),
                "--workers" => shape.workers = number.into(),
                "--context-services" => shape.context_services = number.into(),
                "--port" => shape.port = number,
                _ => return Err(format!(
                    "cluster takes --gateways, --workers, --context-services and --port; not {flag}"
                )
                .into()),
            }
        }
        if shape.gateways == 0 || shape.workers == 0 || shape.context_services == 0 {
            return Err("a cluster needs one of each service at least".into());
        }
        Ok(shape)
    }
}

/// One service as a process.
struct Node {
    name: String,
    service: &'static str,
    port: u16,
    health_port: u16,
    log: PathBuf,
    process: Process,
}

struct Cluster {
    // In the order of their end.
    gateways: Vec<Node>,
    workers: Vec<Node>,
    context_services: Vec<Node>,
    _balancer: HaProxy,
    rabbitmq: RabbitMq,
    redis: Redis,
    settings: Vec<(String, String)>,
    sentinel: Child,
    url: String,
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
        let mut cluster = Self {
            gateways,
            workers,
            context_services,
            _balancer: balancer,
            rabbitmq,
            redis,
            settings,
            sentinel,
            url,
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
            ("rabbitmq", self.rabbitmq.pid()),
            ("redis", self.redis.pid()),
        ];
        processes.extend(servers.map(|(name, pid)| format!("{name} {pid}")));
        println!(
            "Convene is at {} (processes: {}; Ctrl-C drains)",
            self.url,
            processes.join(", ")
        );
        let settings = self.settings.clone();
        wait::until("Ctrl-C", Duration::MAX, || {
            for node in self.nodes() {
                node.start_again_if_dead(&settings)?;
            }
            if self.rabbitmq.has_ended() {
                self.rabbitmq.start_again()?;
                println!("rabbitmq ended and runs again as {}", self.rabbitmq.pid());
            }
            if self.redis.has_ended() {
                self.redis.start_again()?;
                println!("redis ended and runs again as {}", self.redis.pid());
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
            for node in nodes.iter_mut() {
                eprintln!("xtask: draining {}", node.name);
                node.process.signal(Signal::Term);
            }
            for node in nodes.iter_mut() {
                if !node.process.stop(DRAINS_WITHIN) {
                    eprintln!("xtask: {} did not drain in time and was killed", node.name);
                }
            }
        }
    }
}

impl Node {
    fn start(
        service: &'static str,
        index: usize,
        settings: &[(String, String)],
        folder: &Path,
    ) -> Result<Self> {
        let port = ports::free()?;
        let health_port = if service == "gateway" {
            port
        } else {
            ports::free()?
        };
        let name = format!("{service}-{index}");
        let log = folder.join(format!("{name}.log"));
        let process = launch(&name, service, (port, health_port), settings, &log)?;
        Ok(Self {
            name,
            service,
            port,
            health_port,
            log,
            process,
        })
    }

    fn start_again_if_dead(&mut self, settings: &[(String, String)]) -> Result<()> {
        if let Some(status) = self.process.ended() {
            let ports = (self.port, self.health_port);
            self.process = launch(&self.name, self.service, ports, settings, &self.log)?;
            println!(
                "{} ended ({status}) and starts again as {}",
                self.name,
                self.process.id()
            );
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let what = format!("{} to be ready", self.name);
        wait::until(&what, READY_WITHIN, || {
            self.process.expect_running()?;
            Ok(ports::is_ready(self.health_port).then_some(()))
        })
    }
}

fn launch(
    name: &str,
    service: &str,
    (port, health_port): (u16, u16),
    settings: &[(String, String)],
    log: &Path,
) -> Result<Process> {
    let mut command = Command::new(cargo::binary(false));
    let listen = if service == "gateway" {
        "GATEWAY__LISTEN"
    } else {
        "CONTEXT_SERVICE__LISTEN"
    };
    command
        .arg(service)
        .envs(
            settings
                .iter()
                .map(|(key, value)| (format!("CONVENE_{key}"), value)),
        )
        .env(format!("CONVENE_{listen}"), format!("127.0.0.1:{port}"))
        .env("CONVENE_ADMIN__LISTEN", format!("127.0.0.1:{health_port}"));
    Process::start(name, command, log, DRAINS_WITHIN)
}

/// A process of our own group that ends at Ctrl-C, as we do not.
fn sentinel() -> Result<Child> {
    let mut sentinel = Command::new("env");
    sentinel
        .args(["--default-signal=INT", "sleep", "infinity"])
        .stdin(Stdio::null());
    Ok(sentinel.spawn()?)
}

fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Shape> {
        Shape::parse(
            &text
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn flags_shape_the_cluster_and_wrong_ones_are_named() {
        let shape = parse("--gateways 3 --port 9000").unwrap();
        assert_eq!(
            shape,
            Shape {
                gateways: 3,
                workers: 2,
                context_services: 2,
                port: 9000
            }
        );
        for (wrong, word) in [
            ("--gateways", "needs"),
            ("--gateways x", "x"),
            ("--sockets 1", "--sockets"),
            ("--workers 0", "one of each"),
        ] {
            assert!(
                parse(wrong).unwrap_err().to_string().contains(word),
                "{wrong}"
            );
        }
    }
}
