//! A load balancer without sticky sessions, as a stand-in for whatever stands in front of a
//! cluster, or of its Redis.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::{Result, ports, process::Process, redis, server::Server, tls::Identity, wait};

/// A gateway to balance over: where it serves, and where it answers for its health.
#[derive(Debug, Clone, Copy)]
pub struct Backend {
    pub port: u16,
    pub health_port: u16,
}

/// HAProxy, with a configuration that we ship.
#[derive(Debug)]
pub struct HaProxy {
    port: u16,
    pub server: Server,
}

impl HaProxy {
    /// In front of gateways (`deploy/haproxy.cfg`), on a loopback port. A backend gets traffic
    /// while its `/health/ready` is 200.
    ///
    /// # Errors
    /// Where haproxy is not installed, or the port is taken.
    pub fn start(home: &Path, port: u16, backends: &[Backend]) -> Result<Self> {
        let servers = backends.iter().enumerate();
        let servers = servers.map(|(index, Backend { port, health_port })| {
            format!("  server gateway-{index} 127.0.0.1:{port} port {health_port}\n")
        });
        let shipped = include_str!("../../deploy/haproxy.cfg");
        Self::start_as(
            home,
            port,
            &configuration(shipped, port, &servers.collect::<String>()),
        )
    }

    /// In front of a Redis and its replicas (`deploy/haproxy-redis.cfg`): leads to the primary.
    ///
    /// # Errors
    /// As [`HaProxy::start`].
    pub fn before_redis(home: &Path, port: u16, servers: &[u16]) -> Result<Self> {
        let lines = servers.iter().enumerate();
        let lines = lines.map(|(index, port)| format!("  server redis-{index} 127.0.0.1:{port}\n"));
        let shipped = include_str!("../../deploy/haproxy-redis.cfg");
        let balancer = Self::start_as(
            home,
            port,
            &configuration(shipped, port, &lines.collect::<String>()),
        )?;
        // Before the first checks are in, it takes all of them for primaries.
        wait::until(
            "haproxy to know the primary",
            Duration::from_secs(10),
            || {
                let mut asked = (0..4).map(|_| redis::is_primary(port));
                Ok(asked.all(|is_primary| is_primary).then_some(()))
            },
        )?;
        if servers.len() > 1 {
            // By what a replica says of itself: a check that runs into its timeout is seconds late.
            balancer.logged("did not match content 'role:master'")?;
        }
        Ok(balancer)
    }

    /// In front of a service that speaks plain gRPC: ends TLS before it, as `identity`.
    ///
    /// # Errors
    /// As [`HaProxy::start`].
    pub fn before_grpc(home: &Path, port: u16, service: u16, identity: &Identity) -> Result<Self> {
        fs::create_dir_all(home)?;
        let chain = home.join("haproxy.pem");
        let certificate = fs::read_to_string(&identity.certificate)?;
        fs::write(&chain, certificate + &fs::read_to_string(&identity.key)?)?;
        let configuration = format!(
            "defaults\n  mode http\n  timeout connect 2s\n  timeout client 1h\n  timeout server 1h\n\
             listen grpc\n  bind 127.0.0.1:{port} ssl crt {} alpn h2\n  \
             server service 127.0.0.1:{service} proto h2\n",
            chain.display()
        );
        Self::start_as(home, port, &configuration)
    }

    fn start_as(home: &Path, port: u16, configuration: &str) -> Result<Self> {
        fs::create_dir_all(home)?;
        let file = home.join("haproxy.cfg");
        fs::write(&file, configuration)?;
        let log = home.join("haproxy.log");
        let launch = move || {
            let mut command = Command::new("haproxy");
            command.arg("-db").arg("-f").arg(&file);
            Process::start("haproxy", command, &log, Duration::ZERO)
        };
        let is_up = move || Ok(ports::answers(port));
        let server = Server::start(Duration::from_secs(10), launch, is_up)?;
        Ok(Self { port, server })
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it has logged this.
    ///
    /// # Errors
    /// Where it does not within some seconds.
    pub fn logged(&self, words: &str) -> Result<()> {
        let what = format!("haproxy to log {words:?}");
        wait::until(&what, Duration::from_secs(30), || {
            let log = fs::read_to_string(self.server.log())?;
            Ok(log.contains(words).then_some(()))
        })
    }

    /// Stops taking connections and ends.
    pub fn stop(&mut self) {
        self.server.kill();
    }
}

/// What we ship, at our addresses.
fn configuration(shipped: &str, port: u16, servers: &str) -> String {
    let mut text = String::new();
    let mut in_servers = false;
    for line in shipped.lines() {
        let is_server = line.starts_with("  server ");
        if line.starts_with("  bind ") {
            text += &format!("  bind 127.0.0.1:{port}\n");
        } else if !is_server {
            text += &format!("{line}\n");
        } else if !in_servers {
            text += servers;
        }
        in_servers = is_server;
    }
    text
}
