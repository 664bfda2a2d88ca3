//! RabbitMQ and Redis under a cluster: the shared ones of `cargo xtask test`, or a test's own.

use std::path::Path;

use xtask::{Result, rabbitmq::RabbitMq, redis::Redis};

/// What a cluster stands on.
pub(super) struct Servers {
    amqp: String,
    redis_url: String,
    pub(super) rabbitmq: Option<RabbitMq>,
    pub(super) redis: Option<Redis>,
}

impl Servers {
    /// `None` where there are none: then the test prints why it is skipped, or fails where
    /// `CONVENE_TEST_REQUIRE` is set.
    pub(super) async fn find(own_rabbitmq: bool, own_redis: bool, folder: &Path) -> Option<Self> {
        let amqp = address("CONVENE_TEST_AMQP")?;
        let redis_url = address("CONVENE_TEST_REDIS")?;
        let mut servers = Self {
            amqp,
            redis_url,
            rabbitmq: None,
            redis: None,
        };
        if own_redis {
            let home = folder.join("redis");
            let redis = blocking(move || Redis::start(&home)).await;
            servers.redis_url = redis.url();
            servers.redis = Some(redis);
        }
        if own_rabbitmq {
            let home = folder.join("rabbitmq");
            let rabbitmq = blocking(move || RabbitMq::start(&home)).await;
            servers.amqp = rabbitmq.url();
            servers.rabbitmq = Some(rabbitmq);
        }
        Some(servers)
    }

    /// The settings that lead there.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        vec![
            ("broker.url".into(), self.amqp.clone()),
            ("store.url".into(), self.redis_url.clone()),
        ]
    }

    pub(super) fn kill_rabbitmq(&mut self) {
        self.rabbitmq
            .as_mut()
            .expect("Shape::own_rabbitmq gives a test its own")
            .kill();
    }

    pub(super) fn kill_redis(&mut self) {
        self.redis
            .as_mut()
            .expect("Shape::own_redis gives a test its own")
            .kill();
    }

    pub(super) async fn start_rabbitmq_again(&mut self) {
        let mut rabbitmq = self
            .rabbitmq
            .take()
            .expect("Shape::own_rabbitmq gives a test its own");
        self.rabbitmq = Some(blocking(move || rabbitmq.start_again().map(|()| rabbitmq)).await);
    }

    pub(super) async fn start_redis_again(&mut self) {
        let mut redis = self
            .redis
            .take()
            .expect("Shape::own_redis gives a test its own");
        self.redis = Some(blocking(move || redis.start_again().map(|()| redis)).await);
    }
}

fn address(name: &str) -> Option<String> {
    let address = std::env::var(name).ok();
    if address.is_none() {
        let why = format!("set {name}, or run cargo xtask test");
        assert!(std::env::var_os("CONVENE_TEST_REQUIRE").is_none(), "{why}");
        println!("skipped: {why}");
    }
    address
}

async fn blocking<T: Send + 'static>(start: impl FnOnce() -> Result<T> + Send + 'static) -> T {
    tokio::task::spawn_blocking(start).await.unwrap().unwrap()
}
