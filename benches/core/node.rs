//! A process of the product.

use std::{path::Path, process::Command, time::Duration};

use xtask::{ports, process::Process, wait};

use crate::lab::on_thread;

const READY_WITHIN: Duration = Duration::from_secs(120);
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_convene");

/// A process of the product, stopped when it is dropped.
pub(crate) struct Node {
    pub(crate) process: Process,
    pub(crate) port: u16,
    pub(crate) health_port: u16,
}

impl Node {
    /// Starts `convene <service>` with these settings; it may not be ready yet.
    pub(crate) fn start(
        service: &str,
        name: &str,
        settings: &[(String, String)],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let port = ports::free().map_err(anyhow::Error::from_boxed)?;
        let (listen, health_port) = match service {
            "serve" | "gateway" => ("gateway.listen", port),
            _ => (
                "context_service.listen",
                ports::free().map_err(anyhow::Error::from_boxed)?,
            ),
        };
        let mut command = Command::new(BINARY);
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("CONVENE_") {
                command.env_remove(variable);
            }
        }
        command.arg(service).current_dir(folder);
        let own = [
            (listen.to_owned(), format!("127.0.0.1:{port}")),
            (
                "admin.listen".to_owned(),
                format!("127.0.0.1:{health_port}"),
            ),
        ];
        for (key, value) in settings.iter().chain(&own) {
            command.args(["--set", &format!("{key}={value}")]);
        }
        let log = folder.join(format!("{name}.log"));
        let process = Process::start(name, command, &log, Duration::from_secs(5))
            .map_err(anyhow::Error::from_boxed)?;
        Ok(Self {
            process,
            port,
            health_port,
        })
    }

    /// Waits until it wants traffic.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<()> {
        on_thread(|| {
            let (health_port, process) = (self.health_port, &mut self.process);
            wait::until("a service to be ready", READY_WITHIN, || {
                process.expect_running()?;
                Ok(ports::is_ready(health_port).then_some(()))
            })
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The sum of its metrics whose lines begin so.
    pub(crate) async fn metric(&self, begin: &str) -> anyhow::Result<f64> {
        let url = format!("http://127.0.0.1:{}/metrics", self.health_port);
        let text = reqwest::get(url).await?.text().await?;
        let values = text
            .lines()
            .filter(|line| line.starts_with(begin))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(values.sum())
    }
}
