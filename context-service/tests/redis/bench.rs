//! Stores to try, each in a namespace of its own on a shared server.

use std::{env, sync::Arc};

use async_trait::async_trait;
use convene_context_service::store::{
    Limits, Store,
    contract::Bench,
    redis::{Options, RedisStore},
};
use convene_proto::position::Eid;

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
