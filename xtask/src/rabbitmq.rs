//! A private RabbitMQ, of one node or of three, with its own epmd, cookie and data, beside whatever
//! else runs here.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

use crate::{Result, ports, process::Process, server::Server, tls::Identity, wait};

/// The scripts that run as any user; those in `/usr/sbin` insist on root.
const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";

/// Erlang takes its time on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_secs(120);

/// A broker that can be killed and started again on the same port and data.
#[derive(Debug)]
pub struct RabbitMq {
    pub server: Server,
    port: u16,
    tls: bool,
    node: Node,
    /// Dropped after it.
    _epmd: Arc<Epmd>,
}

/// Three nodes, each of which can be killed and started again.
#[derive(Debug)]
pub struct RabbitMqCluster(Vec<RabbitMq>);

/// What tells Erlang's nodes where the others are. Ours rather than one that a broker would start and
/// leave behind.
#[derive(Debug)]
struct Epmd {
    port: u16,
    _process: Process,
}

/// What the server's programs have to know of it.
#[derive(Debug, Clone)]
struct Node {
    home: PathBuf,
    /// Where the cookie is, by which nodes know those of their own.
    cookie: PathBuf,
    name: String,
    distribution_port: u16,
    epmd_port: u16,
}

impl Epmd {
    fn start(home: &Path) -> Result<Arc<Self>> {
        let port = ports::free()?;
        let mut command = Command::new("epmd");
        command.args(["-address", "127.0.0.1", "-port", &port.to_string()]);
        let process = Process::start("epmd", command, &home.join("epmd.log"), Duration::ZERO)?;
        wait::until("epmd", STARTS_WITHIN, || {
            Ok(ports::answers(port).then_some(()))
        })?;
        Ok(Arc::new(Self {
            port,
            _process: process,
        }))
    }
}

impl RabbitMq {
    /// Where Debian's package puts the server; the sign that it is installed.
    pub const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// Starts a broker.
    ///
    /// # Errors
    /// Where RabbitMQ is not installed or does not come up.
    pub fn start(home: &Path) -> Result<Self> {
        Self::start_as(home, None)
    }

    /// Starts one that speaks TLS alone.
    ///
    /// # Errors
    /// As [`RabbitMq::start`].
    pub fn start_with_tls(home: &Path, identity: &Identity) -> Result<Self> {
        Self::start_as(home, Some(identity))
    }

    fn start_as(home: &Path, identity: Option<&Identity>) -> Result<Self> {
        fs::create_dir_all(home)?;
        let epmd = Epmd::start(home)?;
        let node = Node {
            home: home.to_owned(),
            cookie: home.to_owned(),
            name: format!("convene-{}@localhost", epmd.port),
            distribution_port: ports::free()?,
            epmd_port: epmd.port,
        };
        Self::start_node(node, epmd, identity, "")
    }

    fn start_node(
        node: Node,
        epmd: Arc<Epmd>,
        identity: Option<&Identity>,
        further: &str,
    ) -> Result<Self> {
        let port = ports::free()?;
        let listeners = match identity {
            None => format!("listeners.tcp.1 = 127.0.0.1:{port}\n"),
            Some(identity) => format!(
                "listeners.tcp = none\n\
                 listeners.ssl.1 = 127.0.0.1:{port}\n\
                 ssl_options.certfile = {}\n\
                 ssl_options.keyfile = {}\n",
                identity.certificate.display(),
                identity.key.display()
            ),
        };
        let shipped = shipped();
        fs::write(
            node.home.join("rabbit.conf"),
            format!(
                "{shipped}\n\
                 # Ours: one of several brokers on a developer's machine.\n\
                 {listeners}\
                 vm_memory_high_watermark.absolute = 2GB\n\
                 disk_free_limit.absolute = 50MB\n\
                 log.console = true\n\
                 log.file = false\n\
                 {further}"
            ),
        )?;
        fs::write(node.home.join("plugins"), "[].\n")?;
        let own = node.clone();
        // The listener is the last thing that the broker starts.
        let is_up = move || Ok(ports::answers(port));
        Ok(Self {
            server: Server::start(STARTS_WITHIN, move || launch(&own), is_up)?,
            port,
            tls: identity.is_some(),
            node,
            _epmd: epmd,
        })
    }

