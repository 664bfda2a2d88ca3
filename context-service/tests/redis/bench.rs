//! Stores to try, each in a namespace of its own on a shared server.

use std::{env, sync::Arc};

use async_trait::async_trait;
use convene_context_service::store::{
    Limits, Store,
    contract::Bench,
    redis::{Options, RedisStore},
};
use convene_proto::{id::ConversationId, position::Eid};
use redis::{Cmd, RedisResult, cluster::ClusterClient};

use crate::room;

/// Options for a fresh namespace on the server at `url`.
pub(crate) fn options(url: &str) -> Options {
    Options {
        url: url.to_owned(),
        namespace: format!("test-{}:", Eid::random()),
        // Test machines are busy, and share their servers.
        response_timeout_ms: 10_000,
        ..Options::default()
    }
}

struct Shared {
    url: String,
}

#[async_trait]
impl Bench for Shared {
    async fn store(&self, limits: Limits) -> Arc<dyn Store> {
        let store = RedisStore::connect_with(options(&self.url), limits).await;
        Arc::new(store.unwrap())
    }

    async fn damaged(&self) -> (Arc<dyn Store>, ConversationId) {
        let options = options(&self.url);
        let meta = |id| format!("{}c:{{{id}}}:meta", options.namespace);
        let store = RedisStore::connect(options.clone()).await.unwrap();
        let id = room::make(&store).await;
        let mut damage = redis::cmd("HSET");
        damage.arg(meta(&id)).arg("eid").arg("no tag");
        self.ask(&damage).await;
        (Arc::new(store), id)
    }
}

impl Shared {
    /// Sends a command behind the store's back.
    async fn ask(&self, command: &Cmd) {
        let asked: RedisResult<()> = match self.url.strip_prefix("redis+cluster://") {
            Some(nodes) => {
                let nodes = nodes.split(',').map(|node| format!("redis://{node}"));
                let client = ClusterClient::new(nodes.collect::<Vec<_>>()).unwrap();
                let mut connection = client.get_async_connection().await.unwrap();
                command.query_async(&mut connection).await
            }
            None => {
                let client = redis::Client::open(self.url.as_str()).unwrap();
                let mut connection = client.get_multiplexed_async_connection().await.unwrap();
                command.query_async(&mut connection).await
            }
        };
        asked.unwrap();
    }
}

/// What a variable names; `None`, and a word about it, where it is not set.
pub(crate) fn named(variable: &str) -> Option<String> {
    match env::var(variable) {
        Ok(url) => Some(url),
        Err(_) if env::var_os("CONVENE_TEST_REQUIRE").is_some() => panic!("{variable} is not set"),
        Err(_) => {
            eprintln!("skipped: set {variable}, or run cargo xtask test");
            None
        }
    }
}

pub(crate) fn single() -> Option<Box<dyn Bench>> {
    named("CONVENE_TEST_REDIS").map(|url| Box::new(Shared { url }) as _)
}

/// Options for a fresh namespace on the cluster.
pub(crate) fn cluster_options() -> Option<Options> {
    let url = named("CONVENE_TEST_REDIS_CLUSTER")?;
    Some(options(&url.replace("redis://", "redis+cluster://")))
}

pub(crate) fn cluster() -> Option<Box<dyn Bench>> {
    cluster_options().map(|options| Box::new(Shared { url: options.url }) as _)
}
