//! A private Redis: a single server, or three masters in cluster mode.

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

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// One server, with its data in a folder, so that it can be killed and started again.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    home: PathBuf,
    cluster: bool,
    server: Process,
}

impl Redis {
    /// Starts a single server with the settings that we ship (`deploy/redis.conf`).
    ///
    /// # Errors
    /// Where redis-server is not installed or does not come up.
    pub fn start(home: &Path) -> Result<Self> {
        Self::start_at(ports::free()?, home, false)
    }

    fn start_at(port: u16, home: &Path, cluster: bool) -> Result<Self> {
        fs::create_dir_all(home)?;
        let server = launch(port, home, cluster)?;
        let mut redis = Self {
            port,
            home: home.to_owned(),
            cluster,
            server,
        };
        redis.wait_until_up()?;
        Ok(redis)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
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

    /// Dies without a chance to save, as in a power cut of the process.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Freezes it, or lets it go on: a server that is there and does not answer.
    pub fn signal(&mut self, signal: Signal) {
        self.server.signal(signal);
    }

    /// Starts it again on the same port and data.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_again(&mut self) -> Result<()> {
        self.server = launch(self.port, &self.home, self.cluster)?;
        self.wait_until_up()
    }

    fn wait_until_up(&mut self) -> Result<()> {
        wait::until("redis-server", STARTS_WITHIN, || {
            self.server.expect_running()?;
            Ok((cli(self.port, &["PING"])? == "PONG").then_some(()))
        })
    }
}

fn launch(port: u16, home: &Path, cluster: bool) -> Result<Process> {
    let mut command = Command::new("redis-server");
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/redis.conf"))
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .arg("--dir")
        .arg(home);
    if cluster {
        command
            .args([
                "--cluster-enabled",
                "yes",
                "--cluster-config-file",
                "nodes.conf",
            ])
            .args(["--cluster-port", &ports::free()?.to_string()]);
    }
    Process::start(
        "redis-server",
        command,
        &home.join("redis.log"),
        Duration::from_secs(2),
    )
}

/// What redis-cli prints; an error of the server's is an answer, too.
fn cli(port: u16, arguments: &[&str]) -> Result<String> {
    let output = Command::new("redis-cli")
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run redis-cli: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Three masters that share the slots.
#[derive(Debug)]
pub struct RedisCluster(Vec<Redis>);

impl RedisCluster {
    /// Starts the masters and waits until all of them agree on the slots.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start(home: &Path) -> Result<Self> {
        let nodes = (0..3)
            .map(|index| Redis::start_at(ports::free()?, &home.join(format!("node-{index}")), true))
            .collect::<Result<Vec<_>>>()?;
        let addresses: Vec<_> = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        let mut create = vec!["--cluster", "create"];
        create.extend(addresses.iter().map(String::as_str));
        create.push("--cluster-yes");
        let said = cli(nodes[0].port, &create)?;
        wait::until("the Redis cluster", STARTS_WITHIN, || {
            let agreed = nodes.iter().all(|node| {
                cli(node.port, &["CLUSTER", "INFO"])
                    .is_ok_and(|info| info.contains("cluster_state:ok"))
            });
            Ok(agreed.then_some(()))
        })
        .map_err(|error| format!("{error}\n{said}"))?;
        Ok(Self(nodes))
    }

    /// The address of one node; it tells of the others.
    #[must_use]
    pub fn url(&self) -> String {
        self.0[0].url()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Scratch;

    fn installed() -> bool {
        Command::new("redis-server")
            .arg("--version")
            .output()
            .is_ok()
    }

    #[test]
    fn a_killed_server_comes_back_on_its_port_with_its_data() {
        if !installed() {
            return;
        }
        let scratch = Scratch::new("xtask-redis").unwrap();
        let mut redis = Redis::start(scratch.path()).unwrap();
        assert_eq!(cli(redis.port(), &["SET", "key", "kept"]).unwrap(), "OK");
        redis.kill();
        assert!(!ports::answers(redis.port()));
        redis.start_again().unwrap();
        assert_eq!(cli(redis.port(), &["GET", "key"]).unwrap(), "kept");
    }

    #[test]
    fn a_cluster_serves_every_slot() {
        if !installed() {
            return;
        }
        let scratch = Scratch::new("xtask-redis").unwrap();
        let cluster = RedisCluster::start(scratch.path()).unwrap();
        let info = cli(cluster.0[2].port(), &["CLUSTER", "INFO"]).unwrap();
        assert!(info.contains("cluster_slots_ok:16384"), "{info}");
    }
}