    /// The address of the virtual host `/`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls { "amqps" } else { "amqp" };
        format!("{scheme}://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs `rabbitmqctl` against it and returns what it prints.
    ///
    /// # Errors
    /// Where it fails, with what it says.
    pub fn control(&self, arguments: &[&str]) -> Result<String> {
        self.run("rabbitmqctl", arguments)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(format!("{PROGRAMS}/{program}"));
        environment(&mut command, &self.node);
        let output = command.arg("--quiet").args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(format!("{program} {}: {said}{complaint}", arguments.join(" ")).into())
        }
    }
}

impl RabbitMqCluster {
    /// Starts the nodes, and waits until they are one cluster.
    ///
    /// # Errors
    /// As [`RabbitMq::start`].
    pub fn start(home: &Path) -> Result<Self> {
        const COOKIE: &str = ".erlang.cookie";
        fs::create_dir_all(home)?;
        let epmd = Epmd::start(home)?;
        fs::write(home.join(COOKIE), format!("CONVENE{}", epmd.port))?;
        fs::set_permissions(home.join(COOKIE), fs::Permissions::from_mode(0o400))?;
        let mut nodes = Vec::new();
        let mut formation = String::from(
            "cluster_partition_handling = pause_minority\n\
             cluster_formation.peer_discovery_backend = classic_config\n",
        );
        for number in 1..=3 {
            let name = format!("convene-{}-{number}@localhost", epmd.port);
            writeln!(
                formation,
                "cluster_formation.classic_config.nodes.{number} = {name}"
            )?;
            let node = Node {
                home: home.join(format!("node-{number}")),
                cookie: home.to_owned(),
                name,
                distribution_port: ports::free()?,
                epmd_port: epmd.port,
            };
            fs::create_dir_all(&node.home)?;
            nodes.push(node);
        }
        // At once: each takes some ten seconds.
        let nodes = thread::scope(|scope| {
            let starting: Vec<_> = nodes
                .into_iter()
                .map(|node| {
                    let (epmd, formation) = (epmd.clone(), formation.as_str());
                    scope.spawn(move || RabbitMq::start_node(node, epmd, None, formation))
                })
                .collect();
            let ended = starting.into_iter().map(|node| {
                let ended = node.join();
                ended.unwrap_or_else(|_| Err("the start of a node panicked".into()))
            });
            ended.collect::<Result<Vec<_>>>()
        })?;
        let cluster = Self(nodes);
        cluster.0[0].control(&["await_online_nodes", "3"])?;
        Ok(cluster)
    }

    /// The address of all nodes.
    #[must_use]
    pub fn url(&self) -> String {
        let nodes = self.0.iter().map(|node| format!("127.0.0.1:{}", node.port));
        let nodes = nodes.collect::<Vec<_>>().join(",");
        format!("amqp://guest:guest@{nodes}/%2f")
    }

    pub fn node(&mut self, index: usize) -> &mut RabbitMq {
        &mut self.0[index]
    }

    /// Waits until every quorum queue would keep its majority without any one node, which is when
    /// the next may be stopped.
    ///
    /// # Errors
    /// Where that takes too long.
    pub fn can_spare_one(&self) -> Result<()> {
        for node in &self.0 {
            node.run("rabbitmq-upgrade", &["await_online_quorum_plus_one"])?;
        }
        Ok(())
    }
}

/// The settings that we ship, but for the limits of a production machine.
fn shipped() -> String {
    let lines = include_str!("../../deploy/rabbitmq.conf").lines();
    let kept = lines.filter(|line| !line.contains("_watermark.") && !line.contains("_free_limit."));
    kept.collect::<Vec<_>>().join("\n")
}

fn launch(node: &Node) -> Result<Process> {
    let mut command = Command::new(RabbitMq::SERVER);
    environment(&mut command, node);
    // The script then becomes the broker, instead of waiting for one that outlives it.
    command
        .env("RUNNING_UNDER_SYSTEMD", "true")
        .current_dir(&node.home);
    let log = node.home.join("rabbitmq.log");
    Process::start("rabbitmq-server", command, &log, Duration::from_secs(5))
}

fn environment(command: &mut Command, node: &Node) {
    let Node {
        home,
        cookie,
        name,
        distribution_port,
        epmd_port,
    } = node;
    command
        .env("HOME", cookie)
        .env("ERL_EPMD_PORT", epmd_port.to_string())
        .env("RABBITMQ_NODENAME", name)
        .env("RABBITMQ_DIST_PORT", distribution_port.to_string())
        .env("RABBITMQ_MNESIA_BASE", home.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", home.join("log"))
        .env("RABBITMQ_PID_FILE", home.join("pid"))
        .env("RABBITMQ_CONFIG_FILE", home.join("rabbit"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", home.join("plugins"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null");
}
