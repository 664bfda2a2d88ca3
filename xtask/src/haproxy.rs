//! A load balancer without sticky sessions, as a stand-in for whatever stands in front of a
//! cluster.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::{Result, ports, process::Process, wait};

/// A gateway to balance over: where it serves, and where it answers for its health.
#[derive(Debug, Clone, Copy)]
pub struct Backend {
    pub port: u16,
    pub health_port: u16,
}

/// HAProxy in front of gateways.
#[derive(Debug)]
pub struct HaProxy {
    port: u16,
    server: Process,
}

impl HaProxy {
    /// Starts it on a loopback port. A backend gets traffic while its `/health/ready` is 200.
    ///
    /// # Errors
    /// Where haproxy is not installed, or the port is taken.
    pub fn start(home: &Path, port: u16, backends: &[Backend]) -> Result<Self> {
        fs::create_dir_all(home)?;
        let file = home.join("haproxy.cfg");
        fs::write(&file, configuration(port, backends))?;
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file);
        let log = home.join("haproxy.log");
        let mut server = Process::start("haproxy", command, &log, Duration::ZERO)?;
        wait::until("haproxy", Duration::from_secs(10), || {
            server.expect_running()?;
            Ok(ports::answers(port).then_some(()))
        })?;
        Ok(Self { port, server })
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops taking connections and ends.
    pub fn stop(&mut self) {
        self.server.kill();
    }
}

/// What we ship, at our addresses.
fn configuration(port: u16, backends: &[Backend]) -> String {
    let shipped = include_str!("../../deploy/haproxy.cfg").lines();
    let theirs = shipped.filter(|line| !line.starts_with("  server "));
    let mut text = String::new();
    for line in theirs {
        if line.starts_with("  bind ") {
            text += &format!("  bind 127.0.0.1:{port}\n");
        } else {
            text += &format!("{line}\n");
        }
    }
    for (index, Backend { port, health_port }) in backends.iter().enumerate() {
        text += &format!("  server gateway-{index} 127.0.0.1:{port} port {health_port}\n");
    }
    text
}
