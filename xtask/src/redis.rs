//! A private Redis: a single server, a server and its replica, or three masters in cluster mode.

use std::{
    ffi::OsString,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{Result, ports, process::Process, server::Server, tls::Identity, wait};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// One server, with its data in a folder, so that it can be killed and started again.
#[derive(Debug)]
pub struct Redis {
    pub server: Server,
    port: u16,
    /// What it is started with beside what all have: whom it follows, for one.
    role: Arc<Mutex<Vec<OsString>>>,
    /// Who vouches for it, where it speaks TLS.
    authority: Option<PathBuf>,
}

impl Redis {
    /// Starts a single server with the settings that we ship (`deploy/redis.conf`).
    ///
    /// # Errors
    /// Where redis-server is not installed or does not come up.
    pub fn start(home: &Path) -> Result<Self> {
        Self::start_as(home, &[])
    }

    /// Starts a replica of another one.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_replica(home: &Path, of: &Self) -> Result<Self> {
        let replica = Self::start_as(
            home,
            &["--replicaof", "127.0.0.1", &of.port.to_string()].map(OsString::from),
        )?;
        wait::until("the replica to follow", STARTS_WITHIN, || {
            let link = cli(replica.port, &["INFO", "replication"])?;
            Ok(link.contains("master_link_status:up").then_some(()))
        })?;
        Ok(replica)
    }

    /// Starts one that speaks TLS alone.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_with_tls(home: &Path, identity: &Identity) -> Result<Self> {
        Self::start_with_tls_as(home, identity, &[])
    }

    fn start_with_tls_as(home: &Path, identity: &Identity, further: &[OsString]) -> Result<Self> {
        fs::create_dir_all(home)?;
        let port = ports::free()?;
        let mut arguments: Vec<OsString> = vec![
            "--tls-port".into(),
            port.to_string().into(),
            "--tls-cert-file".into(),
            identity.certificate.clone().into(),
            "--tls-key-file".into(),
            identity.key.clone().into(),
            "--tls-ca-cert-file".into(),
            identity.authority.clone().into(),
            "--tls-auth-clients".into(),
            "no".into(),
            "--tls-cluster".into(),
            "yes".into(),
        ];
        arguments.extend(further.iter().cloned());
        let home = home.to_owned();
        let launching = move || launch(0, &home, &arguments);
        Ok(Self {
            server: Server::start(STARTS_WITHIN, launching, move || Ok(ports::answers(port)))?,
            port,
            role: Arc::default(),
            authority: Some(identity.authority.clone()),
        })
    }

    fn start_as(home: &Path, arguments: &[OsString]) -> Result<Self> {
        fs::create_dir_all(home)?;
        let port = ports::free()?;
        let home = home.to_owned();
        let role = Arc::new(Mutex::new(arguments.to_vec()));
        let own = role.clone();
        let launching = move || {
            let arguments = own.lock().unwrap_or_else(PoisonError::into_inner).clone();
            launch(port, &home, &arguments)
        };
        let is_up = move || Ok(cli(port, &["PING"])? == "PONG");
        Ok(Self {
            server: Server::start(STARTS_WITHIN, launching, is_up)?,
            port,
            role,
            authority: None,
        })
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    #[must_use]
    pub fn url(&self) -> String {
        let tls = self.authority.is_some();
        let scheme = if tls { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// As [`cli`], over TLS where it speaks that.
    fn cli(&self, arguments: &[&str]) -> Result<String> {
        let authority = self.authority.as_ref();
        let tls = authority.map(|authority| authority.display().to_string());
        let mut all = Vec::new();
        if let Some(authority) = &tls {
            all.extend(["--tls", "--cacert", authority]);
        }
        all.extend(arguments);
        cli(self.port, &all)
    }

    /// Gives a primary's place to its replica, which has everything by then; started again, it
    /// follows that one.
    ///
    /// # Errors
    /// Where it does not come about.
    pub fn hand_over(&self, replica: &Self) -> Result<()> {
        cli(self.port, &["FAILOVER", "TIMEOUT", "10000"])?;
        wait::until("the replica to take over", STARTS_WITHIN, || {
            let is_done = is_primary(replica.port) && !is_primary(self.port);
            Ok(is_done.then_some(()))
        })?;
        let follows = ["--replicaof", "127.0.0.1", &replica.port.to_string()].map(OsString::from);
        let set = |one: &Self, role: &[OsString]| {
            *one.role.lock().unwrap_or_else(PoisonError::into_inner) = role.to_vec();
        };
        set(self, &follows);
        set(replica, &[]);
        Ok(())
    }

    /// Makes a replica a server of its own, as an operator or Sentinel does.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn promote(&self) -> Result<()> {
        match cli(self.port, &["REPLICAOF", "NO", "ONE"])?.as_str() {
            "OK" => Ok(()),
            other => Err(format!("the replica cannot be promoted: {other}").into()),
        }
    }
}

fn launch(port: u16, home: &Path, arguments: &[OsString]) -> Result<Process> {
    mend_log(home)?;
    let mut command = Command::new("redis-server");
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/redis.conf"))
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .arg("--dir")
        .arg(home)
        .args(arguments);
    Process::start(
        "redis-server",
        command,
        &home.join("redis.log"),
        Duration::from_secs(2),
    )
}

/// Cuts off what is incomplete at the end of the append-only file, as docs/operations.md has it: Redis
/// keeps the beginning of a transaction whose end was cut off in the middle of a command, goes on
/// writing inside of it, and loses that at its next start.
fn mend_log(home: &Path) -> Result<()> {
    let manifest = home.join("appendonlydir/appendonly.aof.manifest");
    if !manifest.exists() {
        return Ok(());
    }
    let mut check = Command::new("redis-check-aof")
        .arg("--fix")
        .arg(&manifest)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // It asks only where there is something to cut off.
    drop(check.stdin.take().map(|mut asked| asked.write_all(b"y\n")));
    match check.wait()? {
        status if status.success() => Ok(()),
        status => Err(format!("redis-check-aof: {status}").into()),
    }
}

/// Whether who answers there takes writes.
pub(crate) fn is_primary(port: u16) -> bool {
    cli(port, &["INFO", "replication"]).is_ok_and(|info| info.contains("role:master"))
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
        Self::start_as(home, None)
    }

    /// Starts masters that speak TLS alone, among themselves too.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_with_tls(home: &Path, identity: &Identity) -> Result<Self> {
        Self::start_as(home, Some(identity))
    }

    fn start_as(home: &Path, identity: Option<&Identity>) -> Result<Self> {
        let nodes = (0..3)
            .map(|index| {
                let cluster = [
                    "--cluster-enabled",
                    "yes",
                    "--cluster-config-file",
                    "nodes.conf",
                    "--cluster-port",
                    &ports::free()?.to_string(),
                    // Who lost one node goes on with the others' conversations.
                    "--cluster-require-full-coverage",
                    "no",
                ];
                let cluster = cluster.map(OsString::from);
                let home = home.join(format!("node-{index}"));
                match identity {
                    None => Redis::start_as(&home, &cluster),
                    Some(identity) => Redis::start_with_tls_as(&home, identity, &cluster),
                }
            })
            .collect::<Result<Vec<_>>>()?;
        let addresses: Vec<_> = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        let mut create = vec!["--cluster", "create"];
        create.extend(addresses.iter().map(String::as_str));
        create.push("--cluster-yes");
        let said = nodes[0].cli(&create)?;
        wait::until("the Redis cluster", STARTS_WITHIN, || {
            let agreed = nodes.iter().all(|node| {
                node.cli(&["CLUSTER", "INFO"])
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

    /// One of its nodes, beginning again beyond the last.
    pub fn node(&mut self, index: usize) -> &mut Redis {
        let count = self.0.len();
        &mut self.0[index % count]
    }

    /// Which node keeps a key; `None` where none of them answers for it.
    #[must_use]
    pub fn keeper(&self, key: &str) -> Option<usize> {
        let keeps = |node: &Redis| {
            node.cli(&["EXISTS", key])
                .is_ok_and(|said| matches!(said.as_str(), "0" | "1"))
        };
        self.0.iter().position(keeps)
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
        redis.server.kill();
        assert!(!ports::answers(redis.port()));
        redis.server.start_again().unwrap();
        assert_eq!(cli(redis.port(), &["GET", "key"]).unwrap(), "kept");
    }

    #[test]
    fn what_is_written_after_a_log_lost_its_end_is_still_there_after_another_start() {
        if !installed() {
            return;
        }
        let scratch = Scratch::new("xtask-redis").unwrap();
        let mut redis = Redis::start(scratch.path()).unwrap();
        let script = "redis.call('XADD', 'log', '1-0', 'v', 'old') \
                      return redis.call('SET', 'text', string.rep('x', 200))";
        cli(redis.port(), &["EVAL", script, "0"]).unwrap();
        redis.server.kill();
        // In the middle of the transaction's second command.
        let folder = scratch.path().join("appendonlydir");
        let log = folder.join("appendonly.aof.1.incr.aof");
        let log = fs::OpenOptions::new().write(true).open(log).unwrap();
        log.set_len(log.metadata().unwrap().len() - 60).unwrap();
        redis.server.start_again().unwrap();
        assert_eq!(cli(redis.port(), &["XLEN", "log"]).unwrap(), "0");
        let written = cli(redis.port(), &["XADD", "log", "1-0", "v", "new"]).unwrap();
        assert_eq!(written, "1-0");
        redis.server.kill();
        redis.server.start_again().unwrap();
        let log = cli(redis.port(), &["XRANGE", "log", "-", "+"]).unwrap();
        assert!(log.contains("new"), "{log}");
    }

    #[test]
    fn a_cluster_serves_every_slot() {
        if !installed() {
            return;
        }
        let scratch = Scratch::new("xtask-redis").unwrap();
        let cluster = RedisCluster::start(scratch.path()).unwrap();
        let info = cluster.0[2].cli(&["CLUSTER", "INFO"]).unwrap();
        assert!(info.contains("cluster_slots_ok:16384"), "{info}");
    }
}
