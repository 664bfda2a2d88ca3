//! `convene context-service`: the service that owns the log.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context as _;
use convene_config::Config;
use convene_context_service::{
    Error, Service,
    store::{Store, redis::RedisStore},
};
use convene_runtime::{Tasks, health::Health, telemetry};

use super::{
    backends::{self, CLOSES_WITHIN},
    listen,
    shutdown::{Signals, end},
};

/// What the server needs beyond its own drain, to close what is still open.
const BEYOND_DRAIN: Duration = Duration::from_secs(6);

/// How long a context service may take to drain.
pub(super) fn drains_within(config: &Config) -> Duration {
    Duration::from_millis(config.context_service.server.drain_ms) + BEYOND_DRAIN
}

/// Runs a server until its tasks stop.
pub(super) fn spawn(
    serving: impl Future<Output = Result<(), Error>> + Send + 'static,
    tasks: &Tasks,
) {
    tasks.spawn_vital("gRPC server", async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the context service has ended");
        }
    });
}

pub(crate) async fn run(config: Config, telemetry: telemetry::Guard) -> anyhow::Result<()> {
    let signals = Signals::catch()?;
    let admin = listen::bind(config.admin.listen, "admin.listen").await?;
    let (health, tasks, links) = (Health::new(), Tasks::new(), Tasks::new());
    let store = RedisStore::connect(config.store.clone()).await;
    let store: Arc<dyn Store> =
        Arc::new(store.context("store.url leads to no Redis that can be used")?);
    let service = Service::new(
        config.context_service.server.clone(),
        store,
        &health,
        &tasks,
    );
    let incoming = service.listen()?;
    spawn(service.run(incoming), &tasks);
    backends::serve_admin(admin, &health, &telemetry, &links);
    tracing::info!(
        "context service at {}",
        config.context_service.server.listen
    );
    let drain = async {
        health.drain();
        end("context service", &tasks, drains_within(&config)).await;
        end("connections", &links, CLOSES_WITHIN).await;
    };
    signals.then_drain([&tasks, &links], drain).await
}
