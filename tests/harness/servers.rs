//! RabbitMQ and Redis under a cluster: the shared ones of `cargo xtask test`, or a test's own.

use std::path::Path;

use xtask::{
    Result,
    haproxy::HaProxy,
    ports,
    rabbitmq::{RabbitMq, RabbitMqCluster},
    redis::{Redis, RedisCluster},
    server::Server,
    tls::Identity,
};

use super::{
    identity,
    stack::{Kind, Shape},
};

/// What a cluster stands on.
pub(super) struct Servers {
    amqp: String,
    redis_url: String,
    /// What they speak TLS as, and who vouches for it.
    pub(super) identity: Option<Identity>,
    pub(super) rabbitmq: Option<RabbitMq>,
    rabbitmq_cluster: Option<RabbitMqCluster>,
    pub(super) redis: Option<Redis>,
    replica: Option<Replica>,
    pub(super) redis_cluster: Option<RedisCluster>,
}

/// A replica of the test's own Redis, and who leads to whichever is the primary.
struct Replica {
    redis: Redis,
    _balancer: HaProxy,
}

impl Servers {
    /// `None` where there are none: then the test prints why it is skipped, or fails where
    /// `CONVENE_TEST_REQUIRE` is set.
    pub(super) async fn find(shape: &Shape, folder: &Path) -> Option<Self> {
        let amqp = address("CONVENE_TEST_AMQP")?;
        let redis_url = address("CONVENE_TEST_REDIS")?;
        let identity = shape.tls.then(|| identity::make(&folder.join("tls")));
        let mut servers = Self {
            amqp,
            redis_url,
            identity: identity.clone(),
            rabbitmq: None,
            rabbitmq_cluster: None,
            redis: None,
            replica: None,
            redis_cluster: None,
        };
        if shape.redis_cluster {
            let (home, identity) = (folder.join("redis-cluster"), identity.clone());
            let cluster = blocking(move || match identity {
                Some(identity) => RedisCluster::start_with_tls(&home, &identity),
                None => RedisCluster::start(&home),
            })
            .await;
            servers.redis_url = cluster.url().replacen("://", "+cluster://", 1);
            servers.redis_cluster = Some(cluster);
        } else if shape.own_redis || shape.tls {
            let (home, identity) = (folder.join("redis"), identity.clone());
            let redis = blocking(move || match identity {
                Some(identity) => Redis::start_with_tls(&home, &identity),
                None => Redis::start(&home),
            })
            .await;
            servers.redis_url = redis.url();
            servers.redis = Some(redis);
        }
        if shape.replica {
            let folder = folder.to_owned();
            let (redis, replica, port) = blocking(move || {
                let redis = Redis::start(&folder.join("redis"))?;
                let replica = Redis::start_replica(&folder.join("replica"), &redis)?;
                let port = ports::free()?;
                let both = [redis.port(), replica.port()];
                let balancer = HaProxy::before_redis(&folder.join("haproxy-redis"), port, &both)?;
                let replica = Replica {
                    redis: replica,
                    _balancer: balancer,
                };
                Ok((redis, replica, port))
            })
            .await;
            servers.redis_url = format!("redis://127.0.0.1:{port}");
            servers.redis = Some(redis);
            servers.replica = Some(replica);
        }
        if shape.rabbitmq_cluster {
            let home = folder.join("rabbitmq-cluster");
            let cluster = blocking(move || RabbitMqCluster::start(&home)).await;
            servers.amqp = cluster.url();
            servers.rabbitmq_cluster = Some(cluster);
        } else if shape.own_rabbitmq || shape.tls {
            let home = folder.join("rabbitmq");
            let rabbitmq = blocking(move || match identity {
                Some(identity) => RabbitMq::start_with_tls(&home, &identity),
                None => RabbitMq::start(&home),
            })
            .await;
            servers.amqp = rabbitmq.url();
            servers.rabbitmq = Some(rabbitmq);
        }
        Some(servers)
    }

    /// The settings that lead there.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![
            ("broker.url".into(), self.amqp.clone()),
            ("store.url".into(), self.redis_url.clone()),
        ];
        if let Some(identity) = &self.identity {
            for key in ["broker.ca_file", "store.ca_file"] {
                settings.push((key.into(), identity.authority.display().to_string()));
            }
        }
        settings
    }

    /// The primary dies, and its replica takes its place.
    pub(super) fn fail_over(&mut self) {
        self.own(Kind::Redis, 0).kill();
        let replica = self.replica.as_ref();
        let replica = replica.expect("Shape::replica gives a test its own");
        replica.redis.promote().unwrap();
    }

    /// The primary gives its place to its replica, once that has all that the primary has.
    pub(super) fn change_places(&mut self) {
        let (Some(redis), Some(replica)) = (&self.redis, &self.replica) else {
            panic!("Shape::replica gives a test its own");
        };
        redis.hand_over(&replica.redis).unwrap();
    }

    /// Waits until RabbitMQ can do without any one of its nodes.
    pub(super) fn rabbitmq_can_spare_one(&self) {
        let cluster = self.rabbitmq_cluster.as_ref();
        let cluster = cluster.expect("Shape::rabbitmq_cluster gives a test its own");
        cluster.can_spare_one().unwrap();
    }

    /// Has the test's own RabbitMQ do something.
    pub(super) fn rabbitmqctl(&self, arguments: &[&str]) {
        let own = self.rabbitmq.as_ref();
        let own = own.expect("Shape::own_rabbitmq gives a test its own");
        own.control(arguments).unwrap();
    }

    /// Whether what was written may be lost with the primary.
    pub(super) fn may_lose_the_tail(&self) -> bool {
        self.replica.is_some()
    }

    /// One of the test's own; `index` tells the nodes of a cluster apart.
    pub(super) fn own(&mut self, kind: Kind, index: usize) -> &mut Server {
        let cluster = self.redis_cluster.as_mut();
        let brokers = self.rabbitmq_cluster.as_mut();
        let server = match kind {
            Kind::RabbitMq if brokers.is_some() => brokers.map(|own| &mut own.node(index).server),
            Kind::RabbitMq => self.rabbitmq.as_mut().map(|own| &mut own.server),
            Kind::Redis if cluster.is_some() => cluster.map(|own| &mut own.node(index).server),
            Kind::Redis => self.redis.as_mut().map(|own| &mut own.server),
            _ => None,
        };
        server.expect("the shape gives a test its own servers")
    }
}

/// Whether tests with servers of their own are not asked for.
pub(crate) fn is_skipped() -> bool {
    address("CONVENE_TEST_AMQP").is_none()
}

/// What is promised where nothing else runs on the machine (`CONVENE_TEST_QUIET=1`), or what even a busy
/// one makes of it.
pub(crate) fn promised<T>(quiet: T, busy: T) -> T {
    if std::env::var_os("CONVENE_TEST_QUIET").is_some() {
        quiet
    } else {
        busy
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
