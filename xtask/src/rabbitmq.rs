//! A private RabbitMQ, with its own epmd, cookie and data, beside whatever else runs here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
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
    /// Ours rather than one that the broker would start and leave behind. Dropped after it.
    _epmd: Process,
}

/// What the server's programs have to know of it.
#[derive(Debug, Clone)]
struct Node {
    home: PathBuf,
    distribution_port: u16,
    epmd_port: u16,
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
        let port = ports::free()?;
        let node = Node {
            home: home.to_owned(),
            distribution_port: ports::free()?,
            epmd_port: ports::free()?,
        };
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
            home.join("rabbit.conf"),
            format!(
                "{shipped}\n\
                 # Ours: one of several brokers on a developer's machine.\n\
                 {listeners}\
                 vm_memory_high_watermark.absolute = 2GB\n\
                 disk_free_limit.absolute = 50MB\n\
                 log.console = true\n\
                 log.file = false\n"
            ),
        )?;
        fs::write(home.join("plugins"), "[].\n")?;
        let epmd_port = node.epmd_port;
        let mut command = Command::new("epmd");
        command.args(["-address", "127.0.0.1", "-port", &epmd_port.to_string()]);
        let epmd = Process::start("epmd", command, &home.join("epmd.log"), Duration::ZERO)?;
        wait::until("epmd", STARTS_WITHIN, || {
            Ok(ports::answers(epmd_port).then_some(()))
        })?;
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
        let mut command = Command::new(format!("{PROGRAMS}/rabbitmqctl"));
        environment(&mut command, &self.node);
        let output = command.arg("--quiet").args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(format!("rabbitmqctl {}: {said}{complaint}", arguments.join(" ")).into())
        }
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
        distribution_port,
        epmd_port,
    } = node;
    command
        .env("HOME", home)
        .env("ERL_EPMD_PORT", epmd_port.to_string())
        .env(
            "RABBITMQ_NODENAME",
            format!("convene-{epmd_port}@localhost"),
        )
        .env("RABBITMQ_DIST_PORT", distribution_port.to_string())
        .env("RABBITMQ_MNESIA_BASE", home.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", home.join("log"))
        .env("RABBITMQ_PID_FILE", home.join("pid"))
        .env("RABBITMQ_CONFIG_FILE", home.join("rabbit"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", home.join("plugins"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null");
}
