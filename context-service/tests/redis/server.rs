//! A Redis server of a test's own, to be stopped, frozen and emptied.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use convene_context_service::store::{
    Limits,
    redis::{Options, RedisStore},
};
use redis::{Cmd, FromRedisValue, RedisResult, aio::MultiplexedConnection};
use tempfile::TempDir;

use crate::bench;

/// Ends with the test.
pub(crate) struct Server {
    port: u16,
    settings: Vec<String>,
    home: TempDir,
    process: Child,
}

impl Server {
    /// `None` where tests with a Redis are not asked for.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    /// The same, with settings of its own.
    pub(crate) async fn start_with(settings: &[&str]) -> Option<Self> {
        bench::named("CONVENE_TEST_REDIS")?;
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let home = TempDir::new().unwrap();
        let settings: Vec<_> = settings.iter().copied().map(str::to_owned).collect();
        let process = launch(port, &home, &settings);
        let server = Self {
            port,
            settings,
            home,
            process,
        };
        server.until_up().await;
        Some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn options(&self) -> Options {
        bench::options(&self.url())
    }

    /// A store with this server's default limits.
    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect_with(self.options(), Limits::default())
            .await
            .unwrap()
    }

    /// Dies without a chance to save.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// On the same port, with the data that the last one left.
    pub(crate) async fn start_again(&mut self) {
        self.process = launch(self.port, &self.home, &self.settings);
        self.until_up().await;
    }

    /// Stops answering, or goes on: `STOP` or `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let signal = Command::new("kill")
            .args(["-s", name, &self.process.id().to_string()])
            .status();
        assert!(signal.unwrap().success());
    }

    /// Sends a command over a connection of its own.
    pub(crate) async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_ask(words).await.unwrap()
    }

    pub(crate) async fn try_ask<T: FromRedisValue>(&self, words: &[&str]) -> RedisResult<T> {
        let mut connection = self.connect().await?;
        let mut command = Cmd::new();
        command.arg(words);
        command.query_async(&mut connection).await
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let client = redis::Client::open(self.url())?;
        client.get_multiplexed_async_connection().await
    }

    async fn until_up(&self) {
        for _ in 0..500 {
            if self.connect().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("redis-server did not come up in ten seconds");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already, which is as good.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn launch(port: u16, home: &TempDir, settings: &[String]) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .args(["--save", "", "--dir"])
        .arg(home.path())
        .args(settings)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
