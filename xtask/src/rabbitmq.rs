//! A private RabbitMQ, with its own epmd, cookie and data, beside whatever else runs here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    Result, ports,
    process::{Process, Signal},
    wait,
};

/// The scripts that run as any user; those in `/usr/sbin` insist on root.
const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";

/// Erlang takes its time on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_secs(120);

/// A broker that can be killed and started again on the same port and data.
#[derive(Debug)]
pub struct RabbitMq {
    home: PathBuf,
    port: u16,
    distribution_port: u16,
    epmd_port: u16,
    server: Process,
    /// Ours rather than one that the broker would start and leave behind. Dropped after it.
    _epmd: Process,
}

impl RabbitMq {
    /// Where Debian's package puts the server; the sign that it is installed.
    pub const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// Starts a broker.
    ///
    /// # Errors
    /// Where RabbitMQ is not installed or does not come up.
    pub fn start(home: &Path) -> Result<Self> {
        fs::create_dir_all(home)?;
        let [port, distribution_port, epmd_port] = [ports::free()?, ports::free()?, ports::free()?];
        let shipped = shipped();
        fs::write(
            home.join("rabbit.conf"),
            format!(
                "{shipped}\n\
                 # Ours: one of several brokers on a developer's machine.\n\
                 listeners.tcp.1 = 127.0.0.1:{port}\n\
                 vm_memory_high_watermark.absolute = 2GB\n\
                 disk_free_limit.absolute = 50MB\n\
                 log.console = true\n\
                 log.file = false\n"
            ),
        )?;
        fs::write(home.join("plugins"), "[].\n")?;
        let mut command = Command::new("epmd");
        command.args(["-address", "127.0.0.1", "-port", &epmd_port.to_string()]);
        let epmd = Process::start("epmd", command, &home.join("epmd.log"), Duration::ZERO)?;
        wait::until("epmd", STARTS_WITHIN, || {
            Ok(ports::answers(epmd_port).then_some(()))
        })?;
        let server = launch(home, distribution_port, epmd_port)?;
        let home = home.to_owned();
        let mut broker = Self {
            home,
            port,
            distribution_port,
            epmd_port,
            server,
            _epmd: epmd,
        };
        broker.wait_until_up()?;
        Ok(broker)
    }

    /// The address of the virtual host `/`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// Whether it has died.
    pub fn has_ended(&mut self) -> bool {
        self.server.ended().is_some()
    }

    /// Dies as in a power cut of the process.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Freezes it, or lets it go on: a broker that is there and does not answer.
    pub fn signal(&mut self, signal: Signal) {
        self.server.signal(signal);
    }

    /// Starts it again on the same port and data.
    ///
    /// # Errors
    /// As [`RabbitMq::start`].
    pub fn start_again(&mut self) -> Result<()> {
        self.server = launch(&self.home, self.distribution_port, self.epmd_port)?;
        self.wait_until_up()
    }

    /// Runs `rabbitmqctl` against it and returns what it prints.
    ///
    /// # Errors
    /// Where it fails, with what it says.
    pub fn control(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(format!("{PROGRAMS}/rabbitmqctl"));
        environment(
            &mut command,
            &self.home,
            self.distribution_port,
            self.epmd_port,
        );
        let output = command.arg("--quiet").args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(format!("rabbitmqctl {}: {said}{complaint}", arguments.join(" ")).into())
        }
    }

    fn wait_until_up(&mut self) -> Result<()> {
        // The listener is the last thing that the broker starts.
        wait::until("rabbitmq-server", STARTS_WITHIN, || {
            self.server.expect_running()?;
            Ok(ports::answers(self.port).then_some(()))
        })
    }
}

/// The settings that we ship, but for the limits of a production machine.
fn shipped() -> String {
    let lines = include_str!("../../deploy/rabbitmq.conf").lines();
    let kept = lines.filter(|line| !line.contains("_watermark.") && !line.contains("_free_limit."));
    kept.collect::<Vec<_>>().join("\n")
}

fn launch(home: &Path, distribution_port: u16, epmd_port: u16) -> Result<Process> {
    let mut command = Command::new(RabbitMq::SERVER);
    environment(&mut command, home, distribution_port, epmd_port);
    // The script then becomes the broker, instead of waiting for one that outlives it.
    command
        .env("RUNNING_UNDER_SYSTEMD", "true")
        .current_dir(home);
    let log = home.join("rabbitmq.log");
    Process::start("rabbitmq-server", command, &log, Duration::from_secs(5))
}

fn environment(command: &mut Command, home: &Path, distribution_port: u16, epmd_port: u16) {
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
