//! One process of Convene: its settings, its port, and its life.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;
use xtask::{
    ports,
    process::{Process, Signal, tail},
};

use super::{command::service, witness::Witness};

/// A busy machine with a debug build still makes it in this time.
const READY_WITHIN: Duration = super::PATIENCE;
const POLL: Duration = Duration::from_millis(25);

/// A process, running or not.
pub(crate) struct Node {
    name: String,
    command: &'static str,
    port: u16,
    health_port: u16,
    /// Between the clients and a gateway.
    witness: Option<Witness>,
    settings: Vec<(String, String)>,
    /// Instead of the system's, for what has no setting for it.
    authority: Option<PathBuf>,
    folder: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

impl Node {
    /// A node that is to run `convene <command>` with these settings (`gateway.tail`, `50`).
    pub(super) fn new(
        name: String,
        command: &'static str,
        mut settings: Vec<(String, String)>,
        (folder, logs): (&Path, &Path),
    ) -> Self {
        let port = ports::free().unwrap();
        let health_port = match command {
            "serve" | "gateway" => port,
            _ => ports::free().unwrap(),
        };
        let listen = match command {
            "serve" | "gateway" => "gateway.listen",
            _ => "context_service.listen",
        };
        settings.push((listen.into(), format!("127.0.0.1:{port}")));
        settings.push(("admin.listen".into(), format!("127.0.0.1:{health_port}")));
        let log = logs.join(format!("{name}.log"));
        let folder = folder.to_owned();
        Self {
            name,
            command,
            port,
            health_port,
            witness: matches!(command, "serve" | "gateway").then(|| Witness::of(port)),
            settings,
            authority: None,
            folder,
            log,
            process: None,
        }
    }

    /// Has it trust an authority in the system's stead.
    pub(super) fn trusts(&mut self, authority: &Path) {
        self.authority = Some(authority.to_owned());
    }

    /// Where it serves, `http://127.0.0.1:PORT`, as clients find it: through its witness.
    pub(crate) fn url(&self) -> String {
        let port = self.witness.as_ref().map_or(self.port, Witness::port);
        format!("http://127.0.0.1:{port}")
    }

    /// Who sees what a gateway and its clients say.
    pub(crate) fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Where it answers for its health and shows its metrics.
    pub(crate) fn health_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.health_port)
    }

    /// Where it listens itself.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn health_port(&self) -> u16 {
        self.health_port
    }

    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn log_tail(&self) -> String {
        tail(&self.log, 40)
    }

    /// Starts it, without waiting for it.
    pub(crate) fn start(&mut self) {
        let mut command = service(&self.folder);
        command.arg(self.command);
        for (key, value) in &self.settings {
            command.args(["--set", &format!("{key}={value}")]);
        }
        // A flow may say by which process it calls.
        command.env("FLOW_NODE", &self.name);
        if let Some(authority) = &self.authority {
            command.env("SSL_CERT_FILE", authority);
        }
        self.process =
            Some(Process::start(&self.name, command, &self.log, Duration::ZERO).unwrap());
    }

    /// Waits until it says that it wants traffic.
    pub(crate) async fn ready(&mut self) {
        let url = format!("{}/health/ready", self.health_url());
        let began = Instant::now();
        loop {
            let answer = reqwest::get(&url).await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            self.process
                .as_mut()
                .expect("it was not started")
                .expect_running()
                .unwrap();
            assert!(
                began.elapsed() < READY_WITHIN,
                "{} is not ready:\n{}",
                self.name,
                self.log_tail()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until it says that this part of it is red, and why.
    pub(crate) async fn red(&self, component: &str, why: &str) {
        self.reports(|report| {
            let component = &report["components"][component];
            let reason = component["reason"].as_str().unwrap_or_default();
            component["status"] == "red" && reason.contains(why)
        })
        .await;
    }

    /// Waits until its readiness is reported like this.
    pub(crate) async fn reports(&self, is_so: impl Fn(&Value) -> bool) {
        let url = format!("{}/health/ready", self.health_url());
        let began = Instant::now();
        loop {
            let report: Value = match reqwest::get(&url).await {
                Ok(answer) => answer.json().await.unwrap(),
                Err(_) => Value::Null,
            };
            if is_so(&report) {
                return;
            }
            assert!(
                began.elapsed() < READY_WITHIN,
                "{} says {report}:\n{}",
                self.name,
                self.log_tail()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until it has logged this.
    pub(crate) async fn logged(&self, words: &str) {
        let began = Instant::now();
        while !std::fs::read_to_string(&self.log).is_ok_and(|log| log.contains(words)) {
            assert!(
                began.elapsed() < READY_WITHIN,
                "{} does not log {words:?}:\n{}",
                self.name,
                self.log_tail()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Whether it runs, be it frozen.
    pub(crate) fn is_running(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_some_and(|process| process.ended().is_none())
    }

    /// Dies at once, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }

    /// Bytes of memory that it has now.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let process = self.process.as_ref().expect("it was not started");
        let file = format!("/proc/{}/status", process.id());
        let status = std::fs::read_to_string(file).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
        kilobytes.parse::<u64>().unwrap() * 1024
    }

    /// From now on its files may not grow beyond this, as if the disk were full.
    pub(crate) fn limit_files(&self, bytes: u64) {
        let process = self.process.as_ref().expect("it was not started");
        let mut limiting = std::process::Command::new("prlimit");
        limiting.arg(format!("--pid={}", process.id()));
        limiting.arg(format!("--fsize={bytes}"));
        assert!(limiting.status().unwrap().success());
    }

    /// Waits for its end and returns its exit code; `None`: a signal ended it.
    pub(crate) async fn ended(&mut self, deadline: Duration) -> Option<i32> {
        let began = Instant::now();
        let process = self.process.as_mut().expect("it was not started");
        loop {
            if let Some(status) = process.ended() {
                self.process = None;
                return status.code();
            }
            assert!(
                began.elapsed() < deadline,
                "{} does not end:\n{}",
                self.name,
                tail(&self.log, 40)
            );
            tokio::time::sleep(POLL).await;
        }
    }
}
