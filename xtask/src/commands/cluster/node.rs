//! One service as a process, started again where it dies.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use xtask::{Result, ports, process::Process, wait};

use super::DRAINS_WITHIN;
use crate::cargo;

const READY_WITHIN: Duration = Duration::from_secs(120);

/// One service as a process.
pub(super) struct Node {
    pub(super) name: String,
    service: &'static str,
    pub(super) port: u16,
    pub(super) health_port: u16,
    log: PathBuf,
    pub(super) process: Process,
}

impl Node {
    pub(super) fn start(
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

    pub(super) fn start_again_if_dead(&mut self, settings: &[(String, String)]) -> Result<()> {
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

    pub(super) fn wait_until_ready(&mut self) -> Result<()> {
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
